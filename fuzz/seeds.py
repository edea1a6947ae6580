#!/usr/bin/env python3
"""Writes the seed corpora of the fuzz targets into FOLDER/<target>/, from the golden bodies and the examples.

usage: seeds.py FOLDER
"""
import io
import json
import os
import struct
import sys
import zipfile
import zlib

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
golden = os.path.join(root, "tests", "golden", "wire")
out = sys.argv[1]


def put(target, name, data):
    os.makedirs(os.path.join(out, target), exist_ok=True)
    with open(os.path.join(out, target, name), "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def read(*path):
    with open(os.path.join(root, *path), "rb") as f:
        return f.read()


node, browser, lines = (read(golden, n) for n in ("node_batch.json", "browser_track.json", "canonical.ndjson"))
for endpoint in range(8):
    put("segment", f"node{endpoint}", bytes([endpoint]) + node)
    put("segment", f"browser{endpoint}", bytes([endpoint]) + browser)
for which, name in ((0, "posthog_node_batch"), (0, "posthog_js_batch"), (1, "matomo_bulk"), (2, "cloudevents_batch")):
    put("live", name, bytes([which]) + read(golden, f"{name}.json"))
put("live", "matomo_hit", b"\x01uid=u1&e_c=cat&e_a=act&e_v=3&rand=4&idsite=1\0")
put("live", "matomo_form", b"\x01uid=u1&url=https%3A%2F%2Fshop.test%2Fa&idgoal=0&ec_id=o1&revenue=9.5&cdt=1795319444")
put("live", "cloudevents_headers", b"\x02ce-specversion=1.0&ce-id=1&ce-source=/shop&ce-type=paid&ce-subject=u1\0{\"value\":3}")
put("live", "pixel", b"\x03anonymousId=a1&event=E&properties.plan=pro&context.ip=1\0")
sys.path.insert(0, os.path.join(root, "tests", "api"))
import hooks  # noqa: E402

for kind, bodies in enumerate(((hooks.STANDARD,), (hooks.TICKET,), (hooks.MESSAGE, hooks.CSAT), (hooks.RATED,))):
    for i, body in enumerate(bodies):
        put("webhook", f"{kind}{i}", bytes([kind]) + json.dumps(body).encode())
for name, mapping in (("mapped", hooks.MAPPED), ("none", ""), ("each", 'each = "lines"\ncustomer = "who"\nname = "Line"\nproperties = { sku = "sku", odd = "[\'odd.name\']", topic = "$.topic" }\n'),
                      ("events", 'anonymous = { template = "{payload.buyer.id}-{@header.x-delivery}" }\nkeep = "."\n[[event]]\nname = "A"\nwhen = { column = "topic", equals = ["order.delivered"] }\n'
                                 '[[event]]\nname_column = "topic"\ntime = "when"\ntime_format = ["iso", "epoch_s"]\nscore = "payload.stars"\n[signature]\nheader = "X-Sign"\ntime = "X-Time"\n')):
    put("webhook", name, b"\x04" + mapping.encode() + b"\n%%%\n" + json.dumps(hooks.ORDER).encode())
put("ndjson", "lines", lines)
put("ndjson", "utf16", lines.decode().encode("utf-16"))
packer = zlib.compressobj(9, zlib.DEFLATED, 31)
put("ndjson", "gzip", packer.compress(lines) + packer.flush())
for name, data in (("node", node), ("browser", browser), ("line", lines.split(b"\n")[0])):
    put("json", name, data)
put("json", "all", r'{"a":[1,-0.5e+3,true,false,null,"\u0633\ud83d\ude00\\\n"],"a":{},"":[[]]}')

for name, trace, model in (
    ("chain", "abdeh", {"nodes": ["a", "c", "d", "e", "h"]}),
    ("net", "acdefdbeh", {"nodes": ["a", {"name": "x", "activities": ["b", "c"], "optional": True, "repeat": True}, "d", "e", "f", {"name": "z", "activities": ["g", "h"]}],
                          "edges": [["a", "x"], ["x", "d"], ["d", "e"], ["e", "f"], ["f", "x"], ["e", "z"]], "starts": ["a"], "ends": ["z"], "ignore": ["q"], "unknown": "ignore"})):
    put("model", name, bytes([len(trace)]) + bytes(ord(c) - 97 for c in trace) + json.dumps(model).encode())

xes = """<?xml version='1.0'?><log xes.version='1849-2023'><string key='creator' value='x'/><global scope='event'><string key='concept:name' value='U'/></global>
<trace><string key='concept:name' value='u1'/><int key='A' value='2'/><event><string key='concept:name' value='B'/><date key='time:timestamp' value='2026-01-01T10:00:00.000Z'/>
<float key='f' value='NaN'/><boolean key='b' value='true'/><list key='l'><values><int key='v' value='1'/></values></list></event><event/></trace></log>"""
put("xes", "log", xes)
put("xes", "doctype", "<!DOCTYPE log [<!ENTITY a 'b'>]>" + xes[21:])

for name in ("combined", "w3c"):
    put("access", name, read("tests", "golden", "wire", "files", f"{name}.log"))
put("ocel", "shop", read("tests", "golden", "wire", "files", "shop.jsonocel"))
put("ocel", "none", '{"objects":[],"events":[]}')

olist = read("examples", "olist.toml")
put("toml", "olist", olist)
mapping = """customer = ["case", "other"]
zone = "Asia/Tehran"
calendar = "persian"
time_format = ["iso", "%d/%m/%Y %H:%M", "epoch_ms", "excel"]
properties = { n = { column = "n", type = "number" } }
[[event]]
name = "A"
time = "at"
when = { column = "n", not = [""] }
score = { column = "n", map = { a = 1 }, default = 3 }
wait = { from = "at", to = "end" }
id = { template = "{case}-{n}" }
[[event]]
name = "B"
time = "end"
expected_at = "at"
failed = { column = "n", equals = ["x"] }
[names."A"]
fa = '''الف'''
"""
put("toml", "mapping", mapping)
table = "case,other,at,end,n\na,,1404/05/12 10:00,1767261600000,5\n\"b \"\"x\",,۱۴۰۴/۰۵/۱۲,31/01/1404 10:00,\"۱٬۲۳۴٫۵\"\n,c,,45658.5,x\n"
put("csv", "mapped", mapping + "\n%%%\n" + table)
put("csv", "log", "customer = \"case\"\nname_column = \"activity\"\ntime = \"at\"\n\n%%%\ncase;activity;at\na;\"X\";2026-01-01\n")
put("csv", "guessed", "order_id,customer_id,order_date,delivered_at,estimated_date,total,rating,comment\n" +
    "".join(f"o{i},c{i % 3},2026-01-{i % 28 + 1:02d},2026-02-01 10:00,2026-01-30,{i}.50,{i % 5 + 1},so so\n" for i in range(30)))

for i, rule in enumerate((
        """did "Order Placed" at least ۳ times within 30d since 2026-01-01 before 2026-02-01T10:00:00Z in the last 2 weeks""",
        """did not 'a' where channel is app, unit under "saudi" then directly «ب» within 7d then anything""", "did 'a' then 'b' all within 12h or events exactly 0",
        """not (country is not unknown and trait plan is "pro") or in segment late""", "last rating of 'x' below 40.5 and any wait at least 0 and commented on 'y'",
        "spent at least 12.50 EUR on 'x' and first seen in the last 90d and last seen before 2026-01-01")):
    put("rule", f"rule{i}", rule)

for name in sorted(os.listdir(os.path.join(root, "src", "form", "templates"))):
    put("form", name, read("src", "form", "templates", name))
cases = json.loads(read("tests", "data", "form", "expressions.json"))
for i, case in enumerate(cases["cases"]):
    put("expression", f"case{i}", case["e"] + "\n" + json.dumps(cases["answers"]))
for i, case in enumerate(json.loads(read("tests", "data", "form", "checks.json"))):
    put("form", f"check{i}", json.dumps(case["form"]))
    put("answers", f"check{i}", json.dumps(case["answers"]))
for name in ("small.qsf", "small.txt", "small.lss", "old.lss"):
    put("survey", name, read("tests", "data", "form", "import", name))
put("answers", "posted", "nps=%DB%B9&r=other&r-Comment=x&c=a&b=true&n=1%2C234&d=2026-01-31&e=a%40b.c&m%5Bx%5D=1&m[y]=2&k[a]=2&k[b]=1&i[p]=x&_page=1")
put("rich", "all", "<p class=x>a<br/><b>b</b> <a href='https://e.org/?a&amp;b' onclick=x>c</a><ul><li>d</ul><script>x</script><img src=x onerror=y>&nbsp;&#8238;1 < 2<!-- x -->")
for i, line in enumerate(read("tests", "data", "text", "pii.tsv").decode().splitlines()[::40]):
    put("mask", f"{i}", line.split("\t")[2])
for i, line in enumerate(read("tests", "data", "text", "languages.tsv").decode().splitlines()[::3]):
    put("comment", f"{i}", chr(i % 6) + line.split("\t")[1])
for i, (said, document) in enumerate([
    ("The courier was late and rude, refund please", ""), ("والتوصيل تأخر والسعر غالي. ما وصل", ""), ("ارسال دیر بود، پشتیبانی جواب نداد", ""), ("el tawseel mota2akhar gheymat gerun", ""),
    ("deliveries were late late", '{"topics":[{"key":"d","names":{"en":"D","ar":"ت","fa":"ا"},"seeds":{"en":["deliver*","were late"],"ar":["توصيل*"],"fa":["می رسد"],"latin":["dir"]},"policy":true},{"key":"l","seeds":{"en":["late late","l*"]}}]}'),
    ("a b c d e f g", '{"topics":[{"key":"six","seeds":{"en":["a b c d e f","b c*","g"]}}]}'), ("x", '{"topics":[{"key":"","seeds":{"xx":["*a"]}}]}')]):
    put("topics", f"{i}", struct.pack("<HB", len(said.encode()), i % 4) + said.encode() + document.encode())
put("comment", "odd", b"\x03" + "می روم كتابها ﷺ é e\u0301 soooo!!! :-)) 👩🏽\u200d💻 🇮🇷 #خیلی_بد @x a@b.co https://e.org/? +98 912 345 6789 fr\u0435e \u202e".encode() + b"\xed\xa0\xbd\xed\xb8\x80\xff")
for labels in (["a", "b"], ["bad", "good", "so"]):
    said, outputs, hashes = "good food".encode(), 1 if len(labels) == 2 else len(labels), [3, 900, 2**31, 2**32 - 2]
    model = struct.pack("<8s8I3d", b"SAFARTXT", 1, len(labels), outputs, len(hashes), 20, 20, 15, 5, 0.7, 0.1, 1) + struct.pack(f"<{len(labels)}d", *[0.5] * len(labels))
    model += struct.pack(f"<d{2 * outputs}f", 2, *[0.01] * (2 * outputs)) + b"".join(struct.pack("<H", len(x)) + x.encode() for x in labels)
    model += struct.pack(f"<{len(hashes)}I", *hashes) + b"\x20" * len(hashes) + b"\x7f\x81\x05\x00" * outputs + bytes(8)
    put("text_model", f"{len(labels)}", struct.pack("<H", len(said)) + said + model)

sheet = """<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='inlineStr'><is><t>date</t></is></c></row>
<row r='2'><c r='A2'><v>12</v></c><c r='B2' s='1'><v>46023.5</v></c><c r='C2' t='b'><v>1</v></c></row></sheetData></worksheet>"""
styles = "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='yyyy'/></numFmts><cellXfs><xf numFmtId='0'/><xf numFmtId='164'/></cellXfs></styleSheet>"
book = io.BytesIO()
with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("xl/workbook.xml", "<workbook xmlns:r='r'><sheets><sheet name='S' r:id='r'/></sheets></workbook>")
    z.writestr("xl/_rels/workbook.xml.rels", "<R><Relationship Id='r' Target='s.xml'/></R>")
    z.writestr("xl/sharedStrings.xml", "<sst><si><t>customer</t></si></sst>")
    z.writestr("xl/styles.xml", styles)
    z.writestr("xl/s.xml", sheet)
put("xlsx", "book", book.getvalue())
put("xlsx", "sheet", (styles + " " * (len(sheet) // 3 - len(styles)) + sheet) if len(sheet) // 3 > len(styles) else styles[: len(sheet) // 3] + sheet)


def text(s):
    b = s.encode()
    return struct.pack("<I", len(b)) + b


def frame(kind, payload):
    return struct.pack("<IB", len(payload), kind) + payload


error = text("event.size") + text("/f") + struct.pack("<qq", 1, 2) + text("too long") + text("Send less.")
put("pipe", "all", b"SFW\x01" + frame(1, struct.pack("<BqQq", 0, 1767261600000, 7, 1) + b"".join(map(text, ["u", "", "", "E", "web", "i", '{"properties":{}}'])))
    + frame(2, struct.pack("<qB", 3, 1) + text("time.range") + b"\x01" + error + text("raw")) + frame(3, struct.pack("<Bq", 0, 0) + text("E") + text("fa") + text("x") + text(""))
    + frame(4, struct.pack("<qq", 10, 1)) + frame(5, b"\x00" + error))
for kind, text in ((0, '{"messages":[{"id":"m1","status":"DELIVRD"}]}'), (0, "MessageSid=m1&From=%2B966501234567&Body=STOP"), (1, "+98 (0)912 ۱۲۳ ۴۵۶۷"), (2, '"} {{to}} \r\nسلام'),
                   (3, "سلام 😀 {{link}} " * 9), (4, "كيف كانت\n.\nFrom me = 1 "), (5, '{"url":"https://x.example/{{to}}","body":"{{text}}","headers":{"A":"{{secret}}"},"receipts":{"stop":["x"]}}')):
    put("sending", f"{kind}-{len(text)}", bytes([kind]) + text.encode())
