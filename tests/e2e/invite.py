#!/usr/bin/env python3
"""Asking people, end to end: customers that identify themselves, invitations by mail and SMS in three languages, what becomes of
them, and who is left alone. A mail server and an SMS gateway on this machine take what is sent."""
import email
import email.policy
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from collect import basic  # noqa: E402
from outbox import Gateway, Loop, Smtp, gateway_channel, mail_channel, until  # noqa: E402
from server import Server, equal, main  # noqa: E402

SURVEY = {"locale": "en", "title": {"default": "Your order", "ar": "طلبك", "fa": "سفارش شما"}, "pages": [{"name": "p1", "elements": [
    {"type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10, "cx:metric": "nps",
     "title": {"default": "Would you recommend us?", "ar": "هل توصي بنا؟", "fa": "ما را پیشنهاد می‌کنید؟"}}]}]}
OPEN = {"quiet": {"from": "00:00", "to": "24:00", "weekends": True, "holidays": True}, "consent": {"sms": "opt_out"}}


def live_survey(s, **more):
    made = s.admin.ask("POST", "/api/surveys", {"document": {**SURVEY, **more}})
    equal(made.status, 201, str(made))
    key = made.json["key"]
    got = s.admin.ask("POST", f"/api/surveys/{key}/state", {"state": "live"})
    assert got.status < 300, got
    return key


def rules(s, **more):
    version = s.admin.ask("GET", "/api/contact/rules").json["version"]
    got = s.admin.ask("PUT", "/api/contact/rules", {"version": version, "rules": {**OPEN, **more}})
    equal(got.status, 200, str(got))


def prepared(s, **more):
    rules(s)
    equal(s.admin.ask("PUT", "/api/outbox/settings", {"public_url": f"http://127.0.0.1:{s.port}"}).status, 200, "address")
    return live_survey(s, **more)


def identify(s, key, people):
    """people: customer -> traits; returns when they can be written to."""
    batch = [{"type": "identify", "userId": u, "messageId": f"i-{u}-{time.time()}", "traits": t} for u, t in people.items()]
    equal(s.client().ask("POST", "/v1/batch", {"batch": batch}, basic(key)).status, 200, "identify")
    s.caught_up()


def invite(s, survey, **body):
    got = s.admin.ask("POST", f"/api/surveys/{survey}/invite", body)
    equal(got.status, 200, str(got))
    return got.json


def funnel(s, survey):
    return s.admin.ask("GET", f"/api/surveys/{survey}/funnel").json


def parsed(data):
    m = email.message_from_bytes(data, policy=email.policy.default)
    equal(m.defects, [], "defects")
    return m, *(p.get_content() for p in m.iter_parts())


THREE = {"ann": {"email": "ann@example.com", "lang": "en", "country": "GB"}, "reem": {"email": "reem@example.com", "language": "ar", "country": "SA"},
         "omid": {"email": "omid@example.com", "locale": "fa-IR", "country": "IR"}}


