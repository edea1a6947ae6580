#!/usr/bin/env python3
"""Who sees one unit: by every route that unit and what is below it, never another one."""
import sys
import time

import routes
from server import PASSWORD, Server, equal, main
from collect import basic

OWN, OUTSIDE = "saudi", "uae/dubai"
# Of these nothing happened in the story.
EMPTY = ["queryChurn", "queryHandoversPeople", "queryLead", "queryMomentsPeople", "queryMoney", "queryReworkPeople", "queryVariantsPeople",
         "queryWaits"]
# Questions that find something in it, in place of those of routes.rows.
FULL = {"feedback": "/api/feedback", "feedbackHeard": "/api/feedback/heard", "topics": "/api/topics", "followUps": "/api/follow-ups", "surveyResults": "/api/surveys/after/results", "querySeries": "/api/query/series?kind=rating&period=day",
        "queryValuePeople": "/api/query/value/people?recency=3&frequency=3", "querySeriesPeople": "/api/query/series/people?kind=rating&period=day&start_ms=1772409600000", "queryScoresPeople": "/api/query/scores/people?name=Order%20Delivered"}
MARK = "zzz"  # in every name, id and text of what lies outside


def person(s, login, role, unit):
    made = s.admin.ask("POST", "/api/users", {"login": login, "name": login, "role": role, "password": PASSWORD, "unit": unit})
    equal((made.status, made.json["unit"]), (201, unit), login)
    return s.client().sign_in(login)


def filled(s):
    """What routes.filled has, which is of no unit, and the same story in three units."""
    f = routes.filled(s)
    batch = []
    for unit, who in (("saudi/riyadh", "in"), ("saudi/jeddah", "in"), (OUTSIDE, MARK)):
        for i in range(12):
            for k, (event, score) in enumerate((("Order Placed", None), ("Order Delivered", 1 + i % 5), ("Order Reviewed", None))):
                more = {"journey": f"{unit}{i}", "channel": "web", "unit": unit, "environment": f"{who}-branch"}
                if event == "Order Placed":
                    more.update(value=10 + i + len(who), currency="EUR")
                if score:
                    more.update(score=score, comment=f"{who} comment {i}, the courier was late")
                batch.append({"type": "track", "userId": f"{who}-{unit[-3:]}-{i}", "event": event, "messageId": f"{unit}{i}-{k}",
                              "timestamp": f"2026-03-{1 + k:02d}T10:00:00Z", "properties": more})
    equal(s.client().ask("POST", "/v1/batch", {"batch": batch}, basic(f["key"])).status, 200, "batch")
    for unit, who in (("saudi/riyadh", "in"), (OUTSIDE, MARK)):
        link = s.admin.ask("POST", "/api/surveys/after/links", {"name": f"{who} till", "unit": unit, "channel": "store"}).json["code"]
        for i in range(3):
            got = s.client().ask("POST", f"/v1/surveys/{link}/responses", {"answers": {"nps": 3 + i, "why": f"{who} words {i}"}, "complete": True})
            equal(got.status, 200, f"response {got}")
    s.admin.ask("POST", "/api/follow-up-rules", {"rule": {"name": {"en": "Low"}, "score": {"at_most": 25}}})
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    said = [{"type": "track", "event": "Order Delivered", "userId": f"{who}-new", "messageId": f"new-{who}", "timestamp": now, "properties": {"score": 1, "comment": f"{who} bad", "unit": unit}}
            for unit, who in (("saudi/jeddah", "in"), (OUTSIDE, MARK))]
    equal(s.client().ask("POST", "/v1/batch", {"batch": said}, basic(f["key"])).status, 200, "batch")
    for unit, who in (("saudi/riyadh", "in"), (OUTSIDE, MARK), ("", MARK)):
        equal(s.admin.ask("POST", "/api/reports", {"unit": unit, "map": f["map"], "address": f"{who}@example.com", "lang": "en"}).status, 201, "report")
        s.admin.ask("PUT", "/api/units/settings", {"unit": unit, "country": "SA", "responsible": f"{who}-lead@example.com" if unit else "boss@example.com"})
    s.caught_up()
    for _ in range(200):
        ups = s.admin.ask("GET", "/api/follow-ups").json["follow_ups"]
        if len(ups) >= 2:
            break
        time.sleep(0.05)
    f["ups"] = {u["unit"]: u["id"] for u in ups}
    f["other"] = s.source("other")[0]
    return f


