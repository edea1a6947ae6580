#!/usr/bin/env python3
"""Events accepted durably a second: `bench/ingest.py [--connections 64] [--events 100,20] [--seconds 10] [--import-events 1500000] [--report]`.

Starts the server on a new data directory, loads it from one thread (bench/ingest.c) with batches of events
that each have an id of their own, and counts afterwards that every acknowledged event is stored, and once. Beside it, in the same run: a file
that is imported, writes with fdatasync and nothing else, and how fast a core hashes. --report writes docs/bench-ingest.md.
"""
import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import time

from common import ROOT, client, cpu_seconds, processor, syncs, yardstick

sys.path.insert(0, os.path.join(ROOT, "tests", "api"))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
from lib import BINARY  # noqa: E402
from server import Server  # noqa: E402

ASKED, IMPORT_ASKED = 300_000, 600_000
REPORT = """# The bench: events

`bench/ingest.py --report` wrote this page. Server and load share the {cores} processors of one machine ({model}); the load is one thread with
connections that are kept. A request is a batch as clients send it, some 500 bytes and an id for each event, of fifty thousand customers: 100 events is what the
published clients of servers send when they have much to tell (Python, PHP and Ruby 100, Go and Java 250), 20 is near the 15 of Node's. It is acknowledged when all
of it is in one fsynced transaction, each id looked up among all that were ever stored; columns and inbox follow meanwhile.

| events a batch | connections | events a second | p50 of a batch | p99 | processor time an event: server, load | answers behind at the end, caught up after | a core hashed |
|---|---|---|---|---|---|---|---|
{rows}

{stored:,} events were acknowledged and each is stored once. In the same run a bare write of 16 KiB with fdatasync took {p50} ms (p99 {p99} ms), {syncs:,} a second.
An import of {imported:,} events, a JSON object a line, took {import_s} s: **{import_rate:,} events a second**, with {import_cpu} µs of processor time each in both processes
(a core hashed {import_yard:,} MB/s).

Asked: 300,000 events a second at 64 connections{verdict}; 600,000 a second from a file{import_verdict}. {cores} processors have {budget:.2f} µs for an event at 300,000 a second,
{import_budget:.2f} µs at 600,000: what an event takes of the processors decides, not the disk. On the machine where this was written, runs of
one program within minutes took between 6.6 and 8.2 µs of the server for an event, and made between 200,000 and 253,000 a second, while a core hashed as fast
as ever: arithmetic was not what was short, so it was probably memory and caches, which others on the same host use too. Compare ratios of one run.
"""


def load(s, program, key, connections, events, seconds, start):
    before, yard, mine = cpu_seconds(s.process.pid), yardstick(), os.times()
    basic = base64.b64encode(f"{key}:".encode()).decode()
    run = subprocess.run([program, str(s.port), basic, str(connections), str(seconds), str(events), str(start)], capture_output=True, text=True)
    got = json.loads(run.stdout or "{}")
    if run.returncode or not got.get("events"):
        sys.exit(f"{got} {run.stderr}")
    server, now = cpu_seconds(s.process.pid) - before, os.times()
    client_s = now.children_user + now.children_system - mine.children_user - mine.children_system
    return got | {"connections": connections, "batch": events, "server_cpu_us": round(server / got["events"] * 1e6, 2), "load_cpu_us": round(client_s / got["events"] * 1e6, 2),
                  "yard": (yard + yardstick()) // 2} | lag(s)


def lag(s):
    """How many events the answers are behind, and how long until they are not."""
    began = time.monotonic()
    behind = left = s.admin.ask("GET", "/api/status").json["lag_events"]
    while left and time.monotonic() - began < 60:
        time.sleep(0.02)
        left = s.admin.ask("GET", "/api/status").json["lag_events"]
    return {"behind": behind, "caught_up_s": round(time.monotonic() - began, 2)}


def imported(folder, n):
    """A file of n events into a new directory, by the program itself."""
    gen, events = os.path.join(folder, "gen"), os.path.join(folder, "events.ndjson")
    subprocess.run(["cc", "-O2", "-o", gen, os.path.join(ROOT, "bench", "gen.c"), "-lm"], check=True)
    with open(events, "wb") as f:
        subprocess.run([gen, str(n), "20", "ndjson"], stdout=f, stderr=subprocess.DEVNULL, check=True)
    yard, mine, began = yardstick(), os.times(), time.monotonic()
    run = subprocess.run([BINARY, "import", events, "--format", "ndjson", "--source", "bench", "--data", os.path.join(folder, "imported"), "--json"], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=True)
    took, now = time.monotonic() - began, os.times()
    if json.loads(run.stdout)["stored"] != n:
        sys.exit(f"not all events of the file are stored: {run.stdout}")
    cpu = now.children_user + now.children_system - mine.children_user - mine.children_system
    return {"n": n, "s": round(took, 2), "per_second": round(n / took), "cpu_us": round(cpu / n * 1e6, 2), "yard": (yard + yardstick()) // 2}


def row(r):
    return (f"| {r['batch']} | {r['connections']} | **{r['per_second']:,}** | {r['p50_ms']} ms | {r['p99_ms']} ms | {r['server_cpu_us']} µs, {r['load_cpu_us']} µs | "
            f"{r['behind']:,}, {r['caught_up_s']} s | {r['yard']:,} MB/s |")


def said(rate, asked):
    return ": met" if rate >= asked else f": {rate / asked:.0%} of it"


def report(got):
    best = max((r["per_second"] for r in got["runs"] if r["connections"] == 64), default=None)
    file, cores = got["import"], os.cpu_count()
    with open(os.path.join(ROOT, "docs", "bench-ingest.md"), "w") as f:
        f.write(REPORT.format(cores=cores, model=processor(), rows="\n".join(map(row, got["runs"])), stored=got["sums"]["stored"], p50=got["bare"]["p50_ms"],
                              p99=got["bare"]["p99_ms"], syncs=got["bare"]["per_second"], verdict="" if best is None else said(best, ASKED), imported=file["n"], import_s=file["s"],
                              import_rate=file["per_second"], import_cpu=file["cpu_us"], import_yard=file["yard"], import_verdict=said(file["per_second"], IMPORT_ASKED),
                              budget=cores * 1e6 / ASKED, import_budget=cores * 1e6 / IMPORT_ASKED))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--connections", default="64")
    p.add_argument("--events", default="100,20")
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--import-events", type=int, default=1_500_000)
    p.add_argument("--report", action="store_true")
    o = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = client(folder, "ingest")
        with Server() as s:
            made = s.admin.ask("POST", "/api/sources", {"name": "bench"}).json
            each = [(e, n) for e in map(int, o.events.split(",")) for n in map(int, o.connections.split(","))]
            runs = [load(s, program, made["write_key"], n, e, o.seconds, i + 1) for i, (e, n) in enumerate(each)]
            sums = next(x["sums"] for x in s.admin.ask("GET", "/api/sources").json["sources"] if x["id"] == made["id"])
        got = {"runs": runs, "sums": sums, "bare": syncs(folder, 16384, 1), "import": imported(folder, o.import_events)}
    print(json.dumps(got))
    if sums["stored"] != sum(r["events"] for r in runs) or sums["received"] != sums["stored"]:
        sys.exit(f"not every acknowledged event is stored once: {sums}")
    if o.report:
        report(got)


if __name__ == "__main__":
    main()
