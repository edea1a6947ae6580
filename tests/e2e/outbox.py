#!/usr/bin/env python3
"""Messages that leave the real program: a mail server, an SMS gateway and a receiver of webhooks on this machine, made here,
take what is sent, refuse, are slow, or see the program killed."""
import asyncio
import base64
import email
import email.policy
import hashlib
import hmac
import json
import os
import pathlib
import sqlite3
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from server import Server, equal, main  # noqa: E402

WORDS = {"en": "A test from Safar", "ar": "رسالة تجريبية من سفر", "fa": "پیام آزمایشی از سفر"}


class Loop:
    """An event loop in a thread of its own; servers are made in it."""

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return self

    def listen(self, handler):
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(handler, "127.0.0.1", 0), self.loop).result(5)
        return server.sockets[0].getsockname()[1]

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)


class Smtp:
    """Takes mail; `refuse` maps an address to the answer to its RCPT; `slow` seconds before the mail is acknowledged."""

    def __init__(self, loop):
        self.mails, self.refuse, self.slow, self.begun = [], {}, 0, 0
        self.port = loop.listen(self.talk)

    async def talk(self, reader, writer):
        def say(line):
            writer.write(line.encode() + b"\r\n")

        to = None
        try:
            say("220 here")
            while line := (await reader.readline()).decode("ascii").strip():
                word = line.split(":")[0].split(" ")[0].upper()
                if word == "EHLO":
                    say("250-here")
                    say("250 8BITMIME")
                elif word == "MAIL":
                    say("250 ok")
                elif word == "RCPT":
                    to = line.split("<")[1].split(">")[0]
                    say(self.refuse.get(to, "250 ok"))
                elif word == "DATA":
                    say("354 go on")
                    self.begun += 1
                    data = b""
                    while (part := await reader.readline()) not in (b".\r\n", b""):
                        data += part[1:] if part.startswith(b"..") else part
                    if self.slow:
                        await asyncio.sleep(self.slow)
                    self.mails.append((to, data))
                    say("250 taken")
                elif word == "QUIT":
                    say("221 bye")
                    break
                else:
                    say("250 ok")
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError, UnicodeDecodeError):
            pass
        writer.close()


class Gateway:
    """Takes HTTP requests: (path, headers, body). `answers` are given in turn, then the last one again."""

    def __init__(self, loop):
        self.requests, self.answers = [], [(200, {"id": "{n}"})]
        self.port = loop.listen(self.talk)

    async def talk(self, reader, writer):
        try:
            while first := await reader.readline():
                headers = {}
                while (line := await reader.readline()) not in (b"\r\n", b""):
                    name, value = line.decode().split(":", 1)
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.requests.append((first.decode().split(" ")[1], headers, body))
                n = len(self.requests)
                status, answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                out = json.dumps(answer).replace("{n}", f"g{n}").encode()
                more = "Location: http://127.0.0.1:9/\r\n" if 300 <= status < 400 else ""
                writer.write(f"HTTP/1.1 {status} x\r\n{more}Content-Length: {len(out)}\r\n\r\n".encode() + out)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()