def arrival(s, unit):
    return s.admin.ask("GET", f"/api/feedback?unit={unit}&limit=1").json["feedback"][0]["arrival"]


def plain(answer):
    """An answer without what the question was and how far the log was read."""
    body = dict(answer.json)
    for key in ("query", "lag_events", "now_ms", "arrival_end", "counts"):
        body.pop(key, None)
    return body


def check_every_route_shows_one_unit_or_refuses():
    with Server() as s:
        f = filled(s)
        one = person(s, "lead", "analyst", OWN)
        table, listed, wrong, same, seen = routes.rows(s, f), routes.operations(s), [], [], {"asked": 0, "whole": 0, "rows": 0, "free": 0}
        for name, (method, path, operation) in listed.items():
            if operation["x-role"] in ("write key", "nobody", "administrator") or name in ("signOut", "changeMe"):
                continue
            way = operation["x-unit"]
            seen[way] += 1
            if name in routes.STREAMS:
                if way != "free":
                    equal(one.ask(method, path.replace("{id}", f["job"])).json["id"], "unit.whole", name)
                continue
            target, body, _ = table[name]
            target = FULL.get(name, target)
            if way == "whole":
                got = one.ask(method, target, body() if callable(body) else body)
                if (got.status, got.json["id"]) != (403, "unit.whole"):
                    wrong.append(f"{name}: {got}")
                continue
            if way != "asked":
                if method == "GET":
                    got = one.ask("GET", target)
                    if MARK.encode() in got.body and name != "followUpRules":
                        wrong.append(f"{name} shows the others: {got.body[max(0, got.body.index(MARK.encode()) - 80):][:200]}")
                continue
            join = "&" if "?" in target else "?"
            own = target.replace("unit=sa/riyadh", "")
            mine, theirs, out = one.ask(method, own, body), s.admin.ask(method, f"{own}{join}unit={OWN}", body), one.ask(method, f"{own}{join}unit={OUTSIDE}", body)
            if (out.status, out.json["id"]) != (403, "unit.outside"):
                wrong.append(f"{name} of another unit: {out}")
            text = mine.headers["content-type"] not in ("image/png", "application/pdf")
            if mine.status != theirs.status or (text and MARK.encode() in mine.body):
                wrong.append(f"{name}: {mine} and {theirs}")
            if mine.headers["content-type"] == "application/json" and plain(mine) == plain(s.admin.ask(method, own, body)):
                same.append(name)
            if name != "unitSettings" and mine.headers["content-type"] == "application/json" and plain(mine) != plain(theirs):
                wrong.append(f"{name} differs: {mine.body[:300]} {theirs.body[:300]}")
        assert not wrong, "\n".join(wrong)
        # One that ignored the unit would be the same as for all.
        equal(sorted(same), EMPTY, "answers that are those of the whole organisation")
        assert all(seen.values()), seen


