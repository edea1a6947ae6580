#!/usr/bin/env python3
"""Published clients against the real server, unchanged but for the address; also when it is busy at first, or its answers are lost."""
import collections
import http.client
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "api"))
from server import Server, Skip, equal, main  # noqa: E402

COUNT = 20


def client(name, port, key):
    """What the client says that it has told: (customer, type, name) of each event."""
    node = shutil.which("node")
    if not node or not os.path.exists(os.path.join(HERE, "node_modules", "cloudevents")):
        raise Skip("the clients are not installed: npm ci in tests/npm")
    run = subprocess.run([node, os.path.join(HERE, "client.mjs"), name, f"http://127.0.0.1:{port}", key, str(COUNT)], capture_output=True, timeout=120)
    assert run.returncode == 0, run.stderr.decode()[-3000:] + run.stdout.decode()[-500:]
    return [tuple(t) for t in json.loads(run.stdout)["told"]]


class Busy:
    """A proxy that answers 503 a number of times, loses the answers of requests that the server has taken, then forwards."""

    def __init__(self, port, refusals, lose):
        proxy = self
        self.refused = self.lost = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def body(self):
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                whole = b""
                while size := int(self.rfile.readline(), 16):
                    whole += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return whole

            def do_POST(self):
                body = self.body()
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
                c.request("POST", self.path, body, {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "content-length", "transfer-encoding")})
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


def found_once(s, told):
    """Each event is on its customer's page, once, and nothing else was kept."""
    sums = s.sums()
    equal((sums["stored"], sums["set_aside"], sums["refused"]), (len(told), 0, 0), f"of {len(told)} told: {sums}")
    equal(sums["received"], sums["stored"] + sums["duplicate"], "sum identity")
    s.caught_up()
    by_customer = collections.defaultdict(collections.Counter)
    for customer, kind, name in told:
        by_customer[customer][kind, name] += 1
    for customer, want in by_customer.items():
        person = s.admin.ask("GET", f"/api/customers/{urllib.parse.quote(customer)}?limit=5000").json
        equal(collections.Counter((e["type"], e["name"]) for e in person["events"]), want, customer)
    return sums


def delivers(name):
    with Server() as s:
        _, key = s.source()
        equal(found_once(s, client(name, s.port, key))["duplicate"], 0, "duplicates")
        return s.admin


def survives(name, refusals, lose):
    with Server() as s:
        _, key = s.source()
        with Busy(s.port, refusals, lose) as proxy:
            told = client(name, proxy.port, key)
            equal((proxy.refused, proxy.lost), (refusals, lose), "refused and lost")
        duplicates = found_once(s, told)["duplicate"]
        assert (duplicates > 0) == (lose > 0), duplicates


def check_analytics_node_delivers_every_call():
    delivers("segment")


def check_analytics_node_counts_once_when_the_server_is_busy_at_first():
    survives("segment", 3, 0)


def check_analytics_node_counts_once_when_answers_are_lost():
    survives("segment", 1, 2)


def check_rudder_sdk_node_delivers_every_call():
    delivers("rudderstack")


def check_rudder_sdk_node_counts_once_when_the_server_is_busy_at_first():
    survives("rudderstack", 2, 0)


def check_rudder_sdk_node_counts_once_when_an_answer_is_lost():
    survives("rudderstack", 1, 1)


def check_posthog_node_delivers_every_call():
    delivers("posthog")


def check_posthog_node_counts_once_when_the_server_is_busy_at_first():
    survives("posthog", 2, 0)


def check_posthog_node_counts_once_when_an_answer_is_lost():
    survives("posthog", 1, 1)


def check_matomo_tracker_delivers_every_hit():
    delivers("matomo")


def check_cloudevents_delivers_all_three_forms():
    delivers("cloudevents")


if __name__ == "__main__":
    sys.exit(main(globals()))
