#!/usr/bin/env python3
"""Makes the shipped models of feeling, src/text/tables/feeling-{en,ar,fa}.model, with the program itself.

usage: tools/text/models.py --safar build/safar --data ../shared/data [--out src/text/tables] [--keep DIR] [en ar fa]

Learns from sets whose terms allow it (docs/text-models.md lists them with licences) and from what the project wrote
itself: tools/text/say/*.txt. A tenth of the rows of each set, chosen by a hash of the text, is never learned from; with
tests/e2e/text_gates.py it says how good the models are. The same inputs give the same bytes.
"""
import argparse
import csv
import hashlib
import io
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
csv.field_size_limit(1 << 30)


def table(data, name):
    text = subprocess.run(["zstd", "-dc", os.path.join(data, name + ".zst")], capture_output=True, check=True).stdout.decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def key(text):
    """Texts of one key are the same text, however it is spaced and marked."""
    return re.sub(r"\W+", "", text.lower())


def kept_apart(text):
    return hashlib.sha256(key(text).encode()).digest()[0] % 10 == 0


# --- our own text ---------------------------------------------------------------------------


class Dice:
    """Numbers that follow from the seed alone, on every version of Python."""

    def __init__(self, seed):
        self.seed, self.n = seed, 0

    def below(self, n):
        self.n += 1
        return int.from_bytes(hashlib.sha256(f"{self.seed} {self.n}".encode()).digest()[:6], "big") % n

    def one_of(self, of):
        return of[self.below(len(of))]


SAID = {"+": "positive", "-": "negative", "?": "neutral"}
MENTIONS = ["@acme", "@contoso", "@northair", "@skyways", "@shopeasy"]


def read_sayings(name):
    """Slots, and sayings as (label, whether it closes a review, text)."""
    slots, sayings = {}, []
    with open(os.path.join(HERE, "say", name + ".txt"), encoding="utf-8") as f:
        for line in f:
            line = line.rstrip("\n")
            if line.startswith("@"):
                slot, _, rest = line[1:].partition(": ")
                slots[slot] = rest.split("|")
            elif line[:1] in SAID:
                mark, _, text = line.partition(" ")
                sayings.append((SAID[line[0]], mark[1:] == "!", text))
            elif line and not line.startswith("#"):
                sys.exit(f"{name}.txt: what is this? {line}")
    slots["word"] = ["acme", "contoso", "northair", "skyways", "shopeasy"]
    return slots, sayings


def fill(text, slots, dice):
    """Choices are made from the inside out, so that a choice may hold slots and the other way round."""
    for _ in range(20):
        m = re.search(r"\[([^\[\]{}]*)\]|\{(\w+)\}", text)
        if not m:
            break
        text = text[: m.start()] + dice.one_of(slots[m.group(2)] if m.group(2) else m.group(1).split("|")) + text[m.end() :]
    return re.sub(r" +", " ", text).strip()


def mentioned(rows, dice):
    """Half of the texts as if they were sent to a company."""
    return [(dice.one_of(MENTIONS) + " " + t if dice.below(2) else t, label) for t, label in rows]


def sayings(lang, each):
    """`each` fillings of every saying, then comments of two and three of them with one feeling."""
    slots, list_of = read_sayings(lang)
    dice = Dice("sayings " + lang)
    by_label = {label: [] for label in SAID.values()}
    for label, _, text in list_of:
        seen = {fill(text, slots, dice): None for _ in range(each)}
        by_label[label] += list(seen)
    rows = []
    for label, texts in by_label.items():
        rows += [(t, label) for t in texts]
        for i in range(len(texts)):
            parts = [dice.one_of(texts) for _ in range(2 + dice.below(4))]
            if label != "neutral" and dice.below(3) == 0:
                parts[0] = dice.one_of(by_label["neutral"])
            rows.append((dice.one_of([". ", " ", ", ", "! ", "\n"]).join(parts), label))
    return mentioned(rows, dice) if lang == "en" else rows


TURNS = {"ar": ["لكن ", "بس ", "ولكن ", "إلا أن ", ""], "en": ["but ", "however ", "although ", ""]}
JOINS = {"ar": [". ", " ", "، ", " .. ", "\n", "! ", " و", ". "], "en": [". ", " ", ", ", "... ", "\n", "! ", " and ", ". "]}
OTHER = {"positive": "negative", "negative": "positive"}


def review(by_label, closing, label, lang, dice):
    """Two to five sentences of one feeling, often one of the other and some of neither, and often a last word."""
    parts = [dice.one_of(by_label[label]) for _ in range(2 + dice.below(4))]
    if dice.below(100) < 60:
        parts.insert(dice.below(len(parts)), dice.one_of(TURNS[lang]) + dice.one_of(by_label[OTHER[label]]))
    # The glad describe at length what they ate and saw; the unhappy say what went wrong.
    for _ in range(1 + dice.below(4) if label == "positive" else dice.below(2)):
        parts.insert(dice.below(2) if dice.below(2) else dice.below(len(parts)), dice.one_of(by_label["neutral"]))
    if dice.below(10) < 6:
        parts.append(dice.one_of(closing[label]))
    text = parts[0]
    for part in parts[1:]:
        text += dice.one_of(JOINS[lang]) + part
    return text


def reviews(lang, each, n, glad):
    """`each` fillings of every saying of LANG-reviews.txt, and n reviews made of them, `glad` of a hundred positive."""
    slots, list_of = read_sayings(lang + "-reviews")
    dice = Dice("reviews " + lang)
    by_label, closing = {label: [] for label in SAID.values()}, {label: [] for label in OTHER}
    for label, closes, text in list_of:
        seen = list({fill(text, slots, dice): None for _ in range(each)})
        by_label[label] += seen
        if closes:
            closing[label] += seen
    rows = [(t, label) for label, texts in by_label.items() for t in texts]
    for _ in range(n):
        label = "positive" if dice.below(100) < glad else "negative"
        rows.append((review(by_label, closing, label, lang, dice), label))
    return mentioned(rows, dice) if lang == "en" else rows


