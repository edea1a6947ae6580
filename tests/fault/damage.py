#!/usr/bin/env python3
"""Bytes that change on the disk: what is derived is made anew, and the file of truth says so or gives the same answers.

Damage is a bit turned, 4 KiB of zeros, a tail cut off or a piece doubled, anywhere in any file. Then either `safar
verify` names the place or the program says what is wrong; or the answers are those of before. Never another answer
without a word, never a crash, never a wait without end. SAFAR_DAMAGES says how many.
"""
import collections
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from keeper import Ledger, seed_of
from lib import BINARY, safar
from server import main

DAMAGES = int(os.environ.get("SAFAR_DAMAGES", "20"))


def damage(path, dice):
    """Changes a file; in words what and where."""
    size = os.path.getsize(path)
    how = dice.choice(("bit", "bit", "bit", "zeros", "cut", "doubled"))
    with open(path, "r+b") as f:
        at = dice.randrange(size)
        if how == "bit":
            f.seek(at)
            byte = f.read(1)[0]
            f.seek(at)
            f.write(bytes([byte ^ 1 << dice.randrange(8)]))
        elif how == "zeros":
            f.seek(at)
            f.write(bytes(min(4096, size - at)))
        elif how == "cut":
            f.truncate(at)
        else:
            f.seek(max(0, at - 4096))
            piece = f.read(4096)
            f.seek(0, os.SEEK_END)
            f.write(piece)
    return f"{how} at {at} of {size} in {os.path.basename(path)}"


def ask(data, *words):
    run = subprocess.run([BINARY, *words, "--data", data], capture_output=True, timeout=60)
    assert run.returncode >= 0 and run.returncode < 100, f"{words} died: {run.returncode} {run.stderr.decode()[-500:]}"
    return run


def prepared(base):
    """A directory with events in large and in small blocks, and its index."""
    data, ledger = os.path.join(base, "data"), Ledger()
    for i, n in enumerate((6000, 50, 50)):
        names, lines = ledger.lines(n)
        path = os.path.join(base, "in.ndjson")
        with open(path, "w", encoding="utf-8") as f:
            f.write(lines)
        safar("import", path, "--json", data=data)
        ledger.answered(names)
    want = ask(data, "query", "dfg", "--json").stdout
    with sqlite3.connect(os.path.join(data, "safar.db")) as db:  # else the log beside the file hides what changes in it
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return data, want


def files_of(data, derived):
    found = []
    for folder, _, names in os.walk(data):
        for name in names:
            path = os.path.join(folder, name)
            is_derived = os.path.relpath(path, data).startswith("index")
            if is_derived == derived and os.path.getsize(path) and (derived or name == "safar.db"):
                found.append(path)
    return sorted(found)


def many(derived, share):
    dice = seed_of("damage of what is derived" if derived else "damage of the truth")
    base = tempfile.mkdtemp(prefix="safar-damage-")
    said = collections.Counter()
    try:
        data, want = prepared(base)
        for _ in range(max(3, int(DAMAGES * share))):
            copy = os.path.join(base, "copy")
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(data, copy)
            what = damage(dice.choice(files_of(copy, derived)), dice)
            looked = ask(copy, "verify", "--json")
            answer = ask(copy, "query", "dfg", "--json")
            same = answer.returncode == 0 and answer.stdout == want
            if looked.returncode != 0:
                said["named by verify"] += 1
                assert looked.stdout or looked.stderr, what
            elif answer.returncode != 0:
                said["refused with a reason"] += 1
                assert answer.stderr, what
            else:
                assert same, f"another answer without a word after {what}: {answer.stdout[:300]}"
                said["the same answers"] += 1
            if derived:
                assert same, f"what is derived was not made anew after {what}: {answer.returncode} {answer.stderr[-500:]} {answer.stdout[:200]}"
    finally:
        shutil.rmtree(base, ignore_errors=True)
    print(", ".join(f"{n} {k}" for k, n in said.most_common()))


def check_damage_of_derived_files_is_mended():
    many(True, 0.4)


def check_damage_of_the_truth_is_named_or_harmless():
    many(False, 0.6)


if __name__ == "__main__":
    sys.exit(main(globals()))
