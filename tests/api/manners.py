#!/usr/bin/env python3
"""Under load the server stays polite: slow clients are cut off, who floods waits behind their own, excess is refused with a time to come back."""
import base64
import json
import os
import socket
import sys
import threading
import time

from server import Server, main

# Idle, headers, body, answer: a few seconds stand for the minute of the default.
DEADLINES = "20000,1500,2000,3000"


def batch(key, start, n):
    events = [{"type": "track", "messageId": f"m-{start + i}", "userId": f"u{i}", "event": "E", "properties": {"text": "x" * 300}} for i in range(n)]
    body = json.dumps({"batch": events}).encode()
    basic = base64.b64encode(f"{key}:".encode())
    return b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " + basic + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def answer_of(c):
    """(status, headers in lower case) of one answer with Content-Length; (None, "") when the other side closed."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = c.recv(65536)
        if not more:
            return None, ""
        got += more
    head, rest = got.split(b"\r\n\r\n", 1)
    head = head.decode().lower()
    left = int(head.split("content-length: ")[1].split("\r\n")[0]) - len(rest)
    while left > 0:
        left -= len(c.recv(left))
    return int(head.split(" ")[1]), head


def drip(port, first, then, seen):
    """Sends a byte ten times a second; how long it took until the other side had enough."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=0.1) as c:
        try:
            c.sendall(first)
            while time.monotonic() - began < 15:
                c.sendall(then)
                try:
                    if c.recv(4096) == b"":
                        break
                except socket.timeout:
                    continue
        except OSError:
            pass
    seen.append(time.monotonic() - began)


def never_read(port, seen):
    """Asks again and again, and takes nothing of what is answered."""
    began = time.monotonic()
    with socket.socket() as c:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.connect(("127.0.0.1", port))
        c.settimeout(0.5)
        while time.monotonic() - began < 15:
            try:
                c.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
            except socket.timeout:
                continue
            except OSError:
                break
    seen.append(time.monotonic() - began)


def check_deadlines_are_absolute_however_the_bytes_are_dealt_out():
    with Server(options=["--deadlines", DEADLINES]) as s:
        _, key = s.source()
        whole = batch(key, 0, 1)
        head = whole[: whole.index(b"\r\n\r\n") + 4]
        slow = {
            "a request line that drips": (drip, (b"GET /health", b"z")),
            "a header that drips": (drip, (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ", b"A")),
            "a body that drips": (drip, (head, b" ")),
            "a chunked body that drips": (drip, (b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n")),
            "an answer that nobody takes": (never_read, ()),
        }
        took, threads = {name: [] for name in slow}, []
        for name, (how, args) in slow.items():
            for _ in range(2 if how is never_read else 20):
                threads.append(threading.Thread(target=how, args=(s.port, *args, took[name])))
        for t in threads:
            t.start()
        # Everybody else is served meanwhile.
        for _ in range(10):
            assert s.client().ask("GET", "/healthz").status == 200
        for t in threads:
            t.join()
        late = {name: max(all_) for name, all_ in took.items() if max(all_) > 10}
        assert not late, late


def check_one_key_that_floods_is_refused_and_another_is_not():
    """900 requests of one key arrive at once, of 50 events each; the other key's are all taken."""
    with Server() as s:
        (flooding, flood_key), (_, calm_key) = s.source("flood"), s.source("calm")
        flood = []
        for i in range(900):
            c = socket.create_connection(("127.0.0.1", s.port), timeout=60)
            flood.append((c, batch(flood_key, i * 50, 50)))
        seen, done = [], threading.Event()

        def calm():
            n = 0
            with socket.create_connection(("127.0.0.1", s.port), timeout=60) as c:
                while not done.is_set() or n < 5:
                    c.sendall(batch(calm_key, 10_000_000 + n, 1))
                    seen.append(answer_of(c)[0])
                    n += 1

        t = threading.Thread(target=calm)
        t.start()
        for c, data in flood:
            c.sendall(data)
        statuses, without = {}, 0
        for c, _ in flood:
            status, head = answer_of(c)
            statuses[status] = statuses.get(status, 0) + 1
            without += status in (429, 503) and "\r\nretry-after: " not in head
            c.close()
        done.set()
        t.join()
        assert set(statuses) <= {200, 429} and statuses.get(200, 0) >= 100 and not without, (statuses, without)
        assert seen and set(seen) == {200}, seen
        sums = next(x["sums"] for x in s.admin.ask("GET", "/api/sources").json["sources"] if x["id"] == flooding)
        assert sums["received"] == sums["stored"] == 50 * statuses[200], (sums, statuses)


def rss(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def check_idle_connections_cost_little():
    """2,000 here (bench/overload.py holds 10,000): fresh ones, and ones that were answered once."""
    n = 2000
    with Server(people=False) as s:
        ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        held = []
        for _ in range(50):  # what the first answers make is not counted
            with socket.create_connection(("127.0.0.1", s.port), timeout=20) as c:
                c.sendall(ask)
                answer_of(c)
        before = rss(s.process.pid)
        for _ in range(n):
            held.append(socket.create_connection(("127.0.0.1", s.port), timeout=20))
            held[-1].sendall(ask)
            assert answer_of(held[-1])[0] == 200
        each = (rss(s.process.pid) - before) / n
        assert s.client().ask("GET", "/healthz").status == 200
        for c in held:
            c.close()
        print(f"{each:.0f} bytes each")
        assert each <= 20 * 1024, f"an idle connection takes {each:.0f} bytes"


if __name__ == "__main__":
    sys.exit(main(globals()))
