#!/usr/bin/env python3
"""The power goes: what was synced is there, of the rest anything may be there or not.

The program writes on a disk that writes every change down (tests/fault/shim.c), and every sync. A cut is a place in
that record: the folder is laid out anew as a disk could hold it then. Synced bytes are there; of the writes after the
last sync of a file any may be missing or half there (by sectors of 512 bytes); of new, changed and taken names those
after the last sync of their folder are there up to some moment. A kill alone proves nothing of this, because the
system's cache outlives the process. The folder must open without anybody's help, and pass the ledger.

SAFAR_CUTS says how many.
"""
import os
import shutil
import struct
import sys
import tempfile
import time

from keeper import Ledger, seed_of, senders
from server import Server, equal, main
from shim import Disk

CUTS = int(os.environ.get("SAFAR_CUTS", "12"))
CUTS_A_LIFE = 12
WRITE, SYNC_BEGIN, SYNC_END, SIZE, MAKE, RENAME, UNLINK, MAKE_FOLDER, REMOVE_FOLDER = range(1, 10)
HEAD = struct.Struct("=IIQQ")
SECTOR = 512


def entries(path):
    """(place after it, change, file, at, bytes) of each whole entry."""
    with open(path, "rb") as f:
        bytes_ = f.read()
    at = 0
    while at + HEAD.size <= len(bytes_):
        change, n, file, where = HEAD.unpack_from(bytes_, at)
        if at + HEAD.size + n > len(bytes_):
            return
        at += HEAD.size + n
        yield at, change, file, where, bytes_[at - n:at]


class File:
    def __init__(self):
        self.kept, self.waiting, self.syncs = bytearray(), [], {}

    def sync_end(self, number):
        """What was written before the sync began is kept; what came while it ran may be."""
        n = self.syncs.pop(number)
        for change in self.waiting[:n]:
            apply(self.kept, change)
        del self.waiting[:n]
        self.syncs = {k: v - n for k, v in self.syncs.items()}


def apply(content, change):
    at, data = change
    if data is None:
        del content[at:]
        content.extend(bytes(at - len(content)))
        return
    content.extend(bytes(max(0, at + len(data) - len(content))))
    content[at:at + len(data)] = data


class Folder:
    """A disk as the record tells it. Names: those that are kept, and changes of names that wait for their folder."""

    def __init__(self, root):
        self.root, self.files, self.folders = root, {}, {}
        self.names, self.waiting = {}, []  # path -> file or "folder"; (folder, undoable change)

    def take(self, change, file, at, data):
        if change == WRITE:
            self.files.setdefault(file, File()).waiting.append((at, data))
        elif change == SIZE:
            self.files.setdefault(file, File()).waiting.append((at, None))
        elif change == SYNC_BEGIN:
            if file in self.files:
                self.files[file].syncs[at] = len(self.files[file].waiting)
        elif change == SYNC_END:
            if file in self.files:
                self.files[file].sync_end(at)
            elif file in self.folders:
                self.keep_names(self.folders[file])
        elif change in (MAKE, MAKE_FOLDER):
            path = data.decode()
            if change == MAKE:
                self.files[file] = File()
            else:
                self.folders[file] = path
            if change == MAKE or at:
                self.waiting.append((os.path.dirname(path), [(path, "folder" if change == MAKE_FOLDER else self.files[file])]))
        elif change == RENAME:
            old, new = (p.decode() for p in data.split(b"\0"))
            self.waiting.append((os.path.dirname(new), [(old, None), (new, self.now().get(old))]))
        else:
            path = data.decode()
            self.waiting.append((os.path.dirname(path), [(path, None)]))

    def now(self):
        names = dict(self.names)
        for _, changes in self.waiting:
            names.update(changes)
        return names

    def keep_names(self, folder):
        for where, changes in self.waiting:
            if where == folder:
                self.names.update(changes)
        self.waiting = [w for w in self.waiting if w[0] != folder]

    def lay_out(self, to, dice):
        """One of the ways in which a disk could hold it now."""
        names = dict(self.names)
        until = {w: dice.randint(0, sum(f == w for f, _ in self.waiting)) for w in {f for f, _ in self.waiting}}
        for folder, changes in self.waiting:
            if until[folder] > 0:
                names.update(changes)
                until[folder] -= 1
        share = dice.choice((0.0, 0.5, 0.9, 1.0))
        for path in sorted(names):
            node = names[path]
            place = os.path.join(to, os.path.relpath(path, self.root))
            if node is None or not os.path.isdir(os.path.dirname(place)):
                continue
            if node == "folder":
                os.mkdir(place)
                continue
            content = bytearray(node.kept)
            for at, data in node.waiting:
                if dice.random() >= share:
                    continue
                if data is not None and dice.random() < 0.3:  # torn: some of its sectors
                    for i in range(0, len(data), SECTOR):
                        if dice.random() < 0.5:
                            apply(content, (at + i, data[i:i + SECTOR]))
                else:
                    apply(content, (at, data))
            with open(place, "wb") as f:
                f.write(content)


