#!/usr/bin/env python3
"""Scores of answers on standard input (docs/cli.md, docs/methods/nps.md): values, counts, digits of three scripts, what is refused."""
import csv
import io
import json
import shutil
import subprocess
import sys

from lib import BINARY, Data, Skip, close, equal, main, safar, shared


def score(kind, answers, *words):
    return safar("score", kind, "--stdin", "--json", *words, stdin="".join(f"{a}\n" for a in answers).encode())


def refused(kind, text, *words):
    run = subprocess.run([BINARY, "score", kind, "--stdin", *words], input=text, capture_output=True, timeout=60)
    return run.returncode, run.stderr.decode()


def check_nps_has_the_recomputed_intervals():
    answers = [9, 10] * 25 + [7, 8] * 15 + [0, 6] * 10  # 50, 30, 20
    for how, lo, hi in (("score", 13.955, 44.339), ("wald", 14.692, 45.308), ("adjwald", 14.051, 44.201)):
        got = score("nps", answers, "--interval", how)
        close(got["est"], 30, 1e-9, "nps")
        close(got["lo"], lo, 1e-3, how)
        close(got["hi"], hi, 1e-3, how)
    equal(score("nps", answers), score("nps", answers, "--interval", "score"), "score is the default")
    equal(got["counts"], {"promoters": 50, "passives": 30, "detractors": 20}, "counts")
    equal(sum(v["n"] for v in got["values"]), 100, "values")
    bayes = score("nps", answers, "--interval", "bayes")
    close(bayes["lo"], 14.1, 0.5, "bayes")
    equal(bayes, score("nps", answers, "--interval", "bayes"), "the same again")
    narrow = score("nps", answers, "--level", "0.8")
    equal(narrow["level"], 0.8, "level")
    close(narrow["lo"], narrow["lo80"], 1e-9, "level")
    close(narrow["hi"], narrow["hi80"], 1e-9, "level")


def check_csat_and_ces():
    got = score("csat", [5] * 6 + [4] * 2 + [3, 1])
    close(got["est"], 0.8, 1e-12, "csat")
    close(got["lo"], 0.4902, 5.1e-5, "wilson")
    close(got["hi"], 0.9433, 5.1e-5, "wilson")
    equal(got["counts"], {"good": 8, "rest": 2}, "counts")
    close(score("csat", [5] * 8 + [1] * 2, "--interval", "exact")["lo"], 0.4439, 5.1e-5, "exact")
    got = score("ces", [5, 6, 7, 4, 6, 7, 3, 5, 6, 7])
    close(got["est"], 5.6, 1e-12, "ces")
    close(got["lo"], 4.6343, 5.1e-5, "t")
    close(got["hi"], 6.5657, 5.1e-5, "t")
    close(got["good_share"]["est"], 0.8, 1e-12, "easy")
    turned = score("ces", [1, 2, 1, 3, 2], "--reversed", "--scale", "1:5")
    close(turned["est"], 6 - 1.8, 1e-12, "reversed")


def check_digits_of_three_scripts_and_empty_lines():
    got = safar("score", "nps", "--stdin", "--json", stdin="\ufeff10\n١٠\n۱۰\r\n\n\u200f۹\n٠\n  \n".encode())
    equal((got["n"], got["unanswered"]), (5, 2), "answers")
    equal(got["counts"], {"promoters": 4, "passives": 0, "detractors": 1}, "counts")
    close(safar("score", "ces", "--stdin", "--json", stdin="٤٫٥\n۴٫۵\n4.5\n4\n5\n".encode())["est"], 4.5, 1e-12, "decimals")


