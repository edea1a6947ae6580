#!/usr/bin/env python3
"""Makes a C file that carries files inside the program.

usage: embed.py --table NAME --root DIR -o OUT.c FILE...

OUT.c defines `const struct embed_file NAME[]` (base/embed.h), sorted by name,
and `const size_t NAME_count`. A file's name is its path below DIR. The bytes
come in through the assembler's .incbin, so large files cost no compile time.
Each is followed by a NUL, so texts can be used as C strings.
"""
import argparse
import os

ap = argparse.ArgumentParser()
ap.add_argument("--table", required=True)
ap.add_argument("--root", required=True)
ap.add_argument("-o", dest="out", required=True)
ap.add_argument("--depfile")
ap.add_argument("files", nargs="*")
a = ap.parse_args()

files, folders = [], []
for f in a.files:
    if os.path.isdir(f):
        for folder, _, names in os.walk(f):
            folders.append(os.path.abspath(folder))
            files += [os.path.join(folder, n) for n in names]
    else:
        files.append(f)
files = sorted((os.path.relpath(f, a.root), os.path.abspath(f)) for f in files)


def quoted(s):
    return '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'


with open(a.out, "w", encoding="utf-8") as w:
    w.write('/* Made by tools/embed.py. */\n#include "base/embed.h"\n\n')
    for i, (name, path) in enumerate(files):
        label = f"{a.table}_{i}"
        w.write(
            f'__asm__(".section .rodata\\n.balign 16\\n.global {label}\\n{label}:\\n"\n'
            f'        ".incbin {quoted(path)[1:-1].join([chr(92) + chr(34)] * 2)}\\n"\n'
            f'        ".global {label}_end\\n{label}_end:\\n.byte 0\\n.previous\\n");\n'
            f"extern const unsigned char {label}[], {label}_end[];\n"
        )
    w.write(f"\nextern const struct embed_file {a.table}[];\nextern const size_t {a.table}_count;\n")
    w.write(f"const struct embed_file {a.table}[] = {{\n")
    for i, (name, _) in enumerate(files):
        w.write(f"\t{{ {quoted(name)}, {a.table}_{i}, {a.table}_{i}_end }},\n")
    w.write("\t{ 0, 0, 0 },\n};\n")
    w.write(f"const size_t {a.table}_count = {len(files)};\n")

if a.depfile:
    with open(a.depfile, "w", encoding="utf-8") as w:
        w.write(a.out + ": " + " ".join(p.replace(" ", "\\ ") for p in [p for _, p in files] + folders) + "\n")
