#!/usr/bin/env python3
"""How well the shipped topics are recognised on sets that name what a text is about: docs/text-models.md, "Topics".

usage: tools/text/topics.py --safar build/gcc/safar --data ../shared/data

Starts the program on an empty directory, asks it about each text, and prints precision and recall with Wilson's interval.
Each set has categories of its own; only those that a topic of ours means are judged (MEANS below).
"""
import argparse
import collections
import csv
import io
import json
import math
import os
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "api"))
csv.field_size_limit(1 << 30)

# Category of the set -> topics of ours, any of which stands for it.
AIRLINE = {"Late Flight": {"lateness", "waiting"}, "Customer Service Issue": {"service", "staff", "waiting"}, "Flight Attendant Complaints": {"staff"},
           "longlines": {"waiting"}, "Flight Booking Problems": {"checkout", "website", "payment", "app"}, "Damaged Luggage": {"damage"}}
FOOD = {"طعم": {"taste"}, "بسته بندی": {"packaging"}, "ارسال": {"delivery", "lateness", "speed"}, "ارزش خرید": {"price"}, "کیفیت": {"quality"}}


def unpacked(path):
    return subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout.decode("utf-8")


def wilson(k, n):
    if not n:
        return "none"
    z, p = 1.959964, k / n
    mid, half = (p + z * z / 2 / n) / (1 + z * z / n), z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n) / (1 + z * z / n)
    return f"{p:.3f} [{mid - half:.3f}, {mid + half:.3f}] ({k} of {n})"


def airline(data):
    """(text, the categories that it is about, those that were judged): a tweet was given one reason, so only recall is known."""
    for r in csv.DictReader(io.StringIO(unpacked(os.path.join(data, "airline-tweets", "tweets_dev.csv.zst")), newline="")):
        if r["negativereason"] in AIRLINE:
            yield r["text"], {r["negativereason"]}, {r["negativereason"]}


def food(data):
    texts = collections.defaultdict(dict)
    for line in unpacked(os.path.join(data, "persian-sentiment", "parsinlu_food_dev.jsonl.zst")).splitlines():
        r = json.loads(line)
        texts[r["review"]][r["aspect"]] = int(r["label"])
    for text, aspects in texts.items():
        judged = {a for a in aspects if a in FOOD}
        if judged:
            yield text, {a for a in judged if aspects[a] != -3}, judged


def judge(s, lang, rows, means):
    told = {}
    there, found, right = collections.Counter(), collections.Counter(), collections.Counter()
    for text, about, judged in rows:
        if text not in told:
            answer = s.admin.ask("POST", "/api/topics/try", {"text": text, "lang": lang})
            told[text] = {t["key"] for t in answer.json["topics"]} if answer.status == 200 else set()
        for k in judged:
            is_found = bool(told[text] & means[k])
            there[k] += k in about
            found[k] += is_found
            right[k] += is_found and k in about
    for k in means:
        print(f"  {k}: recall {wilson(right[k], there[k])}; precision {wilson(right[k], found[k])}")
    print(f"  all: recall {wilson(sum(right.values()), sum(there.values()))}; precision {wilson(sum(right.values()), sum(found.values()))}")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--safar", required=True)
    p.add_argument("--data", required=True)
    a = p.parse_args()
    os.environ["SAFAR_BINARY"] = os.path.abspath(a.safar)
    from server import Server
    with Server() as s:
        print("US airline tweets, complaints (English); each has one reason, so what else it speaks of is not known and precision says little")
        judge(s, "en", airline(a.data), AIRLINE)
        print("ParsiNLU food reviews (Persian)")
        judge(s, "fa", food(a.data), FOOD)


if __name__ == "__main__":
    main()
