#!/usr/bin/env python3
"""The explore questions counted again by plain Python over the lines that are imported: funnel, retention, lift, scores,
rework, hand-overs, the simplified graph, segments and units, on random logs; and what must agree between them.

Like recount.py, nothing of the product is in the recount. The seed is printed when a figure differs.
"""
import random
import sys
import time
from collections import Counter, defaultdict

from lib import Data, equal, main, safar
from recount import BASE, EVENTS, HOUR, log, people

import json
import os

DAY = 24 * HOUR
WEEK = 7 * DAY
LOGS = 6


class Logged:
    """A random log in a fresh directory, and its rows by person as the recount sees them."""

    def __init__(self, seed):
        self.seed = seed
        self.dice = random.Random(seed)

    def __enter__(self):
        self.folder = Data()
        self.data = self.folder.__enter__()
        lines = log(self.dice, 150)
        path = os.path.join(self.folder.folder, "log.ndjson")
        with open(path, "w") as f:
            f.writelines(json.dumps(e) + "\n" for e in lines)
        safar("import", path, "--json", data=self.data)
        self.people = [[e for e in rows if e.get("type") != "identify"] for rows in people(lines)]
        self.people = [rows for rows in self.people if rows]
        self.newest = max(e["at"] for rows in self.people for e in rows)
        return self

    def __exit__(self, kind, what, trace):
        if kind:
            print(f"seed {self.seed}")
        self.folder.__exit__(kind, what, trace)

    def ask(self, *words):
        return safar("query", *words, "--json", data=self.data)


def logs():
    first = int(os.environ.get("SAFAR_SEED", time.time_ns() % 1_000_000))
    for seed in range(first, first + LOGS):
        with Logged(seed) as l:
            yield l


# --- funnel -------------------------------------------------------------------------------------------------


def deepest(rows, steps, window, order):
    """How many steps a person gets through, by trying every start."""
    best = 0
    for i, first in enumerate(rows):
        if order == "any":
            # From the earliest of an attempt: which of the steps come within the window, whatever their order.
            met = {s for s in range(len(steps)) for e in rows[i:] if e["event"] in steps[s] and e["at"] - first["at"] <= window}
            if any(first["event"] in s for s in steps):
                best = max(best, len(met))
            continue
        if first["event"] not in steps[0]:
            continue
        reached, k = {0}, i
        if order == "strict":
            while len(reached) < len(steps) and k + 1 < len(rows) and rows[k + 1]["event"] in steps[len(reached)] and rows[k + 1]["at"] - first["at"] <= window:
                reached.add(len(reached))
                k += 1
        else:
            depth = 1
            for e in rows[i + 1:]:
                if depth < len(steps) and e["event"] in steps[depth] and e["at"] - first["at"] <= window:
                    depth += 1
            reached = set(range(depth))
        best = max(best, len(reached))
    return best


def check_funnels_are_counted_as_by_hand():
    for l in logs():
        for _ in range(4):
            names = l.dice.sample(EVENTS, l.dice.randint(2, 4))
            hours = l.dice.choice([2, 10, 100, 1000])
            order = l.dice.choice(["later", "strict"])
            got = l.ask("funnel", "--steps", ",".join(names), "--window", f"{hours}h", "--order", order)
            depths = [deepest(rows, [{n} for n in names], hours * HOUR, order) for rows in l.people]
            want = [sum(d > k for d in depths) for k in range(len(names))]
            equal([s["customers"] for s in got["steps"]], want, f"{names} within {hours} h, {order}")


def check_a_funnel_begins_with_all_who_entered_and_its_groups_add_up():
    for l in logs():
        names = l.dice.sample(EVENTS, 3)
        got = l.ask("funnel", "--steps", ",".join(names), "--window", "50h", "--by", "channel")
        entered = next(a["customers"] for a in l.ask("dfg")["activities"] if a["name"] == names[0])
        equal(got["steps"][0]["customers"], entered, "the first step is everybody who did it")
        for k in range(len(names)):
            equal(sum(g["steps"][k]["customers"] for g in got["groups"]), got["steps"][k]["customers"], f"groups at step {k}")
        falling = [s["customers"] for s in got["steps"]]
        assert falling == sorted(falling, reverse=True), falling


# --- retention ------------------------------------------------------------------------------------------------


