#!/usr/bin/env python3
"""Adds up what cmocka counted in a meson test log: one line each of passed, failed, skipped."""
import json
import re
import sys

passed = failed = 0
skips = []
with open(sys.argv[1] + "/meson-logs/testlog.json", encoding="utf-8") as f:
    for line in f:
        t = json.loads(line)
        out = t.get("stdout", "") + t.get("stderr", "")
        p = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) test", out))
        x = sum(int(n) for n in re.findall(r"\[  FAILED  \] (\d+) test", out))
        why = re.findall(r"^SKIP: (.*)$", out, flags=re.M)
        names = re.findall(r"\[  SKIPPED \] (\w+)", out)
        skips += [why[i] if i < len(why) else n for i, n in enumerate(sorted(set(names)))] or (why if t["result"] == "SKIP" else [])
        if t["result"] == "SKIP" and not names and not why:
            skips.append(t["name"])
        if p + x == 0 and t["result"] != "SKIP":
            p, x = (1, 0) if t["result"] == "OK" else (0, 1)
        elif t["result"] not in ("OK", "SKIP") and x == 0:
            x = 1
        passed += p
        failed += x
print(f"passed: {passed}")
print(f"failed: {failed}")
for why in skips:
    print(f"skipped: 1 ({why})")
