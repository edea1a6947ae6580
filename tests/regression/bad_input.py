#!/usr/bin/env python3
"""Bad input that once was told badly: each check is named after what people saw."""
import json
import os
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from lib import BINARY, Data, equal, main, safar  # noqa: E402

import subprocess  # noqa: E402


def refused(path, data, *words):
    run = subprocess.run([BINARY, "import", path, *words, "--data", data], capture_output=True, timeout=60)
    equal(run.returncode, 1, f"{path} is refused")
    return run.stderr.decode()


def rejects(data, got):
    with open(os.path.join(data, "rejects", got["rejects_file"]), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def write(data, name, content):
    path = os.path.join(os.path.dirname(data), name)
    with open(path, "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())
    return path


def check_a_doctype_was_on_line_0_of_no_file():
    with Data() as data:
        words = refused(write(data, "bad.xes", '<?xml version="1.0"?>\n<!DOCTYPE log [<!ENTITY a "b">]>\n<log></log>'), data)
        assert "bad.xes: a DOCTYPE stands at line 3 or just above" in words, words


def check_a_broken_xml_file_had_no_name():
    with Data() as data:
        words = refused(write(data, "cut.xes", "<log><trace>"), data)
        assert "cut.xes: not XML at line 1" in words, words


def check_a_cell_in_no_column_had_no_file_and_no_remedy():
    with Data() as data:
        path = write(data, "odd.xlsx", b"")
        space = "http://schemas.openxmlformats.org"
        with zipfile.ZipFile(path, "w") as z:
            z.writestr("[Content_Types].xml", f'<Types xmlns="{space}/package/2006/content-types"></Types>')
            z.writestr("_rels/.rels", f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r1" Type="{space}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>')
            z.writestr("xl/workbook.xml", f'<workbook xmlns="{space}/spreadsheetml/2006/main" xmlns:r="{space}/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>')
            z.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r1" Type="{space}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
            head = "".join(f'<c r="{c}1" t="inlineStr"><is><t>{n}</t></is></c>' for c, n in zip("ABC", ("who", "what", "at")))
            z.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{space}/spreadsheetml/2006/main"><sheetData><row r="1">{head}</row><row r="2"><c r="ZZZZZZZ2"><v>1</v></c></row></sheetData></worksheet>')
        mapping = write(data, "m.toml", 'customer = "who"\nname_column = "what"\ntime = "at"\n')
        words = refused(path, data, "--mapping", mapping)
        assert "odd.xlsx: row 2: a cell stands in no column" in words and "save it again" in words, words


def check_a_wrong_time_was_not_shown():
    with Data() as data:
        path = write(data, "t.ndjson", '{"customer":"u","at":"2026-02-30T10:00:00Z","event":"A"}\n{"customer":"u","at":"2024-02-29T10:00:00Z","event":"A"}\n')
        got = safar("import", path, "--json", data=data)
        equal((got["stored"], got["rejected"]), (1, 1), "the good rest is kept")
        (r,) = rejects(data, got)
        equal((r["file"], r["line"], r["field"], r["text"]), ("t.ndjson", 1, "/at", "at is not a time: '2026-02-30T10:00:00Z'"), "what is wrong")


def check_an_id_too_long_had_no_remedy():
    with Data() as data:
        path = write(data, "i.ndjson", json.dumps({"customer": "u" * 10240, "at": 1700000000000, "event": "A"}))
        (r,) = rejects(data, safar("import", path, "--json", data=data))
        equal((r["field"], r["value"], r["limit"]), ("/customer", 10240, 512), "what is wrong")
        assert r["hint"], "what would be right"


def check_a_packed_file_of_wrong_rows_filled_the_disk_with_reasons():
    """Every row is counted; the list of reasons ends at 64 MiB and says how many more there are."""
    with Data() as data:
        rows = 330_000
        mapping = write(data, "m.toml", 'customer = "a"\nname_column = "b"\ntime = "c"\n')
        path = write(data, "w.csv", "a,b,c\n" + "x,y,z\n" * rows)
        got = safar("import", path, "--mapping", mapping, "--json", data=data)
        equal((got["read"], got["rejected"]), (rows, rows), "all rows are counted")
        size = os.path.getsize(os.path.join(data, "rejects", got["rejects_file"]))
        assert size < 65 << 20, size
        listed = rejects(data, got)
        equal(listed[-1]["reason"], "rejects.more", "the last line")
        equal(listed[-1]["text"], f"{rows - len(listed) + 1} more were not taken and are not listed here", "how many more")


if __name__ == "__main__":
    sys.exit(main(globals()))
