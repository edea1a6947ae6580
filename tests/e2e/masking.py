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


PERSONAL = {"mail": "xqz.mail@canary.example", "phone": "+966507731773", "name": "Xqzname Canary"}


def check_rules_for_named_properties_leave_their_values_in_no_file():
    """Every way in, what is set aside and what is refused; then every byte of the directory, packed or not."""
    import json

    import erasure
    from routes import finished, upload

    erasure.CANARY = PERSONAL
    rules = [{"property": "email", "action": "hash"}, {"property": "phone", "action": "drop"}, {"property": "full_name", "action": "mask"}]
    said = {"Email": PERSONAL["mail"], "phone": PERSONAL["phone"], "deep": [{"full_name": PERSONAL["name"], "plan": "pro"}]}
    with Server() as s:
        number, key = s.source()
        equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"rules": rules, "hook": 'customer = "who"\nname = "Called"\nkeep = "."\nscore = "stars"'}).status, 200, "rules")
        for wrong, want in (([{"property": "score", "action": "hash"}], "rules.standard"), ([{"property": "a", "action": "burn"}], "rules.action"), ({}, "rules.form"),
                            ([{"property": "a", "action": "drop"}, {"property": "A", "action": "hash"}], "rules.twice"), ([{"property": "", "action": "drop"}], "rules.property")):
            equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"rules": wrong}).json["id"], want, str(wrong))
        equal(s.admin.ask("GET", "/api/sources").json["sources"][0]["rules"], rules, "told")

        def send(path, body, status=200):
            got = s.client().ask("POST", path, body, {"Authorization": f"Bearer {key}"})
            equal(got.status, status, f"{path} {got}")

        send("/v1/track", {"userId": "c1", "event": "Paid", "properties": said})
        send("/v1/identify", {"userId": "c1", "traits": said, "context": {"traits": said}})
        send("/v1/track", {"userId": "c1", "event": "Old", "timestamp": "1850-01-01T00:00:00Z", "properties": said})
        send("/v1/track", {"userId": "c1", "event": "Bad", "properties": {**said, "score": "x"}}, 400)
        send("/batch", {"api_key": key, "batch": [{"event": "Clicked", "distinct_id": "c1", "properties": {**said, "$set": said}}]})
        send("/v1/events", {"specversion": "1.0", "id": "1", "source": "/x", "type": "Sent", "subject": "c1", "data": said})
        send(f"/v1/hooks/custom/{key}", {"who": "c1", "stars": 3, **said})
        send(f"/v1/hooks/custom/{key}", {"who": "c1", "stars": "many", **said}, 400)
        send("/matomo.php?token_auth=" + key, b"uid=c1&e_c=a&e_a=b&rand=1")
        lines = "".join(json.dumps({"customer": "c1", "at": at, "event": "Line", "properties": said}) + "\n" for at in ("2026-03-01T10:00:00Z", "soon"))
        table = "who,at,email,tel\n" + "".join(f"c1,{at},{PERSONAL['mail']},{PERSONAL['phone']}\n" for at in ("2026-03-02T10:00:00Z", PERSONAL["mail"]))
        mapping = 'customer = "who"\nname = "Row"\ntime = "at"\nproperties = { email = "email", phone = "tel" }\n'
        for name, text, more in (("l.ndjson", lines, {}), ("t.csv", table, {"mapping": mapping})):
            job = s.admin.ask("POST", "/api/imports", {"uploads": [upload(s.admin, name, text.encode())], "source": "web", "dry_run": False, **more}).json["job"]
            done = finished(s.admin, job)
            equal((done["state"], done["result"]["stored"], done["result"]["rejected"]), ("done", 1, 1), str(done))
        s.caught_up()
        events = s.admin.ask("GET", "/api/customers/c1?bodies=1").json["events"]
        equal(sorted(e["name"] for e in events), ["Called", "Clicked", "Line", "Paid", "Row", "Sent", "a: b", "identify"], "all came in")
        seen = json.dumps(events)
        hashes = {p.get("Email", p.get("email")) for p in (e["body"].get("properties", {}) for e in events)} - {None}
        assert len(hashes) == 1 and hashes.pop().startswith("hash:"), "equal values stay equal"
        assert "\u2022ry" in json.dumps(events, ensure_ascii=False) and '"phone"' not in seen, seen[:3000]
        equal(s.admin.ask("POST", "/api/set-aside/replay", {"source": number, "reason": ""}).status, 200, "tried again")
        s.stop()
        equal(erasure.found(s.data), {}, "in a file")
        equal(erasure.in_database(os.path.join(s.data, "safar.db")), {}, "in the database")
        s.start()


if __name__ == "__main__":
    sys.exit(main({k: v for k, v in globals().items() if getattr(v, "__module__", None) == "__main__"}))
