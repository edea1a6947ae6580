#!/usr/bin/env python3
"""Past answers of another tool: one mapping, one import; the score with its interval, by stage on the map, each answer on a customer's page."""
import csv
import io
import math
import os
import shutil
import subprocess
import sys
import tempfile

from lib import ROOT, Data, Skip, close, equal, main, safar, shared

MAPPING = os.path.join(ROOT, "examples", "nps.toml")
SURVEY = "NPS Answered"


def answers():
    """The rows of the set, each with a number: it names no customers."""
    path = shared("data", "nps-verbatims", "nps_dev.csv.zst")
    if not shutil.which("zstd"):
        raise Skip("the program zstd is not installed")
    raw = subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(raw, newline="")))


def write(rows, path):
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.DictWriter(f, rows[0].keys())
        out.writeheader()
        out.writerows(rows)


def counted(rows):
    scores = [int(r["NPS_SCORE"]) for r in rows if r["NPS_SCORE"].strip()]
    return len(scores), sum(s >= 9 for s in scores), sum(s <= 6 for s in scores)


def score_interval(n, promoters, detractors):
    """All true values that a score test at 5 % would not reject, by bisection on its statistic: Tango's interval, from its definition."""
    p, d = promoters / n, detractors / n
    seen = p - d

    def rejected(true):
        # The variance under p - d = true, p and d by maximum likelihood: the likelihood has one maximum in d.
        low, high = max(0.0, -true), (1 - true) / 2
        for _ in range(200):
            a, b = low + (high - low) / 3, high - (high - low) / 3
            like = lambda x: sum(k * math.log(v) if v > 0 else (-math.inf if k else 0) for k, v in ((promoters, x + true), (detractors, x), (n - promoters - detractors, 1 - 2 * x - true)))
            low, high = (a, high) if like(a) < like(b) else (low, b)
        x = (low + high) / 2
        var = (2 * x + true - true * true) / n
        return abs(seen - true) > 1.959964 * math.sqrt(max(var, 0))

    def edge(inside, outside):
        for _ in range(60):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
        return 100 * inside

    return edge(seen, -0.9999), edge(seen, 0.9999)


def check_the_score_of_imported_answers():
    rows = answers()
    n, promoters, detractors = counted(rows)
    with Data() as data, tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "answers.csv")
        write(rows, file)
        got = safar("import", file, "--mapping", MAPPING, "--json", data=data)
        equal((got["rows"], got["stored"], got["rejected"]), (len(rows), 2 * len(rows), 0), "each row is a contact and an answer")
        nps = safar("score", "nps", "--survey", SURVEY, "--json", data=data)
        equal((nps["n"], nps["counts"]["promoters"], nps["counts"]["detractors"]), (n, promoters, detractors), "counts by a recount")
        equal((n, promoters, detractors), (1881, 540, 1021), "counts of the set's own page")
        equal(round(nps["est"], 2), -25.57, "NPS")
        for edge, want in zip((nps["lo"], nps["hi"]), score_interval(n, promoters, detractors)):
            close(edge, want, 0.01, "an end of the interval")
        equal(nps["unanswered"], len(rows) - n, "rows without a score are comments")

        by_stage = {}
        for row in rows:
            by_stage.setdefault(row["SURVEY_SUB_TYPE"], []).append(row)
        scores = {r["name"]: r for r in safar("query", "scores", "--json", data=data)["rows"]}
        for stage, of in by_stage.items():
            given = [int(r["NPS_SCORE"]) for r in of if r["NPS_SCORE"].strip()]
            equal((scores[stage]["n"], scores[stage]["answers"]), (len(of), len(given)), f"contacts and answers of {stage}")
            close(scores[stage]["mean"], sum(given) / len(given), 1e-9, f"mean of {stage}")
        saved = safar("map", "propose", "--save", "--name", "Broadband", "--json", data=data)
        touchpoints = {t["name"]["en"]: t for t in safar("map", "show", saved["key"], "--json", data=data)["touchpoints"]}
        for stage, of in by_stage.items():
            given = [int(r["NPS_SCORE"]) for r in of if r["NPS_SCORE"].strip()]
            if stage not in touchpoints:
                raise AssertionError(f"{stage} is not on the map: {sorted(touchpoints)}")
            equal(touchpoints[stage]["score"]["n"], len(given), f"answers on the map at {stage}")
            assert touchpoints[stage]["score"]["lo"] <= touchpoints[stage]["score"]["hi"], stage

        for i in (0, 17, len(rows) - 1):
            events = safar("customer", f"answer {i + 2}", "--json", data=data)["events"]  # the line in the file
            said = next(e["body"]["properties"] for e in events if e["name"] == SURVEY)
            equal(said.get("score"), float(rows[i]["NPS_SCORE"]) if rows[i]["NPS_SCORE"].strip() else None, f"score of answer {i}")
            equal(said.get("comment"), rows[i]["text"].strip() or None, f"words of answer {i}")


def check_a_row_without_a_score_counts_as_a_comment():
    with Data() as data, tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "answers.csv")
        stage = {"SURVEY_SUB_TYPE": "Order", "CUSTOMER_RESPONSE_DATE": "11/04/2018 20:09"}
        write([{**stage, "NPS_SCORE": s, "text": t} for s, t in (("9", ""), ("", "fine"), ("10", "x"), ("0", "y"), ("8", ""), ("7", "z"), ("11", "no"))], file)
        got = safar("import", file, "--mapping", MAPPING, "--json", data=data)
        equal(got["rejected"], 1, "a score of 11 is refused")
        nps = safar("score", "nps", "--survey", SURVEY, "--json", data=data)
        equal((nps["n"], nps["est"], nps["unanswered"]), (5, 20, 1), "two promoters, one detractor of five")
        equal(next(e for e in safar("customer", "answer 3", "--json", data=data)["events"] if e["name"] == SURVEY)["body"]["properties"]["comment"], "fine", "the comment is kept")
        safar("score", "nps", "--survey", "Nothing", "--json", data=data, code=1)


if __name__ == "__main__":
    sys.exit(main(globals()))
