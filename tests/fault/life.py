#!/usr/bin/env python3
"""What happens to a server that lives long: clocks that jump, backups while it works, a second start, a stop while busy."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

from device import Faulty
from keeper import Ledger, senders
from lib import safar
from server import BINARY, PASSWORD, Server, equal, main

HOUR, DAY = 3600_000, 24 * 3600_000
# Of the wall's clock, in ms beside the true one. The last leads back.
JUMPS = [HOUR, -HOUR, -DAY, 365 * DAY, 0]


def check_a_clock_that_jumps_stops_nothing():
    with Faulty() as (s, disk, ledger):
        end = senders(ledger, s.port, 2)
        signed = s.admin
        for jump in JUMPS:
            before = len(ledger.acked)
            disk.clock_ms = jump
            until = time.monotonic() + 10
            while len(ledger.acked) < before + 20 and time.monotonic() < until:
                time.sleep(0.02)
            assert len(ledger.acked) >= before + 20, f"nothing is taken when the clock is {jump} ms off"
            # Who is signed in stays so or has to sign in anew; nobody is shut out, and no session lives for ever.
            status = signed.ask("GET", "/api/status").status
            assert status == 200 or status == 401, status
            if jump == 365 * DAY:
                equal(status, 401, "a session a year later")
            s.admin = signed = s.client().sign_in("root")
            equal(signed.ask("GET", "/api/query/dfg").status, 200, f"a question when the clock is {jump} ms off")
        end()
        ledger.rest(s.port)
        ledger.check_server(s)
        s.stop()
        ledger.check(s.data, what="after the clock jumped")


def check_wrong_passwords_are_slowed_down_whatever_the_clock_does():
    with Faulty() as (s, disk, _):
        def wrong():
            return s.client().ask("POST", "/api/session", {"login": "viewer", "password": "not this one at all"})
        for _ in range(12):
            answer = wrong()
            if answer.status == 429:
                break
        equal(answer.status, 429, "many wrong passwords")
        disk.clock_ms = -DAY
        answer = wrong()
        equal(answer.status, 429, "and the clock put back")
        assert int(answer.headers["retry-after"]) <= 900, answer.headers
        disk.clock_ms = DAY
        equal(s.client().ask("POST", "/api/session", {"login": "viewer", "password": PASSWORD}).status, 200, "a day later")


def check_backups_under_load_hold_what_was_acknowledged_before_they_began():
    with Server() as s:
        ledger = Ledger(s.source()[1], mark=time.monotonic)
        base = tempfile.mkdtemp(prefix="safar-backup-")
        try:
            end = senders(ledger, s.port)
            for i in range(3):
                time.sleep(0.3)
                began, file, place = time.monotonic(), os.path.join(base, f"{i}.db"), os.path.join(base, f"restored{i}")
                safar("backup", file, data=s.data)
                safar("restore", file, data=place)
                report = ledger.check(place, mark=began, what="restored from a backup under load")
                assert report["acked"] > 20, report
            end()
            ledger.rest(s.port)
            ledger.check_server(s)
        finally:
            shutil.rmtree(base, ignore_errors=True)


def check_a_second_start_is_refused_and_a_stop_while_busy_loses_nothing():
    with Server() as s:
        ledger = Ledger(s.source()[1])
        end = senders(ledger, s.port)
        second = subprocess.run([BINARY, "serve", "--data", s.data, "--listen", "127.0.0.1:0"], capture_output=True, timeout=30)
        equal(second.returncode, 5, "a second server")
        assert "in use by process" in second.stderr.decode(), second.stderr
        began = time.monotonic()
        code, words = s.stop()
        took = time.monotonic() - began
        end()
        equal(code, 0, words)
        assert took < 10, took
        ledger.check(s.data, what="stopped while busy")
        s.start()
        ledger.rest(s.port)
        s.admin.port = s.port
        ledger.check_server(s)


if __name__ == "__main__":
    sys.exit(main(globals()))
