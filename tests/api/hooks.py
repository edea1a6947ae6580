#!/usr/bin/env python3
"""Webhooks of other systems: what they become, and who is believed."""
import base64
import hashlib
import hmac
import json
import sys
import time

from server import Server, equal, main

TICKET = {"type": "zen:event-type:ticket.created", "account_id": 1, "id": "e1", "time": "2026-03-01T10:00:00Z", "zendesk_event_version": "2022-11-06", "subject": "zen:ticket:35436",
          "detail": {"id": "35436", "status": "Open", "requester_id": "77", "via": {"channel": "web"}}, "event": {"current": None}}
SENDER = {"id": 5, "identifier": "u5", "email": "u5@shop.example"}
MESSAGE = {"event": "message_created", "id": 118, "content": "hi", "created_at": "2026-03-01T10:00:00Z", "message_type": "incoming", "content_type": "text", "private": False, "content_attributes": {},
           "sender": {"id": 5, "name": "A", "email": "u5@shop.example", "type": "contact"}, "inbox": {"id": 1, "name": "web"}, "conversation": {"id": 9, "status": "open", "meta": {"sender": SENDER}}}
CSAT = {**MESSAGE, "event": "message_updated", "content_type": "input_csat", "content_attributes": {"submitted_values": {"csat_survey_response": {"rating": 2, "feedback_message": "zu langsam"}}}}
RATED = {"type": "notification_event", "app_id": "a", "id": "notif_1", "topic": "conversation.rating.added", "created_at": 1772359200, "delivery_attempts": 1,
         "data": {"type": "notification_event_data", "item": {"id": "c1", "user": {"user_id": "u6"}, "conversation_rating": {"rating": 5, "remark": "ممتاز"}}}}
STANDARD = {"type": "invoice.paid", "timestamp": "2026-03-01T10:00:00Z", "data": {"userId": "u8", "value": 9.5, "currency": "EUR"}}


def events(s, customer):
    s.caught_up()
    return s.admin.ask("GET", f"/api/customers/{customer}?bodies=1").json["events"]


def check_each_system_names_its_customer_its_event_and_its_score():
    with Server() as s:
        _, key = s.source()
        rows = [("zendesk", TICKET, {}, "77", "ticket.created", {"journey": "35436", "channel": "web"}), ("chatwoot", MESSAGE, {}, "u5", "message_created", {"journey": "9", "channel": "chat"}),
                ("chatwoot", CSAT, {}, "u5", "conversation rated", {"score": 2, "comment": "zu langsam"}), ("intercom", RATED, {}, "u6", "conversation.rating.added", {"score": 5, "comment": "ممتاز"}),
                ("standard", STANDARD, {"webhook-id": "msg_1"}, "u8", "invoice.paid", {"value": 9.5})]
        for kind, body, headers, customer, name, want in rows:
            for _ in range(2):  # a sender that did not hear us sends again
                got = s.client().ask("POST", f"/v1/hooks/{kind}/{key}", body, headers)
                equal(got.status, 200, f"{kind} {got}")
            found = [e for e in events(s, customer) if e["name"] == name]
            equal(len(found), 1, f"{kind} {name}")
            properties = found[0]["body"]["properties"]
            equal({k: properties.get(k) for k in want}, want, kind)
        sums = s.sums()
        equal((sums["stored"], sums["duplicate"], sums["set_aside"], sums["refused"]), (len(rows), len(rows), 0, 0), "sums")


