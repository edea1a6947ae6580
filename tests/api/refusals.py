#!/usr/bin/env python3
"""What is refused, and in which words: answers that cannot be, rights that nobody has, names of nobody. One server."""
import csv
import io
import json
import pathlib
import re
import sys
import time
from urllib.parse import quote

from collect import basic
from server import PASSWORD, Server, equal, main

TRICKS = "<script>alert(1)</script>\u202eevil\u202c \u2067\u0628"
# language -> (what a score says that is not on the scale, what a page says to a link of nobody)
WORDS = {"en": ("is outside", "There is no survey here"), "ar": ("خارج", "لا يوجد استبيان هنا"), "fa": ("بیرون", "اینجا نظرسنجی‌ای نیست")}
JSON = {"Content-Type": "application/json"}


def survey(s, lang):
    """(key, code of a link) of a live survey whose title is full of tricks."""
    rating = {"type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10, "cx:metric": "nps", "title": {lang: "?"}}
    why, topic = {"type": "comment", "name": "why", "title": {lang: "?"}}, {"type": "radiogroup", "name": "topic", "title": {lang: "?"}, "choices": ["price", "speed"]}
    document = {"locale": lang, "title": {lang: TRICKS}, "pages": [{"name": "p", "elements": [rating, why, topic]}]}
    key = quote(s.admin.ask("POST", "/api/surveys", {"document": document}).json["key"])
    equal(s.admin.ask("POST", f"/api/surveys/{key}/state", {"state": "live"}).status, 200, "live")
    # A newer version asks one option less: who began before may still have it.
    document["pages"][0]["elements"][2]["choices"] = ["price"]
    return key, s.admin.ask("POST", f"/api/surveys/{key}/links", {"name": "till"}).json["code"], document


def check_bad_input_is_defined_in_three_languages():
    with Server() as s:
        no = s.client()
        for lang, (outside, missing) in WORDS.items():
            key, code, document = survey(s, lang)
            path = f"/v1/surveys/{code}/responses"

            def answer(body, complete=True, **more):
                return no.ask("POST", path, body if isinstance(body, bytes) else json.dumps({"answers": body, "complete": complete, "lang": lang, **more}).encode(), JSON)

            n = s.admin.ask("GET", f"/api/surveys/{key}").json["completed"]
            # what is sent, status, id of the problem, its field
            for sent, status, problem, field in (
                ({"nps": 11}, 400, "form.answer.range", "nps"), ({"nps": -1}, 400, "form.answer.range", "nps"), ({"nps": "9\u0000"}, 400, "form.answer.number", "nps"), ({"nps": "\u00009"}, 400, "form.answer.number", "nps"),
                (b'{"answers":{"nps":9,"nps":0},"complete":true}', 400, "form.answers_twice", "nps"), ({"nps": 9, "why": "x" * 100000}, 400, "form.answer.long", "why"), ({"nps": 9, "why": "x" * 300000}, 413, None, None),
                (b'{"answers":{"nps":9},"complete":true,"lang":"../../etc"}', 400, "survey.lang", "lang"), (b'{"answers":{"nps":9},"complete":true,"lang":"en\\u202e"}', 400, "survey.lang", "lang"),
                (b'{"answers":{"nps":9},"complete":true,"channel":"a\\u202eb"}', 400, "survey.word", "channel"),
            ):
                got = answer(sent)
                equal((got.status, problem in (None, got.json["id"]), field in (None, got.json["field"])), (status, True, True), f"{lang} {str(sent)[:60]}: {got}")
            assert outside in answer({"nps": 11}).body.decode(), answer({"nps": 11})
            equal(s.admin.ask("GET", f"/api/surveys/{key}").json["completed"], n, "nothing of it counts")
            # What is kept: a long text, half a character as its sign, emoji alone, an option that is gone as it was given.
            begun = answer({"topic": "speed"}, complete=False).json["response"]
            newer = s.admin.ask("PUT", f"/api/surveys/{key}", {"document": document, "base_version": 1})
            equal(newer.status, 200, str(newer))
            for sent in ({"nps": 9, "why": "x" * 9000}, {"nps": 9, "why": "😡😡"}, {"nps": 9, "topic": "speed"}):
                equal(answer(sent).status, 200, f"{lang} {str(sent)[:40]}")
            equal(answer(b'{"answers":{"nps":9,"why":"cut \\ud83d"},"complete":true}').status, 200, "half an emoji")
            equal(no.ask("PATCH", f"/v1/responses/{begun}", {"answers": {"nps": 3}, "complete": True}).status, 200, "what was begun before")
            kept = [r["answers"] for r in s.admin.ask("GET", f"/api/surveys/{key}/responses").json["responses"]]
            assert {"nps": 9, "topic": "speed"} in kept and {"nps": 3, "topic": "speed"} in kept and {"nps": 9, "why": "😡😡"} in kept, kept
            assert any(a.get("why") == "cut \ufffd" for a in kept), kept
            # A title stands on the page as text, and turns nothing around it.
            page = no.ask("GET", f"/s/{code}?lang={lang}").body.decode()
            assert "<script>alert" not in page and "&lt;script&gt;" in page and "\u202e" not in page, page[:2000]
            for way in ("nobodys1", "x" * 28, "A" * 28):
                got = no.ask("GET", f"/s/{way}?lang={lang}")
                equal((got.status, missing in got.body.decode()), (404, True), f"{lang} {way}")
            # A hostile expression is named with its place, in words of the reader.
            for expression in ("(" * 100 + "1", "{nps} = '", "not " * 500 + "1", "{nps} > 1 > 2"):
                document["pages"][0]["elements"][1]["visibleIf"] = expression
                got = s.admin.ask("POST", f"/api/surveys/check?lang={lang}", {"document": document}).json
                problem = got["problems"][0]
                equal((got["fine"], problem["id"].startswith("form.expression"), problem["field"]), (False, True, "/pages/0/elements/1/visibleIf"), str(got)[:300])
                assert lang == "en" or any(ord(c) > 0x600 for c in problem["text"]), problem


def words_of(lang):
    """id of a problem -> its sentence on the page."""
    text = "".join(f.read_text() for f in (pathlib.Path(__file__).parents[2] / "web/src/words").rglob(f"{lang}.ts"))
    return dict(re.findall(r"'problem\.([\w.]+)': '(.*?)',? *(?=\n|')", text))


def check_refusals_of_weights_and_the_silent_name_field_value_and_remedy():
    with Server() as s:
        key, _, _ = survey(s, "en")
        analyst, catalogues = s.roles["analyst"], {lang: words_of(lang) for lang in WORDS}
        many, statuses = ",".join(["channel"] * 40), {"survey.question": 404, "weights.many": 413}
        # address, id of the problem, its field, what was given, placeholders that the sentence has
        for path, problem, field, given in (
            (f"/api/surveys/{key}/results?weight=moon", "weights.by", "weight", "moon"), (f"/api/surveys/{key}/results?weight=channel,segment:", "weights.by", "weight", "channel,segment:"),
            (f"/api/surveys/{key}/results?weight={many}", "weights.many", "weight", many[:80]), (f"/api/surveys/{key}/silent?question=why", "survey.question", "question", "why"),
            ("/api/query/silent", "silent.about", "about", None), ("/api/query/silent?about=", "silent.about", "about", ""), ("/api/query/silent?about=Nothing%22%20at%20all", "query.event", "about", 'Nothing" at all'),
            (f"/api/query/silent?about=journey&asked={quote('پرسیده')}", "query.event", "asked", "پرسیده"), (f"/api/query/silent?about={quote('é' * 60)}", "query.event", "about", "é" * 40),
        ):
            got = analyst.ask("GET", path)
            equal((got.status, got.json["id"], got.json["field"], got.json.get("given")), (statuses.get(problem, 400), problem, field, given), path)
            assert got.json["detail"] and (got.json["hint"] or problem in ("weights.many", "survey.question")), got.json
            for lang, catalogue in catalogues.items():
                said = catalogue[problem]
                assert "{field}" in said and (given in (None, "") or "{value}" in said or "{limit}" in said), (lang, problem, said)
                assert lang == "en" or sum(ord(c) > 0x600 for c in said) > 20, (lang, said)


def late(s, key, who="ann"):
    """A follow-up of somebody unhappy."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    event = {"type": "track", "event": "Delivery Rated", "userId": who, "messageId": f"{who}-1", "timestamp": at, "properties": {"score": 1, "comment": "late again", "unit": "saudi/riyadh"}}
    equal(s.client().ask("POST", "/v1/track", event, basic(key)).status, 200, "said")
    for _ in range(200):
        if ups := s.admin.ask("GET", "/api/follow-ups").json["follow_ups"]:
            return ups[0]
        time.sleep(0.02)
    raise AssertionError("no follow-up")


def check_nobody_can_spoil_the_file_of_responses():
    with Server() as s:
        key, code, _ = survey(s, "en")
        for k in range(3):
            odd = {"nps": 9, "a\u0000": "＝1+1", "b": "\n=1", **{f"{k} {i}": "v" for i in range(900)}}
            equal(s.client().ask("POST", f"/v1/surveys/{code}/responses", {"answers": odd, "complete": True}).status, 200, "kept raw")
        got = s.admin.ask("GET", f"/api/surveys/{key}/responses?format=csv")
        equal((got.status, got.headers["content-disposition"]), (200, 'attachment; filename="safar-responses.csv"'), str(got)[:200])
        lines = list(csv.reader(io.StringIO(got.body.decode("utf-8-sig"), newline="")))
        assert [len(line) for line in lines] == [2001] * 4 and lines[0][-1] == "…" and lines[3][-1].count("; ") > 100, lines[0][-5:]
        equal([lines[1][lines[0].index(f"answers.{n}")] for n in ("nps", "a\ufffd", "b")], ["9", "'＝1+1", "'\n=1"], "answers")
        book = s.admin.ask("GET", f"/api/surveys/{key}/responses?format=xlsx")
        equal((book.status, book.body[:2]), (200, b"PK"), str(book)[:200])


def check_rights_and_names_of_nobody():
    with Server() as s:
        key = s.source()[1]
        rule = {"name": {"en": "Low"}, "score": {"at_most": 25}}
        equal(s.admin.ask("POST", "/api/follow-up-rules", {"rule": rule}).status, 201, "rule")
        sooner = s.admin.ask("POST", "/api/follow-up-rules", {"rule": {"name": {"en": "Late", "fa": "دیر"}, "words": ["late"], "due_hours": 1}})
        equal(sooner.status, 201, "a second rule")
        up, agent = late(s, key), s.roles["agent"]
        # Two rules fit and contradict: the strictest opens one follow-up, the other is told as a reason.
        seen = s.admin.ask("GET", "/api/follow-ups").json["follow_ups"]
        equal([(f["id"], f["rule_name"]["en"]) for f in seen], [(up["id"], "Late")], "one follow-up")
        steps = s.admin.ask("GET", f"/api/follow-ups/{up['id']}").json["steps"]
        equal([json.loads(x["text"]) for x in steps if x["what"] == "also"], [{"en": "Low"}], str(steps))
        path, now = f"/api/follow-ups/{up['id']}", int(time.time() * 1000)
        for due, status, problem in ((-1, 400, "follow_up.due"), (10**15, 400, "scope.time"), (2**63, 400, "http.member"), ("x", 400, "http.member"), (1.5, 400, "http.member"), (now - 1000, 400, "follow_up.due"),
                                     (now + 400 * 86400000, 400, "follow_up.due"), (now + 86400000, 200, None)):
            got = agent.ask("PATCH", path, {"due_ms": due})
            equal((got.status, got.json.get("id") if status != 200 else None), (status, problem), f"due {due}: {got}")
        for body in ({"responsible": "nobody-at-all"}, {"responsible": "agent\u0000"}):
            got = agent.ask("PATCH", path, body)
            equal((got.status, got.json["id"], got.json["field"]), (400, "user.nobody", "responsible"), str(body))
        equal(agent.ask("PATCH", path, {"responsible": "agent"}).status, 200, "somebody")
        equal(agent.ask("PATCH", path, {"responsible": ""}).status, 200, "nobody yet")
        got = agent.ask("PATCH", f"/api/feedback/{up['arrival']}", {"assigned": "ghost"})
        equal((got.status, got.json["id"], got.json["field"]), (400, "user.nobody", "assigned"), "assigned")
        equal(s.admin.ask("PUT", "/api/units/settings", {"unit": "saudi", "responsible": "ghost"}).json["id"], "user.nobody", "of a unit")
        equal(s.admin.ask("POST", "/api/follow-up-rules", {"rule": {**rule, "responsible": "ghost"}}).json["id"], "user.nobody", "of a rule")
        equal(agent.ask("PATCH", path, {"state": "closed", "outcome": "solved"}).status, 200, "closed")
        before = s.admin.ask("GET", "/api/follow-ups/summary").json["on_time"]
        got = agent.ask("PATCH", path, {"due_ms": now + 2 * 86400000})
        equal((got.status, got.json["id"]), (409, "follow_up.due_fixed"), "a closed one")
        equal(s.admin.ask("GET", "/api/follow-ups/summary").json["on_time"], before, "the on-time share")
        for words in (["NOT *"], ["late OR early"], ["*"], ["-"]):
            got = s.admin.ask("POST", "/api/follow-up-rules", {"rule": {"name": {"en": "Words"}, "words": words}})
            equal((got.status, got.json["id"], got.json["field"]), (400, "rule.words", "words"), str(words))
        equal(s.admin.ask("POST", "/api/follow-up-rules", {"rule": {"name": {"en": "Words"}, "words": ["not good", "lat* -early"]}}).status, 201, "words")
        got = s.roles["analyst"].ask("PUT", "/api/models/labelling", {"npss": {"negative": 6, "positive": 9}})
        equal((got.status, got.json["id"], got.json["field"]), (400, "insight.scale", "npss"), "a scale that is none")
        # Who sees one unit does not touch links of another one.
        survey_key = s.admin.ask("POST", "/api/surveys", {"document": {"locale": "en", "title": "T", "pages": [{"name": "p", "elements": [{"type": "comment", "name": "a"}]}]}}).json["key"]
        codes = {u: s.admin.ask("POST", f"/api/surveys/{survey_key}/links", {"name": "till", "unit": u}).json["code"] for u in ("saudi/riyadh", "uae", "")}
        equal(s.admin.ask("POST", "/api/users", {"login": "lead", "name": "Lead", "role": "analyst", "password": PASSWORD, "unit": "saudi"}).status, 201, "lead")
        lead = s.client().sign_in("lead")
        for unit in ("uae", ""):
            equal(lead.ask("DELETE", f"/api/surveys/{survey_key}/links/{codes[unit]}").json["id"], "unit.outside", f"the link of {unit!r}")
            equal(lead.ask("GET", f"/api/links/{codes[unit]}/qr.svg").status, 403, "its code")
        equal(lead.ask("GET", f"/api/links/{codes['saudi/riyadh']}/qr.svg").status in (200, 409), True, "the own code")
        equal(lead.ask("DELETE", f"/api/surveys/{survey_key}/links/{codes['saudi/riyadh']}").status, 204, "the own link")
        for unit in ("../etc", "a//b", "/a", "a/", "a/../b"):
            equal(s.admin.ask("POST", f"/api/surveys/{survey_key}/links", {"name": "x", "unit": unit}).json["id"], "survey.unit", unit)


if __name__ == "__main__":
    sys.exit(main({k: v for k, v in globals().items() if getattr(v, "__module__", None) == "__main__"}))
