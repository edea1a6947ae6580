#!/usr/bin/env python3
"""Answers to a survey accepted durably a second, over HTTP: `bench/answers.py [--connections 64] [--seconds 10]`.

Makes a data directory with one survey, starts the server, sends complete responses on that many connections (bench/answers.c), and
counts afterwards that every acknowledged one is there: in the survey's count and in the event log. Beside it, how often this disk syncs.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "api"))
from server import Server  # noqa: E402

SURVEY = {"title": "After delivery", "cx:about": "Order Delivered", "elements": [
    {"type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10, "isRequired": True, "cx:metric": "nps"}, {"type": "comment", "name": "why", "cx:text": True}]}


def syncs(folder):
    """Writes of 16 KiB with fdatasync, one after another, in a second."""
    path, n, end = os.path.join(folder, "sync"), 0, time.monotonic() + 1
    with open(path, "wb", buffering=0) as f:
        while time.monotonic() < end:
            f.write(b"x" * 16384)
            os.fdatasync(f.fileno())
            n += 1
    os.unlink(path)
    return n


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--connections", type=int, default=64)
    p.add_argument("--seconds", type=float, default=10)
    o = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        client = os.path.join(folder, "answers")
        subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", client, os.path.join(ROOT, "bench", "answers.c"), "-lpthread"], check=True)
        with Server() as s:
            key = s.admin.ask("POST", "/api/surveys", {"document": SURVEY}).json["key"]
            s.admin.ask("POST", f"/api/surveys/{key}/state", {"state": "live"})
            code = s.admin.ask("POST", f"/api/surveys/{key}/links", {}).json["code"]
            before = cpu_seconds(s.process.pid)
            run = subprocess.run([client, str(s.port), code, str(o.connections), str(o.seconds)], capture_output=True, text=True)
            got = json.loads(run.stdout or "{}")
            got["server_cpu_us"] = round((cpu_seconds(s.process.pid) - before) / max(got["answers"], 1) * 1e6, 1)  # an answer
            kept = s.admin.ask("GET", f"/api/surveys/{key}").json["completed"]
            stored = next(x["sums"]["stored"] for x in s.admin.ask("GET", "/api/sources").json["sources"] if x["kind"] == "survey")
            got |= {"connections": o.connections, "kept": kept, "events": stored, "syncs_per_second": syncs(folder)}
        print(json.dumps(got))
        if run.returncode or not got["answers"] == kept == stored:
            sys.exit(f"not every acknowledged answer is kept: {got} {run.stderr}")


if __name__ == "__main__":
    main()
