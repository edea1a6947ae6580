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


if __name__ == "__main__":
    sys.exit(main(globals()))
