#!/usr/bin/env python3
"""Truth 5 of the demo over many seeds: the installation visit comes out as a moment of truth and unboxing does not.

    tests/e2e/moments.py [--first 1] [--seeds 100] [--customers 10000] [--end-day 2026-05-31]

Makes a demo company a seed with the program itself, asks it, prints one line a seed and the sums; exit 1 when fewer than 95 %
of the seeds tell the two apart. Not a step of ./test: 100 seeds take a quarter of an hour on two cores.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SAFAR = os.environ.get("SAFAR", os.path.join(ROOT, "build", "gcc", "safar"))
PLANTED = 0.41 - 0.19


def ask(seed, customers, end_day):
    folder = tempfile.mkdtemp(prefix="safar-moments-")
    try:
        subprocess.run([SAFAR, "demo", "--data", folder, "--seed", str(seed), "--customers", str(customers), "--end-day", end_day], check=True, capture_output=True)
        out = subprocess.run([SAFAR, "query", "moments", "--map", "orders", "--data", folder, "--json"], check=True, capture_output=True).stdout
        return {t["name"]: t for t in json.loads(out)["touchpoints"]}
    finally:
        shutil.rmtree(folder)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--seeds", type=int, default=100)
    args.add_argument("--first", type=int, default=1)
    args.add_argument("--customers", type=int, default=10000)
    args.add_argument("--end-day", default="2026-05-31")
    a = args.parse_args()
    sums = dict.fromkeys(("found", "quiet", "both", "covered", "nothing", "others", "alone"), 0)
    visit_sum = unboxing_sum = raw_sum = 0.0
    for seed in range(a.first, a.first + a.seeds):
        t = ask(seed, a.customers, a.end_day)
        visit, unboxing = t["installation"], t["unboxing"]
        others = [n for n, x in t.items() if x["moment"] and n not in ("installation", "unboxing")]
        sums["found"] += visit["moment"]
        sums["quiet"] += not unboxing["moment"]
        sums["both"] += visit["moment"] and not unboxing["moment"]
        sums["covered"] += visit["diff"]["lo"] <= PLANTED <= visit["diff"]["hi"]
        sums["nothing"] += unboxing["diff"]["lo"] <= 0 <= unboxing["diff"]["hi"]
        sums["others"] += bool(others)
        visit_sum += visit["diff"]["est"]
        unboxing_sum += unboxing["diff"]["est"]
        raw_sum += unboxing["raw_diff"]
        print(f"seed {seed}: installation {visit['diff']['est']:+.3f} p {visit['p_adjusted']:.4f} {'yes' if visit['moment'] else 'NO'}; unboxing {unboxing['diff']['est']:+.3f} "
              f"(raw {unboxing['raw_diff']:+.3f}) p {unboxing['p_adjusted']:.3f} {'YES' if unboxing['moment'] else 'no'}; others {','.join(others) or '-'}", flush=True)
    n = a.seeds
    print(f"{n} seeds of {a.customers} customers: visit found {sums['found']}, unboxing quiet {sums['quiet']}, told apart {sums['both']}, another touchpoint found {sums['others']}")
    print(f"installation mean {visit_sum / n:+.3f} (planted {PLANTED:+.3f}), 95 % intervals that hold it {sums['covered']}; "
          f"unboxing mean {unboxing_sum / n:+.3f} (raw {raw_sum / n:+.3f}), intervals that hold nothing {sums['nothing']}")
    return 0 if sums["both"] >= 0.95 * n else 1


if __name__ == "__main__":
    sys.exit(main())
