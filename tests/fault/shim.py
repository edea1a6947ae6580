"""The other side of tests/fault/shim.c: a disk that fails on demand, under a program that this starts."""
import mmap
import os
import struct
import subprocess

from lib import BINARY, ROOT

SHIM = os.path.join(os.path.dirname(BINARY), "tests", "fault", "faultdisk.so")
if not os.path.exists(SHIM):
    SHIM = os.path.join(ROOT, "build", "gcc", "tests", "fault", "faultdisk.so")
FIELDS = ("changes", "kill_at", "fail", "fail_at", "for_ever", "error", "fired", "full", "clock_ms", "recorded", "made_late")
FAIL_WRITES, FAIL_SYNCS = 1, 2


class Disk:
    """`disk.full = 1`, `disk.changes`: the numbers of struct control, shared with the program under test."""

    def __init__(self, folder, record=False):
        root = folder.rstrip("/") + ".disk"
        os.makedirs(root, exist_ok=True)
        self.__dict__["folder"], self.__dict__["control"] = folder, os.path.join(root, "control")
        self.__dict__["record"] = os.path.join(root, "record") if record else ""
        with open(self.control, "wb") as f:
            f.write(bytes(4096))
        if record:
            open(self.record, "wb").close()
        with open(self.control, "r+b") as f:
            self.__dict__["page"] = mmap.mmap(f.fileno(), 4096)

    def __getattr__(self, name):
        return struct.unpack_from("q", self.page, FIELDS.index(name) * 8)[0]

    def __setattr__(self, name, value):
        struct.pack_into("q", self.page, FIELDS.index(name) * 8, value)

    def heal(self):
        for name in ("kill_at", "fail", "fail_at", "for_ever", "full"):
            setattr(self, name, 0)

    def fail_from(self, what, error, nth=1, for_ever=False):
        self.error, self.for_ever, self.fail_at, self.fail = error, int(for_ever), nth, what

    @property
    def env(self):
        return dict(os.environ, LD_PRELOAD=SHIM, SAFAR_FAULT_FOLDER=self.folder, SAFAR_FAULT_CONTROL=self.control, SAFAR_FAULT_RECORD=self.record)

    def run(self, *words, stdin=None):
        """One command on this disk."""
        return subprocess.run([BINARY, *map(str, words)], env=self.env, input=stdin, stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True, timeout=120)
