#!/usr/bin/env python3
"""A disk that is full, gives errors or fails to sync: the server says so at once, lies never, and loses nothing.

Full: 503 with Retry-After within a second, whatever only reads goes on, writes go on when there is room again. A failed
sync: no further success, and the process leaves, because a second sync could succeed and have kept nothing.
"""
import errno
import os
import shutil
import subprocess
import sys
import tempfile
import time

from keeper import Ledger, senders
from server import PASSWORD, Server, equal, main
from shim import FAIL_SYNCS, FAIL_WRITES, Disk

READS = ["/api/status", "/api/query/dfg", "/api/customers?limit=5", "/api/sources", "/api/maps", "/api/feedback"]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LATER = {"en": "Your answers could not be kept just now", "ar": "تعذّر حفظ إجاباتكم الآن", "fa": "پاسخ‌های شما اکنون ذخیره نشد"}


class Faulty:
    """A server on a disk of ours: `with Faulty() as (server, disk, ledger)`."""

    def __enter__(self):
        self.base = tempfile.mkdtemp(prefix="safar-device-")
        root = os.path.join(self.base, "root")
        os.mkdir(root)
        self.disk = Disk(root)
        self.server = Server(data=os.path.join(root, "data"), env=self.disk.env).__enter__()
        self.ledger = Ledger(self.server.source()[1])
        return self.server, self.disk, self.ledger

    def __exit__(self, kind, *_):
        self.disk.heal()
        if self.server.process.poll() is None:
            self.server.stop()
        shutil.rmtree(self.base, ignore_errors=True)


def survey_way(s):
    document = {"title": {"en": "Visit", "ar": "زيارة", "fa": "دیدار"}, "languages": ["en", "ar", "fa"],
                "pages": [{"elements": [{"type": "comment", "name": "why", "title": {"en": "Why?", "ar": "لماذا؟", "fa": "چرا؟"}}]}]}
    made = s.admin.ask("POST", "/api/surveys", {"name": "Visit", "document": document})
    assert made.status == 201, made
    key = made.json["key"]
    opened = s.admin.ask("POST", f"/api/surveys/{key}/state", {"state": "live"})
    assert opened.status < 300, opened
    link = s.admin.ask("POST", f"/api/surveys/{key}/links", {"name": "shop"})
    assert link.status == 201, link
    return link.json["code"]


def refused(s, ledger, problem):
    """A batch is refused within a second, with that problem and when to come again. A few may still find room."""
    for _ in range(500):
        began = time.monotonic()
        answer = ledger.give(s.client(), ledger.batch(7))
        took = time.monotonic() - began
        if answer.status != 200:
            break
    equal((answer.status, answer.json.get("id")), (503, problem), "a batch")
    assert int(answer.headers["retry-after"]) >= 1 and answer.json["hint"], answer.headers
    assert took < 1, f"the refusal took {took:.2f} s"


def reads_go_on(s):
    for path in READS:
        answer = s.admin.ask("GET", path)
        equal(answer.status, 200, path)


def check_a_full_disk_is_said_at_once_and_loses_nothing():
    with Faulty() as (s, disk, ledger):
        way = survey_way(s)
        for _ in range(3):
            end = senders(ledger, s.port)
            time.sleep(0.2)
            disk.full = 1
            refused(s, ledger, "store.full")
            reads_go_on(s)
            for lang, words in LATER.items():
                equal(s.client().ask("GET", f"/s/{way}?lang={lang}").status, 200, "the page of a survey")
                page = s.client().ask("POST", f"/s/{way}", f"_go=next&_page=0&_seen=why&_lang={lang}&why=Because+of+this".encode(), FORM)
                equal((page.status, page.headers.get("retry-after")), (503, "60"), "an answer")
                text = page.body.decode()
                assert words in text and "Because of this" in text and f'lang="{lang}"' in text, text[:3000]
            disk.full = 0
            end()
            began = time.monotonic()
            ledger.rest(s.port)
            assert time.monotonic() - began < 10, "writes go on when there is room"
        page = s.client().ask("POST", f"/s/{way}", b"_go=next&_page=0&_seen=why&_lang=en&why=Because+of+this", FORM)
        equal(page.status, 200, "an answer when there is room again")
        s.wait_ready()
        s.caught_up()
        sums = s.sums()
        equal(sums["received"], sums["stored"] + sums["duplicate"] + sums["set_aside"] + sums["refused"], "sum identity")
        equal((sums["set_aside"], sums["refused"]), (0, 0), "conflicts")
        equal(s.admin.ask("GET", "/api/query/dfg").json["events"], sums["stored"], "the index counts the same")
        s.stop()
        report = ledger.check(s.data, what="after a full disk")
        print(f"{report['acked']} events acknowledged, {disk.fired} writes found no room")
        assert report["acked"] > 50 and disk.fired > 5


