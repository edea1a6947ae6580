#!/usr/bin/env python3
"""Scores of answers on standard input (docs/cli.md, docs/methods/nps.md): values, counts, digits of three scripts, what is refused."""
import csv
import io
import shutil
import subprocess
import sys

from lib import BINARY, Skip, close, equal, main, safar, shared


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
