#!/usr/bin/env python3
"""What customers are worth, asked of the real program: a real shop's invoices equal a recount by SQL, and CDNOW's
purchases give the published parameters."""
import csv
import datetime
import itertools
import math
import os
import random
import sqlite3
import subprocess
import tempfile
import zoneinfo

from lib import Data, close, equal, main, safar, shared

MAPPING = """
source = "Orders"
zone = "Europe/London"
customer = "customer"

[[event]]
name = "Bought"
time = "at"
value = "amount"
currency = { value = "%s" }
"""


def unpacked(*path):
    return subprocess.run(["zstd", "-dcq", shared("data", *path)], check=True, capture_output=True).stdout.decode("utf-8").splitlines()


def imported(data, rows, currency):
    """Rows (customer, time, amount) as a file with a mapping, through the program."""
    with tempfile.TemporaryDirectory() as folder:
        file, mapping = os.path.join(folder, "orders.csv"), os.path.join(folder, "orders.toml")
        with open(file, "w", newline="") as f:
            out = csv.writer(f)
            out.writerow(["customer", "at", "amount"])
            out.writerows(rows)
        with open(mapping, "w") as f:
            f.write(MAPPING % currency)
        got = safar("import", file, "--mapping", mapping, "--json", data=data)
    equal(got["stored"], len(rows), "every row is stored")


def fifths(values):
    """ceil(5 (rank - 1/2) / n), equal values by their mean rank."""
    first, last = {}, {}
    for place, value in enumerate(sorted(values)):
        first.setdefault(value, place)
        last[value] = place
    n = len(values)
    return [max(1, math.ceil(5 * ((first[v] + last[v]) / 2 + 0.5) / n)) for v in values]


def shop():
    """Invoices of known customers with more than nothing on them, as (customer, invoice, time, pence)."""
    db = sqlite3.connect(":memory:")
    db.execute("create table line (invoice, quantity, at, price, customer)")
    rows = csv.reader(unpacked("online-retail", "online_retail_2010_2011.csv.zst"))
    next(rows)
    db.executemany("insert into line values (?, ?, ?, ?, ?)", ((r[0], int(r[3]), r[4], round(float(r[5]) * 1000), r[6]) for r in rows if r[6] and not r[0].startswith("C")))
    # Prices have three decimals in a few lines: an invoice is rounded to pence once.
    db.execute("create table invoice as select customer, invoice, min(at) as at, cast(round(sum(quantity * price) / 10.0) as integer) as pence "
               "from line group by customer, invoice having pence > 0")
    return db


def check_a_real_shop_equals_a_recount():
    db = shop()
    invoices = db.execute("select customer, at, pence from invoice").fetchall()
    with Data() as data:
        imported(data, [(c, at, f"{pence / 100:.2f}") for c, at, pence in invoices], "GBP")
        got = safar("query", "value", "--json", data=data)
        kept = safar("query", "retention", "--period", "month", "--weight", "value", "--json", data=data)
    customers = db.execute("select customer, max(date(at)), count(*), sum(pence) from invoice group by customer").fetchall()
    equal(got["customers"], len(customers), "buyers")
    equal(got["orders"], len(invoices), "purchases")
    equal(got["spent_minor"], sum(c[3] for c in customers), "money")
    cells = {}
    for r, f, m, money in zip(fifths([c[1] for c in customers]), fifths([c[2] for c in customers]), fifths([c[3] for c in customers]), (c[3] for c in customers)):
        n, sum_ = cells.get((r, f, m), (0, 0))
        cells[r, f, m] = n + 1, sum_ + money
    want = {cell: (n, money if n >= 5 else None) for cell, (n, money) in cells.items()}
    equal({(c["recency"], c["frequency"], c["money"]): (c["customers"], c["spent_minor"]) for c in got["cells"]}, want, "fifths")
    # Cohorts by month: who of those who first bought in one month bought in the months after.
    db.execute("create table active as select distinct customer, cast(substr(at, 1, 4) as integer) * 12 + cast(substr(at, 6, 2) as integer) as month from invoice")
    db.execute("create table first as select customer, min(month) as month from active group by customer")
    matrix = {}
    for cohort, offset, n in db.execute("select f.month, a.month - f.month, count(*) from first f join active a using (customer) group by 1, 2"):
        matrix[cohort, offset] = n
    db.execute("create table paid as select customer, cast(substr(at, 1, 4) as integer) * 12 + cast(substr(at, 6, 2) as integer) as month, sum(pence) as pence from invoice group by 1, 2")
    paid = {(cohort, offset): pence for cohort, offset, pence in db.execute("select f.month, p.month - f.month, sum(pence) from first f join paid p using (customer) group by 1, 2")}
    newest = max(m for m, in db.execute("select month from active"))
    for cohort in kept["cohorts"]:
        month = int(cohort["start"][:4]) * 12 + int(cohort["start"][5:7])
        equal(cohort["size"], matrix[month, 0], f"size of {cohort['start']}")
        equal(cohort["active"], [matrix.get((month, k), 0) for k in range(newest - month)], f"cohort of {cohort['start']}")
        equal(cohort["value"], [paid.get((month, k), 0) for k in range(newest - month)], f"money of {cohort['start']}")
    equal(got["coming_back"]["fit"], "ok", "model of coming back")
    equal(got["spending"]["fit"], "ok", "model of spending")
    e = got["to_come_minor"]
    assert 0 < e["lo"] < e["est"] < e["hi"], e
    held = got["held_back"]
    assert 0.75 < held["foretold"] / held["came"] < 1.25, held


