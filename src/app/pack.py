#!/usr/bin/env python3
"""Packs the built page for embedding.

usage: pack.py DIST WORK EMBED OUT.c DEPFILE

Copies the files of DIST into WORK, puts a .gz (and, where the program brotli
is installed, a .br) beside each text that shrinks by a tenth or more, and
runs tools/embed.py over WORK. The same input gives the same bytes.
"""
import gzip
import os
import shutil
import subprocess
import sys

dist, work, embed, out, depfile = sys.argv[1:]
TEXT = (".html", ".js", ".css", ".svg", ".json", ".txt", ".webmanifest", ".ttf")
brotli = shutil.which("brotli")

shutil.rmtree(work, ignore_errors=True)
sources = []
for folder, _, names in os.walk(dist):
    for name in sorted(names):
        if name.startswith("."):
            continue
        source = os.path.join(folder, name)
        target = os.path.join(work, os.path.relpath(source, dist))
        sources.append(source)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(source, target)
        if not name.endswith(TEXT):
            continue
        with open(source, "rb") as f:
            plain = f.read()
        packed = gzip.compress(plain, 9, mtime=0)
        if len(packed) < len(plain) * 0.9:
            with open(target + ".gz", "wb") as f:
                f.write(packed)
            if brotli:
                subprocess.run([brotli, "-q", "11", "-f", "-o", target + ".br", source], check=True)

subprocess.run([sys.executable, embed, "--table", "web_assets", "--root", work, "-o", out, work], check=True)
with open(depfile, "w", encoding="utf-8") as w:
    w.write(out + ": " + " ".join(s.replace(" ", "\\ ") for s in sources) + "\n")
