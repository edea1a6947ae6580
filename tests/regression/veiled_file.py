#!/usr/bin/env python3
"""A file of employees' answers told by its columns what its rows hide: which questions anybody had answered, in whose order, and that
there was a way, a unit and a language to each."""
import io
import os
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from server import Server, equal, main  # noqa: E402

PULSE = {"title": "Pulse", "cx:audience": "employees", "elements": [
    {"type": "rating", "name": "enps", "rateMin": 0, "rateMax": 10, "cx:metric": "nps"}, {"type": "comment", "name": "harassed"},
    {"type": "matrix", "name": "m", "columns": [1, 2], "rows": ["pay", "boss"]}, {"type": "checkbox", "name": "union", "choices": ["yes"]}]}
HEAD = "version,started_at,completed_at,answers.enps,answers.harassed,answers.m.pay,answers.m.boss,answers.union"


def head(answer):
    return answer.body.decode("utf-8-sig").split("\r\n")[0].replace('"', "")


def check_the_columns_of_a_veiled_file_are_those_of_the_questions_alone():
    with Server() as s:
        key = s.admin.ask("POST", "/api/surveys", {"document": PULSE}).json["key"]
        s.admin.ask("POST", f"/api/surveys/{key}/state", {"state": "live"})
        link = s.admin.ask("POST", f"/api/surveys/{key}/links", {"unit": "tiny", "channel": "email"}).json["code"]
        path = f"/api/surveys/{key}/responses?format="
        for i in range(7):
            # Nobody answers `union`; one person answers in an order of their own.
            more = {"m": {"boss": 1}, "harassed": "yes"} if i == 5 else {}
            got = s.client().ask("POST", f"/v1/surveys/{link}/responses", {"lang": "fa", "answers": {**more, "enps": i}})
            equal(got.status, 200, f"answer {got}")
            equal(head(s.admin.ask("GET", path + "csv")), HEAD, f"columns after {i + 1} answers")
            rows = s.admin.ask("GET", path + "csv").body.decode("utf-8-sig").strip().split("\r\n")
            equal(len(rows) - 1, (i + 1) // 5 * 5, f"rows after {i + 1} answers, in groups of five")
        text = s.admin.ask("GET", path + "csv").body.decode()
        assert not any(word in text for word in ("tiny", "email", "fa,", "customer", "unit", "language", "journey")), text
        book = zipfile.ZipFile(io.BytesIO(s.admin.ask("GET", path + "xlsx").body))
        strings = "".join(book.read(n).decode() for n in book.namelist() if n.endswith(".xml"))
        for word in HEAD.split(","):
            assert word in strings, word
        assert not any(f">{word}<" in strings for word in ("customer", "unit", "language", "channel", "journey", "response")), "workbook"
        # Of customers every column is there.
        shown = s.admin.ask("GET", f"/api/surveys/{key}/responses").json
        equal(sorted(shown["responses"][0]), ["answers", "completed_at_ms", "started_at_ms", "version"], "as JSON")


if __name__ == "__main__":
    sys.exit(main(globals()))
