#!/usr/bin/env python3
"""Random logs counted again from the rules of docs/methods/journey.md, by plain Python over the lines that are imported.

Nothing of the product is in the recount: it groups lines by person, cuts them into journeys, and counts. Then the
real program is asked for the same figures: graph, variants, steps, ribbons, loops, times, promises, scores, findings,
periods, filters, the period before, and the map under renamed and regrouped versions.
"""
import json
import math
import os
import random
import sys
import time
from collections import Counter, defaultdict

from lib import Data, close, equal, main, safar

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from server import Server  # noqa: E402

HOUR = 3_600_000
BASE = 1_700_000_000_000
EVENTS = ["Seen", "Bought", "Paid", "Sent", "Came", "Asked", "Rated"]
CHANNELS = ["web", "app", "store", ""]
CITIES = ["Riyadh", "تهران", "Dubai", ""]


# --- a random log ---------------------------------------------------------------------------------


def log(dice, people, plain=False):
    """Lines of NDJSON in order of arrival. Times lie on whole hours, so that many are tied. In a plain one who was
    kept waiting is unhappy and nobody speaks of anything else, so that there are findings."""
    lines = []
    span = dice.choice([30, 120, 600])
    for p in range(people):
        customer, anonymous = f"c{p}", f"a{p}"
        known = dice.random() < 0.8
        hidden = not known or dice.random() < 0.4
        if hidden and known:
            lines.append({"type": "identify", "customer": customer, "anonymous": anonymous, "at": BASE + dice.randrange(span) * HOUR})
        keys = [f"o{p}-{k}" for k in range(dice.randint(1, 3))]
        for _ in range(dice.choice([1, 3, 6, 12, 20])):
            e = {"event": dice.choice(EVENTS), "at": BASE + dice.randrange(span) * HOUR}
            e["anonymous" if not known or (hidden and dice.random() < 0.5) else "customer"] = anonymous if not known else customer
            if "anonymous" in e:
                e["anonymous"] = anonymous
            channel, city = dice.choice(CHANNELS), dice.choice(CITIES)
            if channel:
                e["channel"] = channel
            q = {}
            if city:
                q["city"] = city
            if dice.random() < 0.6:
                q["journey"] = dice.choice(keys)
            if dice.random() < 0.4:
                q["expected_at"] = e["at"] + dice.choice([-5, -1, 0, 1, 9]) * HOUR
            late = "expected_at" in q and q["expected_at"] < e["at"]
            if dice.random() < 0.5 and (late or not plain or e["event"] == "Rated"):
                q["score"] = dice.choice([1, 1, 2]) if late else dice.choice([3, 4, 5, 5])
                if dice.random() < (0 if plain else 0.4):
                    q["about"] = dice.choice(["journey"] + EVENTS)
            if dice.random() < 0.15:
                q["comment"] = "it was as it was"
            if dice.random() < 0.15:
                q["failed"] = dice.choice([True, 1, 2, 3, False])
            if dice.random() < 0.15:
                q["effort"] = dice.choice([1, 2, 4])
            e["properties"] = q
            lines.append(e)
    dice.shuffle(lines)
    for n, e in enumerate(lines):
        e["id"] = f"i{n}"
    return lines


def document(dice, n):
    """A random map: steps, branches, rules with channels and conditions, touchpoints with no rule."""
    steps = dice.randint(2, 6)
    touchpoints, stage_of = [], sorted(dice.randrange(3) for _ in range(steps))
    for s in range(steps):
        for b in range(dice.choice([1, 1, 2])):
            rules = []
            for _ in range(dice.choice([0, 1, 1, 1, 2])):
                r = {}
                if dice.random() < 0.9:
                    r["event"] = dice.choice(EVENTS)
                if dice.random() < 0.3 or not r:
                    r["channel"] = dice.choice(CHANNELS[:3])
                if dice.random() < 0.3:
                    r["where"] = [{"dimension": "city", dice.choice(["is", "is_not"]): dice.choice(CITIES)}]
                rules.append(r)
            touchpoints.append({"key": f"t{s}-{b}", "stage": f"s{stage_of[s]}", "step": f"step{s}", "name": {"en": f"T{s}{b}"}, "rules": rules})
    d = {"key": f"m{n}", "name": {"en": f"Map {n}"},
         "instance": {"cut": dice.choice(["customer", "key", "gap"]), "key": "journey", "gap": dice.choice(["3h", "10h", "2d"]),
                      "ends_at_goal": dice.random() < 0.3},
         "stages": [{"key": f"s{i}", "name": {"en": f"S{i}"}} for i in sorted(set(stage_of))], "touchpoints": touchpoints}
    if dice.random() < 0.3:
        d["scope"] = {"filters": [{"dimension": "channel", dice.choice(["is", "is_not"]): dice.choice(CHANNELS)}]}
    return d