def check_invitations_by_mail_in_three_languages_and_scanners():
    with Loop() as loop, Server() as s:
        smtp, (_, key) = Smtp(loop), s.source()
        mail_channel(s, smtp)
        survey = prepared(s)
        identify(s, key, THREE)
        everybody = [*THREE, "stranger"]
        dry = invite(s, survey, customers=everybody, dry_run=True)
        equal((dry["asked"], dry["not_asked"]), (3, {"no_address": 1}), "dry run")
        equal(s.admin.ask("GET", "/api/contact/sums").json["triggers"], 0, "a dry run leaves nothing")
        equal((r := invite(s, survey, customers=everybody))["asked"], 3, str(r))
        until(lambda: len(smtp.mails) == 3)
        again = invite(s, survey, customers=everybody)
        equal((again["asked"], again["not_asked"]), (0, {"quarantine": 3, "no_address": 1}), "asked again")
        by = {to: parsed(data) for to, data in smtp.mails}
        for to, lang, title, question, direction in (("ann", "en", "Your order", "Would you recommend us?", "ltr"), ("reem", "ar", "طلبك", "هل توصي بنا؟", "rtl"),
                                                    ("omid", "fa", "سفارش شما", "ما را پیشنهاد می‌کنید؟", "rtl")):
            m, text, page = by[f"{to}@example.com"]
            equal((m["subject"], m["content-language"]), (title, lang), to)
            equal(m["list-unsubscribe-post"], "List-Unsubscribe=One-Click", to)
            assert question in page and f'dir="{direction}"' in page, page
            scores = re.findall(r'href="([^"]*/e/[^"]*)"', page)
            equal(len(scores), 11, "one link a score")
            link = re.search(r"http\S+/s/\S+", text).group()
            assert link in page
            # A scanner opens everything that it finds.
            for url in {*scores, link, m["list-unsubscribe"].strip("<>")}:
                got = s.client().ask("GET", url.replace("&amp;", "&").split(str(s.port), 1)[1])
                equal(got.status, 200, url)
        equal(s.admin.ask("GET", "/api/contact/ledger").json["lines"], [], "nobody was unsubscribed by looking")
        f = funnel(s, survey)
        equal([f[k] for k in ("triggers", "eligible", "sampled", "sent", "delivered", "opened", "started", "completed")], [8, 3, 3, 3, 3, 3, 0, 0], str(f))


def check_unsubscribing_by_one_click():
    with Loop() as loop, Server() as s:
        smtp, (_, key) = Smtp(loop), s.source()
        mail_channel(s, smtp)
        survey = prepared(s)
        identify(s, key, THREE)
        invite(s, survey, customers=["reem"])
        until(lambda: smtp.mails)
        url = parsed(smtp.mails[0][1])[0]["list-unsubscribe"].strip("<>").split(str(s.port), 1)[1]
        page = s.client().ask("GET", url)
        assert page.status == 200 and 'dir="rtl"' in page.body.decode() and "reem@" not in page.body.decode(), page
        equal(s.client().ask("POST", url, b"List-Unsubscribe=One-Click", {"Content-Type": "application/x-www-form-urlencoded"}).status, 200, "one click")
        equal([(b["address"], b["state"]) for b in s.admin.ask("GET", "/api/contact/blocked").json["lines"]], [("reem@example.com", "withdrawn")], "blocked")
        rules(s, quarantine_days=0, recontact_days=0)
        equal(invite(s, survey, customers=["reem"])["not_asked"], {"unsubscribed": 1}, "asked again")
        equal(s.client().ask("POST", "/u/forged", b"", {"Content-Type": "application/x-www-form-urlencoded"}).status, 404, "forged")


def check_sms_in_one_part_receipts_failures_and_stop():
    with Loop() as loop, Server() as s:
        gateway, (_, key) = Gateway(loop), s.source()
        gateway_channel(s, gateway)
        survey = prepared(s)
        identify(s, key, {"reem": {"phone": "050 123 4567", "country": "SA", "lang": "ar"}, "omid": {"phone": "۰۹۱۲۱۲۳۴۵۶۷", "country": "IR", "lang": "fa"},
                          "sara": {"phone": "0501234568", "country": "SA", "lang": "ar"}})
        equal(invite(s, survey, customers=["reem", "omid", "sara"], channels="email,sms")["asked"], 3, "asked")
        until(lambda: funnel(s, survey)["sent"] == 3)
        sent = {json.loads(b)["to"]: json.loads(b) for _, _, b in gateway.requests}
        equal(sorted(sent), ["+966501234567", "+966501234568", "+989121234567"], "numbers")
        for m in sent.values():
            count = s.admin.ask("POST", "/api/outbox/sms", {"text": m["text"]}).json
            equal((count["alphabet"], count["parts"]), ("ucs2", 1), m["text"])
            assert len(m["text"]) <= 70 and re.search(r"/s/\S{28}$", m["text"]), m
        receipts = s.admin.ask("GET", "/api/outbox/channels").json["channels"][0]["receipts"]
        c = s.client()
        c.ask("POST", receipts, {"id": sent["+966501234567"]["ref"], "status": "delivered"})
        c.ask("POST", receipts, {"id": sent["+989121234567"]["ref"], "status": "failed", "reason": "absent"})
        c.ask("POST", receipts, {"from": "+966501234568", "text": "توقف"})
        f = funnel(s, survey)
        equal((f["sent"], f["delivered"], f["failed"], f["failures"]), (3, 1, 1, [{"reason": "absent", "n": 1}]), str(f))
        equal([(b["address"], b["source"]) for b in s.admin.ask("GET", "/api/contact/blocked").json["lines"]], [("+966501234568", "stop")], "consent")
        # An answer is started and completed.
        token = sent["+966501234567"]["text"].rsplit("/", 1)[1]
        got = c.ask("POST", f"/v1/surveys/{token}/responses", {"answers": {"nps": 9}, "complete": True})
        assert got.status in (200, 201), got
        f = funnel(s, survey)
        equal((f["opened"], f["started"], f["completed"]), (1, 1, 1), str(f))


