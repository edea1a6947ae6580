#!/usr/bin/env python3
"""Events accepted durably a second over HTTP: `bench/ingest.py [--connections 64,256] [--events 20] [--seconds 10] [--report]`.

Starts the server on a new data directory, loads it from one thread (bench/ingest.c) with batches of events
that each have an id of their own, and counts afterwards that every acknowledged event is stored, and once. Beside it, in the same run: writes
with fdatasync and nothing else. --report writes docs/bench-ingest.md.
"""
import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile

from common import ROOT, client, cpu_seconds, processor, syncs

sys.path.insert(0, os.path.join(ROOT, "tests", "api"))
from server import Server  # noqa: E402

REPORT = """# The bench: events

`bench/ingest.py --report` wrote this page. Server and load share the {cores} processors of one machine ({model}); the load is one thread with
connections that are kept. A request is a batch of {batch} events as Segment's clients send them, some 500 bytes and an id each, of fifty thousand customers. It is
acknowledged when all of it is in one fsynced transaction, each id looked up among all that were ever stored; columns and inbox are kept up meanwhile.

| connections | events a second | p50 of a batch | p99 | processor time of the server |
|---|---|---|---|---|
{rows}

{stored:,} events were acknowledged and each is stored once. In the same run a bare write of 16 KiB with fdatasync took {p50} ms (p99 {p99} ms).
Asked: 300,000 events a second at 64 connections{verdict}.
"""


def load(s, program, key, connections, events, seconds, start):
    before = cpu_seconds(s.process.pid)
    basic = base64.b64encode(f"{key}:".encode()).decode()
    run = subprocess.run([program, str(s.port), basic, str(connections), str(seconds), str(events), str(start)], capture_output=True, text=True)
    got = json.loads(run.stdout or "{}")
    if run.returncode or not got.get("events"):
        sys.exit(f"{got} {run.stderr}")
    return got | {"connections": connections, "batch": events, "server_cpu_us": round((cpu_seconds(s.process.pid) - before) / got["events"] * 1e6, 2)}


def row(r):
    return f"| {r['connections']} | **{r['per_second']:,}** | {r['p50_ms']} ms | {r['p99_ms']} ms | {r['server_cpu_us']} µs an event |"


def report(got):
    at_64 = next((r["per_second"] for r in got["runs"] if r["connections"] == 64), None)
    verdict = "" if at_64 is None else ": met" if at_64 >= 300_000 else f": {at_64 / 300_000:.0%} of it"
    with open(os.path.join(ROOT, "docs", "bench-ingest.md"), "w") as f:
        f.write(REPORT.format(cores=os.cpu_count(), model=processor(), batch=got["runs"][0]["batch"], rows="\n".join(map(row, got["runs"])),
                              stored=got["sums"]["stored"], p50=got["bare"]["p50_ms"], p99=got["bare"]["p99_ms"], verdict=verdict))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--connections", default="64,256")
    p.add_argument("--events", type=int, default=20)
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--report", action="store_true")
    o = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = client(folder, "ingest")
        with Server() as s:
            made = s.admin.ask("POST", "/api/sources", {"name": "bench"}).json
            runs = [load(s, program, made["write_key"], n, o.events, o.seconds, i + 1) for i, n in enumerate(map(int, o.connections.split(",")))]
            sums = next(x["sums"] for x in s.admin.ask("GET", "/api/sources").json["sources"] if x["id"] == made["id"])
        got = {"runs": runs, "sums": sums, "bare": syncs(folder, 16384, 2)}
    print(json.dumps(got))
    if sums["stored"] != sum(r["events"] for r in runs) or sums["received"] != sums["stored"]:
        sys.exit(f"not every acknowledged event is stored once: {sums}")
    if o.report:
        report(got)


if __name__ == "__main__":
    main()
