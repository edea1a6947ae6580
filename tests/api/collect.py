#!/usr/bin/env python3
"""Segment's tracking API as its clients really use it."""
import base64
import gzip
import json
import os
import subprocess
import sys
import zlib

from server import Server, at_once, equal, main

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "wire")


def basic(key):
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def track(i, **more):
    return {"type": "track", "userId": f"u{i}", "event": "Order Completed", "messageId": f"m{i}", "timestamp": "2026-03-01T10:00:00Z", **more}


def check_every_path_long_short_and_with_a_slash():
    with Server() as s:
        _, key = s.source()
        c = s.client()
        bodies = {"identify": ("i", {"traits": {"plan": "pro"}}), "track": ("t", {"event": "E"}), "page": ("p", {"name": "Home"}), "screen": ("s", {"name": "Main"}),
                  "group": ("g", {"groupId": "g1"}), "alias": ("a", {"previousId": "old"})}
        n = 0
        for long, (short, more) in bodies.items():
            for path in (f"/v1/{long}", f"/v1/{short}", f"/v1/{long}/", f"/v1/{short}/"):
                n += 1
                got = c.ask("POST", path, {"userId": "u1", "messageId": f"{path}", **more}, basic(key))
                equal((got.status, got.json), (200, {"success": True}), path)
        for path in ("/v1/batch", "/v1/b", "/v1/import", "/v1/batch/"):
            n += 2
            got = c.ask("POST", path, {"batch": [track(1, messageId=path), track(2, messageId=path + "2")]}, basic(key))
            equal((got.status, got.json), (200, {"success": True}), path)
        equal(c.ask("POST", "/v1/m", {"series": [{"type": "Counter"}]}).status, 200, "self-metrics")
        sums = s.sums()
        equal((sums["received"], sums["stored"]), (n, n), "sums")


def check_the_key_is_found_in_each_of_its_four_places():
    with Server() as s:
        _, key = s.source()
        c = s.client()
        ways = [("/v1/track", {}, basic(key)), ("/v1/track", {}, {"Authorization": f"Bearer {key}"}), ("/v1/track", {"writeKey": key}, {}),
                (f"/v1/track?writeKey={key}", {}, {}), (f"/v1/track?token={key}", {}, {}), ("/v1/track", {"writeKey": key}, {"Authorization": "Bearer some-oauth-token"})]
        for i, (path, more, headers) in enumerate(ways):
            equal(c.ask("POST", path, track(i, **more), headers).status, 200, f"way {i}")
        for headers in ({}, basic("wrong"), {"Authorization": "Basic !!!"}, {"Authorization": "Digest x"}):
            got = c.ask("POST", "/v1/track", track(99), headers)
            equal((got.status, got.json["id"]), (401, "collect.key"), str(headers))
        equal(s.sums()["stored"], len(ways), "stored")


def check_a_write_key_can_only_write_and_can_be_switched_off_and_changed():
    with Server() as s:
        number, key = s.source()
        c = s.client()
        for path in ("/api/status", "/api/sources", "/api/customers"):
            equal(c.ask("GET", path, headers=basic(key)).status, 401, path)
        fresh = s.admin.ask("POST", f"/api/sources/{number}/key").json["write_key"]
        equal(c.ask("POST", "/v1/track", track(1), basic(key)).status, 401, "the old key")
        equal(c.ask("POST", "/v1/track", track(1), basic(fresh)).status, 200, "the new key")
        equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"enabled": False}).status, 200, "switching off")
        equal(c.ask("POST", "/v1/track", track(2), basic(fresh)).status, 401, "switched off")
        equal(s.admin.ask("PATCH", f"/api/sources/{number}", {"enabled": True, "name": "Shop"}).status, 200, "switching on")
        equal(c.ask("POST", "/v1/track", track(2), basic(fresh)).status, 200, "switched on")
        listed = s.admin.ask("GET", "/api/sources").json["sources"][0]
        equal((listed["name"], listed["key_hint"], "write_key" in listed), ("Shop", fresh[-4:], False), "listed")