def simple(dice):
    """Each event a step."""
    return {"key": "simple", "name": {"en": "Simple"}, "instance": {"cut": dice.choice(["key", "customer"]), "key": "journey", "gap": "2d"},
            "stages": [{"key": "s", "name": {"en": "S"}}],
            "touchpoints": [{"key": e.lower(), "stage": "s", "step": e.lower(), "name": {"en": e}, "rules": [{"event": e}]} for e in EVENTS]}


# --- the recount --------------------------------------------------------------------------------------


def people(lines):
    """Rows of each person, by (time, arrival). An identify line with two ids makes them one."""
    parent = {}

    def root(x):
        parent.setdefault(x, x)
        while parent[x] != x:
            x = parent[x]
        return x

    for e in lines:
        ids = [(k, e[k]) for k in ("customer", "anonymous") if k in e]
        for i in ids[1:]:
            parent[root(i)] = root(ids[0])
        root(ids[0])
    rows = defaultdict(list)
    for n, e in enumerate(lines):
        rows[root([(k, e[k]) for k in ("customer", "anonymous") if k in e][0])].append(dict(e, n=n, p=e.get("properties", {})))
    return [sorted(r, key=lambda e: (e["at"], e["n"])) for r in rows.values()]


def length(text):
    return int(text[:-1]) * {"h": HOUR, "d": 24 * HOUR}[text[-1]]


def value(e, dimension):
    return {"channel": e.get("channel", ""), "event": e.get("event", "")}.get(dimension, e["p"].get(dimension, ""))


def fits(e, filters):
    return all((value(e, f["dimension"]) == f["is"]) if "is" in f else (value(e, f["dimension"]) != f["is_not"]) for f in filters)


def touchpoint(d, e):
    for i, t in enumerate(d["touchpoints"]):
        for r in t["rules"]:
            if r.get("event", e["event"]) == e["event"] and r.get("channel", e.get("channel", "")) == e.get("channel", "") and fits(e, r.get("where", [])):
                return i
    return None


def cut(rows, rule, goal, outside=None):
    """Journeys of one person's rows; `goal(e)`: the row is at the last step. Rows that belong to none go to `outside`."""
    kind, ends = rule["cut"], rule.get("ends_at_goal")
    cases, open_case, last_key = [], {}, None
    before = None
    for e in rows:
        slot = 0
        if kind == "key":
            last_key = slot = e["p"].get(rule["key"], last_key)
            if slot is None:
                if outside is not None:
                    outside.append(e)
                continue
        elif kind == "gap" and before is not None and e["at"] - before > length(rule["gap"]):
            open_case.pop(0, None)
        before = e["at"]
        if slot not in open_case:
            open_case[slot] = []
            cases.append(open_case[slot])
        open_case[slot].append(e)
        if ends and goal(e):
            del open_case[slot]
            last_key = None  # what comes without a key belongs to none until a key comes
    return cases


def quantile(values, q):
    v = sorted(values)
    at = (len(v) - 1) * q
    low = math.floor(at)
    return v[low] + (v[min(low + 1, len(v) - 1)] - v[low]) * (at - low)


