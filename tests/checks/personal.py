#!/usr/bin/env python3
"""Nothing is held of a person that an erasure leaves and an export hides: every table of src/store/schema with a column that says
whose a row is (CUSTOMER) must be emptied by a query that erases and, unless it is derived, read by one that exports.

A new table fails this check until its module's personal.c names it, or EXEMPT says why it is nobody's. So does a new file or folder
below the data directory, until FILES says which function of an erasure looks through it, or why it holds nobody.
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

# Files below the data directory -> the function by which an erasure goes through them, called in src/rights/, or "": see why.
FILES = {
    "erased": ("", "hashes under the directory's secret of who left, to forget again after a restore"),
    "index": ("ask_drop", "columns; ids and names are hashes"),
    "lock": ("", "a number of a process"),
    "metrics.token": ("", "a secret of the server"),
    "new.tmp": ("", "below index/ids: hashes of ids of events"),
    "outbox": ("outbox_sweep", "what channels of the kind folder wrote"),
    "rejects": ("rights_sweep_rejects", "lines of imports"),
    "safar.db": ("store_scrub", "the file of truth"),
    "safar.sock": ("", "a socket"),
    "uploads": ("rights_sweep_uploads", "files that wait to be imported"),
}


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


def files():
    """(name, where) of everything that is named below the data directory: "%s/NAME" filled with it."""
    for path in sorted(glob.glob(os.path.join(ROOT, "src/*/*.c"))):
        text = read(path)
        for m in re.finditer(r'"%[.0-9]*s/([a-z][a-z.]*)[^"]*"\s*,\s*(?:store_dir\(|[\w>.-]*\bdir\b|s->dir)', text):
            yield m.group(1), os.path.relpath(path, ROOT)


def bad_files():
    said, erasing = read("docs/erasure.md"), "".join(read(os.path.relpath(p, ROOT)) for p in glob.glob(os.path.join(ROOT, "src/rights/*.c")))
    seen = {}
    for name, where in files():
        seen.setdefault(name, where)
    for name, where in sorted(seen.items()):
        if name not in FILES:
            yield f"{where} makes {name} below the data directory, and no erasure is said to go through it"
        elif (fn := FILES[name][0]) and (f"{fn}(" not in erasing or f"`{name}" not in said):
            yield f"{name}: {fn} is not called in src/rights/, or docs/erasure.md does not name `{name}`"
    for name in sorted(set(FILES) - set(seen)):
        yield f"{name} is listed here, and nothing makes it"


def main():
    texts = queries()
    erased = {t for q in texts.values() for t in re.findall(r"(?:DELETE FROM|UPDATE) (\w+)", q)}
    shown = {t for q in texts.values() for t in re.findall(r"(?:FROM|JOIN) (\w+)", q) if "DELETE" not in q}
    bad, n = list(bad_files()), 0
    for table, columns in tables():
        n += 1
        if table not in erased and table not in EXEMPT:
            bad.append(f"{table} says whose a row is ({', '.join(sorted(columns))}) and no erasure touches it")
        if table not in shown and table not in EXEMPT and table not in DERIVED:
            bad.append(f"{table} says whose a row is ({', '.join(sorted(columns))}) and no export shows it")
    print("\n".join(bad) if bad else f"personal: {n} tables that say whose a row is, all erased and exported; {len(FILES)} names of files")
    return 1 if bad or n < 15 else 0


sys.exit(main())