def check_bodies_in_every_packing_and_with_lying_types():
    with Server() as s:
        _, key = s.source()
        c = s.client()
        plain = lambda i: json.dumps(track(i)).encode()  # noqa: E731
        deflate = zlib.compressobj(wbits=-15)
        bare = deflate.compress(plain(4)) + deflate.flush()
        rows = [("text/plain", {}, plain(0)), ("gzip", {"Content-Encoding": "gzip"}, gzip.compress(plain(1))),
                ("gzip that does not say so", {"Content-Type": "application/x-www-form-urlencoded"}, gzip.compress(plain(2))),
                ("deflate, zlib", {"Content-Encoding": "deflate"}, zlib.compress(plain(3))), ("deflate, bare", {"Content-Encoding": "deflate"}, bare),
                ("a form", {"Content-Type": "application/x-www-form-urlencoded"}, b"data=" + base64.b64encode(plain(5)).replace(b"+", b"%2B").replace(b"=", b"%3D")),
                ("white space in front", {}, b" \r\n\t" + plain(6))]
        zstd = subprocess.run(["zstd", "-q", "-c"], input=plain(7), capture_output=True, check=False) if os.path.exists("/usr/bin/zstd") else None
        if zstd and zstd.returncode == 0:
            rows.append(("zstd", {"Content-Encoding": "zstd"}, zstd.stdout))
        for name, headers, body in rows:
            got = c.ask("POST", "/v1/track", body, {"Content-Type": "text/plain", **basic(key), **headers})
            equal((got.status, got.body), (200, b'{"success":true}'), name)
        got = c.ask("POST", "/v1/track", iter([plain(8)[:20], plain(8)[20:]]), basic(key))  # without a length, the client sends chunks
        equal(got.status, 200, "chunked")
        equal(s.sums()["stored"], len(rows) + 1, "stored")


def check_broken_bodies_are_400_and_name_what_is_wrong():
    with Server() as s:
        _, key = s.source()
        c = s.client()
        rows = {"cut JSON": b'{"userId":', "an empty body": b"", "no JSON": b"hello", "cut gzip": gzip.compress(b"{}" * 500)[:20], "not UTF-8": b'{"userId":"\xff","event":"E"}',
                "a list": b"[1,2]", "64 KB of brackets": b"[" * 65536, "1e400": b'{"userId":"u","event":"E","properties":{"a":1e400}}',
                "no id": b'{"event":"E"}', "no event": b'{"userId":"u"}', "NaN": b'{"userId":"u","event":"E","properties":{"a":NaN}}'}
        for name, body in rows.items():
            got = c.ask("POST", "/v1/track", body, basic(key))
            assert got.status == 400 and got.headers["content-type"] == "application/problem+json" and got.json["detail"], (name, got)
        equal(s.sums()["stored"], 0, "stored")


def check_limits_hold_to_the_byte():
    with Server() as s:
        _, key = s.source()
        c = s.client()
        event = lambda n: json.dumps(track(n, properties={"x": ""})).encode()  # noqa: E731

        def sized(n, total):
            base = len(event(n))
            return json.dumps(track(n, properties={"x": "a" * (total - base)})).encode()

        equal(c.ask("POST", "/v1/track", sized(1, 32 * 1024), basic(key)).status, 200, "32 KiB")
        equal(c.ask("POST", "/v1/track", sized(2, 32 * 1024 + 1), basic(key)).status, 400, "32 KiB and one")
        equal(c.ask("POST", "/v1/track", b" " * (1024 * 1024) + b"{}", basic(key)).status, 413, "over 1 MB as sent")
        bomb = gzip.compress(b" " * (64 * 1024 * 1024) + event(3))
        assert len(bomb) < 1024 * 1024
        got = c.ask("POST", "/v1/track", bomb, {**basic(key), "Content-Encoding": "gzip"})
        equal((got.status, got.json["id"]), (413, "collect.inflated"), "a bomb of 64 MB")
        equal(s.sums()["stored"], 1, "stored")


def check_good_items_of_a_bad_batch_are_kept_and_bad_ones_named():
    with Server() as s:
        _, key = s.source()
        batch = [track(0), {"type": "track", "event": "E", "messageId": "x"}, track(2), {"type": "dance", "userId": "u"}, track(4)]
        got = s.client().ask("POST", "/v1/batch", {"batch": batch}, basic(key))
        equal(got.status, 400, "status")
        equal([r["index"] for r in got.json["rejected"]], [1, 3], "rejected")
        assert all(r["detail"] for r in got.json["rejected"]), got
        equal(got.json["tally"], {"received": 5, "stored": 3, "duplicate": 0, "set_aside": 0, "refused": 2}, "tally")
        equal(s.sums(), {"received": 5, "stored": 3, "duplicate": 0, "set_aside": 0, "refused": 2, "erased": 0}, "sums")


