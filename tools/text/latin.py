#!/usr/bin/env python3
"""Makes src/text/tables/feeling-latin.model: how people feel who write Arabic or Persian in Latin letters.

usage: tools/text/latin.py --safar build/safar --data ../shared/data [--out src/text/tables] [--keep DIR]

There is no set of such comments that may be used, so the Arabic and Persian ones of tools/text/models.py are respelled. Both
scripts meet halfway, in bones of words: consonants that people keep apart in neither spelling are one, vowels and what
is written like them are left out ("momtaz", "mumtaz" and ممتاز are "mmtz", in Georgian letters). src/text/latin.c makes the bones of what
people wrote. Letters that dialects spell in several ways are respelled in each of them. The same inputs give the same bytes.
"""
import argparse
import csv
import os
import re
import subprocess

from models import learned

HERE = os.path.dirname(os.path.abspath(__file__))
COMMON = {
    "ب": "b", "پ": "p", "ت": "t", "ط": "t", "چ": "c", "ح": "h", "ه": "h", "خ": "x", "د": "d", "ر": "r", "ز": "z", "ظ": "z", "ژ": "j", "س": "s",
    "ص": "s", "ش": "c", "غ": "g", "ف": "f", "ک": "k", "ك": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n",
}
# (ث, ذ, ض, ج, ق) as they are said here and there.
ARABIC = [dict(zip("ثذضجق", way)) for way in ("tddjk", "sddg-", "tzdjg")]
PERSIAN = [dict(zip("ثذضجق", "szzjg"))]


def bones(text, way):
    """The bones of each word in Arabic letters; what is in Latin ones or a mark stays."""
    out = []
    for word in re.findall(r"[\u0621-\u06ff\u200c]+|[^\s\u0621-\u06ff]+", text):
        if not re.match(r"[\u0621-\u06ff]", word):
            out.append(word)
            continue
        word = re.sub(r"[هة]$", "", word)
        made = "".join(way.get(c) or COMMON.get(c, "") for c in word).replace("-", "")
        made = re.sub(r"(.)\1+", r"\1", made)
        out.append("".join(chr(0x10D0 + ord(c) - ord("a")) for c in made or "a"))
    return " ".join(out)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--safar", required=True)
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", default=os.path.join(HERE, "..", "..", "src", "text", "tables"))
    ap.add_argument("--keep", default="/tmp", help="where the rows that are learned from are put")
    a = ap.parse_args()
    rows = []
    for lang, ways in (("ar", ARABIC), ("fa", PERSIAN)):
        rows += [(bones(t, ways[i % len(ways)]), label, weight) for i, (t, label, weight) in enumerate(learned(a.data, lang))]
    path = os.path.join(a.keep, "feeling-latin.csv")
    with open(path, "w", encoding="utf-8", newline="") as f:
        w = csv.writer(f)
        w.writerow(["text", "label", "weight"])
        w.writerows(rows)
    print(f"latin: {len(rows)} rows", flush=True)
    words = ["--labels", path, "--lang", "en", "--weight", "weight", "--cost", "0.1", "--out", os.path.join(a.out, "feeling-latin.model")]
    subprocess.run([a.safar, "text", "train", *words], check=True)


if __name__ == "__main__":
    main()