def left_at(stays, t):
    """Kaplan and Meier by hand: the share left at t of rows (days, gone)."""
    share, at_risk = 1.0, len(stays)
    for moment, those in itertools.groupby(sorted(stays), key=lambda x: x[0]):
        those = list(those)
        if moment <= t:
            share *= 1 - sum(gone for _, gone in those) / at_risk
            at_risk -= len(those)
    return share


def check_staying_equals_a_recount():
    day, pause = 86400, 60
    customers = {}
    rows = shop().execute("select customer, at, pence / 100.0 from invoice order by at").fetchall()
    for c, at, _ in rows:
        customers.setdefault(c, []).append(int(datetime.datetime.strptime(at[:16], "%Y-%m-%d %H:%M").replace(tzinfo=zoneinfo.ZoneInfo("Europe/London")).timestamp()))
    end, stays, back = max(x[-1] for x in customers.values()), [], 0
    for times in customers.values():
        lapse = next((i for i, (a, b) in enumerate(zip(times, times[1:] + [end])) if b - a > pause * day), None)
        until = end if lapse is None else times[lapse] + pause * day
        if until > times[0]:
            stays.append(((until - times[0]) / day, lapse is not None))
            back += lapse is not None and lapse + 1 < len(times)
    with Data() as data:
        imported(data, rows, "GBP")
        got = safar("query", "survival", "--pause", f"{pause}d", "--json", data=data)
        chosen = safar("query", "survival", "--json", data=data)
        felt = safar("query", "felt", "--json", data=data)
    equal((got["pause"], got["all"]["customers"], got["all"]["gone"], got["all"]["came_back"]), ("asked", len(stays), sum(g for _, g in stays), back), "who stayed")
    assert len(got["all"]["curve"]) > 30
    for p in got["all"]["curve"][::7]:
        equal(p["at_risk"], sum(d >= p["days"] for d, _ in stays), f"at risk at {p['days']}")
        close(p["left"]["est"], left_at(stays, p["days"]), 1e-9, f"left at {p['days']}")
    gaps = sorted(b - a for x in customers.values() for a, b in zip(x, x[1:]) if b - a >= day / 2)
    equal((chosen["pause"], chosen["gaps"]), ("chosen", len(gaps)), "times between")
    close(chosen["pause_ms"] / 1000 / gaps[int(.95 * len(gaps))], 1, .03, "usual pause")
    equal((felt["answered"], felt["difference_minor"]), (0, None), "nobody said how they felt")


FELT = """
source = "Shop"
zone = "UTC"
customer = "customer"

[[event]]
name = "Bought"
time = "at"
value = "amount"
currency = { value = "EUR" }
score = "score"
"""