def check_bad_lines_are_named_and_nothing_is_answered():
    for kind, text, line, words in (
        ("nps", b"9\n11\n", "line 2: score 11 is not on 0 to 10", ()), ("nps", b"-1\n", "line 1: score -1", ()),
        ("nps", b"9\n\nten\n", "line 3: 'ten' is not a number", ()), ("nps", b"9.5\n", "line 1: score 9.5 is not a whole", ()),
        ("csat", "۶\n".encode(), "line 1: score 6 is not on 1 to 5", ()), ("nps", b"\xff\n", "line 1: this is not UTF-8", ()),
        ("nps", b"9" * 100000, "line 1: ", ()), ("nps", b"1e400\n", "line 1: ", ()), ("nps", b"nan\n", "line 1: 'nan'", ()),
        ("csat", b"5\n" * 9, "a share has no interval by 'wald'", ("--interval", "wald")),
    ):
        code, said = refused(kind, text, *words)
        equal(code, 1, text[:20])
        assert line in said, (line, said)
    for words in (("--level", "2"), ("--level", "x"), ("--interval", "none"), ("--scale", "5:1"), ("--scale", "5"), ("--good", "9")):
        equal(refused("csat", b"5\n", *words)[0], 2, words)
    equal(refused("nps", b"5\n", "--scale", "1:5")[0], 2, "nps has one scale")


def check_few_answers_are_kept_back():
    got = score("nps", [10, 9, 8])
    equal((got["est"], got["lo"], got["n"]), (None, None, 3), "three answers")
    assert "suppressed" in got["flags"], got
    equal(score("nps", [])["n"], 0, "no answers")


def check_decimals_are_those_of_the_kind():
    def first(kind, answers):
        return safar("score", kind, "--stdin", stdin="".join(f"{a}\n" for a in answers).encode()).splitlines()[0]

    # By hand: 0.025^(1/8) = 0.630583; 5 - 4 * 0.369417 = 3.52233.
    equal(first("nps", [9, 10, 3, 7, 8]), "NPS 20.0, between -44.5 and 69.7 (95 %)", "points")
    equal(first("ces", [5, 6, 7, 4, 6, 7, 3, 5, 6, 7]), "CES 5.60, between 4.63 and 6.57 (95 %)", "a mean")
    said = safar("score", "csat", "--stdin", stdin=b"5\n" * 8)
    assert said.startswith("CSAT 100.0 %, between 67.6 % and 100.0 % (95 %)\n"), said
    assert "mean 5.00, between 3.52 and 5.00 (95 %)" in said, said
    equal(first("ces", [5, 5]), "CES: too few answers, 3 more needed", "two")


def asked(customer, day, score, kind="nps", **more):
    about = {"about": "Order"} if customer % 2 else {"about": "journey"}
    return {"customer": f"u{customer}", "at": f"{day}T12:00:00Z", "event": "Answered", "channel": "web" if customer % 3 else "app",
            "properties": {"score": score, "score_kind": kind, **about, **more}}


def log():
    """Six months of 60 answers each: four at NPS 0, then two at +50; each customer ordered before. CSAT answers beside them."""
    events = []
    for month in range(1, 7):
        for k in range(60):
            customer = month * 100 + k
            promoters, detractors = (20, 20) if month < 5 else (40, 10)
            score = 10 if k < promoters else 3 if k < promoters + detractors else 8
            events.append({"customer": f"u{customer}", "at": f"2026-0{month}-02T00:00:00Z", "event": "Order", "channel": "store"})
            events.append(asked(customer, f"2026-0{month}-1{k % 10}", score))
            if k < 20:
                events.append(asked(customer, f"2026-0{month}-20", 5 if k < 12 else 2, "csat"))
    events.append({"customer": "u1", "at": "2026-07-03T00:00:00Z", "event": "Order", "channel": "store"})
    return "".join(json.dumps(e) + "\n" for e in events).encode()