def check_lists_and_rows_are_those_of_the_unit():
    with Server() as s:
        f = filled(s)
        one = person(s, "lead", "analyst", OWN)
        equal({r["unit"] for r in one.ask("GET", "/api/feedback?limit=200").json["feedback"]}, {"saudi/riyadh", "saudi/jeddah"}, "inbox")
        equal({r["unit"] for r in one.ask("GET", "/api/feedback?unit=saudi/jeddah").json["feedback"]}, {"saudi/jeddah"}, "a part of it")
        whole, counts = s.admin.ask("GET", "/api/feedback").json["counts"], one.ask("GET", "/api/feedback").json["counts"]
        equal(counts["feedback"], s.admin.ask("GET", f"/api/feedback?unit={OWN}").json["total"], "counts")
        assert counts["feedback"] < whole["feedback"], counts
        facets = one.ask("GET", "/api/feedback/facets").json["facets"]
        equal({x["value"] for x in facets if x["what"] == "unit"}, {"saudi/riyadh", "saudi/jeddah"}, "facets")
        equal(sum(x["n"] for x in facets if x["what"] == "unit"), counts["feedback"], "their counts")
        inside, outside, nowhere = arrival(s, OWN), arrival(s, OUTSIDE), f["arrival"]
        for body, path in ((None, ""), ({"state": "open"}, ""), ({"text": "x"}, "/notes"), ({"text": "x"}, "/reply")):
            method = "GET" if body is None else "PATCH" if not path else "POST"
            for a in (outside, nowhere):
                got = one.ask(method, f"/api/feedback/{a}{path}", body)
                equal((got.status, got.json["id"]), (404, "inbox.unknown"), f"{method} {path}")
        equal(one.ask("PATCH", f"/api/feedback/{inside}", {"state": "open"}).status, 200, "the own one")

        equal([u["unit"] for u in one.ask("GET", "/api/follow-ups").json["follow_ups"]], ["saudi/jeddah"], "follow-ups")
        theirs = f["ups"][OUTSIDE]
        for method, path, body in (("GET", "", None), ("PATCH", "", {"cause": "x"}), ("POST", "/notes", {"text": "x"}), ("POST", "/reply", {"text": "x"})):
            equal(one.ask(method, f"/api/follow-ups/{theirs}{path}", body).status, 404, f"{method} follow-up{path}")
        equal(one.ask("PATCH", f"/api/follow-ups/{f['ups']['saudi/jeddah']}", {"cause": "x"}).status, 200, "the own one")
        equal(one.ask("GET", "/api/follow-ups/summary").json["opened"], 1, "summary")
        rule = one.ask("GET", "/api/follow-up-rules").json["rules"][0]
        equal(rule["opened"], None, "how often a rule of all opened one")
        low = {"name": {"en": "Mine"}, "score": {"at_most": 10}}
        equal(one.ask("PUT", f"/api/follow-up-rules/{rule['id']}", {"rule": {**low, "unit": OWN}}).json["id"], "unit.outside", "a rule of all")
        equal(one.ask("DELETE", f"/api/follow-up-rules/{rule['id']}").json["id"], "unit.outside", "nor take it away")
        equal(one.ask("POST", "/api/follow-up-rules", {"rule": low}).json["id"], "unit.outside", "nor make one")
        equal(one.ask("POST", "/api/follow-up-rules", {"rule": {**low, "unit": "saudi/riyadh"}}).status, 201, "an own one")

        equal([r["unit"] for r in one.ask("GET", "/api/reports").json["reports"]], ["saudi/riyadh"], "reports")
        ids = {r["unit"]: r["id"] for r in s.admin.ask("GET", "/api/reports").json["reports"]}
        for unit in (OUTSIDE, ""):
            equal(one.ask("DELETE", f"/api/reports/{ids[unit]}").status, 404, "a report of others")
            equal(one.ask("POST", f"/api/reports/{ids[unit]}/send").status, 404, "nor sent")
            equal(one.ask("POST", "/api/reports", {"unit": unit, "map": f["map"], "address": "a@example.com", "lang": "en"}).json["id"], "unit.outside", "nor made")
            equal(one.ask("PUT", "/api/units/settings", {"unit": unit, "country": "AE"}).json["id"], "unit.outside", "settings of others")
        equal([u["unit"] for u in one.ask("GET", "/api/units/settings").json["units"]], ["saudi/riyadh"], "settings")
        equal(one.ask("PUT", "/api/units/settings", {"unit": "saudi/jeddah", "country": "SA"}).status, 200, "own settings")
        # A survey asks everybody: who sees one unit makes drafts, and changes none that others use.
        for method, path, body in (("PUT", "after", {"base_version": 1, "document": {}}), ("DELETE", "after", None), ("POST", "after/state", {"state": "closed"})):
            got = one.ask(method, f"/api/surveys/{path}", body)
            equal((got.status, got.json["id"]), (403, "unit.whole"), f"{method} {path}")

        rows = one.ask("GET", "/api/surveys/after/responses").json["responses"]
        equal([(r["unit"], r["answers"]["why"]) for r in rows], [("saudi/riyadh", f"in words {i}") for i in range(3)], "responses")
        equal([(x["completed"], x["score"]) for x in one.ask("GET", "/api/surveys").json["surveys"]], [(3, None)], "surveys")
        equal(one.ask("GET", "/api/surveys/after").json["completed"], 3, "survey")
        equal(one.ask("GET", "/api/surveys/after/results").json["completed"], 3, "results")
        equal([x["unit"] for x in one.ask("GET", "/api/surveys/after/links").json["links"]], ["saudi/riyadh"], "links")
        equal(one.ask("POST", "/api/surveys/after/links", {"name": "x"}).json["id"], "unit.outside", "a link of all")
        csv = one.ask("GET", "/api/surveys/after/responses?format=csv").body
        assert csv.count(b"in words") == 3 and MARK.encode() not in csv, csv

        found = one.ask("GET", "/api/customers?limit=500").json["customers"]
        equal((len(found), sum(x["customer"].startswith("in-") for x in found)), (28, 25), "customers, three of them respondents")
        assert MARK not in str(found), found
        equal(one.ask("GET", "/api/customers?search=zzz").json["customers"], [], "looked for")
        equal(one.ask("GET", "/api/customers/in-adh-3").json["events_total"], 3, "a customer")
        equal(one.ask("GET", f"/api/customers/{MARK}-bai-3").json["id"], "customer", "is nobody")
        equal(one.ask("GET", "/api/customers/u3").json["id"], "customer", "nor is who was in no unit")
        equal([x["customers"] for x in one.ask("GET", "/api/segments").json["segments"]], [None], "segments")
        both = {"type": "track", "userId": "in-adh-3", "event": "Visit", "messageId": "both", "timestamp": "2026-03-05T10:00:00Z", "properties": {"unit": OUTSIDE, "note": MARK}}
        s.client().ask("POST", "/v1/track", both, basic(f["key"]))
        s.caught_up()
        equal(s.admin.ask("GET", "/api/customers/in-adh-3").json["events_total"], 4, "all of it")
        story = one.ask("GET", f"/api/customers/in-adh-3?map={f['map']}&limit=2")
        equal((story.json["events_total"], [e["name"] for e in story.json["events"]]), (3, ["Order Delivered", "Order Reviewed"]), "what happened here")
        assert MARK.encode() not in story.body, story.body
        equal([(x["events"], x["last_ms"]) for x in one.ask("GET", "/api/customers?search=in-adh-3").json["customers"]], [(3, 1772532000000)], "nor in lists")