# --- sets -----------------------------------------------------------------------------------


def of_rating(x, edge):
    return "positive" if x >= edge else "negative" if x <= -edge else "neutral"


# Questions of Banking77 that tell of something gone wrong; all others ask.
TROUBLE = set(
    """balance_not_updated_after_bank_transfer balance_not_updated_after_cheque_or_cash_deposit beneficiary_not_allowed
    card_not_working card_payment_not_recognised card_payment_wrong_exchange_rate card_swallowed
    cash_withdrawal_not_recognised compromised_card contactless_not_working declined_card_payment
    declined_cash_withdrawal declined_transfer direct_debit_payment_not_recognised extra_charge_on_statement
    failed_transfer Refund_not_showing_up reverted_card_payment? top_up_failed top_up_reverted
    transaction_charged_twice transfer_not_received_by_recipient unable_to_verify_identity
    virtual_card_not_working wrong_amount_of_cash_received wrong_exchange_rate_for_cash_withdrawal""".split()
)


def english(data):
    for name in ("tweets", "amazonReviewSnippets", "movieReviewSnippets"):
        for r in table(data, f"english-sentiment/vader_{name}.csv"):
            yield r["text"], of_rating(float(r["mean_sentiment_rating"]), 0.5), "vader_" + name
    for r in table(data, "banking77/train.csv"):
        if hashlib.sha256(r["text"].encode()).digest()[1] % 3 == 0:
            yield r["text"], "negative" if r["category"] in TROUBLE else "neutral", "banking77"


def arabic(data):
    for r in table(data, "arabic-sentiment/arsarcasm_train.csv"):
        yield r["tweet"], r["sentiment"], "arsarcasm"
    for r in table(data, "arabic-sentiment/ajgt_dev.csv"):
        yield r["Feed"], r["Sentiment"].lower(), "ajgt"
    for r in table(data, "arabic-sentiment/emoji_tweets_train.csv"):
        yield r["tweet"], {"pos": "positive", "neg": "negative"}[r["label"]], "emoji_tweets"


def persian(data):
    for r in table(data, "persian-sentiment/sentipers_sentences_without_test.csv"):
        yield r["text"], of_rating(float(r["polarity"]), 1), "sentipers"


SETS = {"en": english, "ar": arabic, "fa": persian}
# What is tested whole elsewhere is not learned from another copy of it.
TESTED = {"en": [("english-sentiment/sst2_dev.csv", "sentence")], "ar": [], "fa": []}
# How much a row of a set counts; 1 where nothing is said, and for what the project wrote.
WEIGHTS = {"ajgt": 1.5, "arsarcasm": 1.5, "emoji_tweets": 0.15}
# Of what the project wrote: fillings of each saying of a review, reviews, and how many of a hundred are glad ones.
# Most people who review what they bought or where they ate are glad: 93 % of the 578,805 ratings of
# ../shared/data/anonymous-reviews have four stars and more.
REVIEWS = {"en": (60, 3000, 50), "ar": (60, 12000, 93)}
# C of each language's support vector machine: what does best on sets that were not learned from, on the half of them
# that choices may be made on (tests/e2e/text_gates.py). Cross-validation within the learned sets would choose too high.
COST = {"en": 0.3, "ar": 0.1, "fa": 0.1}
EMOJI = re.compile("[\U0001F000-\U0001FAFF\u2190-\u21FF\u2600-\u27BF\u2B00-\u2BFF\uFE0F\u200D]+")


def without_emoji(text):
    """Labelled by its emoji, a tweet teaches its words only when they are taken out; a quarter keeps them."""
    if hashlib.sha256(text.encode()).digest()[2] % 4 == 3:
        return text
    bare = EMOJI.sub(" ", text)
    return bare if len(bare.split()) >= 3 else None


def learned(data, lang):
    """All that a model learns from: (text, label, weight)."""
    tested = {key(r[column]) for name, column in TESTED[lang] for r in table(data, name)}
    rows = [(t, label, 1) for t, label in sayings(lang, 100)]
    if lang in REVIEWS:
        rows += [(t, label, 1) for t, label in reviews(lang, *REVIEWS[lang])]
    for text, label, name in SETS[lang](data):
        if kept_apart(text) or key(text) in tested:
            continue
        taught = without_emoji(text) if name == "emoji_tweets" else text
        if taught:
            rows.append((taught, label, WEIGHTS.get(name, 1)))
    return rows


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--safar", required=True)
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", default=os.path.join(HERE, "..", "..", "src", "text", "tables"))
    ap.add_argument("--keep", default="/tmp", help="where the rows that are learned from are put")
    ap.add_argument("langs", nargs="*", default=["en", "ar", "fa"])
    a = ap.parse_args()
    for lang in a.langs:
        rows = learned(a.data, lang)
        path = os.path.join(a.keep, f"feeling-{lang}.csv")
        with open(path, "w", encoding="utf-8", newline="") as f:
            w = csv.writer(f)
            w.writerow(["text", "label", "weight"])
            w.writerows(rows)
        out = os.path.join(a.out, f"feeling-{lang}.model")
        print(f"{lang}: {len(rows)} rows", flush=True)
        words = ["--labels", path, "--lang", lang, "--weight", "weight", "--cost", str(COST[lang]), "--out", out]
        subprocess.run([a.safar, "text", "train", *words], check=True)


if __name__ == "__main__":
    main()
