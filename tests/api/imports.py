#!/usr/bin/env python3
"""Files: upload, look, import, follow, stop, rejects; and what does not fit."""
import json
import os
import subprocess
import sys
import time

from server import Server, at_once, equal, main, raw, status_of
from routes import CSV, NDJSON, finished, upload



def lines(n, prefix="c"):
    return b"".join(json.dumps({"customer": f"{prefix}{i}", "at": 1772323200000 + i, "event": "Visit", "id": f"{prefix}-{i}"}).encode() + b"\n" for i in range(n))


def check_an_import_says_exactly_what_it_did_and_again_stores_nothing():
    with Server() as s:
        for want in ({"rows": 501, "read": 501, "stored": 500, "duplicate": 0, "rejected": 1}, {"rows": 501, "read": 501, "stored": 0, "duplicate": 500, "rejected": 1}):
            job = s.admin.ask("POST", "/api/imports", {"uploads": [upload(s.admin, "visits.ndjson", NDJSON)], "dry_run": False}).json["job"]
            state = finished(s.admin, job)
            equal(state["state"], "done", str(state["error"]))
            equal({k: state["result"][k] for k in want}, want, "result")
            equal(state["result"]["first"][0]["line"], 501, "the line that was rejected")
            file = state["result"]["rejects_file"].split("/")[-1]
            got = s.admin.ask("GET", f"/api/rejects/{file}")
            equal((got.status, got.headers["content-type"]), (200, "application/x-ndjson"), "rejects")
            assert file in got.headers["content-disposition"] and len(got.body.splitlines()) == 1 and json.loads(got.body)["line"] == 501, got
        sums = s.sums()
        equal(sums["received"], sums["stored"] + sums["duplicate"] + sums["set_aside"] + sums["refused"], "sum identity")


def check_a_table_is_looked_at_and_imported_with_the_guessed_mapping():
    with Server() as s:
        number = upload(s.admin, "orders.csv", CSV)
        guess = s.admin.ask("POST", "/api/imports/guess", {"uploads": [number]}).json
        equal(guess["format"], "csv", "format")
        equal({c["name"]: c["role"] for c in guess["columns"]}, {"customer_id": "customer", "created_at": "time", "event": "event", "rating": "score"}, "roles")
        job = s.admin.ask("POST", "/api/imports", {"uploads": [number], "mapping": guess["mapping"], "dry_run": True}).json["job"]
        dry = finished(s.admin, job)
        equal((dry["state"], dry["result"]["read"], dry["result"]["rejected"], s.sums()["stored"]), ("done", 41, 1, 0), f"a dry run {dry}")
        job = s.admin.ask("POST", "/api/imports", {"uploads": [number], "mapping": guess["mapping"], "dry_run": False}).json["job"]
        wet = finished(s.admin, job)
        equal((wet["result"]["stored"], wet["result"]["rejected"], s.sums()["stored"]), (40, 1, 40), "stored")
        s.caught_up()
        equal(s.admin.ask("GET", "/api/query/dfg").json["customers"], 20, "customers")


def check_progress_comes_as_events_until_the_end():
    with Server() as s:
        job = s.admin.ask("POST", "/api/imports", {"uploads": [upload(s.admin, "many.ndjson", lines(60000))], "dry_run": False}).json["job"]
        request = f"GET /api/jobs/{job}/events HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nCookie: {s.admin.cookie}\r\nConnection: close\r\n\r\n".encode()
        got = raw(s.port, request, wait=30)
        assert status_of(got) == 200 and b"text/event-stream" in got, got[:500]
        states = [json.loads(l[6:]) for l in got.replace(b"\r\n", b"\n").split(b"\n") if l.startswith(b"data: ")]
        equal(states[-1]["state"], "done", "the last event")
        equal(states[-1]["result"]["stored"], 60000, "stored")
        assert len(states) >= 2 and [x["rows"] for x in states] == sorted(x["rows"] for x in states), [x["rows"] for x in states]


def check_an_import_can_be_stopped_and_what_is_stored_stays():
    with Server() as s:
        job = s.admin.ask("POST", "/api/imports", {"uploads": [upload(s.admin, "many.ndjson", lines(400000))], "dry_run": False}).json["job"]
        while s.sums()["stored"] == 0:
            time.sleep(0.01)
        equal(s.admin.ask("DELETE", f"/api/jobs/{job}").status, 204, "stopping")
        state = finished(s.admin, job)
        equal(state["state"], "cancelled", "state")
        stored = s.sums()["stored"]
        assert 0 < stored < 400000, stored
        time.sleep(0.3)
        equal(s.sums()["stored"], stored, "nothing more comes")
        s.caught_up()
        equal(s.admin.ask("GET", "/api/query/dfg").json["events"], stored, "events in answers")


