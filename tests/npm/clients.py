#!/usr/bin/env python3
"""Published clients against the real server, unchanged but for the address; also when it is busy at first."""
import http.client
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "api"))
from server import Server, Skip, equal, main  # noqa: E402


def client(port, key, count):
    node = shutil.which("node")
    if not node or not os.path.exists(os.path.join(HERE, "node_modules", "@segment")):
        raise Skip("@segment/analytics-node is not installed: npm ci in tests/npm")
    run = subprocess.run([node, os.path.join(HERE, "client.mjs"), f"http://127.0.0.1:{port}", key, str(count)], capture_output=True, timeout=120)
    assert run.returncode == 0, run.stderr.decode()[-3000:]
    return json.loads(run.stdout)["sent"]


class Busy:
    """A proxy that answers 503 a number of times, loses the answer of one request that the server has taken, then forwards."""

    def __init__(self, port, refusals, lose):
        proxy = self
        self.refused = self.lost = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with proxy.lock:
                    refuse = proxy.refused < refusals
                    proxy.refused += refuse
                if refuse:
                    self.send_response(503)
                    self.send_header("Retry-After", "1")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                c = http.client.HTTPConnection("127.0.0.1", port)
                c.request("POST", self.path, body, {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "content-length")})
                answer = c.getresponse()
                data = answer.read()
                with proxy.lock:
                    lose_it = proxy.lost < lose
                    proxy.lost += lose_it
                if lose_it:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def all_there_once(s, sent):
    equal(len(set(sent)), len(sent), "the client's own ids")
    sums = s.sums()
    equal((sums["stored"], sums["set_aside"], sums["refused"]), (len(sent), 0, 0), f"of {len(sent)} sent: {sums}")
    equal(sums["received"], sums["stored"] + sums["duplicate"], "sum identity")
    s.caught_up()
    total = sum(s.admin.ask("GET", f"/api/customers/user%20{i}?limit=5000").json["events_total"] for i in range(7))
    equal(total + sum(1 for i in range(20) if s.admin.ask("GET", f"/api/customers/a{i}").status == 200), len(sent), "in timelines")
    return sums


def check_analytics_node_delivers_everything():
    with Server() as s:
        _, key = s.source()
        sums = all_there_once(s, client(s.port, key, 20))
        equal(sums["duplicate"], 0, "duplicates")
        person = s.admin.ask("GET", "/api/customers/user%200").json
        equal(person["traits"]["plan"], "pro", "traits")
        equal({e["type"] for e in person["events"]}, {"identify", "track", "page", "group"}, "types")


def check_analytics_node_delivers_everything_when_the_server_is_busy_at_first():
    with Server() as s:
        _, key = s.source()
        with Busy(s.port, refusals=3, lose=0) as proxy:
            sent = client(proxy.port, key, 20)
            equal(proxy.refused, 3, "refusals")
        equal(all_there_once(s, sent)["duplicate"], 0, "duplicates")


def check_analytics_node_is_counted_once_when_an_answer_is_lost():
    with Server() as s:
        _, key = s.source()
        with Busy(s.port, refusals=1, lose=2) as proxy:
            sent = client(proxy.port, key, 20)
            equal(proxy.lost, 2, "lost answers")
        sums = all_there_once(s, sent)
        assert sums["duplicate"] > 0, sums


if __name__ == "__main__":
    sys.exit(main(globals()))