def flow(cases, name):
    """Graph and variants of cases that belong to (person, rows)."""
    activities, edges, starts, ends, variants = Counter(), defaultdict(list), Counter(), Counter(), {}
    who, first = defaultdict(set), {}
    for person, rows in cases:
        names = [name(e) for e in rows]
        for a in names:
            activities[a] += 1
            who[a].add(person)
        for (a, x), (b, y) in zip(zip(names, rows), zip(names[1:], rows[1:])):
            edges[a, b].append(y["at"] - x["at"])
        starts[names[0]] += 1
        ends[names[-1]] += 1
        key = tuple(names)
        variants[key] = variants.get(key, 0) + 1
        first[key] = min(first.get(key, rows[0]["n"]), rows[0]["n"])
    return activities, who, edges, starts, ends, variants, first


def cases_of(d, persons, filters, scope):
    last = d["touchpoints"][-1]["step"]
    at = lambda e: touchpoint(d, e)  # noqa: E731
    goal = lambda e: at(e) is not None and d["touchpoints"][at(e)]["step"] == last  # noqa: E731
    out = []
    for p, rows in enumerate(persons):
        seen, outside = [e for e in rows if e.get("type") != "identify" and fits(e, filters)], []
        mine = [c for c in cut(seen, d["instance"], goal, outside) if scope[0] <= c[0]["at"] < scope[1]]
        # What is stated outside every journey counts where it belongs, and is nobody's journey.
        stated = [[e] for e in outside if ("score" in e["p"] or "comment" in e["p"]) and ("about" in e["p"] or at(e) is not None)
                  and scope[0] <= e["at"] < scope[1]]
        out.append((p, mine, stated))
    return out