def check_uploads_have_limits_and_names():
    with Server() as s:
        a = s.admin
        equal(a.ask("POST", "/api/uploads", b"x").json["field"], "name", "no name")
        got = a.ask("POST", "/api/uploads?name=..%2F..%2Fetc%2Fpasswd", b"x")
        assert got.status == 200 and not os.path.exists(os.path.join(s.data, "..", "etc")), got
        head = f"POST /api/uploads?name=big HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nCookie: {a.cookie}\r\nX-Safar-Csrf: {a.csrf}\r\nContent-Length: %d\r\n\r\n"
        equal(status_of(raw(s.port, (head % (2 * 1024**3 + 1)).encode(), wait=2)), 413, "2 GiB and one byte, said before it comes")
        for client, want in ((s.client(), 401), (s.roles["viewer"], 403), (s.roles["agent"], 403)):
            before = set(os.listdir(os.path.join(s.data, "uploads")))
            equal(client.ask("POST", "/api/uploads?name=x.csv", b"a" * 100000).status, want, "who may not")
            equal(set(os.listdir(os.path.join(s.data, "uploads"))), before, "and leaves nothing behind")
        got = a.ask("POST", "/api/maps/table?name=t&format=csv", b"a" * (16 * 1024 * 1024 + 1))
        equal((got.status, got.json["limit"]), (413, 16 * 1024 * 1024), "a table of more than 16 MiB")
        got = a.ask("POST", "/api/maps", b'{"document":{"a":"' + b"a" * (4 * 1024 * 1024) + b'"}}')
        equal((got.status, got.json["limit"]), (413, 4 * 1024 * 1024), "a document of more than 4 MiB")
        equal({n for n in os.listdir(os.path.join(s.data, "uploads")) if n.endswith(".part")}, set(), "half uploads")
        for name in os.listdir(os.path.join(s.data, "uploads")):
            equal(oct(os.stat(os.path.join(s.data, "uploads", name)).st_mode & 0o077), "0o0", name)


def check_a_broken_upload_leaves_nothing():
    import socket

    with Server() as s:
        a = s.admin
        with socket.create_connection(("127.0.0.1", s.port)) as c:
            c.sendall(f"POST /api/uploads?name=big HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nCookie: {a.cookie}\r\nX-Safar-Csrf: {a.csrf}\r\n"
                      f"Content-Length: 1000000\r\n\r\n".encode() + b"a" * 500000)
            time.sleep(0.2)
        for _ in range(50):
            left = os.listdir(os.path.join(s.data, "uploads"))
            if not left:
                break
            time.sleep(0.05)
        equal(left, [], "left")


def check_wrong_imports_say_what_is_wrong():
    with Server() as s:
        good = upload(s.admin, "orders.csv", CSV)
        for body, status, field in (({"uploads": []}, 400, "uploads"), ({"uploads": "x"}, 400, "uploads"), ({"uploads": ["0" * 32]}, 404, "uploads"), ({}, 400, "uploads"),
                                    ({"uploads": ["../../safar.db"]}, 404, "uploads"), ({"uploads": [good], "format": "pdf"}, 400, "format"),
                                    ({"uploads": [good], "dry_run": "yes"}, 400, "dry_run"), ({"uploads": [good] * 17}, 413, "uploads")):
            got = s.admin.ask("POST", "/api/imports", body)
            equal((got.status, got.json["field"]), (status, field), str(body)[:80])
        job = s.admin.ask("POST", "/api/imports", {"uploads": [good], "mapping": "this is [not toml", "dry_run": False}).json["job"]
        state = finished(s.admin, job)
        assert state["state"] == "failed" and state["error"]["detail"], state
        equal(s.admin.ask("GET", "/api/jobs/nothing").status, 404, "an unknown job")
        equal(s.admin.ask("GET", "/api/rejects/.hidden").status, 404, "a hidden file")


def check_the_server_stops_cleanly_in_the_middle_of_an_import():
    with Server() as s:
        s.admin.ask("POST", "/api/imports", {"uploads": [upload(s.admin, "many.ndjson", lines(400000))], "dry_run": False})
        while s.sums()["stored"] == 0:
            time.sleep(0.01)
        began = time.monotonic()
        code, words = s.stop()
        equal(code, 0, words)
        assert time.monotonic() - began < 10
        s.start()
        s.wait_ready()


if __name__ == "__main__":
    sys.exit(main(globals()))
