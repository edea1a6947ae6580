#!/usr/bin/env python3
"""kill -9 at 60 random moments of an HTTP ingest: what was acknowledged is there exactly once.

Clients keep a ledger outside the server: each batch with its ids, and whether it was answered 200. A batch without
an answer is sent again after the restart, as a client would, so that retries meet what may or may not be stored.
At the end every id of the ledger is stored once, and nothing else is. The seed of the moments is printed.
"""
import json
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from collect import basic  # noqa: E402
from server import Client, Server, equal, main, raw  # noqa: E402,F401

KILLS = int(os.environ.get("SAFAR_KILLS", "60"))
SENDERS = 4


class Ledger:
    def __init__(self, key):
        self.key, self.lock, self.next = key, threading.Lock(), 0
        self.waiting = []    # batches without an answer
        self.acknowledged = {}  # id -> customer

    def take(self):
        with self.lock:
            if self.waiting:
                return self.waiting.pop()
            n, self.next = self.next, self.next + 1
        size = 1 + n % 7
        return [{"type": "track", "userId": f"c{(n * 31 + k) % 97}", "event": f"E{k}", "messageId": f"b{n}-{k}", "timestamp": "2026-03-01T10:00:00Z",
                 "properties": {"n": n, "pad": "x" * (n % 500)}} for k in range(size)]

    def send(self, port, stop):
        client = Client(port)
        while not stop.is_set():
            batch = self.take()
            try:
                ok = client.ask("POST", "/v1/batch", {"batch": batch}, basic(self.key)).status == 200
            except OSError:
                ok = False
            except Exception as e:  # noqa: BLE001 (a cut answer: http.client has many names for it)
                ok = False
                if "http.client" not in type(e).__module__:
                    raise
            with self.lock:
                if ok:
                    self.acknowledged.update({e["messageId"]: e["userId"] for e in batch})
                else:
                    self.waiting.append(batch)
                    stop.wait(0.01)


def stored(server):
    """Every stored event, through the public interface: id is (customer, n, event)."""
    got = {}
    for customer in [c["customer"] for c in server.admin.ask("GET", "/api/customers?limit=500").json["customers"]]:
        page = server.admin.ask("GET", f"/api/customers/{customer}?limit=5000").json
        equal(len(page["events"]), page["events_total"], f"events of {customer}")
        for e in page["events"]:
            mark = f"b{e['body']['properties']['n']}-{e['name'][1:]}"
            got.setdefault(mark, []).append((customer, e["arrival"]))
    return got


def check_60_kills_lose_nothing_and_double_nothing():
    seed = int(os.environ.get("SAFAR_SEED", time.time_ns() % 10**9))
    print(f"seed {seed} (again with SAFAR_SEED={seed})")
    dice = random.Random(seed)
    with Server() as s:
        _, key = s.source()
        ledger = Ledger(key)
        admin = s.admin
        for _ in range(KILLS):
            stop = threading.Event()
            threads = [threading.Thread(target=ledger.send, args=(s.port, stop)) for _ in range(SENDERS)]
            for t in threads:
                t.start()
            time.sleep(dice.uniform(0.005, 0.35))
            s.kill()
            stop.set()
            for t in threads:
                t.join()
            s.start()
            s.admin = Client(s.port)
            s.admin.cookie, s.admin.csrf = admin.cookie, admin.csrf
        client = Client(s.port)
        for batch in ledger.waiting:
            equal(client.ask("POST", "/v1/batch", {"batch": batch}, basic(key)).status, 200, "the rest, sent again")
            ledger.acknowledged.update({e["messageId"]: e["userId"] for e in batch})
        s.wait_ready()
        s.caught_up()
        got = stored(s)
        lost = [i for i, customer in ledger.acknowledged.items() if i not in got]
        doubled = [i for i, places in got.items() if len(places) > 1]
        never_sent = [i for i in got if i not in ledger.acknowledged]
        misplaced = [i for i, places in got.items() if places[0][0] != ledger.acknowledged.get(i, places[0][0])]
        arrivals = [a for places in got.values() for _, a in places]
        print(f"{KILLS} kills, {len(ledger.acknowledged)} events acknowledged, {len(lost)} lost, {len(doubled)} doubled")
        assert len(ledger.acknowledged) > 10 * KILLS, "too few events to prove anything"
        assert not lost and not doubled and not never_sent and not misplaced, (lost[:5], doubled[:5], never_sent[:5], misplaced[:5])
        equal(len(set(arrivals)), len(arrivals), "arrival numbers given twice")
        sums = s.sums()
        equal(sums["stored"], len(got), "stored")
        equal(sums["received"], sums["stored"] + sums["duplicate"] + sums["set_aside"] + sums["refused"], "sum identity")
        equal((sums["set_aside"], sums["refused"]), (0, 0), "conflicts")
        dfg = s.admin.ask("GET", "/api/query/dfg").json
        equal(dfg["events"], len(got), "the index counts the same")


if __name__ == "__main__":
    sys.exit(main(globals()))
