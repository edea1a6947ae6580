#!/usr/bin/env python3
"""Who is one customer, by hand: a merge and its undoing put every figure back, across kills and damage; who decided what is kept."""
import os
import random
import sys

from server import Server, equal, main
from collect import basic

QUESTIONS = ["dfg?times=none", "dfg?case=customer", "variants?top=1000", "funnel?steps=Visit,Order&window=7d&by=channel", "retention?period=day&kind=classic",
             "rework", "handovers", "scores?by=channel", "touchpoints", "inventory", "lift?outcome=Order", "waits", "flow?activities=1&edges=1"]


def fill(s, seed):
    r, batch = random.Random(seed), []
    key = s.source()[1]
    for c in range(40):
        for i in range(r.randint(1, 12)):
            e = {"type": "track", "userId": f"c{c}", "anonymousId": f"d{c}-{r.randint(0, 1)}", "event": r.choice(["Visit", "Order", "Call"]), "messageId": f"{c}-{i}",
                 "timestamp": f"2026-03-{r.randint(1, 28):02d}T{r.randint(0, 23):02d}:00:00Z", "properties": {"channel": r.choice(["web", "store"])}}
            if r.random() < 0.4:
                e["properties"]["score"] = r.randint(1, 5)
            if r.random() < 0.3:
                del e["userId"]
            batch.append(e)
    equal(s.client().ask("POST", "/v1/batch", {"batch": batch}, basic(key)).status, 200, "batch")
    s.caught_up()
    return key


def figures(s):
    """Everything that is asked, and everybody's story; not how far the log goes, which decisions make longer."""
    got = {q: s.admin.ask("GET", f"/api/query/{q}").json for q in QUESTIONS}
    for answer in got.values():
        assert answer.pop("arrival_end") > 0
    for c in range(40):
        story = s.admin.ask("GET", f"/api/customers/c{c}")
        if story.status == 200:
            got[f"c{c}"] = {k: story.json[k] for k in ("customer", "ids", "events_total", "events", "traits")}
    got["customers"] = s.admin.ask("GET", "/api/status").json["customers"]
    return got


def same(a, b, what):
    different = [q for q in a if a[q] != b.get(q)]
    assert not different and len(a) == len(b), f"{what}: {different}"


def decide(s, verb, customer, other, status=200, **more):
    body = {"with" if verb == "merge" else "id": other, "reason": "seen at the desk", **more}
    got = s.admin.ask("POST", f"/api/customers/{customer}/{verb}", body)
    equal(got.status, status, f"{verb} {customer} {other}: {got}")
    return got.json


def again(s):
    s.start().wait_ready()
    s.admin.port = s.port


def check_a_merge_and_its_undoing_put_every_figure_back():
    seed = int(os.environ.get("SAFAR_SEED", "5"))
    print(f"seed {seed}", end=" ")
    with Server() as s:
        fill(s, seed)
        before = figures(s)
        r = random.Random(seed)
        pairs = [("c1", "c2"), ("c2", "c3"), ("c7", "c4")] + [tuple(f"c{x}" for x in r.sample(range(10, 40), 2)) for _ in range(5)]
        done, merged = [], [before]
        for a, b in pairs:
            if s.admin.ask("GET", f"/api/customers/{a}").json["customer"] == s.admin.ask("GET", f"/api/customers/{b}").json["customer"]:
                equal(decide(s, "merge", a, b, 409)["id"], "customer.one", "already")
                continue
            one, other = (s.admin.ask("GET", f"/api/customers/{x}").json for x in (a, b))
            decide(s, "merge", a, b)
            both = s.admin.ask("GET", f"/api/customers/{b}").json
            equal(both["events_total"], one["events_total"] + other["events_total"], f"{a} and {b}")
            equal(sorted(i["id"] for i in both["ids"]), sorted(i["id"] for i in one["ids"] + other["ids"]), "ids")
            equal(sorted(e["arrival"] for e in both["events"]), sorted(e["arrival"] for e in one["events"] + other["events"]), "events")
            done.append((a, b))
            merged.append(figures(s))
            equal(merged[-1]["customers"], merged[-2]["customers"] - 1, "one customer less")
            if len(done) == 2:
                s.kill()
                again(s)
                same(merged[-1], figures(s), "after a kill")
        while done:
            same(merged.pop(), figures(s), "on the way back")
            decide(s, "unmerge", *done.pop())
        same(before, figures(s), "all undone")
        s.kill()
        again(s)
        same(before, figures(s), "after another kill")
        equal(decide(s, "unmerge", "c1", "c2", 409)["id"], "customer.apart", "not one")


