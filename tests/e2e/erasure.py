#!/usr/bin/env python3
"""A customer who leaves: everything that is held of them comes out as one document, and after erasing no file of the data
directory has a word of it, while everybody else's figures stand."""
import ctypes
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from care import cli, cli_json, follow_ups, unhappy  # noqa: E402
from collect import basic  # noqa: E402
from imports import finished, upload  # noqa: E402
from invite import identify, invite, prepared  # noqa: E402
from outbox import Gateway, Loop, Smtp, gateway_channel, mail_channel, until  # noqa: E402
from lib import BINARY  # noqa: E402
from server import Server, equal, main  # noqa: E402

# What only this person has, as nothing else would be written.
CANARY = {"id": "xqz-customer-7731", "device": "xqz-device-7731", "mail": "xqz.mail@canary.example", "phone": "+966507731773", "name": "Xqzname Canary",
          "comment": "xqzcomment late again", "answer": "xqzanswer the courier", "note": "xqznote called her", "reply": "xqzreply sorry", "step": "xqzstep refunded",
          "tag": "xqztag", "property": "xqzproperty", "aside": "xqzaside", "reject": "xqzreject", "reason": "xqzreason one person"}
ZSTD = ctypes.CDLL("libzstd.so.1")
ZSTD.ZSTD_decompress.restype = ctypes.c_size_t
ZSTD.ZSTD_isError.restype = ctypes.c_uint


def inflated(data):
    """The text of every frame that begins somewhere in the bytes, whole or not referred to by anything."""
    room = ctypes.create_string_buffer(1 << 20)
    for m in re.finditer(rb"\x28\xb5\x2f\xfd", data):
        size = ctypes.c_size_t(ZSTD.ZSTD_findFrameCompressedSize(data[m.start():], ctypes.c_size_t(len(data) - m.start()))).value
        if size > len(data):
            continue
        n = ZSTD.ZSTD_decompress(room, ctypes.c_size_t(len(room)), data[m.start():m.start() + size], ctypes.c_size_t(size))
        if not ZSTD.ZSTD_isError(ctypes.c_size_t(n)):
            yield room.raw[:n]


ZSTD.ZSTD_findFrameCompressedSize.restype = ctypes.c_size_t


def words():
    return [w.encode() for v in CANARY.values() for w in {v, v.split()[0]}]


def found(folder):
    """Canaries in the bytes of any file, packed or not, and in what the database reads out of them: {where: words}."""
    hits = {}

    def look(where, data):
        low = data.lower()
        for w in words():
            if w.lower() in low:
                hits.setdefault(where, set()).add(w.decode())

    for path, _, names in os.walk(folder):
        for name in names:
            file = os.path.join(path, name)
            if not os.path.isfile(file):
                continue
            with open(file, "rb") as f:
                data = f.read()
            look(os.path.relpath(file, folder), data)
            for text in inflated(data):
                look(os.path.relpath(file, folder) + " (packed)", text)
    return hits


def in_database(file):
    """Canaries in any row of any table, packed or not."""
    hits = {}
    d = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    for (table,) in d.execute("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'").fetchall():
        d.execute(f"CREATE VIRTUAL TABLE temp.terms_{table} USING fts5vocab(main, {table}, 'row')")
        for (term,) in d.execute(f"SELECT term FROM temp.terms_{table}"):
            if "xqz" in term:
                hits.setdefault(table, set()).add(term)
    for (table,) in d.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'").fetchall():
        for row in d.execute(f'SELECT * FROM "{table}"'):
            for value in row:
                data = value if isinstance(value, bytes) else str(value).encode()
                for text in (data, *inflated(data)) if isinstance(value, bytes) else (data,):
                    for w in words():
                        if w.lower() in text.lower():
                            hits.setdefault(table, set()).add(w.decode())
    d.close()
    return hits


def send(s, key, *events):
    got = s.client().ask("POST", "/v1/batch", {"batch": list(events)}, basic(key))
    equal(got.status, 200, str(got))
    s.caught_up()


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def said(who, n, **properties):
    return {"type": "track", "event": "Delivery Rated", "userId": who, "messageId": f"{who}-{n}", "timestamp": now(), "properties": properties}


