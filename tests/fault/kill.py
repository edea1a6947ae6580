#!/usr/bin/env python3
"""kill -9 at random moments of an HTTP ingest: what was acknowledged is there exactly once.

A batch without an answer is sent again after the restart, as a client would, so that retries meet what may or may not
be stored. SAFAR_KILLS says how often.
"""
import os
import sys
import time

from keeper import Ledger, seed_of, senders
from server import Client, Server, equal, main

KILLS = int(os.environ.get("SAFAR_KILLS", "15"))


def stored(server):
    """Every stored event, through the public interface: name -> where it is."""
    got, page = {}, server.admin.ask("GET", "/api/customers?limit=500").json
    for customer in [c["customer"] for c in page["customers"]]:
        page = server.admin.ask("GET", f"/api/customers/{customer}?limit=5000").json
        if len(page["events"]) != page["events_total"]:
            return None  # a page does not hold them all
        for e in page["events"]:
            got.setdefault(e["body"]["properties"]["ledger"], []).append(e["arrival"])
    return got


def check_kills_lose_nothing_and_double_nothing():
    dice = seed_of("kill -9")
    with Server() as s:
        ledger, admin = Ledger(s.source()[1]), s.admin
        longest = 0
        for n in range(KILLS):
            end = senders(ledger, s.port)
            time.sleep(dice.uniform(0.005, 0.35))
            s.kill()
            end()
            if n % 50 == 49:
                ledger.check(s.data, what=f"after {n + 1} kills")
            began = time.monotonic()
            s.start()
            longest = max(longest, time.monotonic() - began)
            s.admin = Client(s.port)
            s.admin.cookie, s.admin.csrf = admin.cookie, admin.csrf
        ledger.rest(s.port)
        ledger.check_server(s)
        got = stored(s)
        if got is not None:
            equal(set(got), set(ledger.acked), "what the pages show")
            arrivals = [a for places in got.values() for a in places]
            equal((len(set(arrivals)), len(arrivals)), (len(got), len(got)), "arrival numbers")
        s.stop()
        report = ledger.check(s.data, what="in the end")
        s.start()
    print(f"{KILLS} kills, {report['acked']} events acknowledged, {report['lost']} lost, {report['doubled']} doubled; up again in {longest:.2f} s at most")
    assert report["acked"] > 10 * KILLS, "too few events to prove anything"


if __name__ == "__main__":
    sys.exit(main(globals()))
