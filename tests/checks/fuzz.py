#!/usr/bin/env python3
"""Every fuzz target for its share of two minutes (SAFAR_FUZZ_SECONDS in all), two at a time, from the seed corpora."""
import concurrent.futures
import glob
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build", "fuzz")
if not os.path.exists(os.path.join(BUILD, "build.ninja")):
    cc = "ccache clang" if any(os.access(os.path.join(p, "ccache"), os.X_OK) for p in os.environ["PATH"].split(":")) else "clang"
    made = subprocess.run(["meson", "setup", BUILD, ROOT, "-Dfuzz=true", "-Db_sanitize=address,undefined", "-Db_lundef=false"],
                          env=dict(os.environ, CC=cc), capture_output=True)
    if made.returncode:
        sys.exit(made.stdout.decode()[-3000:])
names = sorted(os.path.basename(f)[:-2] for f in glob.glob(os.path.join(ROOT, "fuzz", "*.c")))
built = subprocess.run(["ninja", "-C", BUILD, *[f"fuzz/fuzz_{n}" for n in names]], capture_output=True)
if built.returncode:
    sys.exit(built.stdout.decode()[-3000:])
seeded = subprocess.run([sys.executable, os.path.join(ROOT, "fuzz", "seeds.py"), os.path.join(BUILD, "corpus")], capture_output=True)
bare = [n for n in names if not os.path.isdir(os.path.join(BUILD, "corpus", n))]
if seeded.returncode or bare:
    sys.exit(f"no seeds for {bare}: {seeded.stderr.decode()[-3000:]}")
seconds = max(5, int(os.environ.get("SAFAR_FUZZ_SECONDS", "120")) * 2 // max(1, len(names)) // 2)


def one(name):
    corpus = os.path.join(BUILD, "corpus", name)
    with tempfile.TemporaryDirectory() as found:
        run = subprocess.run([os.path.join(BUILD, "fuzz", "fuzz_" + name), found, corpus,
                              f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=4096", "-print_final_stats=1", f"-artifact_prefix={BUILD}/"],
                             capture_output=True, timeout=seconds + 120)
    log = run.stderr.decode("utf-8", "replace")
    runs = next((line.split()[-1] for line in log.splitlines() if "number_of_executed_units" in line), "?")
    return name, run.returncode, runs, log


failed = 0
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for name, code, runs, log in pool.map(one, names):
        print(f"{name}: {runs} inputs in {seconds} s" + ("" if code == 0 else f", ended with {code}"))
        if code:
            failed += 1
            print("\n".join(log.splitlines()[-60:]))
print(f"passed: {len(names) - failed}\nfailed: {failed}")
sys.exit(1 if failed else 0)