def lived(s, loop):
    """A company with the one who leaves and two others who live through the same."""
    smtp, gateway, (number, key) = Smtp(loop), Gateway(loop), s.source()
    mail_channel(s, smtp)
    gateway_channel(s, gateway)
    survey = prepared(s, pages=[{"name": "p1", "elements": [{"type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10, "cx:metric": "nps", "title": "Would you?"},
                                                            {"type": "comment", "name": "why", "title": "Why?"}]}])
    unhappy(s)
    c = CANARY
    equal(s.admin.ask("POST", "/api/dimensions", {"property": "plan"}).status, 200, "dimension")
    identify(s, key, {c["id"]: {"email": c["mail"], "phone": c["phone"], "name": c["name"], "country": "SA", "consent": {"email": True}},
                      "bob": {"email": "bob@example.com", "phone": "+966501112233"}, "ann": {"email": "ann@example.com"}})
    send(s, key, {"type": "track", "event": "Visit", "anonymousId": c["device"], "messageId": "v1", "timestamp": now()},
         {"type": "identify", "userId": c["id"], "anonymousId": c["device"], "messageId": "v2", "traits": {"plan": c["property"]}})
    # The same id says something else: set aside, with all that it says.
    send(s, key, {"type": "track", "event": "Visit", "userId": c["id"], "messageId": "v1", "timestamp": now(), "properties": {"x": c["aside"]}})
    for who, words_ in ((c["id"], c["comment"]), ("bob", "late, says bob"), ("ann", "fine, says ann")):
        send(s, key, said(who, 1, score=1, comment=words_, unit="sa", plan=c["property"] if who == c["id"] else "plain"))
    ids = follow_ups(s, 3)
    rows = {f["customer"]: f["arrival"] for f in s.admin.ask("GET", "/api/feedback").json["feedback"]}
    asked = invite(s, survey, customers=["bob", "ann"], dry_run=True)
    for who in (c["id"], "bob", "ann"):
        f = f"/api/follow-ups/{ids[who]['id']}"
        equal(s.admin.ask("POST", f"{f}/notes", {"text": c["step"] if who == c["id"] else "seen"}).status, 201, "step")
        equal(s.admin.ask("POST", f"/api/feedback/{rows[who]}/notes", {"text": c["note"] if who == c["id"] else "noted"}).status, 201, "note")
        equal(s.admin.ask("POST", f"/api/feedback/{rows[who]}/reply", {"text": c["reply"] if who == c["id"] else "sorry"}).status // 100, 2, "reply")
        equal(s.admin.ask("PATCH", f"/api/feedback/{rows[who]}", {"add_tags": [c["tag"] if who == c["id"] else "other"]}).status, 200, "tag")
        equal(s.admin.ask("PATCH", f, {"state": "closed", "outcome": "solved"}).status, 200, "closed")
    equal(asked["asked"], 0, "a complaint is open")
    equal(s.admin.ask("POST", f"/api/surveys/{survey}/rounds", {"customers": [c["id"], "bob", "ann"]}).status, 201, "asked")
    until(lambda: len([m for m in smtp.mails if b"/s/" in m[1]]) >= 3)
    for to, data in smtp.mails:
        link = re.search(rb"/s/([A-Za-z0-9_=-]{20,})", data.replace(b"=\r\n", b"").replace(b"=\n", b""))
        who = next((w for w, a in ((c["id"], c["mail"]), ("bob", "bob@"), ("ann", "ann@")) if a in to), None)
        if link and who:
            got = s.client().ask("POST", f"/v1/surveys/{link.group(1).decode()}/responses", {"answers": {"nps": 2, "why": c["answer"] if who == c["id"] else f"because, {who}"}, "complete": True})
            assert got.status in (200, 201), got
    s.caught_up()
    until(lambda: len(s.admin.ask("GET", "/api/feedback?commented=yes").json["feedback"]) >= 6)
    until(lambda: len(s.admin.ask("GET", "/api/follow-ups").json["follow_ups"]) == 6)  # the answers were unhappy too
    table = "customer_id,created_at,event,note\n" + "".join(f"bob,2026-01-{d:02d} {h}:00:00,Visit,kept\n" for d in range(1, 29) for h in (10, 11, 12, 13, 14, 15))
    table += f"{c['id']},not a time,Visit,{c['reject']}\nann,nor this,Visit,hers\n"
    number_of = upload(s.admin, "visits.csv", table.encode())
    guess = s.admin.ask("POST", "/api/imports/guess", {"uploads": [number_of]}).json
    job = s.admin.ask("POST", "/api/imports", {"uploads": [number_of], "mapping": guess["mapping"], "dry_run": False})
    equal(job.status, 202, str(job))
    state = finished(s.admin, job.json["job"])
    assert (result := state["result"]), f"{state} {guess}"
    equal((result["stored"], result["rejected"]), (168, 2), str(result))
    s.caught_up()
    return number, key, survey


def counted(s, survey):
    """{how many were asked, began and ended: the places that say so}."""
    get, at = (lambda path: s.admin.ask("GET", path).json), f"/api/surveys/{survey}"
    funnel, results, own = get(f"{at}/funnel"), get(f"{at}/results"), get(at)
    whole = get(f"/api/contact/rounds/{get(f'{at}/rounds')['rounds'][0]['round']}")
    said = {"funnel": (funnel["invited"], funnel["started"], funnel["completed"]), "round": (whole["asked"], whole["started"], whole["completed"]),
            "results": (results["invited"], results["started"], results["completed"]), "survey": (own["invited"], own["started"], own["completed"])}
    equal(results["invited_completed"], results["completed"], "who was invited and answered")
    equal((funnel["sent"], funnel["delivered"], funnel["opened"]), (whole["sent"], whole["delivered"], whole["opened"]), "funnel and round")
    by_counts = {}
    for where, counts in said.items():
        by_counts.setdefault(counts, set()).add(where)
    return by_counts


def others(s):
    """Everything that two others have, to be the same before and after."""
    got = {}
    for who in ("bob", "ann"):
        got[who] = s.admin.ask("GET", f"/api/customers/{who}").json
        export = s.admin.ask("GET", f"/api/customers/{who}/export").json
        export.pop("exported_ms")
        got[who + " export"] = export
        got[who + " feedback"] = [f for f in s.admin.ask("GET", "/api/feedback").json["feedback"] if f["customer"] == who]
    return got


KINDS = ["events", "answers", "links", "feedback", "feedback_states", "notes", "tags", "readings", "follow_ups", "follow_up_steps", "addresses", "consents", "decisions", "invitations", "messages"]


def check_an_export_holds_all_and_an_erasure_leaves_nothing():
    with Loop() as loop, Server() as s:
        number, key, survey = lived(s, loop)
        c, who = CANARY, f"/api/customers/{CANARY['id']}"
        export = s.admin.ask("GET", f"{who}/export")
        equal((export.status, export.headers["content-disposition"]), (200, 'attachment; filename="customer.json"'), "export")
        document, text = export.json, export.body.decode()
        for k in KINDS:
            assert document[k], f"nothing of {k} in the export: {list(document)}"
        missing = [k for k, v in c.items() if v not in text and k not in ("aside", "reject", "reason")]
        equal(missing, [], "left out of the export")
        assert "bob" not in text and "ann@" not in text, "somebody else in the export"
        before, sums = others(s), s.sums()
        everywhere = {"funnel", "round", "results", "survey"}
        equal(counted(s, survey), {(3, 3, 3): everywhere}, "asked, began, ended")
        held = found(s.data)
        assert {"safar.db (packed)", "safar.db-wal"} & set(held) and any(f.startswith("rejects/") for f in held), f"what the search itself finds: {held}"
        tables = in_database(os.path.join(s.data, "safar.db"))
        missing = {"response", "survey_token", "identity", "event_block", "set_aside", "feedback_comment", "feedback_note", "feedback_tag", "follow_up_step", "contact_address", "contact_consent",
                   "contact_decision", "contact_invitation", "outbox_message"} - set(tables)
        equal(missing, set(), f"tables in which nothing was planted, of {sorted(tables)}")
        assert any(t.startswith("feedback_text_") and len(w) > 1 for t, w in tables.items()), tables
        # By whom, and only when meant.
        for role in ("viewer", "agent", "analyst", "nobody"):
            equal(s.roles[role].ask("POST", f"{who}/erase", {"confirm": c["id"]}).status, 401 if role == "nobody" else 403, role)
            equal(s.roles[role].ask("GET", f"{who}/export").status, 401 if role == "nobody" else 403, role)
        equal(s.admin.ask("POST", f"{who}/erase", {"confirm": "bob"}).json["id"], "rights.confirm", "another id")
        equal(s.admin.ask("POST", "/api/customers/nobody-here/erase", {"confirm": "nobody-here"}).status, 404, "nobody")
        got = s.admin.ask("POST", f"{who}/erase", {"confirm": c["id"], "reason": "asked by letter"})
        equal(got.status, 200, str(got))
        receipt = got.json
        counts = {e["kind"]: e["n"] for e in receipt["erased"]}
        equal((receipt["state"], receipt["author"], receipt["reason"]), ("done", "root", "asked by letter"), str(receipt))
        for k in KINDS:
            if k != "consents":
                equal(counts.get(k), len(document[k]), f"{k} of the receipt: {counts}")
        equal(counts["rejects"], 1, str(counts))
        with open(os.path.join(s.data, "rejects", os.listdir(os.path.join(s.data, "rejects"))[0])) as f:
            equal(("ann" in (text := f.read()), text.count("\n")), (True, 1), "the other line of the rejects")
        equal(found(s.data), {}, "in a file")
        # Everybody else is as they were; the sums say what went.
        equal(s.admin.ask("GET", who).status, 404, "their page")
        equal(s.admin.ask("GET", f"/api/customers?search={c['id'][:6]}").json["customers"], [], "looked up")
        equal(s.admin.ask("GET", "/api/feedback?text=xqzcomment").json["feedback"], [], "searched")
        after = others(s)
        for k in before:
            equal(after[k], before[k], f"{k} after")
        equal(counted(s, survey), {(2, 2, 2): everywhere}, "who was erased counts nowhere")
        gone = s.sums()
        equal(gone["erased"], counts["events"] + counts.get("set_aside", 0), f"sums {gone}")
        equal(gone["received"], gone["stored"] + gone["duplicate"] + gone["set_aside"] + gone["refused"] + gone["erased"], "sum")
        equal((gone["received"], gone["stored"]), (sums["received"], sums["stored"] - counts["events"]), "stored")
        # What happened before is refused, a new life begins.
        old = {"type": "track", "event": "Visit", "userId": c["id"], "messageId": "old", "timestamp": "2026-01-01T00:00:00Z"}
        equal(s.client().ask("POST", "/v1/batch", {"batch": [old]}, basic(key)).json["id"], "collect.refused", "an old event")
        equal(s.sums()["refused"], gone["refused"] + 1, "an old event")
        equal(s.admin.ask("GET", who).status, 404, "still nobody")
        equal(s.admin.ask("GET", f"/api/erasures?id={c['id']}").json["erased_ms"], receipt["asked_ms"], "was erased")
        equal(s.admin.ask("GET", "/api/erasures?id=bob").json["erased_ms"], None, "was not")
        # An import that is tried and then done says the same: theirs of before stay out, another's comes in.
        number_of = upload(s.admin, "old.csv", f"customer_id,created_at,event\n{c['id']},2026-01-01 10:00:00,Visit\nbob,2026-01-01 08:00:00,Visit\n".encode())
        mapping = s.admin.ask("POST", "/api/imports/guess", {"uploads": [number_of]}).json["mapping"]
        for dry in (True, False):
            job = s.admin.ask("POST", "/api/imports", {"uploads": [number_of], "mapping": mapping, "dry_run": dry})
            result = finished(s.admin, job.json["job"])["result"]
            equal((result["stored"], result["rejected"]), (1, 1), f"dry {dry}: {result}")
            assert "erased" in json.dumps(result), result
        s.caught_up()
        before = others(s)
        gone = s.sums()
        time.sleep(0.01)
        later = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 2)) + "Z"
        send(s, key, {"type": "track", "event": "Visit", "userId": c["id"], "messageId": "new", "timestamp": later})
        equal(s.admin.ask("GET", who).json["events_total"], 1, "a new person")
        # The same after a start that reads the log anew.
        got = s.admin.ask("POST", f"{who}/erase", {"confirm": c["id"]})
        assert got.status == 200 and got.json["state"] == "done", got
        equal(found(s.data), {}, "in a file, the second time")
        s.stop()
        equal(in_database(os.path.join(s.data, "safar.db")), {}, "in a table")
        s.start().wait_ready()
        s.admin.port = s.port
        again = others(s)
        for k in before:
            equal(again[k], before[k], f"{k} after a start")
        equal(counted(s, survey), {(2, 2, 2): everywhere}, "nor after a start")
        equal(found(s.data), {}, "in a file after a start")
        equal(len(s.admin.ask("GET", "/api/erasures").json["erasures"]), 2, "receipts")
        s.stop()
        cli(s, "verify")
        s.start().wait_ready()