def one_life(dice, cuts, seconds):
    """A server takes events in for a while; then the power goes at `cuts` places of what it wrote."""
    base = tempfile.mkdtemp(prefix="safar-power-")
    root = os.path.join(base, "root")
    os.mkdir(root)
    disk = Disk(root, record=True)
    disk.made_late = 1
    try:
        with Server(data=os.path.join(root, "data"), env=disk.env) as s:
            began = disk.recorded
            ledger = Ledger(s.source()[1], disk)
            end = senders(ledger, s.port)
            time.sleep(seconds)
            s.kill()
            end()
            s.env = None
            s.start()
        everything = list(entries(disk.record))
        places = sorted(dice.randint(began, everything[-1][0]) for _ in range(cuts - 2)) + [everything[-1][0]] * 2
        folder, acked, n = Folder(root), 0, 0
        for after, change, file, at, data in everything:
            while n < len(places) and places[n] < after:
                acked += cut(folder, ledger, places[n], base, dice)
                n += 1
            folder.take(change, file, at, data)
        for place in places[n:]:
            acked += cut(folder, ledger, place, base, dice)
        return len(places), acked, len(ledger.acked)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def cut(folder, ledger, place, base, dice):
    to = os.path.join(base, "after")
    shutil.rmtree(to, ignore_errors=True)
    os.mkdir(to)
    folder.lay_out(to, dice)
    return ledger.check(os.path.join(to, "data"), mark=place, what=f"power cut at {place} of the record")["acked"]


def check_power_cuts_lose_nothing_acknowledged():
    dice = seed_of("power cuts")
    done = acked = events = 0
    while done < CUTS:
        n, a, e = one_life(dice, min(CUTS_A_LIFE, CUTS - done), dice.uniform(0.8, 2.0))
        done, acked, events = done + n, acked + a, events + e
    print(f"{done} power cuts, {events} events acknowledged, {acked} times one was looked for and found: 0 lost, 0 doubled")
    assert acked > 20 * done, "too few events to prove anything"


def check_the_model_of_a_disk_can_lose():
    """Without the syncs in the record the same cuts lose what was acknowledged: the proof can fail."""
    dice = seed_of("a disk that keeps nothing")
    base = tempfile.mkdtemp(prefix="safar-power-")
    root = os.path.join(base, "root")
    os.mkdir(root)
    disk = Disk(root, record=True)
    try:
        with Server(data=os.path.join(root, "data"), env=disk.env) as s:
            ledger = Ledger(s.source()[1], disk)
            client = s.client()
            for _ in range(20):
                equal(ledger.give(client, ledger.batch()).status, 200, "a batch")
        folder = Folder(root)
        for _, change, file, at, data in entries(disk.record):
            if change != SYNC_END:
                folder.take(change, file, at, data)
        lost = 0
        for _ in range(4):
            try:
                cut(folder, ledger, disk.recorded, base, dice)
            except AssertionError:
                lost += 1
        assert lost > 0, "a disk that keeps nothing lost nothing"
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(globals()))