def until(what, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        got = what()
        if got:
            return got
        time.sleep(0.05)
    raise AssertionError("it does not come about")


def channel(s, key, kind, settings, **more):
    got = s.admin.ask("PUT", f"/api/outbox/channels/{key}", {"kind": kind, "settings": settings, **more})
    assert got.status == 200, got


def mail_channel(s, smtp, **more):
    channel(s, "mail", "smtp", {"host": "127.0.0.1", "port": smtp.port, "tls": "none", "from": "cx@example.com", "from_name": "شركة سفر", **more})


def try_out(s, key, address, lang="en"):
    got = s.admin.ask("POST", f"/api/outbox/channels/{key}/test?lang={lang}", {"address": address})
    equal(got.status, 202, str(got))
    return got.json["id"]


def state(s, number):
    return s.admin.ask("GET", f"/api/outbox/messages/{number}").json


def reached(s, number, wanted):
    return until(lambda: (m := state(s, number))["state"] == wanted and m)


def check_mail_is_well_formed_in_three_languages():
    with Loop() as loop, Server(people=True) as s:
        smtp = Smtp(loop)
        mail_channel(s, smtp)
        for lang, subject in WORDS.items():
            reached(s, try_out(s, "mail", f"{lang}@example.com", lang), "sent")
            to, data = smtp.mails[-1]
            equal(to, f"{lang}@example.com", "the envelope")
            assert all(len(line) <= 998 for line in data.split(b"\r\n")) and data.isascii()
            m = email.message_from_bytes(data, policy=email.policy.default)
            equal(m.defects, [], "defects")
            equal(m["subject"], subject, "subject")
            equal(m["from"].addresses[0].display_name, "شركة سفر", "sender")
            equal((m["auto-submitted"], m["content-language"], m["mime-version"]), ("auto-generated", lang, "1.0"), "headers")
            assert m["message-id"].endswith("@example.com>") and m["date"].datetime
            equal([p.get_content_type() for p in m.iter_parts()], ["text/plain", "text/html"], "parts")
            text, page = (p.get_content() for p in m.iter_parts())
            assert all(not p.defects for p in m.walk())
            assert f'dir="{"ltr" if lang == "en" else "rtl"}"' in page and f'<html lang="{lang}"' in page
            assert text.strip()[:10] in page


def check_refusals_bounce_fail_or_come_later():
    with Loop() as loop, Server() as s:
        smtp = Smtp(loop)
        mail_channel(s, smtp)
        smtp.refuse = {"gone@example.com": "550 5.1.1 no such mailbox", "later@example.com": "451 try later", "bad@example.com": "552 too much"}
        bounced = reached(s, try_out(s, "mail", "gone@example.com"), "bounced")
        assert "no such mailbox" in bounced["reason"], bounced
        reached(s, try_out(s, "mail", "bad@example.com"), "failed")
        number = try_out(s, "mail", "later@example.com")
        late = until(lambda: (m := state(s, number))["tries"] == 1 and m["state"] == "queued" and m)
        assert "try later" in late["reason"] and late["next_ms"] - late["changed_ms"] >= 10_000, late
        smtp.refuse = {}
        reached(s, number, "sent")
        blocked = s.admin.ask("GET", "/api/contact/blocked").json["lines"]
        equal([(b["address"], b["state"], b["source"]) for b in blocked], [("gone@example.com", "bounced", "receipt")], "consent")
        # TLS is required unless told otherwise, and this server has none.
        mail_channel(s, smtp, tls="required")
        n = len(smtp.mails)
        number = try_out(s, "mail", "a@example.com")
        until(lambda: state(s, number)["tries"] == 1 and state(s, number)["state"] == "queued")
        equal(len(smtp.mails), n, "mails without encryption")
        assert s.admin.ask("GET", "/api/outbox/channels").json["channels"][0]["trouble"]


def check_headers_cannot_be_added_and_secrets_do_not_come_out():
    with Loop() as loop, Server() as s:
        smtp = Smtp(loop)
        mail_channel(s, smtp, user="cx")
        for address in ("a@example.com\r\nBcc: b@example.com", "a@example.com,b@example.com", "a@example.com>\r\nRCPT TO:<b@example.com"):
            got = s.admin.ask("POST", "/api/outbox/channels/mail/test", {"address": address})
            equal((got.status, got.json["id"]), (400, "outbox.address"), address)
        equal(smtp.mails, [], "mails")
        body = {"settings": {"host": "127.0.0.1", "port": smtp.port, "tls": "none", "from": "cx@example.com", "user": "cx"}, "secret": "very secret"}
        equal(s.admin.ask("PUT", "/api/outbox/channels/mail", body).status, 200, "secret")
        listed = s.admin.ask("GET", "/api/outbox/channels")
        assert b"very secret" not in listed.body and listed.json["channels"][0]["has_secret"] is True, listed
        del body["secret"]
        body["settings"]["host"] = "other.example"
        got = s.admin.ask("PUT", "/api/outbox/channels/mail", body)
        equal((got.status, got.json["id"]), (400, "outbox.secret"), "a secret goes with its host")


def gateway_channel(s, gateway, **more):
    channel(s, "sms", "gateway", {"url": f"http://127.0.0.1:{gateway.port}/send?key={{{{secret}}}}", "plain_http": True, "headers": {"X-Key": "{{secret}}"},
                                  "body": '{"to":"{{to}}","text":"{{text}}","ref":"{{id}}"}', "id": "/id", **more}, secret="s&cret")


def check_a_message_names_its_sender():
    with Loop() as loop, Server() as s:
        gateway = Gateway(loop)
        body = '{"to":"{{to}}","from":"{{from}}","text":"{{text}}"}'
        for medium, sender in (("sms", "RAWNAQ"), ("sms", "7070"), ("whatsapp", "+966112345678")):
            settings = {"url": f"http://127.0.0.1:{gateway.port}/send", "plain_http": True, "body": body, "sender": sender}
            channel(s, "out", "gateway", settings, medium=medium)
            reached(s, try_out(s, "out", "+966501234500"), "sent")
            equal(json.loads(gateway.requests[-1][2])["from"], sender, "sender of the request")
        wrong = ("", "ab", "RAWNAQSTORES", "Rawnaq 1", "رونق", "+abc", "12", "+1234567890123456", 'a"b\r\n')
        for sender in wrong:
            got = s.admin.ask("PUT", "/api/outbox/channels/out", {"kind": "gateway", "medium": "sms", "settings": {**settings, "sender": sender}})
            equal((got.status, got.json["id"], got.json["field"]), (400, "outbox.sender", "settings.sender"), sender)
        channel(s, "tray", "folder", {"sender": "RAWNAQ"}, medium="sms")
        number = try_out(s, "tray", "+966501234500", "ar")
        reached(s, number, "sent")
        files = [f for f in (pathlib.Path(s.data) / "outbox/tray").iterdir() if f.suffix == ".txt"]
        equal(files[0].read_text().splitlines()[0], "RAWNAQ -> +966501234500", "the file in the folder")
        got = s.admin.ask("PUT", "/api/outbox/channels/tray", {"kind": "folder", "medium": "email", "settings": {"sender": "RAWNAQ"}})
        equal((got.status, got.json["field"]), (400, "settings.sender"), "mail has from")
        shown = {c["key"]: c["settings"]["sender"] for c in s.admin.ask("GET", "/api/outbox/channels").json["channels"]}
        equal(shown, {"out": "+966112345678", "tray": "RAWNAQ"}, "shown")


def check_a_gateway_gets_what_its_template_says_and_its_receipts_count():
    with Loop() as loop, Server() as s:
        gateway = Gateway(loop)
        gateway_channel(s, gateway)
        receipts = s.admin.ask("GET", "/api/outbox/channels").json["channels"][0]["receipts"]
        numbers = [try_out(s, "sms", f"+9665012345{i:02d}", lang) for i, lang in enumerate(WORDS)]
        for n in numbers:
            reached(s, n, "sent")
        for path, headers, body in gateway.requests:
            equal(path, "/send?key=s%26cret", "path")
            equal(headers["x-key"], "s&cret", "header")
            sent = json.loads(body)
            equal(headers["idempotency-key"], sent["ref"], "idempotency key")
            assert sent["to"].startswith("+9665") and sent["text"], sent
        by_number = {json.loads(b)["to"]: (i + 1, json.loads(b)["ref"]) for i, (_, _, b) in enumerate(gateway.requests)}
        c = s.client()
        # By the gateway's number, by ours, as JSON and as a form.
        equal(c.ask("POST", receipts, {"id": f"g{by_number['+966501234500'][0]}", "status": "DELIVRD"}).json, {"seen": 1}, "by its number")
        equal(state(s, numbers[0])["state"], "delivered", "delivered")
        form = urllib.parse.urlencode({"MessageSid": by_number["+966501234501"][1], "MessageStatus": "undelivered", "ErrorCode": "30005"}).encode()
        equal(c.ask("POST", receipts, form, {"Content-Type": "application/x-www-form-urlencoded"}).json, {"seen": 1}, "a form")
        equal((state(s, numbers[1])["state"], state(s, numbers[1])["reason"]), ("failed", "30005"), "failed")
        equal(c.ask("POST", receipts, {"id": "unknown", "status": "delivered"}).json, {"seen": 0}, "an unknown one")
        for word in ("STOP", " لغو. ", "إلغاء"):
            equal(c.ask("POST", receipts, {"from": "966501234502", "text": word}).json, {"seen": 1}, word)
        equal(c.ask("POST", receipts, {"from": "966501234502", "text": "stop it was lovely"}).json, {"seen": 0}, "no command")
        last = s.admin.ask("GET", "/api/contact/blocked").json["lines"]
        equal([(b["channel"], b["address"], b["state"], b["source"]) for b in last], [("sms", "+966501234502", "withdrawn", "stop")], "consent")
        equal(c.ask("POST", receipts[:-1] + "x", {"id": "g1", "status": "DELIVRD"}).status, 403, "a wrong secret")
        equal(c.ask("POST", receipts, b'{"id":').status, 400, "broken JSON")


def check_receipts_of_somebody_else_change_nothing():
    with Loop() as loop, Server() as s:
        gateway = Gateway(loop)
        for key in ("one", "two"):
            channel(s, key, "gateway", {"url": f"http://127.0.0.1:{gateway.port}/{key}", "plain_http": True, "body": '{"to":"{{to}}","ref":"{{id}}"}', "id": "/id"}, medium="sms")
        paths = {c["key"]: c["receipts"] for c in s.admin.ask("GET", "/api/outbox/channels").json["channels"]}
        first = reached(s, try_out(s, "one", "+966501234500"), "sent")["id"]
        ref, c = json.loads(gateway.requests[0][2])["ref"], s.client()

        secret = paths["one"].rsplit("/", 1)[1]
        for wrong in (secret[:-1], secret + "0", secret.upper() + "x", paths["two"].rsplit("/", 1)[1], "%00", "x" * 5000, "..%2f" + secret):
            got = c.ask("POST", f"/v1/receipts/one/{wrong}", {"id": ref, "status": "delivered"})
            assert got.status in (400, 403, 404, 413, 414), (wrong, got)
        no_channel, wrong = (c.ask("POST", f"/v1/receipts/{k}/{secret[:-1]}x", {"id": ref}).json for k in ("three", "one"))
        equal(no_channel, wrong, "an unknown channel and a wrong secret look alike")
        equal(c.ask("GET", paths["one"]).status, 405, "nothing is told")
        for name in ("g1", ref, f"<{ref}@example.com>"):
            equal(c.ask("POST", paths["two"], {"id": name, "status": "delivered"}).json, {"seen": 0}, f"{name} of another channel")
        for body in ({"id": "' OR 1=1 --", "status": "delivered"}, {"id": {"$ne": 1}, "status": "delivered"}, {"id": ref, "status": ["delivered"]}, [ref], [[]], {"id": ref}, "delivered", 7,
                     {"id": ref[:-1] + "99999999999999999999", "status": "delivered"}, {"id": ref[:-1] + "-1", "status": "delivered"}):
            got = c.ask("POST", paths["one"], json.dumps(body).encode())
            assert got.status in (200, 400) and got.json.get("seen", 0) == 0, (body, got)
        equal(state(s, first)["state"], "sent", "still")

        # Forwards once, and never back.
        equal(c.ask("POST", paths["one"], {"id": ref, "status": "delivered"}).json, {"seen": 1}, "delivered")
        for later in ("failed", "bounced", "undelivered", "delivered"):
            c.ask("POST", paths["one"], {"id": ref, "status": later, "reason": "too late"})
            equal((m := state(s, first))["state"], "delivered", later)
            assert "too late" not in m["reason"], m
        equal(s.admin.ask("GET", "/api/contact/ledger").json["lines"], [], "nobody's consent went by that")
        second = reached(s, try_out(s, "one", "+966501234501"), "sent")["id"]
        c.ask("POST", paths["one"], {"id": json.loads(gateway.requests[-1][2])["ref"], "status": "failed", "reason": "no\r\nBcc: x@example.com\u0000\u202e" + "r" * 5000})
        why = state(s, second)["reason"]
        assert state(s, second)["state"] == "failed" and len(why) < 1000 and not any(ord(x) < 32 for x in why), why
        c.ask("POST", paths["one"], {"id": json.loads(gateway.requests[-1][2])["ref"], "status": "delivered"})
        equal(state(s, second)["state"], "failed", "nor up again")

        # Told again and again it is one line; a body may hold thousands.
        for _ in range(5):
            equal(c.ask("POST", paths["one"], {"from": "+966501234502", "text": "STOP"}).json, {"seen": 1}, "stop")
        many = [{"from": f"+9665012{i:05d}", "text": "STOP"} for i in range(2000)] + ["no object", {"from": "+966501234502", "text": "STOP"}]
        equal(c.ask("POST", paths["one"], many).json, {"seen": 2001}, "none is lost")
        lines, before = [], 0
        while got := s.admin.ask("GET", f"/api/contact/ledger?limit=500&before={before}").json["lines"]:
            lines, before = lines + got, got[-1]["id"]
        equal((len(lines), sum(x["address"] == "+966501234502" for x in lines)), (2001, 1), "lines")
        for body, status in ((b"[" * 200000, 400), (b"x" * (256 * 1024 + 1), 413), (b'{"id":"\xff\xfe","status":"delivered"}', None), (b"", None), (b"&&&=&=%zz&id", None), (b'{"id":"a"}{"id":"b"}', 400)):
            got = c.ask("POST", paths["one"], body)
            assert got.status == status if status else got.status in (200, 400), (body[:40], got)
        equal(c.ask("GET", "/healthz").status, 200, "and it lives")


def check_redirects_are_not_followed_and_later_is_believed():
    with Loop() as loop, Server() as s:
        gateway = Gateway(loop)
        gateway_channel(s, gateway)
        gateway.answers = [(302, {}), (400, {"error": "bad number"}), (503, {}), (200, {"id": "x"})]
        reached(s, try_out(s, "sms", "+966501234501"), "failed")
        equal(len(gateway.requests), 1, "requests after a redirect")
        assert "bad number" in reached(s, try_out(s, "sms", "+966501234501"), "failed")["reason"]
        number = try_out(s, "sms", "+966501234501")
        reached(s, number, "sent")
        equal(state(s, number)["tries"], 2, "tries")
        keys = [h["idempotency-key"] for _, h, _ in gateway.requests]
        equal(keys[2], keys[3], "the same message has the same key")
        assert len(set(keys)) == 3, keys


def check_webhooks_carry_a_signature_that_can_be_checked():
    with Loop() as loop, Server() as s:
        gateway = Gateway(loop)
        secret = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
        channel(s, "hook", "webhook", {"url": f"http://127.0.0.1:{gateway.port}/in", "plain_http": True}, secret=secret)
        reached(s, try_out(s, "hook", ""), "sent")
        _, h, body = gateway.requests[0]
        signed = f"{h['webhook-id']}.{h['webhook-timestamp']}.".encode() + body
        want = base64.b64encode(hmac.new(b"0123456789abcdef01234567", signed, hashlib.sha256).digest()).decode()
        equal(h["webhook-signature"], f"v1,{want}", "signature")
        assert abs(int(h["webhook-timestamp"]) - time.time()) < 10
        equal(json.loads(body)["type"], "test", "type")


def check_a_killed_program_sends_again_with_the_same_message_id():
    with Loop() as loop, Server() as s:
        smtp = Smtp(loop)
        smtp.slow = 3
        mail_channel(s, smtp)
        numbers = [try_out(s, "mail", f"u{i}@example.com") for i in range(12)]
        until(lambda: smtp.begun >= 2)
        s.kill()
        smtp.slow = 0
        s.start()
        s.wait_ready()
        s.admin.port = s.port
        for n in numbers:
            reached(s, n, "sent")
        time.sleep(3.5)  # what was under way when it was killed arrives too
        by_address = {}
        for to, data in smtp.mails:
            by_address.setdefault(to, []).append(email.message_from_bytes(data)["message-id"])
        equal(sorted(by_address), sorted(f"u{i}@example.com" for i in range(12)), "everybody once at least")
        for to, ids in by_address.items():
            assert len(ids) <= 2 and len(set(ids)) == 1, (to, ids)


def check_words_are_forgotten_a_month_after_the_end():
    with Loop() as loop, Server() as s:
        smtp = Smtp(loop)
        mail_channel(s, smtp)
        ids = [try_out(s, "mail", f"{who}@example.com") for who in ("old", "new")]
        for number in ids:
            reached(s, number, "sent")
        s.stop()
        d = sqlite3.connect(os.path.join(s.data, "safar.db"), isolation_level=None)
        words = lambda: [bool(t) for (t,) in d.execute("SELECT text FROM outbox_message ORDER BY id")]  # noqa: E731
        equal(words(), [True, True], "words")
        d.execute("UPDATE outbox_message SET changed_ms = changed_ms - 31 * 86400000 WHERE id = (SELECT min(id) FROM outbox_message)")
        s.start().wait_ready()
        s.admin.port = s.port
        until(lambda: words() == [False, True])
        d.close()


def check_a_slow_mail_server_does_not_hold_up_the_end():
    with Loop() as loop, Server() as s:
        smtp = Smtp(loop)
        smtp.slow = 25
        mail_channel(s, smtp)
        try_out(s, "mail", "a@example.com")
        until(lambda: smtp.begun)
        s.process.terminate()
        began = time.time()
        equal(s.process.wait(15), 0, "exit code")
        assert time.time() - began < 9, time.time() - began


def check_a_rate_is_kept():
    with Loop() as loop, Server() as s:
        gateway = Gateway(loop)
        gateway_channel(s, gateway, per_minute=300)  # five a second
        began = time.time()
        numbers = [try_out(s, "sms", f"+9665012345{i:02d}") for i in range(11)]
        for n in numbers:
            reached(s, n, "sent")
        took = time.time() - began
        assert took >= 1.9, took


if __name__ == "__main__":
    sys.exit(main(globals()))