def sentences(answer):
    """What a page says, without its marks."""
    return re.sub(r"<[^>]+>", " ", answer.body.decode())


def old_links_say(s, token, response):
    """Nothing can be added to what was erased, in three languages and by every way."""
    no = s.client()
    for lang, word in (("en", "erased"), ("ar", "مُحي"), ("fa", "پاک شده")):
        for path in (f"/s/{token}?lang={lang}", f"/e/{token}?q=nps&v=3&lang={lang}"):
            got = no.ask("GET", path)
            equal((got.status, word in sentences(got)), (404, True), f"{path}: {sentences(got)[-300:]}")
        got = no.ask("POST", f"/s/{token}?lang={lang}", f"nps=3&_go=next&_lang={lang}".encode(), {"Content-Type": "application/x-www-form-urlencoded"})
        equal((got.status, word in sentences(got)), (404, True), f"sent {lang}")
    for got in (no.ask("POST", f"/v1/surveys/{token}/responses", {"answers": {"nps": 3}, "complete": True}), no.ask("GET", f"/v1/surveys/{token}/form")):
        equal((got.status, got.json["id"]), (404, "survey.gone"), "a token")
    equal(no.ask("PATCH", f"/v1/responses/{response}", {"answers": {"nps": 3}, "complete": True}).status, 404, "a response")