def check_who_signs_in_or_is_signed_in_can_read_on_a_full_disk():
    with Faulty() as (s, disk, _):
        disk.full = 1
        for role in s.roles.values():
            if role.cookie:
                equal(role.ask("GET", "/api/status").status, 200, "somebody who is signed in")
        answer = s.client().ask("POST", "/api/session", {"login": "viewer", "password": PASSWORD})
        assert answer.status == 200 or (answer.status == 503 and answer.json["id"] == "store.full" and answer.headers["retry-after"]), answer
        disk.full = 0
        s.client().sign_in("viewer")


def check_a_sync_that_fails_ends_the_process_and_loses_nothing():
    with Faulty() as (s, disk, ledger):
        for nth, for_ever in ((1, False), (2, True), (4, False), (7, True)):
            end = senders(ledger, s.port)
            time.sleep(0.2)
            disk.fail_from(FAIL_SYNCS, errno.EIO, nth, for_ever)
            began = time.monotonic()
            code = s.process.wait(15)
            took = time.monotonic() - began
            end()
            equal(code, 5, "it leaves")
            assert took < 5, f"it took {took:.1f} s to leave"
            s.errors.seek(0)
            words = s.errors.read().decode()
            assert "failed to keep what was written" in words, words
            disk.heal()
            ledger.check(s.data, what=f"after sync {nth} failed")
            s.start()
            s.admin.port = s.port
            ledger.rest(s.port)
        ledger.check_server(s)
        s.stop()
        ledger.check(s.data, what="and all was sent again")


def check_nothing_is_acknowledged_after_a_sync_that_failed():
    with Faulty() as (s, disk, ledger):
        client = s.client()
        equal(ledger.give(client, ledger.batch()).status, 200, "a batch")
        before = len(ledger.acked)
        disk.fail_from(FAIL_SYNCS, errno.EIO)
        answers = []
        for _ in range(20):
            answer = ledger.give(client, ledger.batch())
            answers.append(answer)
            if answer is None:
                break
        equal(answers[0] and (answers[0].status, answers[0].json["id"]), (503, "store.sync"), "the batch whose sync failed")
        assert int(answers[0].headers["retry-after"]) >= 1, answers[0].headers
        assert all(a is None or a.status == 503 for a in answers), answers
        equal(len(ledger.acked), before, "acknowledged after it")
        s.process.wait(15)


def check_a_write_that_fails_is_refused_and_the_next_is_taken():
    with Faulty() as (s, disk, ledger):
        client = s.client()
        for error in (errno.EIO, errno.ENOSPC, errno.EDQUOT):
            for nth in range(1, 7):
                disk.fail_from(FAIL_WRITES, error, nth)
                for _ in range(3):
                    answer = ledger.give(client, ledger.batch())
                    assert answer is not None and answer.status in (200, 503), answer
                    if answer.status == 503:
                        assert answer.json["id"] in ("store.full", "store.io"), answer
                disk.heal()
                equal(ledger.give(client, ledger.batch(5)).status, 200, "when the disk works again")
        ledger.rest(s.port)
        ledger.check_server(s)
        s.stop()
        ledger.check(s.data, what="after writes failed")
        assert disk.fired >= 12, disk.fired


def check_a_real_disk_that_is_full():
    """A file system of 24 MB in memory, where the system lets a made user have one; the shim above is the same elsewhere."""
    from server import Skip
    if subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode != 0:
        raise Skip("no mounts for a made user here")
    place = tempfile.mkdtemp(prefix="safar-full-")
    inside = f"mount -t tmpfs -o size=24m none {place} && exec {sys.executable} {os.path.abspath(__file__)} --on {place}"
    run = subprocess.run(["unshare", "-Urm", "sh", "-c", inside], capture_output=True, timeout=180)
    os.rmdir(place)
    assert run.returncode == 0, run.stdout.decode()[-3000:] + run.stderr.decode()[-3000:]
    print(run.stdout.decode().strip())


def on_a_real_disk(place):
    with Server(data=os.path.join(place, "data")) as s:
        ledger = Ledger(s.source()[1])
        client = s.client()
        filler = os.path.join(place, "filler")
        for _ in range(3):
            for _ in range(10):
                equal(ledger.give(client, ledger.batch(30)).status, 200, "room")
            with open(filler, "wb", buffering=0) as f:
                try:
                    while True:
                        f.write(bytes(4096))
                except OSError:
                    pass
            took, status = 0, 200
            while status == 200:
                began = time.monotonic()
                status = ledger.give(client, ledger.batch(30)).status
                took = time.monotonic() - began
            equal(status, 503, "no room")
            assert took < 1, took
            reads_go_on(s)
            os.unlink(filler)
            ledger.rest(s.port)
        ledger.check_server(s)
        s.stop()
        report = ledger.check(s.data, what="after a full file system")
        print(f"{report['acked']} events acknowledged on a file system that was full three times")
        s.start()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--on"]:
        sys.exit(on_a_real_disk(sys.argv[2]))
    sys.exit(main(globals()))
