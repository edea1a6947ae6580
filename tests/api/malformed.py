#!/usr/bin/env python3
"""Broken and hostile HTTP: each row is sent as it stands, and gets its status, or a closed connection."""
import json
import sys

from server import Server, main, raw, status_of

H = b"Host: x\r\n"
J = b"{}"


def post(head, body=J, path=b"/v1/track"):
    return b"POST " + path + b" HTTP/1.1\r\n" + H + head + b"\r\n" + body


# name, bytes, statuses that are right (None: closed without an answer)
ROWS = [
    ("Content-Length and Transfer-Encoding", post(b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), [400]),
    ("Transfer-Encoding and Content-Length", post(b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", b"0\r\n\r\n"), [400]),
    ("two Content-Length that differ", post(b"Content-Length: 2\r\nContent-Length: 3\r\n"), [400]),
    ("two Content-Length that agree", post(b"Content-Length: 2\r\nContent-Length: 2\r\n"), [400]),
    ("two Transfer-Encoding", post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), [400]),
    ("Transfer-Encoding gzip", post(b"Transfer-Encoding: gzip\r\n", b""), [400, 501]),
    ("Transfer-Encoding gzip, chunked", post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), [400]),
    ("Content-Length +2", post(b"Content-Length: +2\r\n"), [400]),
    ("Content-Length -1", post(b"Content-Length: -1\r\n"), [400]),
    ("Content-Length 0x2", post(b"Content-Length: 0x2\r\n"), [400]),
    ("Content-Length 2, 2", post(b"Content-Length: 2, 2\r\n"), [400]),
    ("Content-Length of 30 digits", post(b"Content-Length: " + b"9" * 30 + b"\r\n"), [400, 413]),
    ("empty Content-Length", post(b"Content-Length:\r\n"), [400]),
    ("two Host", b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", [400]),
    ("no Host", b"GET /healthz HTTP/1.1\r\n\r\n", [400]),
    ("space in a header name", b"GET /healthz HTTP/1.1\r\n" + H + b"X Y: 1\r\n\r\n", [400]),
    ("space before the colon", b"GET /healthz HTTP/1.1\r\n" + H + b"X-Y : 1\r\n\r\n", [400]),
    ("empty header name: not read, or refused", b"GET /healthz HTTP/1.1\r\n" + H + b": 1\r\n\r\n", [200, 400]),
    ("a name with brackets", b"GET /healthz HTTP/1.1\r\n" + H + b"X[Y]: 1\r\n\r\n", [400]),
    ("a name with high bytes", b"GET /healthz HTTP/1.1\r\n" + H + b"X\xe9: 1\r\n\r\n", [400]),
    ("a name with a control byte", b"GET /healthz HTTP/1.1\r\n" + H + b"X\x01: 1\r\n\r\n", [400]),
    ("a value with a control byte", b"GET /healthz HTTP/1.1\r\n" + H + b"X-Y: a\x01b\r\n\r\n", [400]),
    ("a value with DEL", b"GET /healthz HTTP/1.1\r\n" + H + b"X-Y: a\x7fb\r\n\r\n", [400]),
    ("a broken percent code in the path", b"GET /api/maps/%zz HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("a cut percent code", b"GET /api/maps/%4 HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("NUL in the path", b"GET /api/maps/a%00b HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("CR LF in the path", b"GET /api/maps/a%0d%0ab HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("bad UTF-8 in the path", b"GET /api/maps/%ff%fe HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("overlong UTF-8", b"GET /api/maps/%c0%ae%c0%ae HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("NUL in a parameter", b"GET /healthz?a=%00 HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("a broken percent code in a parameter", b"GET /healthz?a=%g1 HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("150 parameters", b"GET /healthz?" + b"a=1&" * 150 + b" HTTP/1.1\r\n" + H + b"\r\n", [200]),
    ("300 parameters", b"GET /healthz?" + b"a=1&" * 300 + b" HTTP/1.1\r\n" + H + b"\r\n", [413, None]),
    ("dots that climb", b"GET /assets/../../etc/passwd HTTP/1.1\r\n" + H + b"\r\n", [404]),
    ("dots that climb, encoded", b"GET /api/rejects/..%2f..%2fsafar.db HTTP/1.1\r\n" + H + b"\r\n", [401]),
    ("no path", b"GET healthz HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("an unknown method", b"BREW /healthz HTTP/1.1\r\n" + H + b"\r\n", [405]),
    ("TRACE", b"TRACE /healthz HTTP/1.1\r\n" + H + b"\r\n", [405]),
    ("CONNECT", b"CONNECT x:443 HTTP/1.1\r\n" + H + b"\r\n", [400, 404, 405]),
    ("a method of 5,000 letters", b"A" * 5000 + b" / HTTP/1.1\r\n" + H + b"\r\n", [404, 405, 414, 431]),
    ("HTTP/9.9", b"GET /healthz HTTP/9.9\r\n" + H + b"\r\n", [400, 505, None]),
    ("no version", b"GET /healthz\r\n\r\n", [400, 505, None]),
    ("only noise", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", [400, 404, 405, 505, None]),
    ("8,192 bytes of address", b"GET /healthz?" + b"a" * (8192 - 9) + b" HTTP/1.1\r\n" + H + b"\r\n", [200]),
    ("8,193 bytes of address", b"GET /healthz?" + b"a" * (8193 - 9) + b" HTTP/1.1\r\n" + H + b"\r\n", [414]),
    ("20,000 bytes of address", b"GET /healthz?" + b"a" * 20000 + b" HTTP/1.1\r\n" + H + b"\r\n", [414, 431]),
    ("100,000 bytes of address", b"GET /healthz?" + b"a" * 100000 + b" HTTP/1.1\r\n" + H + b"\r\n", [414, 431]),
    ("15,000 bytes of headers", b"GET /healthz HTTP/1.1\r\n" + H + b"X-A: " + b"a" * 15000 + b"\r\n\r\n", [200]),
    ("17,000 bytes of headers", b"GET /healthz HTTP/1.1\r\n" + H + b"X-A: " + b"a" * 17000 + b"\r\n\r\n", [431]),
    ("100,000 bytes of headers", b"GET /healthz HTTP/1.1\r\n" + H + b"X-A: " + b"a" * 100000 + b"\r\n\r\n", [431]),
    ("5,000 headers", b"GET /healthz HTTP/1.1\r\n" + H + b"A: 1\r\n" * 5000 + b"\r\n", [431]),
    ("a chunk that overflows", post(b"Transfer-Encoding: chunked\r\n", b"FFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n"), [400, 413, None]),
    ("a chunk of letters", post(b"Transfer-Encoding: chunked\r\n", b"zz\r\n{}\r\n0\r\n\r\n"), [400, None]),
    ("a chunk longer than said", post(b"Transfer-Encoding: chunked\r\n", b"1\r\n{}\r\n0\r\n\r\n"), [400, None]),
]


def check_each_row_gets_its_status():
    wrong = []
    with Server(people=False) as s:
        for name, data, want in ROWS:
            got = status_of(raw(s.port, data, wait=0.4))
            if got not in want:
                wrong.append(f"{name}: {got}, expected {want}")
            if status_of(raw(s.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")) != 200:
                raise AssertionError(f"the server is gone after: {name}")
    assert not wrong, "\n".join(wrong)


def check_a_smuggled_request_is_never_answered():
    with Server(people=False) as s:
        inner = b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
        for head in (b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % (5 + len(inner)), b"Content-Length: 2\r\nContent-Length: 0\r\n"):
            got = raw(s.port, post(head, b"0\r\n\r\n" + inner), wait=1.0, shut=True)
            assert got.count(b"HTTP/1.1 ") == 1 and b'"version"' not in got, got


def check_errors_are_problems_with_an_id():
    with Server(people=False) as s:
        got = raw(s.port, post(b"Content-Length: 2\r\nContent-Length: 2\r\n"), wait=1.0, shut=True)
        head, body = got.split(b"\r\n\r\n", 1)
        assert b"application/problem+json" in head, got
        problem = json.loads(body)
        assert problem["id"] == "http.header" and problem["status"] == 400 and "Content-Length" in problem["detail"], problem


def check_1000_pipelined_requests_are_all_answered_in_order():
    with Server(people=False) as s:
        got = raw(s.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 999 + b"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert got.count(b"HTTP/1.1 200") == 1000 and got.rstrip().endswith(b'"}'), got[-300:]


def check_a_head_request_has_no_body():
    with Server(people=False) as s:
        got = raw(s.port, b"HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert status_of(got) == 200 and got.endswith(b"\r\n\r\n"), got


if __name__ == "__main__":
    sys.exit(main(globals()))
