#!/usr/bin/env python3
"""Arrows point downwards: checks every #include "module/..." of src/ against the layers of ARCHITECTURE.md.

A module may use base, itself, and what ALLOWED names. Others' files besides the public header
(module/module.h; base/ has one header a type) are private. Exit 1 with one line a violation.
"""
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src")
PURE = ["stats", "text", "wire", "journey", "render", "demo", "form"]
LAYER2 = ["store", "index", "ask"]
LAYER3 = ["govern", "collect", "people", "maps", "inbox", "outbox", "voice", "contact", "insight", "act", "rights"]
ALLOWED = {
    "base": [],
    "stats": [],
    "text": ["stats"],
    "wire": [],
    "journey": ["stats"],
    "render": ["stats"],
    "demo": ["wire"],
    "form": [],
    "store": ["wire"],
    "index": PURE + ["store"],
    "ask": PURE + ["store", "index"],
}
for i, m in enumerate(LAYER3):
    ALLOWED[m] = PURE + ["store", "ask"] + LAYER3[:i]
ALLOWED["http"] = PURE + ["store", "ask"] + LAYER3
ALLOWED["cli"] = PURE + ["store", "ask"] + LAYER3
ALLOWED["app"] = PURE + LAYER2 + LAYER3 + ["http", "cli"]
# What pure modules must not touch: the clock, files of their own choosing, SQL, the network, hidden randomness.
IMPURE = re.compile(r'#include <(sqlite3|sys/socket|curl/curl|microhttpd|sys/random)\.h>|\b(clock_gettime|gettimeofday|getrandom|getenv|time)\s*\(')

bad = []
for folder, _, names in sorted(os.walk(ROOT)):
    module = os.path.relpath(folder, ROOT).split(os.sep)[0]
    for name in sorted(names):
        if not name.endswith((".c", ".h")):
            continue
        path = os.path.join(folder, name)
        where = os.path.relpath(path, os.path.dirname(ROOT))
        with open(path, encoding="utf-8") as f:
            text = f.read()
        code = re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.S)
        for n, line in enumerate(code.split("\n"), 1):
            m = re.match(r'\s*#\s*include\s+"([a-z0-9_]+)/([a-z0-9_/]+)\.h"', line)
            if m and os.path.isdir(os.path.join(ROOT, m.group(1))):
                to, header = m.groups()
                if to not in (module, "base") and to not in ALLOWED.get(module, []):
                    bad.append(f"{where}:{n}: {module} may not use {to}")
                elif to not in (module, "base") and header != to:
                    bad.append(f"{where}:{n}: {to}/{header}.h is private to {to}")
            if module in PURE and IMPURE.search(line):
                bad.append(f"{where}:{n}: {module} is pure: {line.strip()[:60]}")
        if module not in ALLOWED:
            bad.append(f"{where}: {module} is not a module of ARCHITECTURE.md")
print("\n".join(bad) if bad else "layers: every arrow points downwards")
sys.exit(1 if bad else 0)
