#!/usr/bin/env python3
"""Nothing is held of a person that an erasure leaves and an export hides: every table of src/store/schema with a column that says
whose a row is (CUSTOMER) must be emptied by a query that erases and, unless it is derived, read by one that exports.

A new table fails this check until its module's personal.c names it, or EXEMPT says why it is nobody's.
"""
import glob
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CUSTOMER = {"customer", "external", "identity", "arrival", "address", "email", "phone", "anonymous"}
EXEMPT = {
    "identity_edge": "pairs of numbers; store_erase_names drops them",
    "report": "addresses of colleagues",
    "response_now": "response, until its migration has filled and renamed it",
    "contact_leave": "an address becomes a hash of it with that of contact_consent",
    "erasure_id": "whose it is while it is under way; empty afterwards",
}
DERIVED = {"identity", "identity_change", "identity_edge", "insight_said", "feedback_care", "insight_corrected"}  # shown with the rows that they are about


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def tables():
    for path in sorted(glob.glob(os.path.join(ROOT, "src/store/schema/*.sql"))):
        text = re.sub(r"--[^\n]*", "", read(path))
        for name, body in re.findall(r"CREATE TABLE (\w+) \((.*?)\n\)", text, re.S):
            columns = {line.split()[0] for line in body.split("\n") if line.strip()}
            if name == "source_count" or not columns & CUSTOMER:
                continue
            yield name, columns & CUSTOMER


def queries():
    """Texts of all queries that the lists of what is held name, and of those of the store's own steps."""
    lists = ""
    for path in glob.glob(os.path.join(ROOT, "src/*/*.c")):
        text = read(path)
        lists += "".join(re.findall(r"const struct store_personal \w+\[\] = \{(.*?)\n\};", text, re.S))
    named = set(re.findall(r'"(\w+)"', lists))
    files = {os.path.basename(p)[:-4] for p in glob.glob(os.path.join(ROOT, "src/store/queries/*.sql"))}
    own = {f for f in files if f.startswith(("erase_", "erasure_", "contact_erase_"))} | {"store_set_aside_drop"}
    return {n: read(f"src/store/queries/{n}.sql") for n in (named & files) | own}


def main():
    texts = queries()
    erased = {t for q in texts.values() for t in re.findall(r"(?:DELETE FROM|UPDATE) (\w+)", q)}
    shown = {t for q in texts.values() for t in re.findall(r"(?:FROM|JOIN) (\w+)", q) if "DELETE" not in q}
    bad, n = [], 0
    for table, columns in tables():
        n += 1
        if table not in erased and table not in EXEMPT:
            bad.append(f"{table} says whose a row is ({', '.join(sorted(columns))}) and no erasure touches it")
        if table not in shown and table not in EXEMPT and table not in DERIVED:
            bad.append(f"{table} says whose a row is ({', '.join(sorted(columns))}) and no export shows it")
    print("\n".join(bad) if bad else f"personal: {n} tables that say whose a row is, all erased and exported")
    return 1 if bad or n < 15 else 0


sys.exit(main())