def check_retention_by_weeks_is_counted_as_by_hand():
    for l in logs():
        got = l.ask("retention", "--period", "week", "--origin", str(BASE))
        weeks = [sorted({(e["at"] - BASE) // WEEK for e in rows}) for rows in l.people]
        sizes = Counter(w[0] for w in weeks)
        active = Counter((w[0], k - w[0]) for w in weeks for k in w)
        equal(sum(c["size"] for c in got["cohorts"]), len(l.people), "everybody is in one cohort")
        seen = 0
        for c in got["cohorts"]:
            start = (c["start_ms"] - BASE) // WEEK
            equal(c["size"], sizes[start], f"size of week {start}")
            for offset, n in enumerate(c["active"]):
                equal(n, active[start, offset], f"week {start} + {offset}")
                seen += 1
        # A period that has not passed by the newest event is left out, never 0.
        last = (l.newest - BASE) // WEEK
        assert all((c["start_ms"] - BASE) // WEEK + len(c["active"]) - 1 <= last for c in got["cohorts"]), "a week that has not begun was answered"
        assert seen or last == 0, "nothing was answered"


# --- lift, scores -------------------------------------------------------------------------------------------------


def check_lift_is_counted_as_by_hand():
    for l in logs():
        outcome = l.dice.choice(EVENTS)
        got = l.ask("lift", "--outcome", outcome)
        reached = [any(e["event"] == outcome for e in rows) for rows in l.people]
        equal((got["cases"], got["reached"]), (len(l.people), sum(reached)), "cases, reached")
        for t in got["touchpoints"]:
            met = [any(e["event"] == t["name"] for e in rows) for rows in l.people]
            equal((t["cases"], t["reached"]), (sum(met), sum(m and r for m, r in zip(met, reached))), t["name"])
            equal((t["without"]["cases"], t["without"]["reached"]), (len(met) - sum(met), sum(r and not m for m, r in zip(met, reached))), f"without {t['name']}")
        assert len(got["touchpoints"]) >= len({e["event"] for rows in l.people for e in rows}) - 1


def check_scores_by_channel_are_counted_as_by_hand():
    for l in logs():
        got = l.ask("scores", "--by", "channel")
        n = Counter((e["event"], e.get("channel", "")) for rows in l.people for e in rows)
        equal({(r["name"], r["value"]): r["n"] for r in got["rows"]}, dict(n), "events by name and channel")
        by_name = Counter(e["event"] for rows in l.people for e in rows)
        for name, total in by_name.items():
            equal(sum(r["n"] for r in got["rows"] if r["name"] == name), total, f"{name} over channels")


# --- rework, hand-overs ---------------------------------------------------------------------------------------------


def check_rework_is_counted_as_by_hand():
    for l in logs():
        got = {a["name"]: a for a in l.ask("rework")["activities"]}
        cases, repeated, repeats, loops = Counter(), Counter(), Counter(), Counter()
        for rows in l.people:
            names = [e["event"] for e in rows]
            for name, k in Counter(names).items():
                cases[name] += 1
                repeated[name] += k > 1
                repeats[name] += k - 1
            for a, b in zip(names, names[1:]):
                loops[a] += a == b
        for name in cases:
            a = got[name]
            equal((a["cases"], a["repeated_cases"], a["repeats"], a["self_loops"]), (cases[name], repeated[name], repeats[name], loops[name]), name)
        pingpong = Counter()
        for rows in l.people:
            names = [e["event"] for e in rows]
            for a, b, c in zip(names, names[1:], names[2:]):
                if a == c and a != b:
                    pingpong[a, b] += 1
        for p in l.ask("rework")["pingpong"]:
            equal(p["count"], pingpong[p["a"], p["b"]], f"{p['a']} {p['b']} {p['a']}")


def check_handovers_between_known_channels_are_counted_as_by_hand():
    for l in logs():
        got = {(h["from"], h["to"]): h for h in l.ask("handovers")["handovers"]}
        want, gaps = Counter(), defaultdict(list)
        for rows in l.people:
            # Unknown is no channel, and an answer about another event is no contact: both are passed over.
            known = [e for e in rows if e.get("channel") and not e["p"].get("about")]
            for a, b in zip(known, known[1:]):
                pair = a["channel"], b["channel"]
                if pair[0] != pair[1]:
                    want[pair] += 1
                    gaps[pair].append(b["at"] - a["at"])
        for pair, n in want.items():
            equal(got[pair]["count"], n, f"{pair}")


# --- the simplified graph, segments -------------------------------------------------------------------------------------


def check_the_simplified_graph_is_counted_anew():
    for l in logs():
        got = l.ask("flow", "--activities", "0.6", "--edges", "1")
        kept = {a["name"] for a in got["activities"]}
        edges, starts, ends, cases = Counter(), Counter(), Counter(), 0
        for rows in l.people:
            names = [e["event"] for e in rows if e["event"] in kept]
            if not names:
                continue
            cases += 1
            starts[names[0]] += 1
            ends[names[-1]] += 1
            for pair in zip(names, names[1:]):
                edges[pair] += 1
        equal({(e["from"], e["to"]): e["count"] for e in got["edges"]}, dict(edges), "edges of the log without the others")
        equal(got["cases"], cases, "cases")
        equal({a["name"]: (a["starts"], a["ends"]) for a in got["activities"]}, {n: (starts[n], ends[n]) for n in kept}, "starts and ends")


def check_segments_are_the_people_that_the_words_say():
    for l in logs():
        a, b, c = l.dice.sample(EVENTS, 3)

        def did(rows, name):
            return sum(e["event"] == name for e in rows)

        def then(rows, first, second, window):
            return any(x["event"] == first and y["event"] == second and j > i and y["at"] - x["at"] <= window
                       for i, x in enumerate(rows) for j, y in enumerate(rows))

        rules = {
            f'did "{a}"': lambda r: did(r, a) > 0,
            f'did "{a}" and not did "{b}"': lambda r: did(r, a) > 0 and not did(r, b),
            f'did "{a}" at least 2 times or did "{c}"': lambda r: did(r, a) >= 2 or did(r, c) > 0,
            f'did "{a}" then "{b}" within 10h': lambda r: then(r, a, b, 10 * HOUR),
        }
        for rule, fits in rules.items():
            mine = [rows for rows in l.people if fits(rows)]
            got = l.ask("dfg", "--segment", rule)
            equal(got["customers"], len(mine), rule)
            equal(got["events"], sum(len(rows) for rows in mine), rule)


if __name__ == "__main__":
    sys.exit(main(globals()))