def check_money_by_feeling_equals_a_recount():
    """Who felt better had spent more before, and spends more after for no other reason: mixed alike nothing is left."""
    draw, rows, people = random.Random(7), [], []
    first, cut, last = (datetime.datetime(2025, m, 1, 12) for m in (1, 7, 12))
    for i in range(900):
        rich = i % 5
        score = min(5, max(1, round(1 + rich * .6 + draw.gauss(1, 1.2))))
        spent, after = 100 * 4 ** rich + draw.randrange(50), round(50 * 3 ** rich * draw.uniform(.5, 1.5))
        rows += [(f"c{i}", first + datetime.timedelta(hours=i), spent / 100, score), (f"c{i}", cut + datetime.timedelta(days=60, hours=i), after / 100, "")]
        people.append((score, spent, after))
    rows.append(("last", last, 1, ""))
    with Data() as data, tempfile.TemporaryDirectory() as folder:
        file, mapping = os.path.join(folder, "orders.csv"), os.path.join(folder, "orders.toml")
        with open(file, "w", newline="") as f:
            out = csv.writer(f)
            out.writerow(["customer", "at", "amount", "score"])
            out.writerows((c, at.isoformat(sep=" "), f"{amount:.2f}", score) for c, at, amount, score in rows)
        with open(mapping, "w") as f:
            f.write(FELT)
        safar("import", file, "--mapping", mapping, data=data)
        got = safar("query", "felt", "--json", data=data)
    equal((got["customers"], got["answered"], got["currency"]), (900, 900, "EUR"), "who is told of")
    fifth, rich = fifths([p[0] for p in people]), fifths([p[1] for p in people])
    cells = {}
    for f, r, (_, _, after) in zip(fifth, rich, people):
        cells.setdefault((f, r), []).append(after)
    used = [r for r in range(1, 6) if all(len(cells.get((f, r), [])) >= 2 for f in set(fifth))]
    weight = {r: sum(len(cells[f, r]) for f in set(fifth)) for r in used}
    for row in got["fifths"]:
        mine = [p[2] for f, p in zip(fifth, people) if f == row["fifth"]]
        if not mine:
            continue
        equal(row["customers"], len(mine), "customers")
        close(row["raw_minor"]["est"], sum(mine) / len(mine), 1e-6, "as it is")
        alike = sum(weight[r] * sum(cells[row["fifth"], r]) / len(cells[row["fifth"], r]) for r in used) / sum(weight.values())
        close(row["adjusted_minor"]["est"], alike, 1e-6, "mixed alike")
    close(got["covered"], sum(weight.values()) / 900, 1e-9, "covered")
    raw = [row["raw_minor"]["est"] for row in got["fifths"]]
    assert raw[4] > 2 * raw[0], raw
    d = got["difference_minor"]
    assert d["lo"] < 0 < d["hi"], d


WAYS = """
source = "Shop"
zone = "UTC"
customer = "customer"
channel = "channel"

[[event]]
name_column = "name"
time = "at"
value = "amount"
currency = { value = "EUR" }
score = "score"
"""


def imported_ways(data, rows):
    with tempfile.TemporaryDirectory() as folder:
        file, mapping = os.path.join(folder, "ways.csv"), os.path.join(folder, "ways.toml")
        with open(file, "w", newline="") as f:
            out = csv.writer(f)
            out.writerow(["customer", "at", "name", "channel", "amount", "score"])
            out.writerows(rows)
        with open(mapping, "w") as f:
            f.write(WAYS)
        safar("import", file, "--mapping", mapping, data=data)