def recount(d, persons, filters=(), scope=(-math.inf, math.inf)):
    filters = list(filters) + d.get("scope", {}).get("filters", [])
    points = d["touchpoints"]
    steps = list(dict.fromkeys(t["step"] for t in points))
    step = [steps.index(t["step"]) for t in points]
    newest = max((e["at"] for rows in persons for e in rows), default=0)
    r = {"steps": [Counter() for _ in steps], "points": [Counter() for _ in points], "to_next": defaultdict(list), "ribbons": Counter(),
         "loops": Counter(), "loop_cases": Counter(), "total": Counter(), "overrun": defaultdict(list), "signals": defaultdict(lambda: defaultdict(list)),
         "whole": defaultdict(list), "effects": {}, "people": defaultdict(list)}
    sides = defaultdict(lambda: [0, 0, set(), [], []])  # with: instances, others, customers, raw ratings with, raw ratings without
    for p, cases, stated in cases_of(d, persons, filters, scope):
        r["total"]["customers"] += bool(cases)
        person_rows = sorted((e for c in cases for e in c), key=lambda e: (e["at"], e["n"]))
        met = set()

        def state(rows, codes):
            """What is stated in these rows; the ratings as (place, whole, raw)."""
            ratings = []
            for i, e in enumerate(rows):
                q = e["p"]
                about, c = q.get("about"), codes[i]
                if about == "journey":
                    c = None
                elif about is not None:
                    earlier = [k for k in range(i) if rows[k]["event"] == about]
                    others = [x for x in person_rows if x["event"] == about and (x["at"], x["n"]) < (e["at"], e["n"])]
                    c = codes[earlier[-1]] if earlier else touchpoint(d, others[-1]) if others else next(
                        (k for k, t in enumerate(points) if any(u.get("event") == about for u in t["rules"])), None)
                if "score" in q:
                    ratings.append((i, about == "journey", q["score"]))
                    if about == "journey":
                        r["whole"][p].append(25 * (q["score"] - 1))
                    elif c is not None:
                        r["signals"][c, "rating"][p].append(25 * (q["score"] - 1))
                        r["people"][c, "rated"].append((p, id(rows)))
                if "comment" in q and c is not None:
                    r["points"][c]["comments"] += 1
            return ratings

        for rows in stated:
            state(rows, [touchpoint(d, e) for e in rows])
        for rows in cases:
            codes = [touchpoint(d, e) for e in rows]
            r["total"]["events"] += len(rows)
            r["total"]["other_events"] += sum(c is None for c in codes)
            reached = sorted({step[c] for c in codes if c is not None})
            if reached:
                end = reached[-1]
                how = "goal" if end == len(steps) - 1 else "still_in" if newest - rows[-1]["at"] < length(d["instance"]["gap"]) else "lost"
                r["total"]["entered"] += 1
                r["total"][how] += 1
                r["steps"][reached[0]]["starts"] += 1
                for s in reached:
                    r["steps"][s]["entered"] += 1
                    r["steps"][s][how if s == end else "advanced"] += 1
                stands = [next(c for c in codes if c is not None and step[c] == s) for s in reached]
                for a, b in zip(stands, stands[1:]):
                    r["ribbons"][a, b] += 1
                for c in set(codes) - {None}:
                    r["people"][c, how if step[c] == end else "advanced"].append(p)
            on = [c for c in codes if c is not None]
            back = Counter((a, b) for a, b in zip(on, on[1:]) if step[b] <= step[a])
            r["loops"].update(back)
            r["loop_cases"].update(dict.fromkeys(back, 1))
            for c in set(on):
                t = r["points"][c]
                mine = [i for i, x in enumerate(codes) if x == c]
                t["visits"] += len(mine)
                t["entered"] += 1
                t["customers"] += c not in met
                t["repeats"] += len(mine) > 1
                met.add(c)
                later = next((rows[i]["at"] for i in range(mine[0] + 1, len(rows)) if codes[i] is not None and step[codes[i]] > step[c]), None)
                if later is not None:
                    r["to_next"][c].append(later - rows[mine[0]]["at"])
            ratings = state(rows, codes)
            for i, e in enumerate(rows):
                q = e["p"]
                c = codes[i]
                if c is None:
                    continue
                if "expected_at" in q:
                    over = e["at"] - q["expected_at"]
                    r["points"][c]["broken" if over > 0 else "kept"] += 1
                    if over > 0:
                        r["overrun"][c].append(over)
                        r["signals"][c, "breach"][p].append(15)
                if q.get("failed"):
                    r["signals"][c, "failure"][p].append({1: 35, 2: 15, 3: 0}[int(q["failed"])])
                if "effort" in q:
                    r["signals"][c, "effort"][p].append(100 * 2 ** (-(q["effort"] - 1) / 1.5))
            for c in set(on):
                mine = [i for i, x in enumerate(codes) if x == c]
                found = {}
                for i in mine:
                    q = rows[i]["p"]
                    if q.get("expected_at", math.inf) < rows[i]["at"]:
                        found.setdefault(("breach", "", ""), i)
                    if q.get("failed"):
                        found.setdefault(("failure", "", ""), i)
                    for dim in ("channel", "city"):
                        found.setdefault(("dimension", dim, value(rows[i], dim)), i)
                if len(mine) > 1:
                    found["repeat", "", ""] = mine[1]
                r["effects"].setdefault(c, []).append((p, mine[0], found, ratings))
    return r


def side(effects, cause):
    """Instances, customers, others, raw ratings with and without."""
    n, who, others, yes, no = 0, set(), 0, [], []
    for p, first, found, ratings in effects:
        at = found.get(cause)
        if at is None:
            others += 1
            no += [x for i, whole, x in ratings if whole or i >= first]
        else:
            n += 1
            who.add(p)
            yes += [x for i, whole, x in ratings if whole or i >= at]
    return n, len(who), others, yes, no


# --- against the program --------------------------------------------------------------------------------


