#!/usr/bin/env python3
"""What identifies a person in written answers is masked before anything is kept, where the survey or the source of surveys asks for it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from lib import ROOT  # noqa: E402
from server import Server, equal, main  # noqa: E402

SURVEY = {"title": "Your order", "pages": [{"name": "p", "elements": [
    {"type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10, "cx:metric": "nps", "title": "Would you?"},
    {"type": "comment", "name": "why", "title": "Why?", "cx:text": True}, {"type": "text", "name": "line", "title": "In one line"},
    {"type": "text", "name": "mail", "inputType": "email", "title": "Where may we write?"},
    {"type": "radiogroup", "name": "how", "choices": ["web", "store"], "showOtherItem": True, "title": "How?"},
    {"type": "multipletext", "name": "two", "items": [{"name": "a"}, {"name": "b"}], "title": "Two"}]}]}
# The same card, telephone, mail, account and national ids in digits of three scripts.
SAID = ["call +966 50 123 4567 or ali@example.com", "بطاقتي ٤١١١ ١١١١ ١١١١ ١١١١ وهويتي ١٠٠٠٠٠٠٠٠٨", "شبا IR820540102680020817909002 و کد ملی ۰۰۸۴۵۷۵۹۴۸ و تلفن ۰۹۱۲۳۴۵۶۷۸۹"]
SECRETS = ["123 4567", "ali@", "٤١١١", "١٠٠٠٠٠٠٠٠٨", "820540102680020817909002", "۰۰۸۴۵۷۵۹۴۸", "۰۹۱۲۳۴۵۶۷۸۹"]


def answered(s, mask):
    made = s.admin.ask("POST", "/api/surveys", {"document": {**SURVEY, **({"cx:mask": True} if mask else {})}})
    equal(made.status, 201, str(made))
    key = made.json["key"]
    equal(s.admin.ask("POST", f"/api/surveys/{key}/state", {"state": "live"}).status, 200, "live")
    return key, s.admin.ask("POST", f"/api/surveys/{key}/links", {"channel": "web"}).json["code"]


def answer(s, link, text, complete=True):
    got = s.client().ask("POST", f"/v1/surveys/{link}/responses", {"answers": {
        "nps": 3, "why": text, "line": text, "mail": "wanted@example.com", "how": "other", "how-Comment": text, "two": {"a": text, "b": "fine"}, "gone": text}, "complete": complete})
    equal(got.status, 200, str(got))
    return got.json["response"]


def kept(s, key):
    """Everything that is kept of the answers: the responses, and the events that came of them."""
    s.caught_up()
    responses = s.admin.ask("GET", f"/api/surveys/{key}/responses?limit=50").body.decode()
    feedback = s.admin.ask("GET", "/api/feedback").body.decode()
    stories = "".join(s.admin.ask("GET", f"/api/customers/{c['customer']}").body.decode() for c in s.admin.ask("GET", "/api/customers?search=response").json["customers"])
    return responses, feedback + stories


def check_a_survey_that_asks_for_it_keeps_no_numbers_of_people():
    with Server() as s:
        key, link = answered(s, True)
        for text in SAID:
            answer(s, link, text)
        answer(s, link, SAID[0], complete=False)
        for what in kept(s, key):
            equal([x for x in SECRETS if x in what], [], "left")
            for sign in ("[phone]", "[email]", "[card]", "[id]", "[iban]"):
                assert sign in what, (sign, what[:2000])
        assert "wanted@example.com" in kept(s, key)[0], "what was asked for stays"


def check_the_switch_of_the_source_counts_from_the_next_answer():
    with Server() as s:
        key, link = answered(s, False)
        answer(s, link, SAID[0])
        assert all("ali@example.com" in what for what in kept(s, key)), "nothing asks for it"
        source = next(x["id"] for x in s.admin.ask("GET", "/api/sources").json["sources"] if x["kind"] == "survey")
        equal(s.admin.ask("PATCH", f"/api/sources/{source}", {"mask": True}).status, 200, "switched on")
        answer(s, link, SAID[1])
        for what in kept(s, key):
            equal([x for x in SECRETS if x in what], ["123 4567", "ali@"], "what was kept before stays, the next is masked")
        equal(s.admin.ask("PATCH", f"/api/sources/{source}", {"mask": False}).status, 200, "switched off")
        answer(s, link, SAID[2])
        assert all("۰۰۸۴۵۷۵۹۴۸" in what for what in kept(s, key)), "as it is written"


def check_the_set_of_our_own_is_masked_in_answers():
    """tests/data/text/pii.tsv (made by pii.py): mail, phone, card, account, national ids in three languages and digits."""
    with open(os.path.join(ROOT, "tests/data/text/pii.tsv"), encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f][::5]
    with Server() as s:
        key, link = answered(s, True)
        for _, _, text in rows:
            answer(s, link, text)
        held = [r["answers"]["why"] for r in s.admin.ask("GET", f"/api/surveys/{key}/responses?limit=500").json["responses"]]
        equal(len(held), len(rows), "kept")
        secret = [(what, text, now) for (kind, what, text), now in zip(rows, held) if kind != "none"]
        plain = [(text, now) for (kind, _, text), now in zip(rows, held) if kind == "none"]
        left = [x for x in secret if x[0] in x[2]]
        changed = [x for x in plain if x[0] != x[1]]
        print(f"{len(secret) - len(left)} of {len(secret)} masked, {len(changed)} of {len(plain)} others changed", end=" ")
        assert len(secret) > 100 and len(left) <= len(secret) * 0.01, left
        assert len(plain) > 50 and len(changed) <= len(plain) * 0.02, changed



if __name__ == "__main__":
    sys.exit(main({k: v for k, v in globals().items() if getattr(v, "__module__", None) == "__main__"}))
