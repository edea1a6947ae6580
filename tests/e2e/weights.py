#!/usr/bin/env python3
"""Weights on a survey's results and its silent majority, through the real program: 1,500 customers whose trouble decides both how they
would score and whether they answer, so that the truth is known here and the raw score is not it."""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from collect import basic  # noqa: E402
from lib import safar  # noqa: E402
from server import Server, equal, main  # noqa: E402

CUSTOMERS = 1500
DOCUMENT = {"title": "How was it?", "elements": [{"type": "rating", "name": "csat", "rateMin": 1, "rateMax": 5, "cx:metric": "csat"},
                                                  {"type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10, "cx:metric": "nps"}]}


def story(seed=7):
    """[(customer, failures, card, score it would give, answers?)]; those whom much went wrong for are silent."""
    r = random.Random(seed)
    people = []
    for i in range(CUSTOMERS):
        failures = r.choice([0, 0, 0, 1, 2, 4, 8])
        score = max(1, min(5, round(5 - 0.9 * failures ** 0.7 + r.gauss(0, 0.6))))
        people.append((f"c{i}", failures, i % 3 == 0, score, r.random() < 0.75 / (1 + 0.5 * failures)))
    return people


def fill(s):
    people = story()
    source, key = s.source("shop")
    batch = []
    for who, failures, card, _, _ in people:
        if card:
            batch.append({"type": "track", "userId": who, "event": "Card Taken", "messageId": f"{who}-card", "timestamp": "2026-01-01T10:00:00Z", "properties": {}})
        batch.append({"type": "track", "userId": who, "event": "Order Placed", "messageId": f"{who}-o", "timestamp": "2026-01-02T10:00:00Z", "properties": {}})
        for k in range(failures):
            batch.append({"type": "track", "userId": who, "event": "Payment Failed", "messageId": f"{who}-f{k}", "timestamp": f"2026-01-03T1{k}:00:00Z", "properties": {"failed": True}})
    for at in range(0, len(batch), 500):
        equal(s.client().ask("POST", "/v1/batch", {"batch": batch[at:at + 500]}, basic(key)).status, 200, "batch")
    survey = s.admin.ask("POST", "/api/surveys", {"document": DOCUMENT}).json["key"]
    equal(s.admin.ask("POST", f"/api/surveys/{survey}/state", {"state": "live"}).status, 200, "live")
    for who, _, _, score, answers in people:
        if answers:
            got = s.client().ask("POST", f"/v1/surveys/{survey}/responses", {"customer": who, "answers": {"csat": score, "nps": 2 * score}}, basic(key))
            equal(got.status, 200, f"answer {got}")
    s.caught_up()
    return survey, people


def results(s, survey, **query):
    got = s.admin.ask("GET", f"/api/surveys/{survey}/results?" + "&".join(f"{k}={v}" for k, v in query.items()))
    equal(got.status, 200, f"results {got}")
    return got.json


def check_what_everybody_would_have_said_is_nearer_than_what_was_said():
    with Server() as s:
        survey, people = fill(s)
        truth = sum(score >= 4 for *_, score, _ in people) / CUSTOMERS
        said = [score >= 4 for *_, score, answers in people if answers]
        plain = results(s, survey)
        equal(plain["weighting"], None, "not asked for")
        raw = plain["questions"][0]["score"]
        equal((raw["n"], round(raw["est"], 6)), (len(said), round(sum(said) / len(said), 6)), "raw score")
        equal(plain["questions"][0]["weighted"], None, "no weights")
        assert raw["est"] - truth > 0.1, (raw["est"], truth)

        by = results(s, survey, weight="behaviour")
        w, weighted = by["weighting"], by["questions"][0]["weighted"]
        equal((w["state"], w["population"], w["by"], w["answers"]), ("made", "customers", "behaviour", len(said)), "weighting")
        assert w["deff"] > 1 and abs(w["n_eff"] * w["deff"] - len(said)) < 1e-6, w
        assert w["chance"]["auc"]["lo"] > 0.55, w["chance"]
        assert abs(weighted["est"] - truth) < abs(raw["est"] - truth) / 2, (weighted, raw["est"], truth)
        assert weighted["lo"] <= weighted["est"] <= weighted["hi"] and weighted["n_eff"] < len(said), weighted
        assert abs(by["questions"][1]["weighted"]["est"]) <= 100, "NPS in points"

        silent = s.admin.ask("GET", f"/api/surveys/{survey}/silent?question=csat").json
        scores = {row["who"]: row for row in silent["scores"]}
        equal((silent["refused"], silent["kind"], silent["population"]), (None, "csat", "customers"), "silent")
        equal((scores["answered"]["customers"], scores["everybody"]["customers"]), (len(said), CUSTOMERS), "who")
        everybody = scores["everybody"]["score"]
        assert everybody["lo"] <= truth <= everybody["hi"], (everybody, truth)
        assert abs(everybody["est"] - truth) < abs(raw["est"] - truth) / 2, (everybody, truth)
        assert 0 < silent["rmse"] < 0.5 and silent["r2"] > 0.05, silent
        # The same, by the program's other face.
        shown = safar("survey", "silent", survey, "--question", "csat", "--json", data=s.data)
        equal(shown["scores"], silent["scores"], "on the command line")
        words = safar("survey", "results", survey, "--weight", "behaviour", data=s.data)
        assert "weights by behaviour: made" in words and "weighted" in words, words[:400]


def check_groups_count_as_often_as_there_are_people():
    with Server() as s:
        survey, people = fill(s)
        made = s.admin.ask("POST", "/api/segments", {"key": "card", "name": {"en": "Card"}, "rule": 'did "Card Taken"'})
        assert made.status in (200, 201), made
        segment = made.json["key"]
        by = results(s, survey, weight=f"segment:{segment}")
        w = by["weighting"]
        equal(w["state"], "made", w)
        groups = {g["value"]: g for g in w["divisions"][0]["groups"]}
        equal((groups["true"]["people"], groups["false"]["people"]), (500, 1000), "people of the segment")
        # The weighted score by hand.
        shares, total = {True: 500 / 1500, False: 1000 / 1500}, 0
        for card in (True, False):
            own = [score >= 4 for _, _, c, score, answers in people if answers and c == card]
            total += shares[card] * sum(own) / len(own)
        assert abs(by["questions"][0]["weighted"]["est"] - total) < 1e-6, (by["questions"][0]["weighted"], total)

        # Nobody was invited: how many there are of each channel is not known.
        for what in ("channel", "language", "unit", f"segment:{segment},channel"):
            equal(results(s, survey, weight=what)["weighting"]["state"], "unknown", what)
        wrong = s.admin.ask("GET", f"/api/surveys/{survey}/results?weight=moon")
        equal((wrong.status, wrong.json["id"]), (400, "weights.by"), "a division that is none")
        few = results(s, survey, weight="behaviour", **{"from": "2031-01-01"})
        equal(few["weighting"]["state"], "few", "nobody answered")
        none = s.admin.ask("GET", f"/api/surveys/{survey}/silent?from=2031-01-01").json
        equal(none["refused"], "nobody", "nobody answered")


if __name__ == "__main__":
    sys.exit(main(globals()))
