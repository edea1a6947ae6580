#!/usr/bin/env python3
"""Looking after people, end to end: the inbox and follow-ups from the command line, whom a reply may reach, who is not asked
meanwhile, and one reminder."""
import json
import os
import re
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from collect import basic  # noqa: E402
from invite import funnel, identify, invite, live_survey, prepared, rules  # noqa: E402
from lib import BINARY  # noqa: E402
from outbox import Gateway, Loop, Smtp, gateway_channel, mail_channel, until  # noqa: E402
from server import Server, equal, main  # noqa: E402

DAY_MS = 86400000


def cli(s, *words, fails=0):
    ran = subprocess.run([BINARY, *words, "--data", s.data], capture_output=True, text=True, timeout=60)
    equal(ran.returncode, fails, f"{words}: {ran.stdout[-500:]} {ran.stderr[-500:]}")
    return ran.stderr if fails else ran.stdout


def cli_json(s, *words):
    return json.loads(cli(s, *words, "--json"))


def say(s, key, who, n=1, **more):
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    said = {"type": "track", "event": "Delivery Rated", "userId": who, "messageId": f"{who}-{n}", "timestamp": now,
            "properties": {"score": 1, "comment": f"late again, says {who}", "unit": "saudi/riyadh", **more}}
    equal(s.client().ask("POST", "/v1/track", said, basic(key)).status, 200, "said")


def unhappy(s):
    """A rule that opens a follow-up for whoever is unhappy."""
    equal(s.admin.ask("POST", "/api/follow-up-rules", {"rule": {"name": {"en": "Unhappy", "fa": "ناخشنود"}, "score": {"at_most": 25}}}).status, 201, "rule")


def follow_ups(s, n):
    until(lambda: len(s.admin.ask("GET", "/api/follow-ups").json["follow_ups"]) == n)
    return {f["customer"]: f for f in s.admin.ask("GET", "/api/follow-ups").json["follow_ups"]}


def check_the_inbox_and_follow_ups_from_the_command_line():
    with Server() as s:
        key = s.source()[1]
        unhappy(s)
        say(s, key, "ann")
        say(s, key, "bob", comment="\x1b[31mred\u0007", unit="uae")
        ids = follow_ups(s, 2)
        rows = cli_json(s, "inbox", "list", "--unit", "saudi", "--text", "late", "--limit", "5")
        equal([r["customer"] for r in rows["feedback"]], ["ann"], "the same route")
        equal(rows["feedback"], s.admin.ask("GET", "/api/feedback?unit=saudi&text=late&limit=5").json["feedback"], "as the page has it")
        number = str(rows["feedback"][0]["arrival"])
        table = cli(s, "inbox", "list")
        assert "late again, says ann" in table and "\x1b" not in table and "[31mred" in table, table
        equal(cli_json(s, "inbox", "set", number, "--state", "done", "--assign", "root", "--tag", "late")["tags"], ["late"], "set")
        got = cli_json(s, "inbox", "set", number, "--assign", "nobody", "--untag", "late")
        equal((got["state"], got["assigned"], got["tags"]), ("done", None, []), "changed")
        equal(cli_json(s, "inbox", "note", number, "called")["notes"][0]["text"], "called", "note")
        shown = cli(s, "inbox", "show", number)
        assert "rating 1 on" in shown or "1 on" in shown, shown
        assert "called" in shown and "ann" in shown, shown
        assert "no address" in cli(s, "inbox", "reply", number, "sorry", fails=1)
        assert "nothing is said" in cli(s, "inbox", "set", number, fails=2)
        cli(s, "inbox", "list", "--nope", "x", fails=2)
        cli(s, "inbox", "show", "999999", fails=3)

        equal([f["customer"] for f in cli_json(s, "follow-up", "list", "--unit", "uae", "--state", "open")["follow_ups"]], ["bob"], "list")
        assert "Unhappy" in cli(s, "follow-up", "list") and "ناخشنود" in cli(s, "follow-up", "list", "--lang", "fa")
        one = str(ids["ann"]["id"])
        equal(cli_json(s, "follow-up", "assign", one, "root")["responsible"], "root", "assigned")
        equal(cli_json(s, "follow-up", "state", one, "doing")["state"], "doing", "state")
        equal(cli_json(s, "follow-up", "note", one, "she was right")["steps"][-1]["text"], "she was right", "note")
        cli(s, "follow-up", "close", one, fails=2)
        closed = cli_json(s, "follow-up", "close", one, "--outcome", "solved", "--cause", "courier")
        equal((closed["state"], closed["outcome"], closed["cause"]), ("closed", "solved", "courier"), "closed")
        shown = cli(s, "follow-up", "show", one)
        assert "she was right" in shown and "courier" in shown, shown
        equal(cli_json(s, "follow-up", "summary")["closed"], 1, "summary")
        assert "closed                 1" in cli(s, "follow-up", "summary")