def check_scores_over_time_see_the_planted_change_and_no_other():
    with Data() as data:
        safar("import", "-", "--format", "ndjson", "--json", data=data, stdin=log())
        got = safar("query", "series", "--kind", "nps", "--json", data=data)
        equal((got["kind"], got["unit"], got["period"]), ("nps", "points", "month"), "what it is")
        rows = got["rows"]
        equal([r["start"] for r in rows], [f"2026-0{m}-01" for m in range(1, 7)], "months")
        equal([r["score"]["est"] for r in rows], [0, 0, 0, 0, 50, 50], "scores")
        equal([r["counts"]["promoters"] for r in rows], [20, 20, 20, 20, 40, 40], "promoters")
        alone = score("nps", [10] * 20 + [3] * 20 + [8] * 20)
        close(rows[0]["score"]["lo"], alone["lo"], 1e-9, "one answer a customer: the interval of score nps")
        equal(rows[0]["diff"], None, "nothing before")
        equal([r["distinguishable"] for r in rows], [False] * 4 + [True, False], "arrows")
        close(rows[4]["diff"]["est"], 50, 1e-9, "change")
        assert rows[4]["diff"]["lo"] > 0, rows[4]
        line = got["series"][0]
        equal((line["n"], line["trend"]["periods"], line["trend"]["s"]), (360, 6, 8), "trend")
        # Once more from the kept columns, by week of the answers' channel, by touchpoint, and as a file.
        equal(safar("query", "series", "--kind", "nps", "--json", data=data)["rows"], rows, "after a second start")
        csat = safar("query", "series", "--kind", "csat", "--json", data=data)["rows"]
        equal({r["score"]["est"] for r in csat} | {r["n"] for r in csat}, {0.6, 20}, "csat")
        for kind, shown in (("csat", "60.0 %"), ("nps", "50.0"), ("rating", "81.2")):
            words = safar("query", "series", "--kind", kind, data=data)
            assert f" {shown} " in words, (kind, words)
        ratings = safar("query", "series", "--kind", "rating", "--json", data=data)["rows"]
        equal({r["n"] for r in ratings}, {80}, "every rating")
        by = safar("query", "series", "--kind", "nps", "--by", "touchpoint", "--period", "quarter", "--json", data=data)
        equal({s["name"]: s["n"] for s in by["series"]}, {"Order": 180, "(journey)": 180}, "touchpoints")
        only = safar("query", "series", "--kind", "nps", "--touchpoint", "Order", "--by", "channel", "--json", data=data)
        equal({s["name"]: s["n"] for s in only["series"]}, {"store": 180}, "the order's channel, not the answer's")
        whole = safar("query", "series", "--kind", "nps", "--by", "channel", "--json", data=data)
        equal(sum(s["n"] for s in whole["series"]), 360, "every answer is in one series")
        table = safar("query", "series", "--kind", "nps", "--format", "csv", data=data).splitlines()
        equal(len(table), 7, "rows of the file")
        assert "score.lo" in table[0] and "counts.promoters" in table[0], table[0]
        cut = safar("query", "series", "--kind", "nps", "--from", "2026-02-10", "--to", "2026-06-01", "--json", data=data)["rows"]
        equal([r["complete"] for r in cut], [False, True, True, True], "a month that the scope cuts is not complete")
        for words in (("--kind", "stars"), ("--period", "year"), ("--by", "smell"), ("--touchpoint", "Nowhere")):
            safar("query", "series", *words, data=data, code=1)


def check_the_telecom_survey():
    packed = shared("data", "nps-verbatims", "nps_dev.csv.zst")
    if not shutil.which("zstdcat"):
        raise Skip("zstdcat is not here")
    text = subprocess.run(["zstdcat", packed], capture_output=True, check=True).stdout.decode()
    got = score("nps", [row["NPS_SCORE"] for row in csv.DictReader(io.StringIO(text))])
    close(got["est"], -25.57, 0.005, "published")
    equal((got["counts"]["promoters"], got["counts"]["detractors"], got["n"], got["unanswered"]), (540, 1021, 1881, 27), "counts")
    assert got["lo"] < got["est"] < got["hi"] and got["hi"] - got["lo"] < 10, got


if __name__ == "__main__":
    sys.exit(main(globals()))