def check_the_same_id_counts_once_and_another_content_is_set_aside():
    with Server() as s:
        number, key = s.source()
        c = s.client()
        for _ in range(3):
            equal(c.ask("POST", "/v1/track", track(1), basic(key)).status, 200, "again")
        equal(c.ask("POST", "/v1/track", track(1, sentAt="2026-03-01T10:00:01Z", timestamp="2026-03-01T10:00:00Z"), basic(key)).status, 200, "a retry with its own sentAt")
        equal(c.ask("POST", "/v1/track", track(1, event="Another"), basic(key)).status, 200, "another content")
        equal(s.sums(), {"received": 5, "stored": 1, "duplicate": 3, "set_aside": 1, "refused": 0, "erased": 0}, "sums")
        rows = s.admin.ask("GET", f"/api/sources/{number}/set-aside").json["rows"]
        equal([r["reason"] for r in rows], ["id.conflict"], "reason")


def check_impossible_times_and_placeholders_are_set_aside_and_can_be_replayed():
    with Server() as s:
        number, key = s.source()
        c = s.client()
        for i, more in enumerate(({"timestamp": "1850-01-01T00:00:00Z"}, {"timestamp": "2190-01-01T00:00:00Z"}, {"userId": "null"}, {"userId": "guest"})):
            equal(c.ask("POST", "/v1/track", track(i, **more), basic(key)).status, 200, str(more))
        equal(s.sums()["set_aside"], 4, "set aside")
        page = s.admin.ask("GET", f"/api/sources/{number}/set-aside").json
        equal((len(page["rows"]), page["next"]), (4, None), "listed")
        tally = s.admin.ask("POST", "/api/set-aside/replay", {"source": number, "reason": page["rows"][0]["reason"]}).json
        equal(tally["stored"], 0, "nothing has become possible since")
        equal(s.sums()["set_aside"], 4, "still there")


def check_preflights_need_no_key_and_answers_carry_cors():
    with Server() as s:
        _, key = s.source()
        c = s.client()
        origin = {"Origin": "https://shop.example"}
        got = c.ask("OPTIONS", "/v1/t", headers={**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"})
        equal((got.status, got.body), (204, b""), "preflight")
        equal(got.headers["access-control-allow-origin"], "https://shop.example", "origin")
        equal(got.headers["access-control-allow-headers"], "authorization,content-type", "headers")
        equal(got.headers["access-control-max-age"], "86400", "age")
        for body, headers in ((track(1), basic(key)), (track(1), {}), (b"{", basic(key))):
            equal(c.ask("POST", "/v1/t", body, {**origin, **headers}).headers["access-control-allow-origin"], "https://shop.example", "answers")
        got = c.ask("GET", f"/v1/projects/{key}/settings", headers=origin)
        equal(got.json["integrations"]["Segment.io"]["apiKey"], key, "settings")
        equal(got.headers["access-control-allow-origin"], "https://shop.example", "settings")
        equal(c.ask("GET", "/v1/projects/wrong/settings").status, 401, "settings of nobody")


def check_recorded_bodies_of_real_clients_are_taken():
    with Server() as s:
        _, key = s.source()
        for name, path, n in (("node_batch.json", "/v1/batch", None), ("browser_track.json", "/v1/t", 1)):
            with open(os.path.join(GOLDEN, name), "rb") as f:
                body = f.read()
            before = s.sums()
            got = s.client().ask("POST", path, body, {**basic(key), "Content-Type": "text/plain"})
            equal(got.status, 200, name)
            want = n or len(json.loads(body)["batch"])
            equal(s.sums()["received"] - before["received"], want, name)


def check_events_are_in_answers_within_two_seconds():
    with Server() as s:
        _, key = s.source()
        batch = [track(i, userId=f"u{i % 10}", messageId=f"m{i}") for i in range(100)]
        equal(s.client().ask("POST", "/v1/batch", {"batch": batch}, basic(key)).status, 200, "batch")
        s.caught_up()
        dfg = s.admin.ask("GET", "/api/query/dfg").json
        equal((dfg["events"], dfg["customers"]), (100, 10), "dfg")


def check_many_at_once_all_arrive():
    with Server() as s:
        _, key = s.source()

        def one(i):
            return s.client().ask("POST", "/v1/batch", {"batch": [track(0, messageId=f"{i}-{k}") for k in range(20)]}, basic(key)).status

        equal(set(at_once([lambda i=i: one(i) for i in range(60)])), {200}, "status")
        equal(s.sums(), {"received": 1200, "stored": 1200, "duplicate": 0, "set_aside": 0, "refused": 0, "erased": 0}, "sums")


if __name__ == "__main__":
    sys.exit(main(globals()))
