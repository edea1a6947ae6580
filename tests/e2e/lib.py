"""What the end-to-end checks share: running the real binary, counting, finding the reference data.

A check file defines functions named check_*; main() runs them, prints one line each, and closes with the
lines that tests/run.py counts. A check that needs ../shared and does not find it raises Skip.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.path.join(os.path.dirname(ROOT), "shared")
BINARY = os.environ.get("SAFAR_BINARY", os.path.join(ROOT, "build", "gcc", "safar"))


class Skip(Exception):
    pass


def shared(*parts):
    path = os.path.join(SHARED, *parts)
    if not os.path.exists(path):
        raise Skip(f"../shared/{'/'.join(parts)} is not here")
    return path


def safar(*words, data=None, code=0, stdin=None, binary=False):
    """Runs the program; returns stdout as JSON when --json was asked, else as text."""
    command = [BINARY, *map(str, words)] + (["--data", data] if data else [])
    run = subprocess.run(command, input=stdin, capture_output=True, timeout=600)
    if run.returncode != code:
        raise AssertionError(f"{' '.join(command)} ended with {run.returncode}, not {code}:\n{run.stderr.decode()[-2000:]}")
    if binary:
        return run.stdout
    return json.loads(run.stdout) if "--json" in words and code == 0 else run.stdout.decode()


class Data:
    """A fresh data directory that goes away."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="safar-e2e-")
        return os.path.join(self.folder, "data")

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)


def equal(got, want, what):
    if got != want:
        raise AssertionError(f"{what}: {got!r}, expected {want!r}")


def close(got, want, tolerance, what):
    if got is None or abs(got - want) > tolerance:
        raise AssertionError(f"{what}: {got!r}, expected {want!r} within {tolerance}")


def main(scope):
    chosen = sys.argv[1:]
    passed = failed = 0
    skipped = []
    for name, check in [(n, f) for n, f in scope.items() if n.startswith("check_")]:
        if chosen and not any(c in name for c in chosen):
            continue
        began = time.monotonic()
        try:
            check()
            passed += 1
            print(f"ok    {name} ({time.monotonic() - began:.1f} s)")
        except Skip as why:
            skipped.append(str(why))
            print(f"skip  {name}: {why}")
        except Exception:
            failed += 1
            print(f"FAIL  {name}\n{traceback.format_exc()}")
        sys.stdout.flush()
    print(f"passed: {passed}\nfailed: {failed}")
    for why in skipped:
        print(f"skipped: 1 ({why})")
    return 1 if failed else 0