def compare_map(got, want, d, name):
    total = want["total"]
    for k in ("customers", "events", "other_events", "entered", "goal", "still_in", "lost"):
        equal(got["total"][k], total[k], f"{name}: total {k}")
    for g, w, in zip(got["steps"], want["steps"]):
        for k in ("entered", "advanced", "goal", "lost", "still_in", "starts"):
            equal(g[k], w[k], f"{name}: step {g['key']} {k}")
        equal(g["entered"], g["advanced"] + g["goal"] + g["lost"] + g["still_in"], f"{name}: step {g['key']} adds up")
    keys = [t["key"] for t in d["touchpoints"]]
    equal({(r["from"], r["to"]): r["instances"] for r in got["ribbons"]}, {(keys[a], keys[b]): n for (a, b), n in want["ribbons"].items()}, f"{name}: ribbons")
    equal({(r["from"], r["to"]): (r["count"], r["instances"]) for r in got["loops"]},
          {(keys[a], keys[b]): (n, want["loop_cases"][a, b]) for (a, b), n in want["loops"].items()}, f"{name}: loops")
    for c, g in enumerate(got["touchpoints"]):
        w, what = want["points"][c], f"{name}: {g['key']}"
        for k in ("visits", "entered", "customers", "repeats", "comments"):
            equal(g[k], w[k], f"{what} {k}")
        equal((g["promise"]["kept"], g["promise"]["broken"]), (w["kept"], w["broken"]), f"{what} promises")
        if w["broken"]:
            close(g["promise"]["overrun_mean_ms"], sum(want["overrun"][c]) / w["broken"], 0.5, f"{what} overrun")
            close(g["promise"]["overrun_p50_ms"], quantile(want["overrun"][c], 0.5), max(0.5, 0 if w["broken"] <= 256 else 0.017 * quantile(want["overrun"][c], 0.5)), f"{what} median overrun")
        times = want["to_next"][c]
        equal(g["to_next"]["n"], len(times), f"{what} to next")
        if times:
            close(g["to_next"]["mean_ms"], sum(times) / len(times), 0.5, f"{what} mean to next")
            for k, q in (("p50_ms", 0.5), ("p90_ms", 0.9)):
                exact = quantile(times, q)
                close(g["to_next"][k], exact, 0.5 if len(times) <= 256 else 0.017 * exact + 1, f"{what} {k} to next")
        signals = {s["signal"]: s for s in g["signals"]}
        for s in ("rating", "breach", "failure", "effort"):
            by = want["signals"][c, s]
            equal(signals.get(s, {}).get("n", 0), sum(map(len, by.values())), f"{what} {s} n")
            if by:
                equal(signals[s]["customers"], len(by), f"{what} {s} customers")
                if len(by) >= 5:
                    close(signals[s]["mean"], sum(sum(v) / len(v) for v in by.values()) / len(by), 1e-5, f"{what} {s} mean")
                else:
                    equal(signals[s]["mean"], None, f"{what}: fewer than five people are not shown")
    whole = want["whole"]
    n = sum(map(len, whole.values()))
    equal((got["whole"] or {"n": 0})["n"], n, f"{name}: answers about the whole")
    if len(whole) >= 5:
        close(got["whole"]["est"], sum(sum(v) / len(v) for v in whole.values()) / len(whole), 1e-5, f"{name}: mean of the whole")
    for f in got["findings"]:
        what = f"{name}: {f['cause']} {f['dimension']} {f['value']} at {f['touchpoint']}"
        n, who, others, yes, no = side(want["effects"][keys.index(f["touchpoint"])], (f["cause"], f["dimension"], f["value"]))
        equal((f["instances"], f["customers"], f["others"]), (n, who, others), what)
        for g, w in ((f["with"], yes), (f["without"], no)):
            equal(g["n"], len(w), f"{what}: ratings")
            close(g["raw_mean"], sum(w) / len(w), 1e-7, f"{what}: mean rating")
            close(g["mean"], 25 * (sum(w) / len(w) - 1), 1e-6, f"{what}: mean utility")
    return len(got["findings"])


