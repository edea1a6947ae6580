#!/usr/bin/env python3
"""How soon an acknowledged event is in answers, and what a query costs while many events are fresh.

    bench/fresh.py [--events 20000000] [--rate 20000] [--seconds 50] [--work build/bench]

Uses the directory that bench/run.py has filled (copied, so that the bench stays as it was). Batches of 200 events go to
/v1/batch at the given rate over eight connections; every 50 ms the server says how far its log and its answers reach.
The lag of a moment is the time from there until answers reach what was acknowledged at that moment.
"""
import argparse
import base64
import json
import os
import random
import shutil
import sys
import threading
import time

from run import QUESTIONS, ROOT, Server, Socket, ask, median, say, settle

BATCH, CONNECTIONS = 200, 8


def call(c, method, route, body=None, headers=None):
    c.request(method, route, body, headers or {})
    r = c.getresponse()
    return r.status, r.read()


def sender(path, key, rate, seconds, customers, k, sums):
    c, rnd = Socket(path), random.Random(k)
    auth = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(), "Content-Type": "application/json"}
    began, sent = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".000Z"
        batch = [{"type": "track", "userId": f"c{rnd.randrange(customers)}", "event": f"t{rnd.randrange(40)}", "timestamp": at, "messageId": f"f{k}-{sent + i}",
                  "properties": {"channel": f"ch{rnd.randrange(5)}"}} for i in range(BATCH)]
        status, body = call(c, "POST", "/v1/batch", json.dumps({"batch": batch}), auth)
        if status != 200:
            raise SystemExit(f"fresh: {status} {body[:200]!r}")
        sent += BATCH
        wait = began + sent / rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)
    sums[k] = sent


def watch(path, stop, samples):
    c = Socket(path)
    while not stop.is_set():
        s = json.loads(ask(c, "/api/status"))
        samples.append((time.monotonic(), s["arrival_end"] + s["lag_events"], s["arrival_end"]))
        time.sleep(0.05)


def lags(samples):
    out, k = [], 0
    for t, stored, _ in samples:
        while k < len(samples) and samples[k][2] < stored:
            k += 1
        if k == len(samples):
            break
        out.append(samples[k][0] - t if samples[k][0] > t else 0)
    return out


def timed(path, runs):
    """The median of each question's times."""
    c, out = Socket(path), {}
    for name, _, route, *_ in QUESTIONS:
        route, seconds = "/api/query/" + route, []
        ask(c, route)
        for _ in range(runs):
            began = time.monotonic()
            ask(c, route)
            seconds.append(time.monotonic() - began)
        out[name] = median(seconds)
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--events", type=int, default=20_000_000)
    ap.add_argument("--rate", type=int, default=20_000)
    ap.add_argument("--seconds", type=float, default=50)
    ap.add_argument("--work", default=os.path.join(ROOT, "build/bench"))
    a = ap.parse_args()
    work = os.path.join(os.path.abspath(a.work), str(a.events))
    data = f"{work}/fresh"
    shutil.rmtree(data, ignore_errors=True)
    say("copying the directory")
    shutil.copytree(f"{work}/safar", data, ignore=shutil.ignore_patterns("*.sock", "lock"))
    with Server(data) as s:
        path, c = f"{data}/safar.sock", Socket(f"{data}/safar.sock")
        customers = json.loads(ask(c, "/api/status"))["customers"]
        status, body = call(c, "POST", "/api/sources", json.dumps({"name": "fresh"}), {"Content-Type": "application/json"})
        if status not in (200, 201):
            raise SystemExit(f"fresh: {status} {body!r}")
        key = json.loads(body)["write_key"]
        settle(s.process.pid)
        compacted = timed(path, 5)
        say(f"{a.rate} events a second for {a.seconds:.0f} s")
        stop, samples, sums = threading.Event(), [], {}
        watcher = threading.Thread(target=watch, args=(path, stop, samples))
        watcher.start()
        senders = [threading.Thread(target=sender, args=(path, key, a.rate / CONNECTIONS, a.seconds, customers, k, sums)) for k in range(CONNECTIONS)]
        for t in senders:
            t.start()
        for t in senders:
            t.join()
        time.sleep(2.5)
        stop.set()
        watcher.join()
        settle(s.process.pid)
        delta = timed(path, 5)
    late = sorted(lags(samples))
    sent = sum(sums.values())
    print(json.dumps({"sent": sent, "rate": round(sent / a.seconds), "lag_p50_s": round(median(late), 3), "lag_p99_s": round(late[int(len(late) * .99)], 3), "lag_max_s": round(late[-1], 3),
                      "fresh_share": round(sent / a.events, 4),
                      "questions": {q: {"before_s": round(t, 4), "after_s": round(delta[q], 4), "ratio": round(delta[q] / t, 2)} for q, t in compacted.items()}}))
    shutil.rmtree(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