def check_beginnings_and_credit_equal_a_recount():
    draw, rows, ways = random.Random(3), [], []
    channels, begin = ["ads", "search", "web", "app"], datetime.datetime(2025, 1, 1)
    for i in range(500):
        at = begin + datetime.timedelta(minutes=i)
        way = [draw.choice(channels) for _ in range(draw.randint(1, 5))]
        bought = draw.random() < (.7 if "search" in way else .3)
        scores = [draw.randint(1, 5) for _ in range(draw.randint(0, 3))] if bought else []
        for k, channel in enumerate(way):
            rows.append((f"c{i}", at + datetime.timedelta(days=k), "Looked", channel, "", ""))
        # A basket has an amount too, and is no purchase.
        rows.append((f"c{i}", at + datetime.timedelta(days=len(way)), "Product Added", way[-1], "9.99", ""))
        if bought:
            rows.append((f"c{i}", at + datetime.timedelta(days=len(way), hours=1), "Order Completed", "web", "20.00", ""))
        rows += [(f"c{i}", at + datetime.timedelta(days=20 + k), "Answered", "email", "", score) for k, score in enumerate(scores)]
        ways.append(([c for c, _ in itertools.groupby(way)], bought, [25 * (x - 1) for x in scores], len(way) + 1 / 24))
    with Data() as data:
        imported_ways(data, rows)
        got = safar("query", "beginnings", "--json", data=data)
        credit = safar("query", "credit", "--json", data=data)
        value = safar("query", "value", "--json", data=data)
    equal((got["purchase"], credit["purchase"], value["purchase"]), ("Order Completed",) * 3, "what is a purchase")
    equal((value["customers"], value["spent_minor"]), (sum(w[1] for w in ways), 2000 * sum(w[1] for w in ways)), "baskets are no purchases")
    equal(sorted(r["value"] for r in got["rows"]), sorted(channels), "first contacts")
    for row in got["rows"]:
        mine = [w for w in ways if w[0][0] == row["value"]]
        equal((row["customers"], row["indirect"]), (len(mine), len(mine) if row["value"] in ("ads", "search") else 0), "customers")
        equal((row["converted"]["n"], round(row["converted"]["est"] * len(mine))), (len(mine), sum(w[1] for w in mine)), "came to it")
        first, later = [w[2][0] for w in mine if w[2]], [sum(w[2][1:]) / len(w[2][1:]) for w in mine if len(w[2]) > 1]
        close(row["feeling"]["est"], sum(first) / len(first), 1e-4, "first feeling")
        close(row["later"]["est"], sum(later) / len(later), 1e-4, "later feeling")
        days = sorted(w[3] for w in mine if w[1])
        close(row["days"]["est"], (days[(len(days) - 1) // 2] + days[len(days) // 2]) / 2, 1e-6, "days")
    equal([w["customers"] for w in got["ways"]], [sum(w[0][0] in ("web", "app") for w in ways), sum(w[0][0] in ("ads", "search") for w in ways)], "direct and indirect")
    # The basket is on the channel of the last look, so it adds no contact.
    equal((credit["converted"], credit["lost"], credit["proof"]), (sum(w[1] for w in ways), sum(not w[1] for w in ways), "none"), "journeys")
    for c in credit["channels"]:
        name, bought = c["channel"], [w[0] for w in ways if w[1]]
        close(c["first"]["est"], sum(w[0] == name for w in bought), 1e-9, "first")
        close(c["last"]["est"], sum(w[-1] == name for w in bought), 1e-9, "last")
        close(c["linear"]["est"], sum(w.count(name) / len(w) for w in bought), 1e-9, "linear")
        close(c["shapley"]["est"], sum((name in w) / len(set(w)) for w in bought), 1e-9, "Shapley")
        close(c["value_minor"]["shapley"], 2000 * c["shapley"]["est"], 1e-6, "money")
        equal(c["touched"], sum(name in w[0] for w in ways), "journeys over it")
        for rule in ("first", "last", "linear", "markov", "shapley"):
            assert c[rule]["lo"] < c[rule]["est"] < c[rule]["hi"], c
    close(sum(c["markov"]["est"] for c in credit["channels"]), credit["converted"], 1e-6, "Markov shares out all")


def check_risk_equals_a_recount():
    """Each customer buys about every ten days; in a month, of those with a bad answer half stop, of others one in ten."""
    draw, rows, bought = random.Random(5), [], {}
    begin, horizon, length = datetime.datetime(2025, 1, 1), 60, 300
    for i in range(700):
        t, unhappy = draw.uniform(0, 200), False
        while t < length:
            rows.append((f"c{i}", begin + datetime.timedelta(days=t), "Order Completed", "web", "10.00", ""))
            bought.setdefault(f"c{i}", []).append(rows[-1][1].replace(microsecond=0))
            if draw.random() < .25:
                unhappy = draw.random() < .4
                rows.append((f"c{i}", begin + datetime.timedelta(days=t, hours=1), "Answered", "email", "", 1 if unhappy else 5))
            if draw.random() < (.3 if unhappy else .03):
                break
            t += draw.expovariate(.1)
    rows = [(c, at.replace(microsecond=0), *rest) for c, at, *rest in rows if at < begin + datetime.timedelta(days=length)]
    end = max(r[1] for r in rows) + datetime.timedelta(milliseconds=1)
    with Data() as data:
        imported_ways(data, rows)
        got = safar("query", "churn", "--horizon", f"{horizon}d", "--limit", "500", "--json", data=data)
        one = safar("query", "churn", "--horizon", f"{horizon}d", "--limit", "0", "--customer", got["rows"][7]["customer"], "--json", data=data)
        short = safar("query", "churn", "--json", data=data)
    step = datetime.timedelta(days=horizon)
    there = [[c for c, times in bought.items() if any(end - k * step - step <= t < end - k * step for t in times)] for k in (2, 1, 0)]
    left = [c for c in there[1] if not any(end - step <= t < end for t in bought[c])]
    equal((got["state"], got["learned_customers"], got["judged_customers"], got["customers"]), ("ok", *map(len, there)), "who counts")
    j = got["judged"]
    equal((j["rate"]["n"], round(j["rate"]["est"] * len(there[1]))), (len(there[1]), len(left)), "who left")
    equal(sum(b["observed"]["n"] for b in j["bins"]), len(there[1]), "tenths")
    assert j["auc"]["lo"] > .6, j["auc"]
    assert abs(sum(b["predicted"] * b["observed"]["n"] for b in j["bins"]) - len(left)) < .25 * len(left), "the chances are of the right size"
    e = got["leaving"]
    assert e["lo"] < e["est"] < e["hi"] and e["n"] == len(there[2]), e
    stakes = [r["stake_minor"] for r in got["rows"]]
    equal(stakes, sorted(stakes, reverse=True), "most at stake first")
    for r in got["rows"][:20]:
        recent = 1000 * sum(end - step <= t < end for t in bought[r["customer"]])
        equal((r["recent_minor"], r["spent_minor"]), (recent, 1000 * len(bought[r["customer"]])), "money")
        close(r["stake_minor"], r["chance"] * recent, 1e-6, "at stake")
        assert r["reasons"] and all(abs(a["by"]) >= abs(b["by"]) for a, b in zip(r["reasons"], r["reasons"][1:])), r
    equal(one["customer"], got["rows"][7], "one of them")
    equal((short["state"], short["rows"], short["judged"]), ("short", [], None), "no time to learn from")


def check_cdnow_is_as_published():
    rows = list(csv.reader(unpacked("cdnow", "cdnow_sample.csv.zst")))[1:]
    # A few purchases cost nothing; to the program only what has money is one, so they get a cent.
    orders = [(r[1], datetime.datetime.strptime(r[2], "%Y%m%d").strftime("%Y-%m-%d 12:00:00"), r[4] if float(r[4]) > 0 else "0.01") for r in rows]
    with Data() as data:
        imported(data, orders, "USD")
        whole = safar("query", "value", "--json", data=data)
        part = safar("query", "value", "--to", "1997-10-01", "--json", data=data)
        safar("query", "value", "--months", "0", data=data, code=1)
        safar("query", "value", "--currency", "EUR", data=data, code=1)
        few = safar("query", "value", "--to", "1997-01-02", "--json", data=data)
    back, spend = part["coming_back"], part["spending"]
    equal((back["fit"], back["came_back"], spend["fit"]), ("ok", 946, "ok"), "models")
    for name, want in (("r", .2425945), ("alpha", 7 * 4.4136019), ("a", .7929199), ("b", 2.4258881)):
        close(back[name], want, want * .01, name)
    for name, want in (("p", 6.25), ("q", 3.74), ("v_minor", 1544)):
        close(spend[name], want, want * .01, name)
    # A density in days instead of weeks: one factor of 7 for each of the 2,457 repeats.
    close(back["log_likelihood"] + 2457 * math.log(7), -9582.43, .05, "log likelihood")
    close(spend["log_likelihood"] + 946 * math.log(100), -4055.92, .05, "log likelihood of amounts")
    # The first 273 of the 546 days are the published calibration, the others what was held back.
    held = whole["held_back"]
    equal((held["fit"], held["customers"], held["came"]), ("ok", 2357, 1882), "held back")
    close(held["foretold"], 1653.4, 1653.4 * .005, "foretold")
    equal((few["coming_back"]["fit"], few["to_come_minor"]), ("few", None), "too few have no figures")


if __name__ == "__main__":
    main(globals())
