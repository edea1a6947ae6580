#!/usr/bin/env python3
"""What happens at three times the capacity: `bench/overload.py [--seconds 30] [--times 3] [--idle 10000] [--report]`.

The peak is measured first (256 connections, as fast as answers come), with what it takes of memory. Then, on a new server, requests come at three times that
rate from two thousand connections, whatever is answered. Then 256 connections again, at once. Beside it, idle connections that were answered once. Server and load
share the processors. --report writes docs/bench-overload.md.
"""
import argparse
import base64
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time

from common import ROOT, client, processor

sys.path.insert(0, os.path.join(ROOT, "tests", "api"))
from server import Server  # noqa: E402

CONNECTIONS = 256  # more of them bring no more

REPORT = """# The bench: overload

`bench/overload.py --report` wrote this page. Server and load share the {cores} processors of one machine ({model}). Batches of 20 events; capacity is what {connections} connections
get that send as fast as they are answered. Then {times:g} times that rate for {seconds:g} s from 2,000 connections of one key, whatever is answered.

| | measured | asked |
|---|---|---|
| capacity | {peak:,} events a second | |
| sent meanwhile | {sent:,} events a second | |
| goodput | {goodput:.0%} of capacity | ≥ 80 % |
| refused: p50, p99 | {away_p50} ms, {away_p99} ms | ≤ 20 ms |
| accepted: p50, p99 | {p50} ms, {p99} ms | |
| another key, one event at a time: p50, worst | {other_p50} ms, {other_max} ms; refused {other_away} | |
| memory, of that at capacity for as long | {memory:.2f} × | ≤ 1.3 × |
| capacity in the 2 s after | {after:.0%} | back within 2 s |
| {idle:,} idle connections | {idle_bytes:,} bytes each | ≤ 20,000 |

Each event that was acknowledged is stored, and once ({stored:,}).
"""


def load(s, program, key, connections, seconds, start, rate=None):
    basic = base64.b64encode(f"{key}:".encode()).decode()
    more = [] if rate is None else [str(rate)]
    run = subprocess.run([program, str(s.port), basic, str(connections), str(seconds), "20", str(start), *more], capture_output=True, text=True)
    got = json.loads(run.stdout or "{}")
    if run.returncode or not got.get("events"):
        sys.exit(f"{got} {run.stderr}")
    return got


def rss(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("RssAnon"))


class Memory(threading.Thread):
    """The most that the server's own memory was; files that are mapped are the system's."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self.end = pid, 0, threading.Event()
        self.start()

    def run(self):
        while not self.end.wait(0.1):
            self.most = max(self.most, rss(self.pid))

    def stop(self):
        self.end.set()
        self.join()
        return self.most


class Other(threading.Thread):
    """Somebody else, who sends one event at a time, five times a second."""

    def __init__(self, port, key):
        super().__init__(daemon=True)
        self.basic, self.port, self.took, self.away, self.end = base64.b64encode(f"{key}:".encode()).decode(), port, [], 0, threading.Event()
        self.start()

    def run(self):
        n = 0
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as c:
            while not self.end.wait(0.2):
                body = json.dumps({"userId": "o", "event": "E", "messageId": f"other-{n}"})
                n += 1
                began = time.monotonic()
                c.sendall(f"POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {self.basic}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
                answer = c.recv(65536)
                self.took.append((time.monotonic() - began) * 1000)
                self.away += not answer.startswith(b"HTTP/1.1 200")

    def stop(self):
        self.end.set()
        self.join()
        self.took.sort()
        return {"other_p50": round(self.took[len(self.took) // 2], 1), "other_max": round(self.took[-1], 1), "other_away": self.away}


def idle(n):
    """Bytes of each of n connections that were answered once and are kept."""
    ask, held = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", []
    with Server(people=False) as s:
        before = rss(s.process.pid)
        for _ in range(n):
            held.append(socket.create_connection(("127.0.0.1", s.port), timeout=20))
            held[-1].sendall(ask)
            assert held[-1].recv(4096).startswith(b"HTTP/1.1 200")
        each = (rss(s.process.pid) - before) / n
        for c in held:
            c.close()
    return round(each)


def capacity(program, seconds):
    """As fast as answers come, on a server of its own, for as long: so its memory holds as many events."""
    with Server() as s:
        key = s.admin.ask("POST", "/api/sources", {"name": "bench"}).json["write_key"]
        memory = Memory(s.process.pid)
        return load(s, program, key, CONNECTIONS, seconds, 1), memory.stop()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seconds", type=float, default=30)
    p.add_argument("--times", type=float, default=3)
    p.add_argument("--idle", type=int, default=10000)
    p.add_argument("--report", action="store_true")
    o = p.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        program = client(folder, "ingest")
        idle_bytes = idle(o.idle) if o.idle else 0
        peak, at_peak = capacity(program, o.seconds)
        with Server() as s:
            made, other = (s.admin.ask("POST", "/api/sources", {"name": n}).json for n in ("bench", "other"))
            key, pid = made["write_key"], s.process.pid
            load(s, program, key, 64, 1, 1)
            memory, somebody = Memory(pid), Other(s.port, other["write_key"])
            over = load(s, program, key, 2000, o.seconds, 2, peak["batches"] / peak["seconds"] * o.times)
            at_over, others = memory.stop(), somebody.stop()
            after = load(s, program, key, CONNECTIONS, 2, 3)
            sums = next(x["sums"] for x in s.admin.ask("GET", "/api/sources").json["sources"] if x["id"] == made["id"])
    got = {"cores": os.cpu_count(), "connections": CONNECTIONS, "model": processor(), "times": o.times, "seconds": o.seconds, "peak": peak["per_second"],
           "sent": round((over["batches"] + over["away"]["batches"]) * 20 / over["seconds"]), "goodput": over["per_second"] / peak["per_second"],
           "p50": over["p50_ms"], "p99": over["p99_ms"], "away_p50": over["away"]["p50_ms"], "away_p99": over["away"]["p99_ms"],
           "memory": at_over / at_peak, "after": after["per_second"] / peak["per_second"], "idle": o.idle, "idle_bytes": idle_bytes, "stored": sums["stored"]} | others
    print(json.dumps(got))
    known = over["events"] + after["events"]
    if not known < sums["stored"] == sums["received"]:
        sys.exit(f"not every acknowledged event is stored once: {sums}")
    if o.report:
        with open(os.path.join(ROOT, "docs", "bench-overload.md"), "w") as f:
            f.write(REPORT.format(**got))


if __name__ == "__main__":
    main()