def check_a_stop_that_is_told_again_leaves_a_newer_consent_alone():
    with Loop() as loop, Server() as s:
        gateway, (_, key) = Gateway(loop), s.source()
        gateway_channel(s, gateway)
        identify(s, key, {"sara": {"phone": "0501234568", "country": "SA", "lang": "ar"}})
        receipts = s.admin.ask("GET", "/api/outbox/channels").json["channels"][0]["receipts"]
        c, number = s.client(), "+966501234568"

        def stop(**more):
            equal(c.ask("POST", receipts, {"from": number, "text": "توقف", **more}).status, 200, f"stop {more}")
            return [x["state"] for x in reversed(s.admin.ask("GET", f"/api/contact/ledger?address=%2B{number[1:]}").json["lines"])]

        def newest():
            return s.admin.ask("GET", f"/api/contact/ledger?address=%2B{number[1:]}&limit=1").json["lines"][0]["state"]

        def given():
            equal(s.admin.ask("POST", "/api/contact/consent", {"channel": "sms", "address": number, "state": "given"}).status, 200, "given")

        def ago(minutes):
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60 * minutes))

        one = ["withdrawn"]
        equal(stop(id="r-1", timestamp=ago(10)), one, "the first")
        equal(stop(id="r-1", timestamp=ago(10)), one, "the same again")
        given()
        one = one + ["given"]
        equal(stop(id="r-1", timestamp=ago(10)), one, "the same after a new consent")
        equal(stop(id="r-1"), one, "the same number without its time")
        equal(stop(id="r-2", timestamp=ago(5)), one, "another one from before the consent, late")
        equal(stop(timestamp=int(time.time()) - 300), one, "without a number, from before the consent")
        now = int(time.time())
        equal(stop(timestamp=now), one + ["withdrawn"], "a new one, by its time")
        given()
        one = one + ["withdrawn", "given"]
        equal(stop(timestamp=now), one, "that again")
        equal(stop(id="r-3"), one + ["withdrawn"], "a new one, by its number")
        given()
        one = one + ["withdrawn", "given"]
        equal(stop(id="r-3"), one, "that again")
        equal(stop(), one + ["withdrawn"], "one that says neither is new")
        given()
        equal(stop(), one + ["withdrawn", "given", "withdrawn"], "each time")
        given()
        equal(stop(timestamp="tomorrow, perhaps"), one + ["withdrawn", "given", "withdrawn", "given", "withdrawn"], "a time that is none")
        # What the shop tells every night brings nobody back.
        identify(s, key, {"sara": {"phone": "0501234568", "country": "SA", "consent": {"sms": True}}})
        equal(newest(), "withdrawn", "consent in the traits")
        # However phones and gateways write it.
        for sender, text, heard in ((number, "\u200fتَوَقَّف\u200f", True), (number, "«لغو ۱۱»", True), (number, "STOP\u00a0🛑", False), (number, "stop.", True), (number, "توقف؟", True),
                                    (number, "stop sending to my old number, write here", False), ("0501234568", "إلغاء الاشتراك", True), ("501234568", "لغو١١", True), ("0501234569", "stop", False)):
            given()
            equal(c.ask("POST", receipts, {"from": sender, "text": text}).status, 200, text)
            equal(newest(), "withdrawn" if heard else "given", f"{sender} {text}")


