#!/usr/bin/env python3
"""A thousand customers trigger five surveys of the widget at once, as its script on another site's page asks: each is asked once at most,
whatever comes together, and the log of decisions has every trigger."""
import collections
import http.client
import json
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from server import Server, equal, main  # noqa: E402

CUSTOMERS, SURVEYS, THREADS = 1000, 5, 10
SHOP = "https://shop.example"  # the page's own site, which is not ours
# What w.js sends: no cookie, no content type of its own, and so no preflight.
HEADERS = {"Origin": SHOP, "Referer": f"{SHOP}/", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Content-Type": "text/plain;charset=UTF-8"}


def live(s, i):
    document = {"locale": "en", "title": f"At once {i}", "cx:widget": {"event": {"name": "Payment failed", "count": 3, "window_s": 600}},
                "elements": [{"type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10, "cx:metric": "nps"}]}
    made = s.admin.ask("POST", "/api/surveys", {"document": document})
    equal(made.status, 201, str(made))
    equal(s.admin.ask("POST", f"/api/surveys/{made.json['key']}/state", {"state": "live"}).status, 200, "live")
    return made.json["key"]


def asked_of(connection, method, path, body=None):
    connection.request(method, path, None if body is None else json.dumps(body).encode(), HEADERS)
    r = connection.getresponse()
    got = r.read()
    equal(r.status, 200, got)
    assert r.headers["Access-Control-Allow-Origin"] in (SHOP, "*"), "another site may read it"
    equal(r.headers["Set-Cookie"], None, "no cookie")
    return json.loads(got)


class Visitors(threading.Thread):
    """Some of the asks, on one kept connection; whoever comes first at a customer is left to chance."""

    def __init__(self, port, key, asks, start):
        super().__init__()
        self.port, self.key, self.asks, self.start_line = port, key, asks, start
        self.answers, self.error = [], None

    def run(self):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self.config = [x["survey"] for x in asked_of(c, "GET", f"/v1/widget/{self.key}/config")["surveys"]]
            self.start_line.wait()
            for survey, customer in self.asks:
                body = {"survey": survey, "customer": customer, "anonymous": f"device of {customer}", "lang": "fa"}
                self.answers.append((survey, customer, asked_of(c, "POST", f"/v1/widget/{self.key}/ask", body)))
        except Exception as e:  # noqa: BLE001
            self.error = e
            self.start_line.abort()
        finally:
            c.close()


def decisions(s, survey):
    """All of a survey, page by page."""
    rows, before = [], 0
    while True:
        page = s.admin.ask("GET", f"/api/contact/decisions?survey={survey}&limit=200" + (f"&before={before}" if before else "")).json["decisions"]
        rows += page
        if len(page) < 200:
            return rows
        before = min(r["id"] for r in page)


def check_a_thousand_customers_trigger_five_surveys_at_once():
    with Server() as s:
        surveys = [live(s, i) for i in range(SURVEYS)]
        _, key = s.source()
        customers = [f"u-{i}" for i in range(CUSTOMERS)]
        # Two threads ask for each survey, one from each end of the customers: five of them meet at every customer.
        halves = [customers[:CUSTOMERS // 2], customers[CUSTOMERS // 2:]]
        start = threading.Barrier(THREADS)
        threads = [Visitors(s.port, key, [(survey, c) for c in half], start) for survey in surveys for half in halves]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for t in threads:
            assert t.error is None, t.error
            equal(sorted(t.config), sorted(surveys), "the widget thinks of all five")
        answers = [a for t in threads for a in t.answers]
        equal(len(answers), CUSTOMERS * SURVEYS, "every trigger has an answer")
        shown = collections.Counter(customer for _, customer, a in answers if a["show"])
        equal(set(shown.values()), {1}, "nobody is asked twice")
        equal(len(shown), CUSTOMERS, "everybody is asked once")
        assert all("<form" in a["html"] and a["dir"] == "ltr" for _, _, a in answers if a["show"]), "what is shown is the survey"
        rows = [r for survey in surveys for r in decisions(s, survey)]
        equal(len(rows), CUSTOMERS * SURVEYS, "the log has every trigger")
        told = collections.Counter((survey, customer, a["reason"]) for survey, customer, a in answers)
        equal(collections.Counter((r["survey"], r["customer"], r["reason"]) for r in rows), told, "and says what each was answered")
        sums = s.admin.ask("GET", "/api/contact/sums?days=1").json
        equal((sums["triggers"], sums["asked"]), (CUSTOMERS * SURVEYS, CUSTOMERS), "so do its sums")
        equal(sum(s.admin.ask("GET", f"/api/surveys/{k}").json["invited"] for k in surveys), CUSTOMERS, "one invitation each")
        print(f"      {dict(collections.Counter(a['reason'] for _, _, a in answers))}")


if __name__ == "__main__":
    sys.exit(main(globals()))
