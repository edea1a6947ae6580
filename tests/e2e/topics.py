#!/usr/bin/env python3
"""What comments of the demo company speak of (docs/methods/text-topics.md): truth 12 is flagged within two days of its start
and nothing before it, truth 8's policy is named in the complaints that cite it, and figures equal a count by hand.
"""
import datetime
import re
import sys
import tempfile

from lib import close, equal, main, safar

END = datetime.date(2026, 5, 31)
BEGIN = END - datetime.timedelta(days=12)  # of truth 12: docs/demo.md
# When those answered whom the company's own people asked: each day brings many words of one survey.
ROUNDS = {(END - datetime.timedelta(days=n)).isoformat() for n in (20, 13)}
# What truth 8's wordings have in common, in the four ways of writing (src/demo/phrases_policy.c).
POLICY = re.compile("branch of purchase|same.branch|branch where I bought|original branch|نفس الفرع|لنفس الفرع|(الفرع|للفرع) اللي (شريت|أخذت|اشتريت)|همون شعبه|شعبه‌ای که ازش خریدم|شعبه‌ی خرید|nafs el far3|hamoon shobe")
WORDS = ["branch", "الفرع", "للفرع", "شعبه*", "far3", "shobe"]
folder = tempfile.TemporaryDirectory(prefix="safar-topics-")


def data():
    if not data.made:
        safar("demo", "--customers", "24000", "--seed", "1", "--end-day", END.isoformat(), data=folder.name)
        data.made = True
    return folder.name


data.made = False


def topics(*words):
    got = safar("topics", "list", "--json", *words, data=data())
    return got, {t["key"]: t for t in got["topics"]}


def check_what_is_new_is_flagged_within_two_days():
    for after in range(-7, 1):  # days that are over: none of them has the news
        _, t = topics("--to", (BEGIN + datetime.timedelta(days=after)).isoformat())
        equal([k for k, x in t.items() if x["rising"] and x["rising"]["since"] not in ROUNDS], [], f"day {after}")
        equal(t["cart"]["rising"], None, f"the basket on day {after}")
    _, t = topics("--to", (BEGIN + datetime.timedelta(days=2)).isoformat())
    rising = t["cart"]["rising"]
    if not rising:
        raise AssertionError(f"two days after {BEGIN} the basket is not flagged: {t['cart']}")
    since = datetime.date.fromisoformat(rising["since"])
    if not BEGIN <= since <= BEGIN + datetime.timedelta(days=1):
        raise AssertionError(f"flagged since {since}, it began on {BEGIN}")
    _, t = topics()  # as whoever opens the demo sees it
    first = min((x for x in t.values() if x["rising"]), key=lambda x: x["rising"]["p"])
    equal(first["key"], "cart", "what is newest at the end day")


def feedback(*words):
    rows, cursor = [], None
    while True:
        page = safar("inbox", "list", "--json", "--commented", "yes", "--limit", "200", *(["--cursor", cursor] if cursor else []), *words, data=data())
        rows += page["feedback"]
        cursor = page["next"]
        if not cursor:
            return rows


def check_the_policy_is_named_where_it_is_cited():
    rows = {r["arrival"]: r for w in WORDS for r in feedback("--text", w)}.values()
    cited = [r for r in rows if POLICY.search(r["comment"])]
    named = [r for r in rows if any(t["key"] == "policy-branch" and t["policy"] for t in r["heard"]["topics"])]
    both = {r["arrival"] for r in cited} & {r["arrival"] for r in named}
    if len(cited) < 100:
        raise AssertionError(f"only {len(cited)} comments cite it")
    if len(both) < 0.98 * len(cited) or len(both) < 0.98 * len(named):
        missed = [r["comment"] for r in cited if r["arrival"] not in both][:5], [r["comment"] for r in named if r["arrival"] not in both][:5]
        raise AssertionError(f"{len(cited)} cite it, {len(named)} are named, {len(both)} are both: {missed}")
    for lang in ("ar", "en", "fa"):
        if not any(r["heard"]["lang"] == lang for r in cited):
            raise AssertionError(f"nobody cites it in {lang}")


def check_figures_are_those_of_a_count():
    got, t = topics("--from", "2026-05-01", "--to", "2026-05-15")
    rows = feedback("--from", "2026-05-01", "--to", "2026-05-15")
    equal(got["comments"], len(rows), "comments")
    equal(got["customers"], len({r["customer"] for r in rows}), "customers")
    for key in ("delivery", "cart", "staff", "policy-branch"):
        spoke = [r for r in rows if any(x["key"] == key for x in r["heard"]["topics"])]
        equal((t[key]["n"], t[key]["customers"]), (len(spoke), len({r["customer"] for r in spoke})), key)
        scores = [r["score"]["of_100"] for r in spoke if r["score"]]
        if len(scores) >= 5:
            close(t[key]["score"]["est"], sum(scores) / len(scores), 1e-6, key)
        if len(rows) >= 5:
            close(t[key]["share"]["est"], len(spoke) / len(rows), 1e-9, key)


def check_the_reasons_of_a_cell_are_those_of_its_comments():
    """A touchpoint's and a stage's topics are counted from the very comments that the map counts and the inbox finds there."""
    for period in ([], ["--from", "2026-05-01", "--to", "2026-05-15"]):
        measured = safar("map", "show", "orders", "--json", *period, data=data())
        stages, cells = {}, 0
        for p in measured["touchpoints"]:
            stages[p["stage"]] = stages.get(p["stage"], 0) + p["comments"]
            if not p["comments"] or cells == 3:
                continue
            cells += 1
            cell = ["--map", "orders", "--touchpoint", p["key"], *period]
            got, t = topics(*cell)
            equal(got["comments"], p["comments"], f"{p['key']}: on the map, and in its reasons")
            rows = feedback(*cell)
            equal(len(rows), p["comments"], f"{p['key']}: in the inbox")
            for key, x in t.items():
                spoke = [r for r in rows if any(y["key"] == key for y in r["heard"]["topics"])]
                equal(x["n"], len(spoke), f"{p['key']}: {key}")
                if len(rows) >= 5:
                    close(x["share"]["est"], len(spoke) / len(rows), 1e-9, key)
                elif x["share"] is not None:
                    equal(x["share"]["est"], None, f"{p['key']}: {key} of fewer than five")
        if cells < 2:
            raise AssertionError("too few touchpoints have comments")
        for stage, n in stages.items():
            got, _ = topics("--map", "orders", "--stage", stage, *period)
            equal(got["comments"], n, f"stage {stage}")
    safar("topics", "list", "--json", "--map", "orders", "--stage", "none-such", data=data(), code=3)


if __name__ == "__main__":
    sys.exit(main(globals()))