def check_who_is_being_looked_after_is_not_asked():
    with Loop() as loop, Server() as s:
        smtp, (_, key) = Smtp(loop), s.source()
        mail_channel(s, smtp)
        survey = prepared(s)
        unhappy(s)
        identify(s, key, {"ann": {"email": "ann@example.com"}, "bob": {"email": "bob@example.com"}})
        say(s, key, "ann")
        one = follow_ups(s, 1)["ann"]["id"]
        equal(invite(s, survey, customers=["ann", "bob"], dry_run=True)["not_asked"], {"complaint": 1}, "while it is open")
        address = f"/api/follow-ups/{one}"
        s.admin.ask("PATCH", address, {"state": "doing", "responsible": "root"})
        equal(invite(s, survey, customers=["ann"], dry_run=True)["not_asked"], {"complaint": 1}, "while somebody works on it")
        equal(s.admin.ask("PATCH", address, {"state": "closed", "outcome": "solved"}).status, 200, "closed")
        equal(invite(s, survey, customers=["ann"], dry_run=True)["asked"], 1, "afterwards")
        s.admin.ask("PATCH", address, {"state": "open"})
        equal(invite(s, survey, customers=["ann"], dry_run=True)["not_asked"], {"complaint": 1}, "opened again")
        say(s, key, "ann", 2)
        follow_ups(s, 2)
        both = [f["id"] for f in s.admin.ask("GET", "/api/follow-ups").json["follow_ups"]]
        s.admin.ask("PATCH", f"/api/follow-ups/{both[0]}", {"state": "closed", "outcome": "partly"})
        equal(invite(s, survey, customers=["ann"], dry_run=True)["not_asked"], {"complaint": 1}, "one of two is closed")
        s.admin.ask("PATCH", f"/api/follow-ups/{both[1]}", {"state": "closed", "outcome": "partly"})
        equal(invite(s, survey, customers=["ann"], dry_run=True)["asked"], 1, "both are")