def check_damaged_columns_are_made_anew_with_what_was_decided():
    with Server() as s:
        fill(s, 9)
        decide(s, "merge", "c1", "c2")
        decide(s, "merge", "c3", "c4")
        decide(s, "unmerge", "c1", "c2")
        want = figures(s)
        columns = os.path.join(s.data, "index", "columns")
        for trial in range(4):
            s.stop()
            names = sorted(os.listdir(columns))
            if trial:
                path = os.path.join(columns, names[trial * 7 % len(names)])
                with open(path, "r+b") as f:
                    f.seek(os.path.getsize(path) // 2)
                    byte = f.read(1)
                    f.seek(-1, os.SEEK_CUR)
                    f.write(bytes([byte[0] ^ 4]))
            again(s)
            equal(bool(s.admin.ask("GET", "/api/status").json["index"]["rebuilt"]), trial > 0, "the damage is named")
            same(want, figures(s), f"start {trial}")


def check_what_a_person_took_apart_stays_apart_and_is_on_record():
    with Server() as s:
        key = s.source()[1]
        send = lambda *events: equal(s.client().ask("POST", "/v1/batch", {"batch": list(events)}, basic(key)).status, 200, "batch")  # noqa: E731
        visit = lambda who, device, n: {"type": "track", "userId": who, "anonymousId": device, "event": "Visit", "messageId": f"{who}{device}{n}",  # noqa: E731
                                        "timestamp": "2026-03-01T10:00:00Z"}
        send(visit("ali", "tablet", 1), visit("ali", "phone", 1), visit("sara", "tablet", 1), visit("sara", "laptop", 1))
        s.caught_up()
        equal({i["id"] for i in s.admin.ask("GET", "/api/customers/sara").json["ids"]}, {"ali", "sara", "tablet", "phone", "laptop"}, "wrongly one")
        for role, status in (("viewer", 403), ("agent", 403), ("nobody", 401)):
            equal(s.roles[role].ask("POST", "/api/customers/ali/unmerge", {"id": "sara", "reason": "x"}).status, status, role)
        equal(s.admin.ask("POST", "/api/customers/ali/unmerge", {"id": "sara"}).json["field"], "reason", "a reason is needed")
        equal(s.roles["analyst"].ask("POST", "/api/customers/ali/unmerge", {"id": "sara", "reason": "two people, one tablet"}).status, 200, "analyst")
        send(visit("sara", "tablet", 2), {"type": "alias", "userId": "sara", "previousId": "ali", "messageId": "alias"})
        s.caught_up()
        story = s.admin.ask("GET", "/api/customers/ali").json
        equal([i["id"] for i in story["ids"] if i["id"] != "ali"], ["tablet", "phone"], "the tablet was his first")
        last = [m for m in story["merges"] if m["by_hand"]]
        assert last and all(m["apart"] and m["author"] == "analyst" and m["reason"] == "two people, one tablet" and m["at_ms"] for m in last), story["merges"]
        told = [m for m in story["merges"] if not m["by_hand"]]
        equal([{i["id"] for i in m["ids"]} for m in told][:3], [{"ali", "tablet"}, {"ali", "phone"}, {"sara", "tablet"}], "what events told stays on record")
        decide(s, "merge", "ali", "sara")
        equal(len(s.admin.ask("GET", "/api/customers/sara").json["ids"]), 5 + 1, "one again, with the alias' other id")


if __name__ == "__main__":
    sys.exit(main(globals()))