def check_what_was_begun_before_an_erasure_brings_nobody_back():
    """Begun answers, the link of an invitation, messages that wait and their files, while it runs and afterwards."""
    with Server() as s:
        key, c, no = s.source()[1], CANARY, s.client()
        for name, medium in (("mail", "email"), ("sms", "sms")):
            settings = {"from": "cx@example.com"} if medium == "email" else {}
            equal(s.admin.ask("PUT", f"/api/outbox/channels/{name}", {"medium": medium, "kind": "folder", "settings": settings}).status // 100, 2, name)
        survey = prepared(s, pages=[{"name": "p1", "elements": [{"type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10, "cx:metric": "nps", "title": "Would you?"},
                                                                {"type": "comment", "name": "why", "title": "Why?"}]}])
        unhappy(s)
        identify(s, key, {c["id"]: {"email": c["mail"], "phone": c["phone"], "name": c["name"], "country": "SA"}, "bob": {"email": "bob@example.com"}})
        # Asked before they complain: nobody with an open follow-up is asked.
        equal(invite(s, survey, customers=[c["id"], "bob"])["asked"], 2, "asked")
        for i in range(4):
            send(s, key, *[said(c["id"], f"{i}-{j}", score=1, comment=c["comment"]) for j in range(200)])
        s.caught_up()
        files = os.path.join(s.data, "outbox", "mail")
        until(lambda: os.path.isdir(files) and len([f for f in os.listdir(files) if f.endswith(".eml")]) == 2)
        assert any(f.startswith("outbox/") for f in found(s.data)), "a file names them"
        mails = [open(os.path.join(files, f), "rb").read().replace(b"=\n", b"").replace(b"=\r\n", b"") for f in os.listdir(files)]
        token = next(re.search(rb"/s/([A-Za-z0-9_-]{20,})", m).group(1).decode() for m in mails if c["mail"].encode() in m)
        begun = [no.ask("POST", f"/v1/surveys/{survey}/responses", {"answers": {"nps": 1}, "complete": False, "customer": c["id"]}, basic(key)).json["response"] for _ in range(40)]
        row = s.admin.ask("GET", f"/api/feedback?customer={c['id']}&limit=1").json["feedback"][0]["arrival"]
        stop, seen = threading.Event(), []

        def busy(work):
            for args in work:
                if stop.is_set() and len(seen) > 60:
                    return
                seen.append(s.client().ask(*args).status if len(args) < 5 else s.admin.ask(*args[:3]).status)

        patch = [("PATCH", f"/v1/responses/{r}", {"answers": {"why": c["answer"]}, "complete": True}) for r in begun]
        reply = [("POST", f"/api/feedback/{row}/reply", {"text": f"{c['reply']} {i}", "channel": "sms"}, None, "admin") for i in range(60)]
        again = [("POST", f"/v1/surveys/{token}/responses", {"answers": {"nps": 2, "why": c["answer"]}, "complete": True}) for _ in range(40)]
        threads = [threading.Thread(target=busy, args=(w,)) for w in (patch[::2], patch[1::2], reply, again)]
        erased = threading.Thread(target=lambda: seen.append(s.admin.ask("POST", f"/api/customers/{c['id']}/erase", {"confirm": c["id"]}).status))
        erased.start()
        for t in threads:
            t.start()
        erased.join()
        stop.set()
        for t in threads:
            t.join()
        assert 404 in seen, f"none of it came too late: {seen}"
        s.caught_up()
        receipt = s.admin.ask("GET", "/api/erasures").json["erasures"][0]
        counts = {e["kind"]: e["n"] for e in receipt["erased"]}
        assert receipt["state"] == "done" and counts["files"] >= 1, receipt
        equal(found(s.data), {}, "in a file")
        equal(s.admin.ask("GET", f"/api/customers/{c['id']}").status, 404, "their page")
        equal([f["customer"] for f in s.admin.ask("GET", "/api/feedback?limit=50").json["feedback"]], [], "the inbox")
        equal([r["customer"] for r in s.admin.ask("GET", f"/api/surveys/{survey}/responses").json["responses"]], [], "responses")
        equal(s.admin.ask("GET", "/api/follow-ups").json["follow_ups"], [], "follow-ups")
        equal(len(os.listdir(files)), 1, "the other's mail is left")
        sums = s.sums()
        equal(sums["received"], sums["stored"] + sums["duplicate"] + sums["set_aside"] + sums["refused"] + sums["erased"], str(sums))
        equal(sums["erased"], counts["events"] + counts.get("set_aside", 0), str(sums))
        old_links_say(s, token, begun[0])
        equal(invite(s, survey, customers=[c["id"]])["asked"], 0, "asked again")
        equal(s.admin.ask("GET", f"/api/contact/log?customer={c['id']}").json.get("decisions", []), [], "a decision names them")
        # Who comes again of their own will is a new person, and may be asked.
        identify(s, key, {c["id"]: {"email": c["mail"]}})
        equal(s.admin.ask("GET", f"/api/customers/{c['id']}").json["events_total"], 1, "a new life")
        old_links_say(s, token, begun[1])
        s.stop()
        cli(s, "verify")
        s.start().wait_ready()


def check_an_erasure_that_was_killed_goes_on_at_the_next_start():
    seed = int(os.environ.get("SAFAR_SEED", time.time() % 1000))
    print(f"seed {seed}", end=" ")
    r = random.Random(seed)
    with Loop() as loop, Server() as s:
        lived(s, loop)
        before = others(s)
        who = f"/api/customers/{CANARY['id']}"
        thread = threading.Thread(target=lambda: at_rest(lambda: s.admin.ask("POST", f"{who}/erase", {"confirm": CANARY["id"]})))
        thread.start()
        time.sleep(r.random() * 0.12)
        s.kill()
        thread.join()
        s.start().wait_ready()
        s.admin.port = s.port
        if s.admin.ask("GET", who).status == 200:  # it had not begun
            equal(s.admin.ask("POST", f"{who}/erase", {"confirm": CANARY["id"]}).status, 200, "now")
        until(lambda: all(t["state"] == "done" for t in s.admin.ask("GET", "/api/erasures").json["erasures"]))
        receipts = s.admin.ask("GET", "/api/erasures").json["erasures"]
        equal(len(receipts), 1, str(receipts))
        equal(found(s.data), {}, "in a file")
        after = others(s)
        for k in before:
            equal(after[k], before[k], f"{k} after")
        sums = s.sums()
        assert sums["erased"] > 5, sums
        equal(sums["erased"], sum(e["n"] for e in receipts[0]["erased"] if e["kind"] in ("events", "set_aside")), str(sums))
        equal(sums["received"], sums["stored"] + sums["duplicate"] + sums["set_aside"] + sums["refused"] + sums["erased"], str(sums))


def check_a_restored_backup_forgets_again():
    with Server() as s:
        key, c, old = s.source()[1], CANARY, "2026-01-01T00:00:00Z"
        for who, words_ in ((c["id"], c["comment"]), ("bob", "fine, says bob")):
            send(s, key, said(who, 1, score=1, comment=words_), {"type": "track", "event": "Visit", "userId": who, "anonymousId": c["device"] if who == c["id"] else "dev-bob", "messageId": f"d-{who}", "timestamp": now()})
        until(lambda: len(s.admin.ask("GET", "/api/feedback?commented=yes").json["feedback"]) == 2)
        copy, fresh = os.path.join(s.folder, "copy.db"), os.path.join(s.folder, "restored")
        cli(s, "backup", copy)
        got = s.admin.ask("POST", f"/api/customers/{c['id']}/erase", {"confirm": c["id"]})
        equal(got.status, 200, f"erased: {got}")
        ledger = os.path.join(s.data, "erased")
        with open(ledger) as f:
            lines = f.read().split("\n")
        equal([bool(re.fullmatch(r"[0-9a-f]{32} \d{13}", x)) for x in lines], [True, True, False], str(lines))
        # Lost, it is written anew; a line that was cut by the power hurts no other.
        s.stop()
        os.remove(ledger)
        s.start().wait_ready()
        with open(ledger, "r+") as f:
            equal(sorted(f.read().split("\n")), sorted(lines), "written anew")
            f.write("0123")
        os.mkdir(fresh, 0o700)
        shutil.copy(ledger, fresh)
        s.stop()
        gone, s.data = s.data, fresh
        assert "restored" in subprocess.run([BINARY, "restore", copy, "--data", fresh], capture_output=True, text=True).stdout, "restored"
        assert found(fresh), "the backup has them"
        s.start()
        answers = []

        def inbox():
            s.admin.port = s.port
            answers.append(s.admin.ask("GET", "/api/feedback?commented=yes"))
            return answers[-1].status == 200

        until(inbox)
        equal({a.status for a in answers} - {200, 503}, set(), "while it is read")
        equal([a.body for a in answers if c["comment"].encode() in a.body], [], "never with who was erased")
        s.wait_ready()
        equal(s.admin.ask("GET", f"/api/customers/{c['id']}").status, 404, "their page")
        equal([f["customer"] for f in s.admin.ask("GET", "/api/feedback?commented=yes").json["feedback"]], ["bob"], "the inbox")
        equal(s.admin.ask("GET", "/api/customers/bob").json["events_total"], 2, "the other one")
        receipts = s.admin.ask("GET", "/api/erasures").json["erasures"]
        equal([(r["author"], r["state"]) for r in receipts], [("restore", "done")], str(receipts))
        equal(found(fresh), {}, "in a file")
        got = s.client().ask("POST", "/v1/batch", {"batch": [{"type": "track", "event": "Visit", "userId": c["id"], "messageId": "old", "timestamp": old}]}, basic(key))
        equal(got.json["id"], "collect.refused", "an old event")
        s.stop()
        cli(s, "verify")
        s.start().wait_ready()
        equal(len(s.admin.ask("GET", "/api/erasures").json["erasures"]) if not setattr(s.admin, "port", s.port) else 0, 1, "once")
        shutil.rmtree(gone)


def at_rest(ask):
    try:
        ask()
    except OSError:
        pass  # the server is gone


if __name__ == "__main__":
    sys.exit(main({k: v for k, v in globals().items() if getattr(v, "__module__", None) == "__main__"}))
