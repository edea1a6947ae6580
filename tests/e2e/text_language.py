#!/usr/bin/env python3
"""Language gates: at least 0.99 on clean texts of 20 characters and more, 0.97 on Persian typed with an Arabic
keyboard, every sentence of tests/data/text/languages.tsv right, and Portuguese is none of ours. Measured on the
public sets beside the repository; rows that the model learned from are left out. VERBOSE=1 prints what was wrong.
"""
import csv
import io
import json
import math
import os
import re
import subprocess
import sys

from lib import BINARY, ROOT, equal, main, shared

sys.path.insert(0, os.path.join(ROOT, "tools", "text"))
from language import held_out, one_line, with_arabic_keyboard  # noqa: E402

TELL = os.path.join(os.path.dirname(BINARY), "tools", "text", "text_tell")
VERBOSE = bool(os.environ.get("VERBOSE"))
# (file, column, language, whether the model learned from it)
SETS = [
    ("arabic-sentiment/ajgt_dev.csv", "Feed", "ar", True),
    ("arabic-sentiment/arsarcasm_train.csv", "tweet", "ar", True),
    ("arabic-sentiment/astd_train_validation.csv", "tweet", "ar", False),
    ("arabic-sentiment/attractions_att.csv", "text", "ar", False),
    ("arabic-sentiment/restaurants_qaym_res1.csv", "text", "ar", False),
    ("arabic-sentiment/emoji_tweets_train.csv", "tweet", "ar", True),
    ("persian-sentiment/deepsentipers_train.csv", "sentence", "fa", True),
    ("persian-sentiment/sentipers_sentences_without_test.csv", "text", "fa", True),
    ("persian-sentiment/snappfood_dev.csv", "comment", "fa", False),
    ("persian-sentiment/parsinlu_food_train.jsonl", "review", "fa", False),
    ("persian-sentiment/parsinlu_movie_train.jsonl", "review", "fa", False),
    ("english-sentiment/sst2_train.csv", "sentence", "en", False),
    ("english-sentiment/vader_tweets.csv", "text", "en", True),
    ("english-sentiment/vader_amazonReviewSnippets.csv", "text", "en", True),
    ("english-sentiment/vader_movieReviewSnippets.csv", "text", "en", True),
    ("airline-tweets/tweets_dev.csv", "text", "en", False),
    ("banking77/train.csv", "text", "en", True),
    ("nps-verbatims/nps_dev.csv", "text", "en", False),
]


def rows_of(name):
    raw = subprocess.run(["zstd", "-dcq", shared("data", name + ".zst")], check=True, capture_output=True).stdout
    text = raw.decode("utf-8", "replace")
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    return list(csv.DictReader(io.StringIO(text, newline="")))


def texts_of(name, column, learned):
    found = {one_line(row[column] or ""): 1 for row in rows_of(name)}
    return [t for t in found if len(t) >= 20 and (not learned or held_out(t))]


def in_script(texts, want):
    """Those with most letters in the language's script, Finglish and quoted English left out. Links do not count."""
    out = []
    for t in texts:
        letters = [c for c in re.sub(r"\S+://\S+|@\w+", " ", t) if c.isalpha()]
        arabic = sum("\u0600" <= c <= "\u06ff" or "\ufb50" <= c <= "\ufefc" for c in letters)
        if len(letters) >= 5 and (arabic * 2 > len(letters)) == (want != "en"):
            out.append(t)
    return out


def tell(texts):
    out = subprocess.run([TELL], input="".join(t + "\n" for t in texts).encode(), check=True, stdout=subprocess.PIPE).stdout
    return [line.split("\t")[0] for line in out.decode().splitlines()]


def right(texts, want):
    got = tell(texts)
    equal(len(got), len(texts), "answers")
    for text, lang in zip(texts, got):
        if VERBOSE and lang != want:
            print(f"    {lang}: {text[:150]}")
    return sum(lang == want for lang in got)


def wilson_low(hits, n, z=1.959964):
    p, zz = hits / n, z * z / n
    return (p + zz / 2 - z * math.sqrt(p * (1 - p) / n + zz / (4 * n))) / (1 + zz)


def gate(what, hits, n, least):
    print(f"  {what}: {hits}/{n} = {hits / n:.4f}, Wilson interval from {wilson_low(hits, n):.4f}, gate {least}")
    if hits < least * n:
        raise AssertionError(f"{what}: {hits / n:.4f} is below {least}")


def measure(language):
    hits = n = keyboard = 0
    for name, column, want, learned in SETS:
        if want != language:
            continue
        everything = texts_of(name, column, learned)
        texts = in_script(everything, want)
        good = right(texts, want)
        print(f"  {name}: {good}/{len(texts)} = {good / len(texts):.4f}; {len(everything) - len(texts)} in another script left out")
        hits, n = hits + good, n + len(texts)
        if want == "fa":
            keyboard += right([with_arabic_keyboard(t) for t in texts], want)
    gate(language, hits, n, 0.99)
    if language == "fa":
        gate("fa typed with an Arabic keyboard", keyboard, n, 0.97)


def check_arabic():
    measure("ar")


def check_english():
    measure("en")


def check_persian():
    measure("fa")


def check_our_own_sentences():
    with open(os.path.join(ROOT, "tests/data/text/languages.tsv"), encoding="utf-8") as f:
        own = [line.rstrip("\n").split("\t") for line in f]
    wrong = [f"{got}, not {want}: {text}" for (want, text), got in zip(own, tell([t for _, t in own])) if got != want]
    equal(wrong, [], f"of {len(own)} sentences")


def check_portuguese_is_other():
    """Real reviews in a language that we do not read: hardly any is taken for one of ours."""
    texts = [t for t in {one_line(r["review_comment_message"] or "") for r in rows_of("olist/order_reviews.csv")} if len(t) >= 20]
    gate("Portuguese as other", right(sorted(texts), "other"), len(texts), 0.98)


if __name__ == "__main__":
    sys.exit(main(globals()))