def check_an_event_asks_after_a_wait_and_only_when_it_is_fresh():
    with Loop() as loop, Server() as s:
        smtp, (_, key) = Smtp(loop), s.source()
        mail_channel(s, smtp)
        survey = prepared(s, **{"cx:ask": {"after": "Order Delivered", "wait": "2s", "channels": ["sms", "email"]}})
        identify(s, key, THREE)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        event = {"type": "track", "event": "Order Delivered", "properties": {"journey": "o1"}}
        batch = [{**event, "userId": "ann", "messageId": "e1", "timestamp": now}, {**event, "userId": "ann", "messageId": "e2", "timestamp": now},
                 {**event, "userId": "nobody", "messageId": "e3", "timestamp": now}]
        equal(s.client().ask("POST", "/v1/batch", {"batch": batch}, basic(key)).status, 200, "events")
        until(lambda: s.admin.ask("GET", "/api/contact/sums").json["triggers"] == 3)
        until(lambda: len(smtp.mails) == 1)
        log = s.admin.ask("GET", "/api/contact/decisions").json["decisions"]
        equal(sorted((d["customer"], d["reason"], d["trigger"]) for d in log),
              [("ann", "ok", "event"), ("ann", "quarantine", "event"), ("nobody", "no_channel", "event")], "decisions")
        # What nobody can be asked about goes by itself, and keeps nobody else waiting.
        identify(s, key, {name: {"email": f"{name}@example.com"} for name in ("bad", "good")})
        batch = [{**event, "userId": "bad", "messageId": "b1", "timestamp": now, "properties": {"journey": "o\u0007"}},
                 {**event, "userId": "good", "messageId": "b2", "timestamp": now}]
        equal(s.client().ask("POST", "/v1/batch", {"batch": batch}, basic(key)).status, 200, "events")
        until(lambda: len(smtp.mails) == 2)
        equal([d["customer"] for d in s.admin.ask("GET", "/api/contact/decisions").json["decisions"]][0], "good", "the other is asked")
        equal(s.admin.ask("GET", "/api/contact/sums").json["triggers"], 4, "the broken one leaves nothing")
        # Many at once: each customer once, and every trigger has its row.
        many = [{**event, "userId": f"m{i % 200}", "messageId": f"m{i}", "timestamp": now} for i in range(1000)]
        identify(s, key, {f"m{i}": {"email": f"m{i}@example.com"} for i in range(200)})
        for at in range(0, 1000, 200):
            equal(s.client().ask("POST", "/v1/batch", {"batch": many[at:at + 200]}, basic(key)).status, 200, "events")
        until(lambda: s.admin.ask("GET", "/api/contact/sums").json["triggers"] == 1004, 60)
        sums = s.admin.ask("GET", "/api/contact/sums").json
        equal((sums["asked"], sum(r["n"] for r in sums["reasons"])), (202, 1004), str(sums))


