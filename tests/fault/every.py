#!/usr/bin/env python3
"""kill -9 at the N-th change of the disk, for every N of what a program does: opening, taking a file in, putting small
blocks together, backing up, restoring, migrating an older directory.

After each kill the directory opens without help and passes the ledger; then the same command is simply run again, and
works. SAFAR_POINTS says how many N of each are tried, spread over all of them; a write is killed half way through.
"""
import glob
import os
import shutil
import sqlite3
import sys
import tempfile

from keeper import Ledger, seed_of
from server import BINARY, equal, main  # noqa: F401
from shim import Disk
from lib import ROOT, safar

POINTS = int(os.environ.get("SAFAR_POINTS", "3"))


class Case:
    """A directory as it is before, what is run on it, and what must hold afterwards."""

    def __init__(self, name):
        self.name, self.base = name, tempfile.mkdtemp(prefix="safar-every-")
        self.root, self.before = os.path.join(self.base, "root"), os.path.join(self.base, "before")
        os.mkdir(self.root)
        os.mkdir(self.before)
        self.data, self.ledger, self.disk = os.path.join(self.root, "data"), Ledger(), Disk(self.root)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.base, ignore_errors=True)

    def file(self, n, name):
        names, lines = self.ledger.lines(n)
        path = os.path.join(self.base, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(lines)
        return names, path

    def take_in(self, n, name):
        names, path = self.file(n, name)
        safar("import", path, "--json", data=self.data)
        self.ledger.answered(names)

    def remember(self):
        shutil.rmtree(self.before)
        shutil.copytree(self.root, self.before)

    def again(self):
        shutil.rmtree(self.root)
        shutil.copytree(self.before, self.root)
        self.disk.heal()
        self.disk.changes = 0

    def every(self, words, look, names=(), done=lambda: False):
        """`look` is called when the command was run again; it is not when `done` says that it had ended before the kill."""
        dice = seed_of(self.name)
        self.again()
        whole = self.disk.run(*words)
        equal(whole.returncode, 0, f"{self.name}: {whole.stderr.decode()[-500:]}")
        total = self.disk.changes
        points = sorted(dice.sample(range(1, total + 1), min(POINTS, total)))
        killed = 0
        for n in points:
            self.again()
            self.disk.kill_at = n
            run = self.disk.run(*words)
            killed += run.returncode == -9
            assert run.returncode in (0, -9), f"{self.name}, change {n}: {run.returncode} {run.stderr.decode()[-500:]}"
            self.disk.heal()
            if os.path.exists(os.path.join(self.data, "safar.db")):
                # Nothing of ours is there before the first migration, and a ledger looks into what a program has made.
                safar("query", "dfg", "--json", data=self.data)
                self.ledger.check(self.data, what=f"{self.name}, killed at change {n} of {total}")
            if run.returncode != 0 and not done():
                run = self.disk.run(*words)
                equal(run.returncode, 0, f"{self.name}, run again after change {n} of {total}: {run.stderr.decode()[-500:]}")
            acked = dict(self.ledger.acked)
            self.ledger.answered(names)
            look(f"{self.name}, run again after change {n} of {total}")
            self.ledger.acked = acked
        print(f"{self.name}: {total} changes, {len(points)} points, {killed} kills, 0 lost, 0 doubled")
        assert killed >= len(points) * 0.7, (killed, points)

    def whole(self, what):
        self.ledger.check(self.data, what=what)


def check_taking_a_file_into_a_new_directory():
    with Case("a new directory") as c:
        names, path = c.file(400, "a.ndjson")
        c.every(["import", path, "--data", c.data], c.whole, names)


def check_taking_a_file_into_a_directory_with_events():
    with Case("ingest") as c:
        c.take_in(300, "a.ndjson")
        c.remember()
        names, path = c.file(4000, "b.ndjson")
        c.every(["import", path, "--data", c.data], c.whole, names)


def blocks(data):
    with sqlite3.connect(f"file:{data}/safar.db?mode=ro", uri=True) as db:
        return db.execute("SELECT count(*) FROM event_block").fetchone()[0]


def check_putting_small_blocks_together():
    with Case("compaction") as c:
        for i in range(12):
            c.take_in(60, f"{i}.ndjson")
        c.remember()
        before = blocks(c.data)
        names, path = c.file(17_000, "more.ndjson")
        c.every(["import", path, "--data", c.data], c.whole, names)
        c.again()
        safar("import", path, "--json", data=c.data)
        safar("query", "dfg", "--json", data=c.data)
        print(f"compaction: {before} blocks and 17,000 events more became {blocks(c.data)} blocks")
        assert before >= 12 and blocks(c.data) < before, (before, blocks(c.data))


def check_a_backup():
    with Case("backup") as c:
        c.take_in(3000, "a.ndjson")
        c.remember()
        file, place = os.path.join(c.root, "b.db"), os.path.join(c.base, "restored")

        def look(what):
            c.whole(what)
            shutil.rmtree(place, ignore_errors=True)
            safar("restore", file, data=place)
            c.ledger.check(place, what=what + ", restored")
        c.every(["backup", file, "--data", c.data], look, done=lambda: os.path.exists(file))


def check_a_restore():
    with Case("restore") as c:
        c.take_in(3000, "a.ndjson")
        file = os.path.join(c.base, "b.db")
        safar("backup", file, data=c.data)
        shutil.rmtree(c.data)
        c.remember()
        dice, done = seed_of("restore"), 0
        c.again()
        equal(c.disk.run("restore", file, "--data", c.data).returncode, 0, "restore")
        c.ledger.check(c.data, what="restored")
        total = c.disk.changes
        for n in sorted(dice.sample(range(1, total + 1), min(POINTS, total))):
            c.again()
            c.disk.kill_at = n
            equal(c.disk.run("restore", file, "--data", c.data).returncode, -9, f"killed at {n}")
            c.disk.heal()
            # Either nothing is there yet, and it is run again; or the whole copy is.
            if not os.path.exists(os.path.join(c.data, "safar.db")):
                again = c.disk.run("restore", file, "--data", c.data)
                equal(again.returncode, 0, f"run again after change {n} of {total}: {again.stderr.decode()[-500:]}")
            safar("query", "dfg", "--json", data=c.data)
            c.ledger.check(c.data, what=f"restore, killed at change {n} of {total}")
            done += 1
        print(f"restore: {total} changes, {done} kills, 0 lost, 0 doubled")


def older(data, upto):
    """The directory as a program had it that knew the migrations up to that number."""
    new = os.path.join(data, "safar.db")
    safar("verify", data=data)
    old = new + ".old"
    db = sqlite3.connect(old, isolation_level=None)
    db.execute("PRAGMA page_size = 16384")
    db.execute(f"PRAGMA application_id = {0x53414652}")
    db.execute("CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
    for path in sorted(glob.glob(os.path.join(ROOT, "src", "store", "schema", "*.sql"))):
        number = int(os.path.basename(path)[:4])
        if number <= upto:
            with open(path, encoding="utf-8") as f:
                db.executescript(f.read())
            db.execute("INSERT INTO migration VALUES (?, ?)", (number, os.path.basename(path)))
    db.execute("ATTACH ? AS new", (new,))
    for (table,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migration'").fetchall():
        columns = ", ".join(f'"{r[1]}"' for r in db.execute(f'PRAGMA main.table_info("{table}")'))
        db.execute(f'INSERT OR REPLACE INTO main."{table}" ({columns}) SELECT {columns} FROM new."{table}"')
    db.close()
    for end in ("", "-wal", "-shm"):
        if os.path.exists(new + end):
            os.unlink(new + end)
    shutil.rmtree(os.path.join(data, "index"))
    os.rename(old, new)


def check_an_upgrade_that_is_interrupted():
    for upto in (1, 8):
        with Case(f"migration from {upto}") as c:
            c.take_in(2000, "a.ndjson")
            want = safar("query", "dfg", "--json", data=c.data)
            older(c.data, upto)
            c.remember()

            def look(what):
                c.whole(what)
                equal(safar("query", "dfg", "--json", data=c.data), want, what)
            c.every(["query", "dfg", "--json", "--data", c.data], look)


if __name__ == "__main__":
    sys.exit(main(globals()))
