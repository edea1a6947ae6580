#!/usr/bin/env python3
"""Comments understood a second on one core, by stage: `bench/text.py [--build build/release] [--seconds 1] [--report]`.

Needs `ninja -C build/release bench/engine/text`. The comments are the texts of the public sets beside the repository
(../shared/data); where these are absent, sentences that the project wrote (tools/text/say). The line "results" is a
hash of everything that was found: a change of speed must leave it as it was. --report writes docs/bench-text.md.
"""
import argparse
import datetime
import os
import platform
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "tests", "e2e"), os.path.join(ROOT, "tools", "text")]
from models import sayings  # noqa: E402
from text_language import SETS, one_line, rows_of  # noqa: E402

NAMES = {"en": "English", "ar": "Arabic", "fa": "Persian"}


def texts_of(lang):
    """Every text of the language once, in the order of the sets."""
    if os.path.isdir(os.path.join(ROOT, "..", "shared", "data")):
        found = (one_line(row[column] or "") for name, column, want, _ in SETS if want == lang for row in rows_of(name))
    else:
        found = (one_line(text) for text, _ in sayings(lang, 20))
    return list(dict.fromkeys(t for t in found if t))


def run(program, lang, texts, seconds):
    """The program's lines; the first is of the texts, the last of the results."""
    out = subprocess.run([program, "--lang", lang, "--seconds", str(seconds)], input="".join(t + "\n" for t in texts).encode(),
                         check=True, stdout=subprocess.PIPE).stdout
    return out.decode().splitlines()


def report(rows):
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        cpu = next((line.split(": ")[1].strip() for line in f if line.startswith("model name")), platform.machine())
    lines = ["# The bench of text", "",
             f"One core of {cpu}, release build, {datetime.date.today()}: `bench/text.py --report`. *And feeling* adds features and the shipped model of the",
             "language, *and topics* the 36 shipped topics; each row does what the one above it does and one thing more.", "",
             "| | stage | comments a second | MB/s | µs each |", "|---|---|---|---|---|"]
    for lang, out in rows:
        for line in out[1:-1]:
            stage, figures = line[:16].strip(), line[16:].split()
            lines.append(f"| {NAMES[lang]} | {stage} | {int(figures[0]):,} | {figures[2]} | {figures[4]} |")
    lines += [""] + [f"- {NAMES[lang]}: {out[0]} each." for lang, out in rows]
    with open(os.path.join(ROOT, "docs", "bench-text.md"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--build", default="build/release")
    ap.add_argument("--seconds", type=float, default=1)
    ap.add_argument("--report", action="store_true")
    a = ap.parse_args()
    program, rows = os.path.join(ROOT, a.build, "bench", "engine", "text"), []
    for lang in NAMES:
        rows.append((lang, run(program, lang, texts_of(lang), a.seconds)))
        print(f"{NAMES[lang]}:", *rows[-1][1], sep="\n  ", flush=True)
    if a.report:
        report(rows)


if __name__ == "__main__":
    main()