def check_one_person_is_asked_once_by_whichever_id_and_channel():
    with Loop() as loop, Server() as s:
        smtp, gateway, (_, key), c = Smtp(loop), Gateway(loop), s.source(), s.client()
        mail_channel(s, smtp)
        gateway_channel(s, gateway)
        survey = prepared(s)
        widget = live_survey(s, title="Here", **{"cx:widget": {"seconds": 0}})
        show = lambda **who: c.ask("POST", f"/v1/widget/{key}/ask", {"survey": widget, **who}).json["reason"]
        equal(show(anonymous="device"), "ok", "a visitor")
        identify(s, key, {"one": {"email": "one@example.com"}, "same": {"email": "one@example.com", "phone": "+966501234567"}, "ann": {"email": "ann@example.com"},
                          "merged": {"email": "other@example.com"}})
        known = [{"type": "identify", "userId": "cem", "anonymousId": "device", "messageId": "k1", "traits": {"email": "cem@example.com"}},
                 {"type": "track", "event": "Complaint", "userId": "merged", "messageId": "k2", "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}]
        equal(c.ask("POST", "/v1/batch", {"batch": known}, basic(key)).status, 200, "who the visitor is")
        s.caught_up()
        equal(s.admin.ask("POST", "/api/customers/ann/merge", {"with": "merged", "reason": "one person"}).status, 200, "merge")
        equal(invite(s, survey, customers=["same"], channels="sms")["asked"], 1, "by SMS")
        equal(invite(s, survey, customers=["one"], channels="email")["not_asked"], {"quarantine": 1}, "the other id of that address, by mail")
        until(lambda: invite(s, survey, customers=["ann"], dry_run=True)["not_asked"] == {"complaint": 1})
        equal((show(customer="cem"), show(customer="ann"), show(customer="nobody")), ("quarantine", "refused", "ok"), "the visitor by name; a complaint is nobody's business; somebody else")
        same = s.admin.ask("POST", "/api/contact/what-if", {"rules": s.admin.ask("GET", "/api/contact/rules").json["rules"]}).json
        equal((same["more"], same["fewer"], same["asked_after"]), (0, 0, 3), str(same))
        other = s.admin.ask("POST", "/api/contact/what-if", {"rules": {**OPEN, "quarantine_days": 0, "recontact_days": 0}}).json
        equal((other["more"], other["fewer"], other["after"]), (2, 0, {"ok": 5, "complaint": 1}), str(other))


def check_no_thanks_is_kept_in_the_log_and_the_funnel_and_ends_reminders():
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with Loop() as loop, Server() as s:
        smtp, (_, key) = Smtp(loop), s.source()
        mail_channel(s, smtp)
        survey = prepared(s)
        identify(s, key, THREE)
        invite(s, survey, customers=["reem", "omid"])
        until(lambda: len(smtp.mails) == 2)
        tokens = {}
        for to, raw in smtp.mails:
            text = parsed(raw)[1]
            tokens[str(to)] = re.search(r"/s/([A-Za-z0-9_-]{28})", text).group(1)
        token = next(iter(tokens.values()))
        page = s.client().ask("GET", f"/s/{token}")
        assert 'value="decline"' in page.body.decode(), "the page offers it"
        equal(funnel(s, survey)["declined"], 0, "a look declines nothing")
        for _ in range(2):  # twice is once
            equal(s.client().ask("POST", f"/s/{token}", b"_page=0&_go=decline", form).status, 200, "no, thanks")
        f = funnel(s, survey)
        equal((f["declined"], f["completed"], sum(c["declined"] for c in f["channels"])), (1, 0, 1), str(f))
        log = s.admin.ask("GET", "/api/contact/decisions").json["decisions"]
        equal(sorted("declined_at_ms" in d for d in log), [False, True], str(log))
        # A link that is not ours declines nothing; an answer is no refusal.
        equal(s.client().ask("POST", "/s/" + "A" * 28, b"_page=0&_go=decline", form).status, 404, "forged")
        other = [t for t in tokens.values() if t != token][0]
        equal(s.client().ask("POST", f"/v1/surveys/{other}/responses", {"answers": {"nps": 9}}).status, 200, "answer")
        s.client().ask("POST", f"/s/{other}", b"_page=0&_go=decline", form)
        equal(funnel(s, survey)["declined"], 1, "answered")


def rounds_of(s, survey, **body):
    return s.admin.ask("POST", f"/api/surveys/{survey}/rounds", body)


def check_a_round_is_tried_sent_watched_and_stopped():
    with Loop() as loop, Server() as s:
        smtp, (_, key) = Smtp(loop), s.source()
        mail_channel(s, smtp)
        survey = prepared(s)
        identify(s, key, THREE)
        event = {"type": "track", "event": "Order Delivered", "userId": "reem", "messageId": "d1", "properties": {"unit": "saudi/riyadh"}}
        equal(s.client().ask("POST", "/v1/batch", {"batch": [event]}, basic(key)).status, 200, "event")
        s.caught_up()
        # Whom: ids and addresses; nobody's are counted.
        dry = rounds_of(s, survey, customers=["reem", "omid@example.com", "reem@example.com", "who@example.com", " "], dry_run=True, lang="ar", lang_all=True)
        equal(dry.status, 200, str(dry))
        equal([dry.json[k] for k in ("people", "unknown", "unknown_first", "asked", "not_asked", "channels", "languages")],
              [2, 1, ["who@example.com"], 2, {}, {"email": 2}, {"ar": 2}], str(dry.json))
        equal([(t["customer"], t["lang"]) for t in dry.json["tried"]], [("omid", "ar"), ("reem", "ar")], "who, for instance")
        equal(s.admin.ask("GET", f"/api/surveys/{survey}/rounds").json["rounds"], [], "nothing is kept")
        for body, id in (({"customers": []}, "contact.nobody"), ({}, "contact.nobody"), ({"customers": ["reem"], "channels": "web"}, "contact.channels"),
                         ({"customers": ["reem"], "lang": "de"}, "contact.lang"), ({"segment": "did \"X", "dry_run": True}, None)):
            got = rounds_of(s, survey, **body)
            assert got.status == 400 and (id is None or got.json["id"] == id), (body, got)
        # One that is due tomorrow waits, and can be stopped.
        got = rounds_of(s, survey, everybody=True, at_ms=int(time.time() * 1000) + 86400000)
        equal((got.status, got.json["people"], got.json["waiting"]), (201, 3, 3), str(got))
        stopped = s.admin.ask("POST", f"/api/contact/rounds/{got.json['round']}/stop").json
        assert stopped["stopped_ms"] and (stopped["waiting"], stopped["asked"], stopped["not_asked"]) == (0, 0, {}), stopped
        # One at once: decided for one by one, sent, answered; the unit is the customer's last.
        made = rounds_of(s, survey, customers=["ann", "omid", "reem"]).json
        path = f"/api/contact/rounds/{made['round']}"
        until(lambda: (r := s.admin.ask("GET", path).json)["waiting"] == 0 and r["sent"] == 3)
        r = s.admin.ask("GET", path).json
        equal([r[k] for k in ("asked", "eligible", "not_asked", "queued", "sent", "completed")], [3, 3, {}, 0, 3, 0], str(r))
        token = next(re.search(r"/s/([A-Za-z0-9_-]{28})", parsed(raw)[1]).group(1) for to, raw in smtp.mails if "reem" in str(to))
        equal(s.client().ask("POST", f"/v1/surveys/{token}/responses", {"answers": {"nps": 9}, "complete": True}).status, 200, "answer")
        equal(s.admin.ask("GET", path).json["completed"], 1, "the round's own funnel")
        got = s.admin.ask("GET", f"/api/surveys/{survey}/responses").json["responses"][0]
        equal((got["customer"], got["unit"]), ("reem", "saudi/riyadh"), "the customer's unit goes with the answer")
        again = rounds_of(s, survey, customers=["reem", "ann"], dry_run=True).json
        equal((again["asked"], again["not_asked"]), (0, {"quarantine": 2}), str(again))


MAP = {"key": "orders", "name": {"en": "Orders"}, "instance": {"cut": "key", "key": "journey", "gap": "30d"},
       "stages": [{"key": "get", "name": {"en": "Get"}}],
       "touchpoints": [{"key": "delivery", "stage": "get", "name": {"en": "Delivery"}, "rules": [{"event": "Delivered"}]},
                       {"key": "visit", "stage": "get", "name": {"en": "Visit"}, "rules": [{"event": "Shop Visited"}]}]}


def check_what_is_answered_by_an_open_link_is_on_the_map():
    """Nobody's journey is known of a code at a till; what is said there stands on its touchpoint all the same, in every view."""
    with Server() as s:
        _, key = s.source()
        batch = [{"type": "track", "event": "Delivered", "userId": f"c{i}", "messageId": f"d{i}", "timestamp": "2026-03-01T09:00:00Z",
                  "properties": {"journey": f"o{i}", "unit": "south", "score": 5}} for i in range(6)]
        equal(s.client().ask("POST", "/v1/batch", {"batch": batch}, basic(key)).status, 200, "events")
        equal(s.admin.ask("POST", "/api/maps", {"document": MAP}).status, 201, "map")
        survey = live_survey(s)
        link = s.admin.ask("POST", f"/api/surveys/{survey}/links", {"name": "Till 1", "unit": "north", "about": "Delivered"}).json["code"]
        for nps in (9, 9, 10, 3, 8):
            got = s.client().ask("POST", f"/v1/surveys/{link}/responses", {"answers": {"nps": nps}, "complete": True, "lang": "en"})
            assert got.status < 300, got
        # Two that the shop knows: one has a journey, the other has none.
        for customer in ("c1", "walk-in"):
            got = s.client().ask("POST", f"/v1/surveys/{survey}/responses", {"answers": {"nps": 7}, "complete": True, "lang": "en",
                                 "customer": customer, "about": "Delivered", "unit": "north"}, basic(key))
            assert got.status < 300, got
        s.caught_up()

        def on_the_map(*more):
            m = s.admin.ask("GET", "&".join(["/api/maps/orders/measured?version=1", *more])).json
            point = next(t for t in m["touchpoints"] if t["key"] == "delivery")
            return m, next((x for x in point["signals"] if x["signal"] == "rating"), {"n": 0})

        m, rating = on_the_map()
        equal((rating["n"], rating["customers"]), (13, 12), "of six deliveries, five by the link and two by the shop")
        equal(m["total"]["entered"], 6, "answers are nobody's journey")
        _, north = on_the_map("filter=unit:north")
        equal(north["n"], 7, "of that unit")
        close = 10 * (9 + 9 + 10 + 3 + 8 + 7 + 7) / 7
        assert abs(north["mean"] - close) < 1e-6, north
        series = s.admin.ask("GET", "/api/query/series?map=orders&kind=nps&by=touchpoint&period=quarter").json
        equal([x["n"] for x in series["series"] if x["name"] == "delivery"], [7], "over time")


def check_a_stopped_round_takes_back_what_has_not_left():
    with Loop() as loop, Server() as s:
        smtp, (_, key) = Smtp(loop), s.source()
        mail_channel(s, smtp)
        survey = prepared(s)
        hour = time.gmtime().tm_hour
        # Quiet for the next hours: what is asked now waits in the outbox.
        rules(s, quiet={"from": f"{(hour + 3) % 24:02}:00", "to": f"{(hour + 4) % 24:02}:00" if hour != 20 else "24:00", "weekends": True, "holidays": True})
        identify(s, key, {"ann": {"email": "ann@example.com", "zone": "UTC"}})
        made = rounds_of(s, survey, customers=["ann"]).json
        path = f"/api/contact/rounds/{made['round']}"
        until(lambda: s.admin.ask("GET", path).json["queued"] == 1)
        r = s.admin.ask("POST", f"{path}/stop").json
        equal((r["asked"], r["not_asked"], r["queued"], r["failed"]), (0, {"stopped": 1}, 0, 0), str(r))
        f = funnel(s, survey)
        equal((f["triggers"], f["invited"], f["failed"]), (1, 0, 0), str(f))
        equal(s.admin.ask("GET", f"/api/surveys/{survey}").json["invited"], 0, "nobody was invited")
        # Who was taken back was not asked: no rule holds them back.
        rules(s)
        equal(rounds_of(s, survey, customers=["ann"], dry_run=True).json["asked"], 1, "again")
        rounds_of(s, survey, customers=["ann"])
        until(lambda: len(smtp.mails) == 1)


if __name__ == "__main__":
    sys.exit(main(globals()))
