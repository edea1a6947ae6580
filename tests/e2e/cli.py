#!/usr/bin/env python3
"""The command line's contract (docs/cli.md): exit codes, shapes, a server in between, the way in and out of a backup."""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from lib import BINARY, Data, equal, main, safar

LINES = "\n".join(
    json.dumps({"customer": c, "at": f"2026-03-0{d}T0{h}:00:00Z", "event": e, "channel": "web", "properties": p})
    for c, d, h, e, p in [
        ("u1", 1, 1, "Visit", {}), ("u1", 1, 2, "Order", {"journey": "o1"}), ("u1", 3, 1, "Delivered", {"journey": "o1", "expected_at": "2026-03-02T00:00:00Z"}),
        ("u1", 3, 2, "Answer", {"journey": "o1", "about": "Delivered", "score": 2, "comment": "دیر رسید"}),
        ("u2", 1, 3, "Visit", {}), ("u2", 2, 1, "Order", {"journey": "o2"}), ("u3", 1, 1, "Visit", {}),
    ]).encode() + b"\n"


def check_usage_is_exit_2():
    for words in ([], ["nonsense"], ["query"], ["query", "dfg", "--nonsense"], ["query", "dfg", "extra"], ["import"], ["map", "show"],
                  ["query", "dfg", "--from"], ["map", "export", "x"], ["query", "dfg", "--lang", "de"]):
        with Data() as data:
            safar(*words, data=data if words else None, code=2)


def check_ndjson_from_stdin_and_the_same_again():
    with Data() as data:
        got = safar("import", "-", "--format", "ndjson", "--json", data=data, stdin=LINES)
        equal((got["rows"], got["read"], got["stored"], got["duplicate"], got["rejected"]), (7, 7, 7, 0, 0), "first")
        again = safar("import", "-", "--format", "ndjson", "--json", data=data, stdin=LINES)
        equal((again["stored"], again["duplicate"]), (0, 7), "again")
        dfg = safar("query", "dfg", "--json", data=data)
        equal((dfg["events"], dfg["customers"]), (7, 3), "dfg")
        equal({(e["from"], e["to"]): e["count"] for e in dfg["edges"]},
              {("Visit", "Order"): 2, ("Order", "Delivered"): 1, ("Delivered", "Answer"): 1}, "edges")
        who = safar("customer", "u1", "--json", data=data)
        equal([e["name"] for e in who["events"]], ["Visit", "Order", "Delivered", "Answer"], "timeline")
        equal(who["events"][3]["body"]["properties"]["comment"], "دیر رسید", "words are kept")
        safar("customer", "nobody", "--json", data=data, code=3)
        scoped = safar("query", "dfg", "--json", "--from", "2026-03-02", "--to", "2026-03-03", data=data)
        equal(scoped["events"], 1, "half-open scope")


def check_two_customers_become_one_and_two_again():
    with Data() as data:
        safar("import", "-", "--format", "ndjson", "--json", data=data, stdin=LINES)
        safar("customer", "merge", "u1", "u2", data=data, code=2)
        safar("customer", "merge", "u1", "u2", "--reason", "one household", data=data)
        equal(safar("query", "dfg", "--json", data=data)["customers"], 2, "one less")
        safar("customer", "merge", "u1", "u2", "--reason", "again", data=data, code=4)
        safar("customer", "unmerge", "u2", "u1", "--reason", "two people", "--json", data=data)
        equal(safar("query", "dfg", "--json", data=data)["customers"], 3, "as before")
        equal([(m["apart"], m["reason"]) for m in safar("customer", "u2", "--json", data=data)["merges"]], [(False, "one household"), (True, "two people")], "on record")


def check_dry_run_stores_nothing_and_bad_lines_have_reasons():
    bad = LINES + b'{"customer":"u9","event":"NoTime"}\nnot json\n{"customer":"u9","at":"1850-01-01T00:00:00Z","event":"Old"}\n' \
                  b'{"customer":"u9","at":"2026-03-01T00:00:00Z","event":"Rated","properties":{"score":11,"score_min":0,"score_max":10}}\n'
    with Data() as data:
        got = safar("import", "-", "--format", "ndjson", "--dry-run", "--json", data=data, stdin=bad)
        equal((got["stored"], got["rejected"]), (7, 4), "dry run")
        equal(safar("query", "dfg", "--json", data=data)["events"], 0, "events after a dry run")
        got = safar("import", "-", "--format", "ndjson", "--json", data=data, stdin=bad)
        equal((got["read"], got["stored"], got["rejected"]), (11, 7, 4), "import")
        with open(got["rejects_file"] if os.path.isabs(got["rejects_file"]) else os.path.join(data, "rejects", os.path.basename(got["rejects_file"])), encoding="utf-8") as f:
            rows = [json.loads(line) for line in f]
        equal(sorted(r["line"] for r in rows), [8, 9, 10, 11], "lines of the rejects file")
        assert all(r.get("field") is not None and r["text"] for r in rows), rows
        equal(os.stat(f.name).st_mode & 0o777, 0o600, "mode of the rejects file")


def check_backup_restore_verify():
    with Data() as data, tempfile.TemporaryDirectory() as folder:
        safar("import", "-", "--format", "ndjson", "--json", data=data, stdin=LINES)
        copy = os.path.join(folder, "copy.db")
        safar("backup", copy, "--json", data=data)
        other = os.path.join(folder, "other")
        safar("restore", copy, "--json", data=other)
        equal(safar("verify", "--json", data=other)["good"], True, "verify of the restored directory")
        equal(safar("query", "dfg", "--json", data=other), safar("query", "dfg", "--json", data=data), "answers before and after")
        again = safar("import", "-", "--format", "ndjson", "--json", data=other, stdin=LINES)
        equal((again["stored"], again["duplicate"]), (0, 7), "ids are known after a restore")


class Server:
    def __init__(self, data, *words):
        self.data, self.words = data, words

    def __enter__(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.process = subprocess.Popen([BINARY, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}", *self.words],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2)
                return self
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if self.process.poll() is not None:
                    raise AssertionError("the server ended at once")
                time.sleep(0.1)
        raise AssertionError("the server was not ready after a minute")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


def check_the_same_answers_through_a_server():
    with Data() as data:
        safar("import", "-", "--format", "ndjson", "--json", data=data, stdin=LINES)
        alone = [safar("query", q, "--json", data=data) for q in ("dfg", "variants", "touchpoints", "inventory")]
        with Server(data):
            equal([safar("query", q, "--json", data=data) for q in ("dfg", "variants", "touchpoints", "inventory")], alone, "answers")
            more = LINES.replace(b'"u1"', b'"u7"')
            got = safar("import", "-", "--format", "ndjson", "--json", data=data, stdin=more)
            equal((got["stored"], got["duplicate"]), (4, 3), "import through the server")
            equal(safar("query", "dfg", "--json", data=data)["customers"], 4, "read after write")
            key = safar("source", "new", "shop", "--json", data=data)
            assert key["write_key"], key
            sums = safar("source", "list", "--json", data=data)["sources"]
            for s in sums:
                equal(s["sums"]["received"], sum(s["sums"][k] for k in ("stored", "duplicate", "set_aside", "refused")), f"sum of {s['name']}")
            equal(safar("verify", "--json", data=data)["good"], True, "verify beside a server")


if __name__ == "__main__":
    sys.exit(main(globals()))
