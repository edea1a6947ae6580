"""The one ledger of the fault tests: senders outside the server keep what they sent and what was answered, and after
whatever happened the log must hold each acknowledged event once, every other at most once, and nothing that was never
sent; the sums of each source add up, and every block reads back (tests/fault/ledger.c looks).

Every event carries its name in a property, "ledger". The mark of an answer says when it had come, as
bytes of a disk's record or as a time: who cuts the power there or later, or begins a backup then, must find the event.
"""
import json
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from collect import basic  # noqa: E402
from server import BINARY, Client, equal, main  # noqa: E402,F401  (main: all.py has it from here)

LEDGER = os.path.join(os.path.dirname(BINARY), "tests", "fault", "ledger")


class Ledger:
    def __init__(self, key=None, disk=None, mark=None):
        self.key, self.lock, self.next = key, threading.Lock(), 0
        self.mark = mark or ((lambda: disk.recorded) if disk else (lambda: 0))
        self.waiting = []  # batches without an answer
        self.sent = set()
        self.acked = {}  # name -> mark of the record
        self.refused = []  # (status, seconds, problem)

    # --- sending ---------------------------------------------------------------------------------

    def lines(self, n):
        """(names, NDJSON) of n more events, for files."""
        with self.lock:
            names = [f"f{self.next + i}" for i in range(n)]
            self.next += n
            self.sent.update(names)
        return names, "".join(json.dumps({"customer": f"c{i % 97}", "at": 1700000000000 + i * 1000, "event": f"E{i % 9}", "id": name,
                                          "properties": {"ledger": name, "pad": "y" * (i % 300)}}) + "\n" for i, name in enumerate(names))

    def batch(self, size=None):
        with self.lock:
            if self.waiting:
                return self.waiting.pop()
            n, self.next = self.next, self.next + 1
            size = size or 1 + n % 7
            self.sent.update(f"b{n}-{k}" for k in range(size))
        return [{"type": "track", "userId": f"c{(n * 31 + k) % 97}", "event": f"E{k % 9}", "messageId": f"b{n}-{k}",
                 "timestamp": "2026-03-01T10:00:00Z", "properties": {"ledger": f"b{n}-{k}", "pad": "x" * (n % 500)}} for k in range(size)]

    def answered(self, names):
        mark = self.mark()
        with self.lock:
            self.acked.update({n: mark for n in names if n not in self.acked})

    def give(self, client, batch):
        """Sends one batch; its answer, or None without one. What has no success waits to be sent again."""
        try:
            answer = client.ask("POST", "/v1/batch", {"batch": batch}, basic(self.key))
        except OSError:
            answer = None
        except Exception as e:  # noqa: BLE001 (a cut answer: http.client has many names for it)
            if "http.client" not in type(e).__module__:
                raise
            answer = None
        if answer is not None and answer.status == 200:
            self.answered([e["messageId"] for e in batch])
        else:
            with self.lock:
                self.waiting.append(batch)
        return answer

    def send(self, port, stop):
        client = Client(port)
        while not stop.is_set():
            answer = self.give(client, self.batch())
            if answer is None or answer.status != 200:
                stop.wait(0.01)

    def rest(self, port):
        """What waits is sent again, as senders do, and now taken."""
        client = Client(port)
        for _ in range(len(self.waiting)):
            answer = self.give(client, self.batch())
            equal(answer and answer.status, 200, "the rest, sent again")

    # --- looking -----------------------------------------------------------------------------------

    def check(self, data, mark=None, what=""):
        """Of a directory that nobody has open. With a mark: as if the power had gone there."""
        lines = [f"sent {n}" for n in self.sent] + [f"acked {n}" for n, m in self.acked.items() if mark is None or m <= mark]
        run = subprocess.run([LEDGER, data], input="\n".join(lines).encode(), capture_output=True, timeout=120)
        if run.returncode != 0:
            raise AssertionError(f"{what}: {run.stdout.decode()}{run.stderr.decode()[-2000:]}")
        return json.loads(run.stdout)

    def check_server(self, server):
        """Of one that runs: what the index counts is what the log has, and the sums add up."""
        server.wait_ready()
        server.caught_up()
        sums = server.sums()
        equal(sums["received"], sums["stored"] + sums["duplicate"] + sums["set_aside"] + sums["refused"], "sum identity")
        equal((sums["set_aside"], sums["refused"]), (0, 0), "conflicts")
        equal(server.admin.ask("GET", "/api/query/dfg").json["events"], sums["stored"], "the index counts the same")
        assert len(self.acked) <= sums["stored"] <= len(self.sent), (len(self.acked), sums, len(self.sent))


def senders(ledger, port, n=4):
    """Starts n of them; the function that stops them."""
    stop = threading.Event()
    threads = [threading.Thread(target=ledger.send, args=(port, stop), daemon=True) for _ in range(n)]
    for t in threads:
        t.start()

    def end():
        stop.set()
        for t in threads:
            t.join()
    return end


def seed_of(what):
    import random
    import time
    seed = int(os.environ.get("SAFAR_SEED", time.time_ns() % 10**9))
    print(f"{what}: seed {seed} (again with SAFAR_SEED={seed})")
    return random.Random(seed)