def check_what_is_no_experience_is_no_event_and_what_is_broken_is_told():
    with Server() as s:
        _, key = s.source()
        c = s.client()
        equal(c.ask("POST", f"/v1/hooks/intercom/{key}", {"topic": "ping", "data": {}}).status, 200, "ping")
        equal(c.ask("POST", f"/v1/hooks/chatwoot/{key}", {**MESSAGE, "private": True}).status, 200, "a private note")
        equal(c.ask("HEAD", f"/v1/hooks/intercom/{key}").status, 200, "asked whether we are there")
        for kind, body in (("zendesk", {**TICKET, "detail": {}}), ("zendesk", {"detail": {"requester_id": "1"}}), ("standard", {**STANDARD, "timestamp": "soon"}), ("standard", []), ("standard", b"{")):
            equal(c.ask("POST", f"/v1/hooks/{kind}/{key}", body).status, 400, str(body))
        equal(c.ask("POST", f"/v1/hooks/jira/{key}", {}).status, 404, "a system that is not known")
        equal(c.ask("POST", "/v1/hooks/zendesk/wrong", TICKET).status, 401, "a wrong key")
        equal(s.sums()["stored"], 0, "stored")


def check_published_signatures_fit():
    """Vectors of the senders' own pages: what fits is refused only for its age, or for what it says."""
    rows = [("standard", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}', "hook.time",
             {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}),
            ("zendesk", "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==", b'{"a":1}', "hook.time",
             {"X-Zendesk-Webhook-Signature": "/mXSigLOoEkcTQbsWqgaVKrxFhN+K298pf/niM2rAnI=", "X-Zendesk-Webhook-Signature-Timestamp": "2021-03-25T05:09:27Z"}),
            ("intercom", "secret", b'{"a":1}', "segment.member", {"X-Hub-Signature": "sha1=f8446672f033e4b2beafc5ca3a71eafcd2cafb6e"}),
            ("chatwoot", "secret", b'{"a":1}', "hook.time", {"X-Chatwoot-Timestamp": "1700000000", "X-Chatwoot-Signature": "49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686"})]
    with Server() as s:
        number, key = s.source()
        for kind, secret, body, want, headers in rows:
            equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"secret": secret}).status, 200, "secret")
            got = s.client().ask("POST", f"/v1/hooks/{kind}/{key}", body, headers)
            equal(got.json["id"], want, f"{kind} {got}")
            got = s.client().ask("POST", f"/v1/hooks/{kind}/{key}", body + b" ", headers)
            equal((got.status, got.json["id"]), (401, "hook.signature"), f"{kind}, another body")
            equal(s.client().ask("POST", f"/v1/hooks/{kind}/{key}", body).json["id"], "hook.signature", f"{kind}, unsigned")


def check_a_secret_is_kept_and_never_told():
    with Server() as s:
        number, key = s.source()
        secret = "whsec_" + base64.b64encode(b"k" * 24).decode()
        equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"secret": secret}).status, 200, "secret")
        listed = s.admin.ask("GET", "/api/sources")
        equal((listed.json["sources"][0]["secret_set"], secret in listed.body.decode()), (True, False), "listed")
        body = json.dumps(STANDARD).encode()

        def send(at, identity="msg_1"):
            mac = hmac.new(b"k" * 24, f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
            return s.client().ask("POST", f"/v1/hooks/standard/{key}", body, {"webhook-id": identity, "webhook-timestamp": str(at), "webhook-signature": "v1," + base64.b64encode(mac).decode()})

        now = int(time.time())
        for at, want in ((now, 200), (now - 240, 200), (now - 360, 401), (now + 360, 401)):
            equal(send(at).status, want, f"{at - now} s")
        equal((s.sums()["stored"], s.sums()["duplicate"]), (1, 1), "the same id counts once")
        equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"secret": "x" * 513}).status, 413, "too long")
        equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"secret": ""}).status, 200, "taken away")
        equal(s.client().ask("POST", f"/v1/hooks/standard/{key}", body, {"webhook-id": "msg_2"}).status, 200, "unsigned")


ORDER = {"topic": "order.delivered", "when": 1772359200, "payload": {"buyer": {"id": 41, "email": "b@shop.example"}, "total": {"amount": "12,50", "currency": "EUR"}, "stars": 4, "score": "A", "plan": "pro"},
         "lines": [{"sku": "a.1", "who": "41", "odd.name": 3}, {"sku": "a.2", "who": "42", "odd.name": 4}]}
