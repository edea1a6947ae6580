#!/usr/bin/env python3
"""Events accepted durably a second over HTTP: `bench/ingest.py [--connections 64] [--events 20] [--seconds 10] [--data DIR] [--report]`.

Starts the server on a data directory (a new one, or DIR with what it holds), loads it from one thread (bench/ingest.c) with batches of events
that each have an id of their own, and counts afterwards that every acknowledged event is stored, and once. Beside it, in the same run: writes
of the same sizes with fdatasync and nothing else. --report writes docs/bench-ingest.md.
"""
import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "api"))
from server import Server  # noqa: E402


def bare_syncs(folder, size, seconds=2.0):
    """p50 and p99 in ms of a write of `size` bytes and fdatasync, one after another."""
    path, took, end = os.path.join(folder, "sync"), [], time.monotonic() + seconds
    with open(path, "wb", buffering=0) as f:
        while (began := time.monotonic()) < end:
            f.write(b"x" * size)
            os.fdatasync(f.fileno())
            took.append((time.monotonic() - began) * 1000)
    os.unlink(path)
    took.sort()
    return {"n": len(took), "p50_ms": round(took[len(took) // 2], 2), "p99_ms": round(took[len(took) * 99 // 100], 2)}


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(s, client, key, connections, events, seconds, start):
    before = cpu_seconds(s.process.pid)
    basic = base64.b64encode(f"{key}:".encode()).decode()
    run = subprocess.run([client, str(s.port), basic, str(connections), str(seconds), str(events), str(start)], capture_output=True, text=True)
    got = json.loads(run.stdout or "{}")
    if run.returncode or not got.get("events"):
        sys.exit(f"{got} {run.stderr}")
    return got | {"connections": connections, "batch": events, "server_cpu_us": round((cpu_seconds(s.process.pid) - before) / got["events"] * 1e6, 2)}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--connections", default="64")
    p.add_argument("--events", type=int, default=20)
    p.add_argument("--seconds", type=float, default=10)
    o = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        client = os.path.join(folder, "ingest")
        subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", client, os.path.join(ROOT, "bench", "ingest.c"), os.path.join(ROOT, "bench", "load.c")], check=True)
        with Server() as s:
            made = s.admin.ask("POST", "/api/sources", {"name": "bench"}).json
            runs = [load(s, client, made["write_key"], n, o.events, o.seconds, i + 1) for i, n in enumerate(map(int, o.connections.split(",")))]
            sums = next(x["sums"] for x in s.admin.ask("GET", "/api/sources").json["sources"] if x["id"] == made["id"])
        got = {"runs": runs, "sums": sums, "bare": bare_syncs(folder, 16384)}
    print(json.dumps(got))
    if sums["stored"] != sum(r["events"] for r in runs) or sums["received"] != sums["stored"]:
        sys.exit(f"not every acknowledged event is stored once: {sums}")


if __name__ == "__main__":
    main()