def check_a_reply_asks_no_consent_but_leaves_alone_who_wants_that():
    with Loop() as loop, Server() as s:
        smtp, gateway, (_, key) = Smtp(loop), Gateway(loop), s.source()
        mail_channel(s, smtp)
        gateway_channel(s, gateway)
        unhappy(s)
        identify(s, key, {"ann": {"email": "ann@example.com", "phone": "+966501234567"}, "bob": {"email": "bob@example.com"}, "cem": {"email": "cem@example.com"}})
        for who in ("ann", "bob", "cem"):
            say(s, key, who)
        ups = follow_ups(s, 3)

        def consent(address, state, channel="email"):
            equal(s.admin.ask("POST", "/api/contact/consent", {"channel": channel, "address": address, "state": state}).status, 200, state)

        def reply(who, text, **more):
            return s.admin.ask("POST", f"/api/feedback/{ups[who]['arrival']}/reply", {"text": text, **more})

        # SMS is opt-in for surveys; an answer to one's own words needs none.
        equal(reply("ann", "by sms", channel="sms").status, 201, "no consent was ever given")
        until(lambda: len(gateway.requests) == 1)
        consent("ann@example.com", "withdrawn")
        equal(reply("ann", "by what is left").json["notes"][-1]["channel"], "sms", "another medium")
        refused = reply("ann", "by mail", channel="email")
        equal((refused.status, refused.json["id"], refused.json["field"]), (409, "reply.consent", "channel"), "as wished")
        consent("+966501234567", "withdrawn", "sms")
        equal(reply("ann", "nothing is left").json["id"], "reply.consent", "neither")
        consent("bob@example.com", "withdrawn")
        equal(s.admin.ask("POST", f"/api/follow-ups/{ups['bob']['id']}/reply", {"text": "x"}).json["id"], "reply.consent", "from a follow-up too")
        equal(s.admin.ask("GET", f"/api/follow-ups/{ups['bob']['id']}").json["first_reply_ms"], None, "and it is no reply")
        consent("bob@example.com", "given")
        equal(s.admin.ask("POST", f"/api/follow-ups/{ups['bob']['id']}/reply", {"text": "x"}).status, 201, "the customer said so")
        # A server that refuses the address ends it.
        smtp.refuse["cem@example.com"] = "550 nobody here"
        equal(reply("cem", "one").status, 201, "first")
        until(lambda: s.admin.ask("GET", "/api/contact/blocked").json["lines"][0]["address"] == "cem@example.com")
        equal(reply("cem", "two").json["id"], "reply.consent", "bounced")
        equal([to for to, _ in smtp.mails], ["bob@example.com"], "what left by mail")


def age(s, days):
    """As if the server had stood still for days: whatever was sent, was sent that much earlier."""
    with sqlite3.connect(os.path.join(s.data, "safar.db")) as db:
        db.execute("UPDATE contact_invitation SET sent_ms = sent_ms - ? WHERE sent_ms IS NOT NULL", (days * DAY_MS,))
        db.execute("UPDATE contact_decision SET at_ms = at_ms - ?", (days * DAY_MS,))
    db.close()


def again(s, days):
    s.stop()
    age(s, days)
    s.start()
    s.wait_ready()
    s.admin.port = s.port
    return s