def compare_flow(graph, variants, cases, name, what):
    activities, who, edges, starts, ends, seqs, first = flow(cases, name)
    equal(graph["cases"], len(cases), f"{what}: cases")
    equal(graph["events"], sum(activities.values()), f"{what}: events")
    equal(graph["customers"], len({p for p, _ in cases}), f"{what}: customers")
    equal({a["name"]: (a["count"], a["customers"]) for a in graph["activities"]}, {a: (n, len(who[a])) for a, n in activities.items()}, f"{what}: activities")
    equal({(e["from"], e["to"]): e["count"] for e in graph["edges"]}, {k: len(v) for k, v in edges.items()}, f"{what}: edges")
    for e in graph["edges"]:
        times = edges[e["from"], e["to"]]
        close(e["mean_ms"], sum(times) / len(times), 0.5, f"{what}: mean of an edge")
        exact = quantile(times, 0.5)
        close(e["p50_ms"], exact, 0.5 if len(times) <= 256 else 0.017 * exact + 1, f"{what}: median of an edge")
    equal({s["name"]: s["count"] for s in graph["starts"] if s["count"]}, dict(starts), f"{what}: starts")
    equal({s["name"]: s["count"] for s in graph["ends"] if s["count"]}, dict(ends), f"{what}: ends")
    equal((graph["variants"], variants["variants"], variants["cases"]), (len(seqs), len(seqs), len(cases)), f"{what}: variants")
    top = sorted(seqs, key=lambda k: (-seqs[k], first[k]))[:10]
    equal([(tuple(v["steps"]), v["count"]) for v in variants["top"]], [(k, seqs[k]) for k in top], f"{what}: top variants")


class Log:
    """A directory with one random log in it."""

    def __init__(self, dice, data, people_n, plain):
        self.data = data
        self.lines = log(dice, people_n, plain)
        path = data + ".ndjson"
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(e, ensure_ascii=False) + "\n" for e in self.lines)
        got = safar("import", path, "--json", data=data)
        equal((got["read"], got["stored"], got["rejected"]), (len(self.lines), len(self.lines), 0), "all lines are stored")
        self.persons = people(self.lines)
        whole = [(p, [e for e in rows if e.get("type") != "identify"]) for p, rows in enumerate(self.persons)]
        self.rows = [(p, rows) for p, rows in whole if rows]

    def save(self, d):
        path = self.data + ".map.json"
        with open(path, "w", encoding="utf-8") as f:
            json.dump(d, f, ensure_ascii=False)
        return safar("map", "save", path, "--json", data=self.data)

    def show(self, d, *words):
        return safar("map", "show", d["key"], *words, "--json", data=self.data)

    def flow(self, cases, what, *words):
        compare_flow(safar("query", "dfg", *words, "--json", data=self.data), safar("query", "variants", "--top", "10", *words, "--json", data=self.data),
                     [c for c in cases if c[1]], lambda e: e["event"], what)


def period(dice):
    a, b = sorted(dice.sample(range(130), 2))
    return BASE + a * HOUR, BASE + b * HOUR


def declaring(dice):
    """A map whose only use is that its rule makes the city a column."""
    return {"key": "declaring", "name": {"en": "Declaring"}, "stages": [{"key": "s", "name": {"en": "S"}}],
            "touchpoints": [{"key": "t", "stage": "s", "name": {"en": "T"}, "rules": [{"where": [{"dimension": "city", "is": "Dubai"}]}]}]}


def flows(seed):
    dice = random.Random(seed)
    with Data() as data:
        l = Log(dice, data, dice.choice([8, 60]), False)
        l.flow(l.rows, f"seed {seed}: by customer")
        frm, to = period(dice)
        l.flow([(p, [e for e in r if frm <= e["at"] < to]) for p, r in l.rows], f"seed {seed}: [{frm}, {to})", "--from", frm, "--to", to)
        l.flow([(p, c) for p, r in l.rows for c in cut(r, {"cut": "key", "key": "journey"}, None)], f"seed {seed}: by journey", "--case", "journey")
        # A property that nobody declared has no column: an error, and neither nothing nor everything.
        safar("query", "dfg", "--filter", "city:Dubai", "--json", data=data, code=1)
        l.save(declaring(dice))
        for words, f in (("city:Dubai", {"is": "Dubai"}), ("city:", {"is": ""}), ("city!:تهران", {"is_not": "تهران"})):
            l.flow([(p, [e for e in r if fits(e, [dict(f, dimension="city")])]) for p, r in l.rows], f"seed {seed}: {words}", "--filter", words)


