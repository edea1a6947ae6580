#!/usr/bin/env python3
"""How good the data is that comes: counters that add up, live and as metrics; what is set aside, by reason, tried again."""
import json
import os
import re
import sys
import threading
import time
import urllib.request

from collect import basic
from server import Server, equal, main

RESULTS = ("stored", "duplicate", "set_aside", "refused", "erased")


def adds_up(sums, what):
    equal(sums["received"], sum(sums[k] for k in RESULTS), f"{what}: {sums}")


def event(n, **more):
    return {"type": "track", "userId": f"u{n}", "event": "Visit", "messageId": f"m{n}", "timestamp": "2026-03-01T10:00:00Z", "properties": {"n": n}} | more


def send(s, key, *events):
    got = s.client().ask("POST", "/v1/batch", {"batch": list(events)}, basic(key))
    assert got.status in (200, 400), got


def some_of_everything(s, key):
    """Two stored, one known already, one in 1850, one in a year, one of nobody, one without a name."""
    ahead = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 90 * 86400))
    send(s, key, event(1), event(2), event(1), event(3, timestamp="1850-01-01T00:00:00Z"), event(4, timestamp=ahead), event(5, userId="null"), {"type": "track", "userId": "u"})


def samples(text):
    """{(name, labels as a frozen set): value}; every name has HELP and TYPE in front, once."""
    out, known = {}, {}
    for line in text.splitlines():
        if m := re.fullmatch(r"# (HELP|TYPE) ([a-z_]+) (.+)", line):
            known.setdefault(m[2], []).append(m[1])
            assert m[1] == "HELP" or m[3] in ("counter", "gauge"), line
            continue
        m = re.fullmatch(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\\\|\\"|\\n)*",?)*)\})? (-?[0-9]+)', line)
        assert m and m[1] in known, line
        assert (m[1].endswith("_total")) == ("counter" in text.split(f"# TYPE {m[1]} ")[1].split("\n")[0]), line
        labels = frozenset((k, v) for k, v in re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', m[2] or ""))
        assert (m[1], labels) not in out, line
        out[m[1], labels] = int(m[3])
    assert all(v == ["HELP", "TYPE"] for v in known.values()), known
    return out


def check_metrics_add_up_and_are_for_those_who_may():
    with Server() as s:
        number, key = s.source('a "quoted" \\ name\nof two lines')
        some_of_everything(s, key)
        got = s.admin.ask("GET", "/metrics")
        equal(got.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8", "type")
        all_ = samples(got.body.decode())
        one = lambda name, **labels: next(v for (n, l), v in all_.items() if n == name and set(labels.items()) <= l)  # noqa: E731
        sums = next(x["sums"] for x in s.admin.ask("GET", "/api/sources").json["sources"] if x["id"] == number)
        for result in RESULTS:
            equal(one("safar_events_total", source=str(number), result=result), sums[result], result)
        equal(one("safar_events_received_total", source=str(number)), sum(sums[r] for r in RESULTS), "received")
        assert sums["stored"] == 2 and sums["duplicate"] == 1 and sums["set_aside"] == 3 and sums["refused"] == 1, sums
        assert one("safar_http_connections") >= 1 and one("safar_http_turned_away_total", lane="events", reason="sender") == 0
        # With the token of the file, and not without it.
        bearer = lambda t: s.client().ask("GET", "/metrics", headers={"Authorization": f"Bearer {t}"}).status  # noqa: E731
        equal(bearer("x" * 32), 401, "before there is a file")
        with open(os.path.join(s.data, "metrics.token"), "w") as f:
            f.write("0123456789abcdef\n")
        equal([bearer("0123456789abcdef"), bearer("0123456789abcdeg"), bearer("0123456789abcde"), bearer("")], [200, 401, 401, 401], "tokens")
        equal(s.client().ask("GET", "/api/sources", headers={"Authorization": "Bearer 0123456789abcdef"}).status, 401, "a token for metrics alone")
        with open(os.path.join(s.data, "metrics.token"), "w") as f:
            f.write("short\n")
        equal(bearer("short"), 401, "a token that can be guessed")
        equal([s.roles[r].ask("GET", "/metrics").status for r in ("nobody", "analyst", "administrator")], [401, 403, 200], "roles")


def check_counters_rise_while_somebody_looks_and_add_up_in_every_message():
    with Server() as s:
        number, key = s.source()
        seen, done = [], threading.Event()

        def watch():
            ask = urllib.request.Request(f"http://127.0.0.1:{s.port}/api/sources/events", headers={"Cookie": s.admin.cookie})
            with urllib.request.urlopen(ask, timeout=30) as stream:
                for line in stream:
                    if line.startswith(b"data: "):
                        seen.append(json.loads(line[6:]))
                    if done.is_set() or (seen and next((x["sums"]["received"] for x in seen[-1]["sources"] if x["id"] == number), 0) >= 107):
                        return

        t = threading.Thread(target=watch, daemon=True)
        t.start()
        some_of_everything(s, key)
        for i in range(10):
            send(s, key, *(event(100 + i * 10 + k) for k in range(10)))
        t.join(30)
        done.set()
        assert seen, "nothing was told"
        for told in seen:
            adds_up(told["sums"], "all")
            for x in told["sources"]:
                adds_up(x["sums"], f"source {x['id']}")
            for k in ("received", *RESULTS):
                equal(told["sums"][k], sum(x["sums"][k] for x in told["sources"]), k)
            assert told["lag_events"] >= 0
        last = next(x for x in seen[-1]["sources"] if x["id"] == number)["sums"]
        equal((last["received"], last["stored"], last["set_aside"]), (107, 102, 3), str(last))
        equal([x["sums"]["received"] for x in seen], sorted(x["sums"]["received"] for x in seen), "never falls")


def check_what_is_set_aside_is_counted_by_reason_and_a_dry_run_says_what_would_pass():
    with Server() as s:
        number, key = s.source()
        some_of_everything(s, key)
        reasons = {x["reason"]: x["n"] for x in s.admin.ask("GET", f"/api/sources/{number}/set-aside/reasons").json["reasons"]}
        equal(reasons, {"time.range": 1, "time.ahead": 1, "customer.placeholder": 1}, "reasons")
        rows = s.admin.ask("GET", f"/api/sources/{number}/set-aside").json["rows"]
        equal(len(rows), sum(reasons.values()), "each row has one reason")
        try_ = lambda **more: s.admin.ask("POST", "/api/set-aside/replay", {"source": number} | more).json  # noqa: E731
        before = s.admin.ask("GET", "/api/sources").json
        equal(try_(dry_run=True), {"received": 3, "stored": 0, "duplicate": 0, "set_aside": 3, "refused": 0}, "nothing passes today")
        equal(s.admin.ask("GET", "/api/sources").json, before, "a dry run changes nothing")


def check_a_source_that_falls_quiet_is_named_and_one_that_does_not_is_not():
    """Nine weeks of the same hour and day; then one source sends a tenth of what it did. Files are never named."""
    with Server() as s:
        (quiet, quiet_key), (steady, steady_key) = s.source("quiet"), s.source("steady")
        hour = int(time.time()) // 3600 * 3600 - 3600  # the last whole hour, UTC
        for number, key in ((quiet, quiet_key), (steady, steady_key)):
            for week in range(9):
                n = 4 if number == quiet and week == 0 else 40 + week % 3
                at = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(hour - week * 7 * 86400 + 60 * k)) for k in range(n)]
                send(s, key, *(event(k, messageId=f"{number}-{week}-{k}", timestamp=t) for k, t in enumerate(at)))
        s.caught_up()
        rows = {x["source"]: x for x in s.admin.ask("GET", "/api/sources/quiet").json["volumes"] if x["span"] == "hour"}
        assert int(time.time()) // 3600 * 3600 - 3600 == hour, "the hour turned over: run again"
        equal(set(rows), {quiet, steady}, "rows")
        for number, observed in ((quiet, 4), (steady, 40)):
            x = rows[number]
            equal((x["observed"], x["weeks"], x["from_ms"], x["to_ms"]), (observed, 8, hour * 1000, (hour + 3600) * 1000), str(x))
            equal(x["expected"], (0.5 + sum(40 + w % 3 for w in range(1, 9))) / 8, "expected")
            assert x["low"] < x["expected"] < x["high"] and 20 < x["low"] and x["high"] < 70, x
            equal(x["quiet"], number == quiet, str(x))


if __name__ == "__main__":
    sys.exit(main(globals()))
