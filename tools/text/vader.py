#!/usr/bin/env python3
"""Makes src/text/tables/vader.tsv from VADER's own lexicon file: words in small letters without spaces (the only
ones that its rules ever look up) and their mean valence, in the order of bytes. usage: vader.py < vader_lexicon.txt
"""
import sys

words = {}
for line in sys.stdin.buffer.read().decode("utf-8").splitlines():
    if line.strip():
        word, valence = line.split("\t")[:2]
        words[word] = float(valence)
rows = [(w.encode(), v) for w, v in words.items() if w == w.lower() and not any(c.isspace() for c in w)]
for word, valence in sorted(rows):
    sys.stdout.buffer.write(word + b"\t%g\n" % valence)