MAPPED = """customer = ["payload.buyer.id", "payload.buyer.email"]
name_column = "topic"
time = "when"
time_format = "epoch_s"
score = "payload.stars"
value = "payload.total.amount"
currency = "payload.total.currency"
decimal = ","
id = "@header.x-delivery"
keep = "payload"
"""


def any_system_is_read_by_a_mapping_of_paths(s):
    number, key = s.source("paths")
    c, path = s.client(), f"/v1/hooks/custom/{key}"
    got = c.ask("POST", path, ORDER)
    equal((got.status, got.json["id"]), (400, "hook.mapping"), "nobody said what it means")
    equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"hook": MAPPED}).status, 200, "kept")
    equal([x["hook"] for x in s.admin.ask("GET", "/api/sources").json["sources"] if x["id"] == number], [MAPPED], "told")
    for _ in range(2):
        equal(c.ask("POST", path, ORDER, {"X-Delivery": "d1"}).status, 200, "taken")
    (e,) = events(s, "41")
    equal((e["name"], e["at_ms"]), ("order.delivered", 1772359200000), "what and when")
    p = e["body"]["properties"]
    equal((p["score"], p["value"], p["currency"], p["plan"], p["buyer"]["email"]), (4, 12.5, "EUR", "pro", "b@shop.example"), "how it was, and what else it said")
    equal(e["body"]["more"], {"score": "A"}, "what is only called like something else")
    equal(s.sums()["duplicate"], 1, "the same delivery counts once")
    lines = 'each = "lines"\ncustomer = "who"\nname = "Line"\nproperties = { sku = "sku", odd = "[\'odd.name\']", topic = "$.topic" }\n'
    equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"hook": lines}).status, 200, "another")
    equal(c.ask("POST", path, ORDER).status, 200, "a list")
    (e,) = events(s, "42")
    equal(e["body"]["properties"], {"odd": "4", "sku": "a.2", "topic": "order.delivered"}, "an element, and what is around it")


def what_a_mapping_does_not_find_is_told_with_its_path_its_value_and_a_remedy(s):
    rows = [('customer = "payload.buyer"\nname = "X"', "payload.buyer", "hook.value", "an object", "payload.buyer.id"), ('customer = "payload.byer.id"\nname = "X"', "payload.byer.id", "hook.path", "nothing at", "payload.buyer.id"),
            ('customer = "payload.buyer.id"\nname_column = "subject"', "subject", "hook.path", "what happened", "page"), ('customer = "payload.buyer.id"\nname = "X"\ntime = "topic"', "topic", "time.syntax", "order.delivered", "time_format"),
            ('customer = "payload.buyer.id"\nname = "X"\nscore = "payload.plan"', "payload.plan", "number.syntax", "pro", "decimal"), ('each = "rows"\ncustomer = "who"\nname = "X"', "rows", "hook.path", "list", "page")]
    number, key = s.source("errors")
    for mapping, field, want, text, hint in rows:
        equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"hook": mapping}).status, 200, mapping)
        got = s.client().ask("POST", f"/v1/hooks/custom/{key}", ORDER)
        first = got.json["rejected"][0]
        equal((got.status, first["id"], first["field"]), (400, want, field), mapping)
        assert text in first["detail"] and hint in first["hint"], first
        tried = s.admin.ask("POST", f"/api/sources/{number}/hook", {"mapping": mapping, "sample": json.dumps(ORDER)}).json
        equal((tried["events"], tried["refused"][0]["field"]), ([], field), "tried")
    for mapping, line in (('customer = "a"\nnam = "X"', "line 2"), ('customer = "a"', "line 1"), ('customer = "a"\nname = "X"\nfile = "x"', "line 3"), ("a = [", "line"), ('customer = "a"\nname = "X"\n[signature]\nalgorithm = "md5"', "line 4")):
        got = s.admin.ask("PATCH", f"/api/sources/{number}", {"hook": mapping})
        assert got.status == 400 and line in got.json["detail"], (mapping, got)
    equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"hook": "#" * 16385}).status, 413, "too long")