def maps(seed, plain):
    """One map of one random log in every way it can be asked; how many findings were compared."""
    dice = random.Random(seed)
    with Data() as data:
        l = Log(dice, data, 300 if plain else dice.choice([8, 30, 80]), plain)
        l.save(declaring(dice))
        d = simple(dice) if plain else document(dice, 0)
        what = f"seed {seed}, {json.dumps(d['instance'])}"
        l.save(d)
        found = compare_map(l.show(d), recount(d, l.persons), d, what)
        f = {"dimension": "city", dice.choice(["is", "is_not"]): dice.choice(CITIES)}
        words = f"city:{f['is']}" if "is" in f else f"city!:{f['is_not']}"
        found += compare_map(l.show(d, "--filter", words), recount(d, l.persons, [f]), d, f"{what}, {words}")
        scope = period(dice)
        got = l.show(d, "--from", scope[0], "--to", scope[1], "--compare", "previous")
        found += compare_map(got, recount(d, l.persons, (), scope), d, f"{what}, period {scope}")
        before = (2 * scope[0] - scope[1], scope[0])
        then = recount(d, l.persons, (), before)
        equal((got["compare"]["from_ms"], got["compare"]["to_ms"]), before, f"{what}: the period before")
        equal(got["compare"]["entered"], then["total"]["entered"], f"{what}: journeys of the period before")
        equal([t["entered"] for t in got["compare"]["touchpoints"]], [t["entered"] for t in then["points"]], f"{what}: touchpoints of the period before")
        # Renamed and regrouped, each touchpoint a step of its own, in another order; both versions can be asked.
        e = json.loads(json.dumps(d))
        dice.shuffle(e["touchpoints"])
        for t in e["touchpoints"]:
            t["step"], t["stage"], t["name"] = t["key"], e["stages"][0]["key"], {"en": t["key"].upper()}
        l.save(e)
        found += compare_map(l.show(e), recount(e, l.persons), e, f"{what}, regrouped")
        found += compare_map(l.show(d, "--version", "1"), recount(d, l.persons), d, f"{what}, version 1")
        return found


SEED = int(os.environ.get("SAFAR_SEED", time.time_ns() % 10**6))
LOGS = int(os.environ.get("SAFAR_LOGS", 5))


def check_graphs_and_variants():
    print(f"seed {SEED} (again with SAFAR_SEED={SEED})")
    for seed in (1, SEED):
        flows(seed)


def check_maps():
    for seed in [*range(LOGS), SEED]:
        maps(seed, False)


def check_maps_with_findings():
    found = sum(maps(seed, True) for seed in range(100, 102))
    assert found > 0, "no log had a finding: nothing was compared"


def check_people_behind_numbers():
    """Every list of people has as many journeys as the number on the map, and they are those of the recount."""
    dice = random.Random(4)
    with Data() as data:
        l = Log(dice, data, 30, False)
        d = document(dice, 0)
        l.save(d)
        want = recount(d, l.persons)
        with Server(data) as s:
            m = s.admin.ask("GET", f"/api/maps/{d['key']}/measured").json
            compare_map(m, want, d, "over HTTP")
            ids = {}
            for p, rows in enumerate(l.persons):
                for e in rows:
                    for k in ("customer", "anonymous"):
                        ids[e.get(k)] = p
            for c, t in enumerate(d["touchpoints"]):
                for what in ("entered", "advanced", "goal", "lost", "still_in"):
                    got, cursor = [], ""
                    while cursor is not None:
                        page = s.admin.ask("GET", f"/api/maps/{d['key']}/people?touchpoint={t['key']}&what={what}&cursor={cursor}").json
                        got += [ids[x["customer"]] for x in page["people"]]
                        cursor = page["next"]
                    expected = [p for w in ("advanced", "goal", "lost", "still_in") if what in (w, "entered") for p in want["people"][c, w]]
                    equal(page["total"], len(expected), f"{what} at {t['key']}: total")
                    equal(sorted(got), sorted(expected), f"{what} at {t['key']}: people")


if __name__ == "__main__":
    sys.exit(main(globals()))
