#!/usr/bin/env python3
"""Files made to do harm, given to a server that works: each is refused or taken within limits, with words; the process
that reads it dies at worst, the server never. And what that process can reach: nothing (tests/fault/probe.c)."""
import ctypes
import gzip
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from server import BINARY, Server, equal, main  # noqa: E402

SECONDS = 20  # of this machine when it is busy; each takes about one when it is not
SPACE = "http://schemas.openxmlformats.org"
MAPPING = 'customer = "who"\nname_column = "what"\ntime = "at"\n'
LINE = '{"customer":"u","at":1700000000000,"event":"A"}\n'


def book(sheet, strings=None, more=(), sheet_name="xl/worksheets/sheet1.xml"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        z.writestr("[Content_Types].xml", f'<Types xmlns="{SPACE}/package/2006/content-types"></Types>')
        z.writestr("_rels/.rels", f'<Relationships xmlns="{SPACE}/package/2006/relationships"><Relationship Id="r1" Type="{SPACE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        z.writestr("xl/workbook.xml", f'<workbook xmlns="{SPACE}/spreadsheetml/2006/main" xmlns:r="{SPACE}/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>')
        z.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{SPACE}/package/2006/relationships"><Relationship Id="r1" Type="{SPACE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
                   f'<Relationship Id="r2" Type="{SPACE}/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>')
        z.writestr(sheet_name, sheet)
        if strings:
            z.writestr("xl/sharedStrings.xml", strings)
        for name, content in more:
            z.writestr(name, content)
    return out.getvalue()


def rows(inner=""):
    head = "".join(f'<c r="{c}1" t="inlineStr"><is><t>{n}</t></is></c>' for c, n in zip("ABC", ("who", "what", "at")))
    return f'<worksheet xmlns="{SPACE}/spreadsheetml/2006/main"><sheetData><row r="1">{head}</row>{inner}</sheetData></worksheet>'


def lying(data, what):
    """The same archive, whose directory says other things than are there: sizes or checksums of each entry."""
    out, at = bytearray(data), 0
    while (at := out.find(b"PK\1\2", at)) >= 0:
        offset, value = (24, 16) if what == "size" else (16, 0x12345678)
        struct.pack_into("<I", out, at + offset, value)
        local = struct.unpack_from("<I", out, at + 42)[0]
        struct.pack_into("<I", out, local + (22 if what == "size" else 14), value)
        at += 4
    return bytes(out)


def bomb_gz(mib):
    packer, out = zlib.compressobj(1, zlib.DEFLATED, 31), []
    for _ in range(mib):
        out.append(packer.compress(bytes(1 << 20)))
    return b"".join(out) + packer.flush()


def laughs():
    entities = "".join(f'<!ENTITY l{i} "{"&l%d;" % (i - 1) * 10}">' for i in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE log [<!ENTITY l0 "ha">{entities}]><log><string key="x" value="&l9;"/></log>'


def deep(n):
    return '<?xml version="1.0"?><log>' + '<list key="l"><values>' * n


good_gz = gzip.compress((LINE * 500).encode())
full = book(rows("<row r='2'><c r='A2' t='inlineStr'><is><t>u</t></is></c></row>"))

# name, file name, bytes, whether nothing of it may be stored
ROWS = [
    ("a workbook of a thousand times its size", "bomb.xlsx", lambda: book(rows("<row>" + " " * (60 << 20) + "</row>")), True),
    ("shared strings that go on and on", "strings.xlsx", lambda: book(rows(), "<sst>" + "<si><t>" + "A" * (40 << 20) + "</t></si></sst>"), True),
    ("5,000 entries", "many.xlsx", lambda: book(rows(), more=[(f"x/{i}", b"") for i in range(5000)]), True),
    ("names that climb", "climb.xlsx", lambda: book(rows(), more=[("../../../../tmp/safar-climbed", b"x"), ("/etc/safar-climbed", b"x")]), True),
    ("wrong checksums", "crc.xlsx", lambda: lying(full, "crc"), True),
    ("sizes that lie", "sizes.xlsx", lambda: lying(full, "size"), True),
    ("a workbook cut in the middle", "cut.xlsx", lambda: full[: len(full) // 2], True),
    ("a workbook with a DOCTYPE", "doctype.xlsx", lambda: book('<!DOCTYPE x [<!ENTITY a "b">]>' + rows()), True),
    ("a billion laughs", "laughs.xes", laughs, True),
    ("a file from outside in an entity", "outside.xes", lambda: '<!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/passwd">]><log><string key="x" value="&a;"/></log>', True),
    ("elements 100,000 deep", "deep.xes", lambda: deep(100_000), True),
    ("10,000 attributes on one element", "attributes.xes", lambda: "<log><trace " + " ".join(f'a{i}="1"' for i in range(10_000)) + "/></log>", True),
    ("a value of 64 MB", "long.xes", lambda: '<log><trace><string key="concept:name" value="' + "A" * (64 << 20) + '"/></trace></log>', True),
    ("200 MB of nothing in gzip", "bomb.ndjson.gz", lambda: bomb_gz(200), True),
    ("gzip within gzip", "twice.ndjson.gz", lambda: gzip.compress(good_gz), True),
    ("gzip cut in the middle", "cut.ndjson.gz", lambda: good_gz[: len(good_gz) // 2], False),
    ("gzip with a wrong checksum", "crc.ndjson.gz", lambda: good_gz[:-8] + b"\0\0\0\0" + good_gz[-4:], False),
    ("gzip with a wrong size", "size.ndjson.gz", lambda: good_gz[:-4] + b"\xff\xff\xff\x7f", False),
    ("a million columns", "wide.csv", lambda: ",".join(f"c{i}" for i in range(1_000_000)) + "\n" + "," * 999_999 + "\n", True),
    ("a line of 100 MB", "long.csv", lambda: "who,what,at\n" + "A" * (100 << 20), True),
    ("a quote that never ends", "open.csv", lambda: 'who,what,at\n"' + "x\n" * 300_000, True),
    ("NUL everywhere", "nul.csv", lambda: "who,what,at\n" + "\0" * 1_000_000, True),
    ("JSON 100,000 deep", "deep.ndjson", lambda: '{"customer":"u","at":1700000000000,"event":"A","properties":' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}\n", True),
    ("a line of 100 MB of JSON", "long.ndjson", lambda: '{"customer":"' + "u" * (100 << 20) + '"}', True),
    ("numbers beyond all", "numbers.ndjson", lambda: '{"customer":"u","at":1e400,"event":"A"}\n{"customer":"u","at":NaN,"event":"A"}\n{"customer":"u","at":-1e308,"event":"A"}\n', True),
    ("halves of characters", "halves.ndjson", lambda: b'{"customer":"u\\ud800","at":1700000000000,"event":"\xed\xa0\x80"}\n', True),
    ("noise", "noise.xlsx", lambda: b"PK\3\4" + bytes(range(256)) * 400, True),
]



def check_each_file_is_refused_and_the_server_lives():
    wrong = []
    with Server() as s, tempfile.TemporaryDirectory() as base:
        mapping = os.path.join(base, "m.toml")
        with open(mapping, "w", encoding="utf-8") as f:
            f.write(MAPPING)
        for name, file, make, none in ROWS:
            path = os.path.join(base, file)
            content = make()
            with open(path, "wb") as f:
                f.write(content if isinstance(content, bytes) else content.encode())
            del content
            before, began = s.sums()["stored"], time.monotonic()
            words = [BINARY, "import", path, "--json", "--data", s.data] + (["--mapping", mapping] if file.endswith((".csv", ".xlsx")) else [])
            try:
                run = subprocess.run(words, capture_output=True, timeout=SECONDS * 3)
            except subprocess.TimeoutExpired:
                wrong.append(f"{name}: not done in {SECONDS * 3} s")
                continue
            took, said = time.monotonic() - began, run.stderr.decode(errors="replace")
            print(f"{took:5.1f} s  {name}: {run.returncode} {said.strip().splitlines()[0][:150] if said.strip() else run.stdout[:150]}", flush=True)
            os.unlink(path)
            stored = s.sums()["stored"] - before
            refused = run.returncode == 1 and said.strip()
            counted = run.returncode == 0 and json.loads(run.stdout)["stored"] == 0
            if s.process.poll() is not None or s.client().ask("GET", "/healthz").status != 200:
                raise AssertionError(f"the server is gone after: {name}")
            if not refused and not (counted and none):
                wrong.append(f"{name}: {run.returncode} {run.stdout[:200]} {said[-300:]}")
            if none and stored:
                wrong.append(f"{name}: {stored} events stored")
            if took > SECONDS:
                wrong.append(f"{name}: {took:.1f} s")
        assert not os.path.exists("/tmp/safar-climbed")
        sums = s.sums()
        equal(sums["received"], sums["stored"] + sums["duplicate"] + sums["set_aside"] + sums["refused"], "sum identity")
    assert not wrong, "\n".join(wrong)
    print(f"{len(ROWS)} files, the server lives")


def check_the_reader_of_files_can_reach_nothing():
    probe = os.path.join(os.path.dirname(BINARY), "tests", "fault", "probe.so")
    run = subprocess.run([BINARY, "parse"], input=b"{}", capture_output=True, timeout=20, env=dict(os.environ, LD_PRELOAD=probe))
    said = dict(line.rsplit(" ", 1) for line in run.stderr.decode().splitlines() if line.rsplit(" ", 1)[-1].isdigit())
    for what in ("open", "make", "socket", "local", "run", "ptrace", "ring"):
        equal(said.get(what), "1", f"{what} is not permitted")
    if ctypes.CDLL(None).syscall(444, None, 0, 1) >= 1:  # this kernel has Landlock
        equal(said["mkdir"], "13", "no name can be made")
    equal((said["memory"], said["files"], said["core"]), (str(2 << 30), "64", "0"), "limits")
    assert 0 < int(said["seconds"]) <= 4 * 3600, said


if __name__ == "__main__":
    sys.exit(main(globals()))