def check_what_waited_is_looked_at_again_before_it_leaves():
    with Loop() as loop, Server() as s:
        smtp, (_, key) = Smtp(loop), s.source()
        mail_channel(s, smtp)
        first = prepared(s)
        second = live_survey(s, title="Second")
        free = {"quarantine_days": 0, "recontact_days": 0}
        hour = time.gmtime().tm_hour
        quiet = {"from": f"{(hour + 3) % 24:02}:00", "to": f"{(hour + 4) % 24:02}:00" if hour != 20 else "24:00", "weekends": True, "holidays": True}
        rules(s, quiet=quiet, **free)
        identify(s, key, {who: {"email": f"{who}@example.com", "zone": "UTC"} for who in ("ann", "bob", "eve")})
        equal([invite(s, first, customers=["ann", "bob"])["waits"], invite(s, second, customers=["eve"])["waits"]], [2, 1], "in a quiet hour")
        opened = {"type": "track", "event": "Complaint", "userId": "bob", "messageId": "c1", "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        equal(s.client().ask("POST", "/v1/track", opened, basic(key)).status, 200, "a complaint")
        until(lambda: invite(s, first, customers=["bob"], dry_run=True)["not_asked"] == {"complaint": 1})

        def due():
            s.stop()
            with sqlite3.connect(os.path.join(s.data, "safar.db")) as db:
                db.execute("UPDATE outbox_message SET next_ms = 0 WHERE state = 0")
            db.close()
            s.start().wait_ready()
            s.admin.port = s.port

        def queued():
            return s.admin.ask("GET", "/api/outbox/messages?state=queued").json["messages"]

        # As if a gateway had been down until the middle of a night.
        due()
        until(lambda: all(m["next_ms"] > 3600000 + time.time() * 1000 for m in queued()))
        equal((len(smtp.mails), [(m["address"], m["tries"]) for m in queued()]), (0, [(f"{who}@example.com", 0) for who in ("eve", "ann")]), "nobody is woken")
        equal(s.admin.ask("POST", f"/api/surveys/{second}/state", {"state": "closed"}).status, 200, "closed")
        rules(s, **free)
        due()
        until(lambda: not queued() and smtp.mails)
        equal([to for to, _ in smtp.mails], ["ann@example.com"], "whom it still suits")
        log = s.admin.ask("GET", "/api/contact/decisions").json["decisions"]
        equal(sorted((d["customer"], d["reason"]) for d in log), [("ann", "ok"), ("bob", "complaint"), ("eve", "stopped")], "the others were not asked")
        equal([funnel(s, k)["invited"] for k in (first, second)], [1, 0], "nor are they counted")


def check_one_reminder_after_three_days_of_what_is_not_answered():
    with Loop() as loop, Server() as s:
        smtp, (_, key) = Smtp(loop), s.source()
        mail_channel(s, smtp)
        survey = prepared(s)
        people = ["ann", "bob", "cem", "dan"]
        identify(s, key, {p: {"email": f"{p}@example.com"} for p in people})
        equal(invite(s, survey, customers=people)["asked"], 4, "asked")
        until(lambda: funnel(s, survey)["sent"] == 4)
        link = smtp.mails[[to for to, _ in smtp.mails].index("bob@example.com")][1].decode()
        token = re.search(r"/s/([A-Za-z0-9_-]+)", link).group(1)
        equal(s.client().ask("POST", f"/v1/surveys/{token}/responses", {"answers": {"nps": 9}, "complete": True}).status, 200, "bob answers")
        s.admin.ask("POST", "/api/contact/consent", {"channel": "email", "address": "cem@example.com", "state": "withdrawn"})
        again(s, 2)
        time.sleep(3)
        equal(len(smtp.mails), 4, "two days are too few")
        again(s, 1.1)
        until(lambda: len(smtp.mails) == 6)
        equal(sorted(to for to, _ in smtp.mails[4:]), ["ann@example.com", "dan@example.com"], "not who answered, not who left")
        reminder = smtp.mails[4][1].decode()
        assert re.search(r"/s/[A-Za-z0-9_-]+", reminder), reminder
        f = funnel(s, survey)
        equal((f["reminded"], f["sent"]), (2, 4), str(f))
        log = s.admin.ask("GET", "/api/contact/decisions?limit=100").json["decisions"]
        equal(sorted((d["customer"], d["reason"]) for d in log if d["trigger"] == "reminder"), [("ann", "ok"), ("cem", "unsubscribed"), ("dan", "ok")], "each with its reason")
        again(s, 10)
        time.sleep(3)
        equal(len(smtp.mails), 6, "only one")


def check_a_survey_that_waits_for_nothing_asks_at_once():
    with Loop() as loop, Server() as s:
        smtp, (_, key) = Smtp(loop), s.source()
        mail_channel(s, smtp)
        ask = {"after": "Order Delivered", "wait": "0s", "channels": ["email"]}
        checked = s.admin.ask("POST", "/api/surveys/check", {"document": {"elements": [{"type": "rating", "name": "nps"}], "cx:ask": ask}}).json
        equal(checked["problems"], [], "the document is understood")
        prepared(s, **{"cx:ask": ask})
        identify(s, key, {"ann": {"email": "ann@example.com"}})
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        s.client().ask("POST", "/v1/track", {"type": "track", "event": "Order Delivered", "userId": "ann", "messageId": "d1", "timestamp": now}, basic(key))
        until(lambda: len(smtp.mails) == 1)
        bad = s.admin.ask("POST", "/api/surveys/check?lang=fa", {"document": {"elements": [{"type": "rating", "name": "nps"}], "cx:ask": {**ask, "wait": "soon"}}}).json
        equal([(p["id"], p["field"], p["warning"]) for p in bad["problems"]], [("form.ask_wait", "/cx:ask/wait", False)], "a wait that is none")


if __name__ == "__main__":
    sys.exit(main({k: v for k, v in globals().items() if getattr(v, "__module__", None) == "__main__"}))