def check_a_unit_is_given_changed_and_taken_away():
    with Server() as s:
        f = filled(s)
        one = person(s, "lead", "agent", OWN)
        equal(one.ask("GET", "/api/session").json["user"]["unit"], OWN, "session")
        n = one.ask("GET", "/api/feedback").json["total"]
        equal(s.admin.ask("PATCH", "/api/users/lead", {"unit": "saudi/riyadh"}).json["unit"], "saudi/riyadh", "narrower")
        assert one.ask("GET", "/api/feedback").json["total"] < n, "at once, in the same session"
        equal(s.admin.ask("PATCH", "/api/users/lead", {"name": "Lead"}).json["unit"], "saudi/riyadh", "stays")
        equal(s.admin.ask("PATCH", "/api/users/lead", {"role": "administrator"}).json["field"], "unit", "an administrator sees all")
        equal(s.admin.ask("POST", "/api/users", {"login": "x", "role": "administrator", "password": PASSWORD, "unit": "a"}).json["id"], "user.unit", "nor a new one")
        equal(s.admin.ask("PATCH", "/api/users/lead", {"unit": "x" * 513}).status, 413, "long")
        equal(s.admin.ask("PATCH", "/api/users/lead", {"unit": ""}).json["unit"], "", "taken away")
        equal(one.ask("GET", "/api/feedback").json["total"], s.admin.ask("GET", "/api/feedback").json["total"], "all again")
        # A unit whose name begins alike is another one.
        s.admin.ask("PATCH", "/api/users/lead", {"unit": "sau"})
        equal(one.ask("GET", "/api/feedback").json["total"], 0, "sau is not saudi")
        equal(one.ask("GET", "/api/feedback?unit=saudi").json["id"], "unit.outside", "nor above it")
        equal(one.ask("GET", f"/api/feedback?unit=sau&unit=saudi").json["id"], "unit.outside", "nor said twice")
        equal(one.ask("GET", "/api/customers").json["customers"], [], "no customers")


if __name__ == "__main__":
    sys.exit(main(globals()))
