#!/usr/bin/env python3
"""Answers to a survey accepted durably a second, and GETs of its hosted page: `bench/answers.py [--connections 64,256] [--seconds 10] [--report]`.

Makes a data directory with one survey, starts the server, loads it over HTTP from one thread (bench/answers.c), and counts afterwards
that every acknowledged answer is there: in the survey's count and in the event log. Beside it, how often this disk syncs.
--report writes docs/bench-surveys.md.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

from common import ROOT, client, cpu_seconds, processor, syncs

sys.path.insert(0, os.path.join(ROOT, "tests", "api"))
from server import Server  # noqa: E402

SURVEY = {"title": "After delivery", "cx:about": "Order Delivered", "elements": [
    {"type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10, "isRequired": True, "cx:metric": "nps"}, {"type": "comment", "name": "why", "cx:text": True}]}


REPORT = """# The bench: surveys

`bench/answers.py --report` wrote this page. Server and load share the {cores} processors of one machine ({model}); the load is one thread with
connections that are kept, and sends the next request when it has the answer to the last. An answer is acknowledged when its record and
its event are in one fsynced transaction; afterwards every one was found again. A page is the whole hosted survey page, made anew for each GET.

| | connections | a second | p50 | p99 | processor time of the server |
|---|---|---|---|---|---|
{rows}

{kept:,} answers were acknowledged and kept, with as many events. One writer alone syncs this disk {syncs:,} times a second.
"""
WHAT = {"answer": "complete answers accepted", "page": "GETs of the hosted page"}


def load(s, program, what, code, connections, seconds):
    """One run of the load; the processor time of the server with it."""
    before = cpu_seconds(s.process.pid)
    run = subprocess.run([program, str(s.port), what, code, str(connections), str(seconds)], capture_output=True, text=True)
    got = json.loads(run.stdout or "{}")
    if run.returncode or not got.get("n"):
        sys.exit(f"{what}: {got} {run.stderr}")
    return got | {"what": what, "connections": connections, "server_cpu_us": round((cpu_seconds(s.process.pid) - before) / got["n"] * 1e6, 1)}


def row(r):
    return (f"| {WHAT[r['what']]} | {r['connections']} | **{r['per_second']:,}** | {r['p50_ms']} ms | {r['p99_ms']} ms | {r['server_cpu_us']} µs each |")


def report(got):
    with open(os.path.join(ROOT, "docs", "bench-surveys.md"), "w") as f:
        f.write(REPORT.format(cores=os.cpu_count(), model=processor(), rows="\n".join(map(row, got["runs"])), kept=got["kept"], syncs=got["syncs_per_second"]))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--connections", default="64,256")
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--report", action="store_true")
    o = p.parse_args()
    numbers = [int(n) for n in o.connections.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        program = client(folder, "answers")
        with Server() as s:
            key = s.admin.ask("POST", "/api/surveys", {"document": SURVEY}).json["key"]
            s.admin.ask("POST", f"/api/surveys/{key}/state", {"state": "live"})
            code = s.admin.ask("POST", f"/api/surveys/{key}/links", {}).json["code"]
            runs = [load(s, program, "answer", code, n, o.seconds) for n in numbers] + [load(s, program, "page", code, numbers[0], o.seconds)]
            kept = s.admin.ask("GET", f"/api/surveys/{key}").json["completed"]
            stored = next(x["sums"]["stored"] for x in s.admin.ask("GET", "/api/sources").json["sources"] if x["kind"] == "survey")
            got = {"runs": runs, "kept": kept, "events": stored, "syncs_per_second": syncs(folder, 16384, 1)["per_second"]}
    print(json.dumps(got))
    if not sum(r["n"] for r in runs if r["what"] == "answer") == kept == stored:
        sys.exit("not every acknowledged answer is kept")
    if o.report:
        report(got)


if __name__ == "__main__":
    main()