def a_sample_is_looked_at_and_a_mapping_guessed(s):
    number, _ = s.source("samples")
    before = s.sums()["received"]
    got = s.admin.ask("POST", f"/api/sources/{number}/hook", {"sample": json.dumps({"type": "ticket.solved", "created_at": "2026-03-01T10:00:00Z", "ticket": {"id": 7, "requester": {"id": 9, "email": "a@b.c"}, "rating": 3, "comment": "گرم و خوب"}})})
    roles = {p["path"]: p["role"] for p in got.json["paths"]}
    equal(roles, {"type": "name_column", "created_at": "time", "ticket.id": "", "ticket.requester.id": "customer", "ticket.requester.email": "", "ticket.rating": "score", "ticket.comment": "comment"}, "roles")
    (e,) = got.json["events"]
    equal((e["customer"], e["name"], e["body"]["properties"]["comment"]), ("9", "ticket.solved", "گرم و خوب"), "what it would be")
    got = s.admin.ask("POST", f"/api/sources/{number}/hook", {"sample": json.dumps({"source": "x", "events": [{"userId": "u1", "event": "A"}, {"userId": "u2", "event": "B"}]})}).json
    equal((got["each"], [e["customer"] for e in got["events"]]), ("events", ["u1", "u2"]), "a list")
    equal(s.admin.ask("POST", f"/api/sources/{number}/hook", {"sample": "{"}).status, 400, "no JSON")
    equal(s.admin.ask("POST", f"/api/sources/{number}/hook", {"sample": "[]"}).json["mapping"], "", "nothing to point at")
    equal(s.sums()["received"], before, "nothing is stored")


def a_custom_webhook_is_signed_as_its_mapping_says(s):
    body, secret = json.dumps(ORDER).encode(), "k" * 30
    plain = 'customer = "payload.buyer.id"\nname_column = "topic"\n'
    now = str(int(time.time()))

    def mac(what, how=hashlib.sha256):
        return hmac.new(secret.encode(), what, how)

    rows = [("", {"X-Hub-Signature-256": "sha256=" + mac(body).hexdigest()}), ('[signature]\nheader = "X-Shop-Hmac"\nencoding = "base64"', {"X-Shop-Hmac": base64.b64encode(mac(body).digest()).decode()}),
            ('[signature]\nheader = "X-Sign"\nprefix = "v0="\ntime = "X-Time"\njoint = ":"\nalgorithm = "sha1"', {"X-Sign": "v0=" + mac(now.encode() + b":" + body, hashlib.sha1).hexdigest(), "X-Time": now})]
    number, key = s.source("signed")
    for sign, headers in rows:
        equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"hook": plain + sign, "secret": secret}).status, 200, sign)
        equal(s.client().ask("POST", f"/v1/hooks/custom/{key}", body, headers).status, 200, sign)
        got = s.client().ask("POST", f"/v1/hooks/custom/{key}", body + b" ", headers)
        equal((got.status, got.json["id"]), (401, "hook.signature"), "another body")
        equal(s.client().ask("POST", f"/v1/hooks/custom/{key}", body).status, 401, "unsigned")


def check_webhooks_of_any_system():
    with Server() as s:
        for one in (any_system_is_read_by_a_mapping_of_paths, what_a_mapping_does_not_find_is_told_with_its_path_its_value_and_a_remedy,
                    a_sample_is_looked_at_and_a_mapping_guessed, a_custom_webhook_is_signed_as_its_mapping_says):
            one(s)


if __name__ == "__main__":
    sys.exit(main(globals()))
