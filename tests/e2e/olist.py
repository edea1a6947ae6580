#!/usr/bin/env python3
"""Real orders and reviews to a measured map: one mapping, one import, one map, numbers equal to a recount by SQL."""
import csv
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from lib import ROOT, Data, Skip, close, equal, main, safar, shared

MAPPING = os.path.join(ROOT, "examples", "olist.toml")
TABLES = ["orders", "order_reviews", "customers", "order_payments"]


def files():
    return [shared("data", "olist", t + ".csv.zst") for t in TABLES]


def recount():
    """The two means and the sums by SQL from the raw files: nothing of Safar is in here."""
    if not shutil.which("zstd"):
        raise Skip("the program zstd is not installed")
    db = sqlite3.connect(":memory:")
    for table in ("orders", "order_reviews"):
        text = subprocess.run(["zstd", "-dcq", shared("data", "olist", table + ".csv.zst")], capture_output=True, check=True).stdout.decode("utf-8-sig")
        rows = csv.reader(text.splitlines(keepends=True))
        head = next(rows)
        db.execute(f"create table {table} ({', '.join(head)})")
        db.executemany(f"insert into {table} values ({', '.join('?' * len(head))})", rows)
    late = db.execute(
        "select avg(review_score), count(*) from order_reviews r join orders o using (order_id) "
        "where order_delivered_customer_date <> '' and order_delivered_customer_date > order_estimated_delivery_date").fetchone()
    on_time = db.execute(
        "select avg(review_score), count(*) from order_reviews r join orders o using (order_id) "
        "where order_delivered_customer_date <> '' and order_delivered_customer_date <= order_estimated_delivery_date").fetchone()
    orders = db.execute("select count(*) from orders").fetchone()[0]
    delivered = db.execute("select count(*) from orders where order_delivered_customer_date <> ''").fetchone()[0]
    broken = db.execute("select count(*) from orders where order_delivered_customer_date > order_estimated_delivery_date and order_delivered_customer_date <> ''").fetchone()[0]
    return {"late": late, "on_time": on_time, "orders": orders, "delivered": delivered, "broken": broken}


def check_map_of_real_orders():
    want = recount()
    with Data() as data:
        got = safar("import", *files(), "--mapping", MAPPING, "--json", data=data)
        equal(got["read"], got["stored"] + got["duplicate"] + got["rejected"], "read is the sum of the three")
        saved = safar("map", "propose", "--save", "--name", "Orders", "--json", data=data)
        m = safar("map", "show", saved["key"], "--json", data=data)
        by = {t["key"]: t for t in m["touchpoints"]}
        names = [t["name"].get("en", t["key"]).lower() for t in m["touchpoints"]]
        order = [next(i for i, n in enumerate(names) if w in n) for w in ("bought", "approved", "handed", "delivered", "reviewed")]
        equal(order, sorted(order), "the five steps stand in the journey's order")
        for t in m["touchpoints"]:
            equal(sorted(k for k in t["name"] if k in ("en", "ar", "fa")), ["ar", "en", "fa"], f"names of {t['key']}")
        for s in m["steps"]:
            equal(s["entered"], s["advanced"] + s["goal"] + s["lost"] + s["still_in"], f"sum at {s['key']}")
        total = m["total"]
        equal(total["entered"], total["goal"] + total["lost"] + total["still_in"], "sum of the map")
        equal(total["entered"], want["orders"], "journeys")
        delivered = m["touchpoints"][order[3]]
        equal(delivered["entered"], want["delivered"], "delivered orders")
        equal(delivered["promise"]["broken"], want["broken"], "late orders")
        equal(delivered["promise"]["kept"], want["delivered"] - want["broken"], "orders on time")
        pain = next(f for f in m["findings"] if f["kind"] == "pain")
        equal((pain["rank"], pain["touchpoint"], pain["cause"]), (1, delivered["key"], "breach"), "the top pain")
        for side, sql in (("with", want["late"]), ("without", want["on_time"])):
            close(pain[side]["raw_mean"], sql[0], 1e-9, f"mean {side} the breach, by SQL")
            equal(pain[side]["n"], sql[1], f"ratings {side} the breach, by SQL")
        equal((round(want["late"][0], 2), round(want["on_time"][0], 2)), (2.54, 4.28), "the set's own README")
        assert m["whole"]["n"] > 20000, "answers about the whole journey are shown apart"

        # The same, a renamed and an extended file: only what is new is stored.
        again = safar("import", *files(), "--mapping", MAPPING, "--json", data=data)
        equal((again["stored"], again["duplicate"]), (0, got["stored"]), "the same files again")
        with tempfile.TemporaryDirectory() as folder:
            raw = subprocess.run(["zstd", "-dcq", files()[0]], capture_output=True, check=True).stdout
            extended = os.path.join(folder, "orders.csv")
            line = b'"feedfeedfeedfeedfeedfeedfeedfeed","c0ffeec0ffeec0ffeec0ffeec0ffee00","delivered","2018-01-01 10:00:00","2018-01-01 11:00:00","2018-01-02 10:00:00","2018-01-09 10:00:00","2018-01-20 00:00:00"\n'
            with open(extended, "wb") as f:
                f.write(raw + (b"" if raw.endswith(b"\n") else b"\n") + line)
            others = []
            for path in files()[1:]:
                to = os.path.join(folder, os.path.basename(path))
                shutil.copyfile(path, to)
                others.append(to)
            more = safar("import", extended, *others, "--mapping", MAPPING, "--json", data=data)
            equal(more["duplicate"], got["stored"], "what was there")
            equal(more["stored"], 4, "the four new events of one new order")
        equal(safar("verify", "--json", data=data)["good"], True, "verify")


if __name__ == "__main__":
    sys.exit(main(globals()))
