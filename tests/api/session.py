#!/usr/bin/env python3
"""Signing in and what it protects."""
import http.client
import json
import os
import socket
import sys
import time

from server import PASSWORD, Client, Server, at_once, equal, main


def check_the_first_administrator_is_made_once():
    with Server(people=False) as s:
        token = s.first_run()
        c = s.client()
        equal(c.ask("GET", "/api/session").json["setup_needed"], True, "setup_needed")
        body = {"token": "0" * 64, "login": "a", "password": PASSWORD, "name": "A"}
        equal(c.ask("POST", "/api/setup", body).status, 403, "a wrong token")
        short = c.ask("POST", "/api/setup", {**body, "token": token, "password": "short"})
        equal((short.status, short.json["field"]), (400, "password"), "a short password")
        made = c.ask("POST", "/api/setup", {**body, "token": token})
        equal((made.status, made.json["user"]["role"]), (200, "administrator"), "setup")
        again = c.ask("POST", "/api/setup", {**body, "token": token, "login": "b"})
        equal(again.status, 403, "the token a second time")


def check_a_wrong_password_and_an_unknown_name_look_alike():
    with Server() as s:
        c = s.client()
        answers = [c.ask("POST", "/api/session", {"login": l, "password": "not this one"}) for l in ("viewer", "nobody-here", "", "a b c")]
        equal({a.status for a in answers}, {403}, "status")
        equal(len({a.body for a in answers}), 1, "different words")
        equal(answers[0].json["id"], "session.wrong", "id")
        assert not any(a.headers.get("set-cookie") for a in answers)


def check_guessing_is_slowed_down_even_with_the_right_password():
    with Server() as s:
        c = s.client()
        seen = [c.ask("POST", "/api/session", {"login": "agent", "password": f"wrong {i}"}) for i in range(11)]
        equal([a.status for a in seen[:10]], [403] * 10, "the first ten")
        equal((seen[10].status, seen[10].json["id"]), (429, "session.slow"), "the eleventh")
        assert int(seen[10].headers["retry-after"]) >= 1
        equal(c.ask("POST", "/api/session", {"login": "agent", "password": PASSWORD}).status, 429, "the right one meanwhile")
        equal(c.ask("POST", "/api/session", {"login": "viewer", "password": PASSWORD}).status, 200, "somebody else")
        time.sleep(1.1)
        equal(c.ask("POST", "/api/session", {"login": "agent", "password": PASSWORD}).status, 200, "after the delay")


def check_a_flood_of_sign_ins_is_refused_not_queued_for_ever():
    with Server() as s:
        def one(i):
            return s.client().ask("POST", "/api/session", {"login": f"flood{i}", "password": "x"}).status

        began = time.monotonic()
        got = at_once([lambda i=i: one(i) for i in range(80)])
        assert set(got) <= {403, 503, 429} and 503 in got and 403 in got, got
        assert time.monotonic() - began < 20
        equal(s.client().ask("GET", "/healthz").status, 200, "health")


def check_changes_need_the_csrf_header():
    with Server() as s:
        a = s.admin
        for headers in ({}, {"X-Safar-Csrf": "0" * 64}, {"X-Safar-Csrf": s.roles["viewer"].csrf}, {"X-Safar-Csrf": ""}):
            got = a.ask("PATCH", "/api/organisation", {"name": "Stolen"}, headers, csrf=False)
            equal((got.status, got.json["id"]), (403, "session.csrf"), str(headers))
        equal(a.ask("GET", "/api/organisation").json["name"], "", "unchanged")
        equal(a.ask("PATCH", "/api/organisation", {"name": "Ours"}).status, 200, "with it")


def check_other_sites_pages_are_refused():
    with Server() as s:
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                        {"Origin": f"http://127.0.0.1.evil.example:{s.port}"}, {"Origin": f"http://127.0.0.1:{s.port}.evil.example"}):
            got = s.admin.ask("PATCH", "/api/organisation", {"name": "Stolen"}, headers)
            equal((got.status, got.json["id"]), (403, "http.origin"), str(headers))
            got = s.client().ask("POST", "/api/session", {"login": "root", "password": PASSWORD}, headers)
            equal(got.status, 403, f"signing in from {headers}")
        got = s.admin.ask("PATCH", "/api/organisation", {"name": "Ours"}, {"Origin": f"http://127.0.0.1:{s.port}", "Sec-Fetch-Site": "same-origin"})
        equal(got.status, 200, "our own page")
        assert "access-control-allow-origin" not in s.admin.ask("GET", "/api/session", headers={"Origin": "http://evil.example"}).headers


def check_the_cookie_and_the_headers_are_tight():
    with Server() as s:
        got = s.client().ask("POST", "/api/session", {"login": "viewer", "password": PASSWORD})
        cookie = got.headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
            assert part in cookie, cookie
        # Cookies do not tell ports apart: two servers on one machine must not sign each other out.
        assert cookie.startswith(f"safar_session_{s.port}="), cookie
        for name, want in (("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("cache-control", "no-store")):
            equal(got.headers[name], want, name)
        assert "default-src 'self'" in got.headers["content-security-policy"]
        assert "unsafe-inline" not in got.headers["content-security-policy"].split("script-src")[-1].split(";")[0] or \
            "script-src" not in got.headers["content-security-policy"]


def check_signing_out_and_changes_end_sessions():
    with Server() as s:
        c = s.client().sign_in("viewer")
        equal(c.ask("GET", "/api/status").status, 200, "signed in")
        equal(c.ask("DELETE", "/api/session").status, 204, "signing out")
        equal(c.ask("GET", "/api/status").status, 401, "the old cookie")
        c.sign_in("viewer")
        second = s.client().sign_in("viewer")
        equal(c.ask("PATCH", "/api/me", {"password": {"old": "wrong wrong", "new": "another good one"}}).status, 403, "the wrong old password")
        equal(c.ask("PATCH", "/api/me", {"password": {"old": PASSWORD, "new": "another good one"}}).status, 200, "a new password")
        equal(c.ask("GET", "/api/status").status, 200, "the session that changed it")
        equal(second.ask("GET", "/api/status").status, 401, "the other session")
        equal(s.client().ask("POST", "/api/session", {"login": "viewer", "password": PASSWORD}).status, 403, "the old password")
        c.sign_in("VIEWER", "another good one")
        equal(s.admin.ask("PATCH", "/api/users/viewer", {"role": "agent"}).status, 200, "a new role")
        equal(c.ask("GET", "/api/status").status, 401, "after the new role")
        c.sign_in("viewer", "another good one")
        equal(c.ask("GET", "/api/session").json["user"]["role"], "agent", "role")
        equal(s.admin.ask("PATCH", "/api/users/viewer", {"disabled": True}).json["disabled"], True, "disabled")
        equal(c.ask("GET", "/api/status").status, 401, "disabled")
        equal(s.client().ask("POST", "/api/session", {"login": "viewer", "password": "another good one"}).status, 403, "disabled signing in")
        equal(s.admin.ask("DELETE", "/api/users/viewer").status, 204, "deleted")
        equal(s.admin.ask("DELETE", "/api/users/viewer").status, 404, "deleted twice")


def check_the_last_administrator_stays():
    with Server() as s:
        for change in ({"role": "viewer"}, {"disabled": True}):
            got = s.admin.ask("PATCH", "/api/users/root", change)
            equal((got.status, got.json["id"]), (409, "user.last"), str(change))
        equal(s.admin.ask("DELETE", "/api/users/root").status, 409, "deleting")
        equal(s.admin.ask("POST", "/api/users", {"login": "two", "name": "", "role": "administrator", "password": PASSWORD}).status, 201, "a second one")
        two = s.client().sign_in("two")
        got = at_once([lambda: s.admin.ask("PATCH", "/api/users/two", {"role": "viewer"}).status, lambda: two.ask("PATCH", "/api/users/root", {"role": "viewer"}).status])
        administrators = [u for u in json.loads(local(s, "GET", "/api/users"))["users"] if u["role"] == "administrator" and not u["disabled"]]
        assert len(administrators) >= 1, (got, administrators)


def check_people_and_settings_are_checked_field_by_field():
    with Server() as s:
        good = {"login": "new", "name": "نام", "role": "viewer", "password": PASSWORD}
        for field, value, status in (("login", "with space", 400), ("login", "", 400), ("login", "x" * 129, 400), ("role", "god", 400), ("role", "nobody", 400),
                                     ("password", "aaaaaaaaaaaa", 400), ("password", "short", 400), ("password", "x" * 1025, 413), ("name", "x" * 300, 413)):
            got = s.admin.ask("POST", "/api/users", {**good, field: value})
            equal((got.status, got.json["field"]), (status, field), f"{field} {value[:20]}")
        equal(s.admin.ask("POST", "/api/users", {**good, "id": 1, "created_ms": 5, "disabled": True}).json["disabled"], False, "members that nobody asked for")
        equal(s.admin.ask("POST", "/api/users", {**good, "login": "NEW"}).status, 409, "the same name in capitals")
        v = s.roles["viewer"]
        equal(v.ask("PATCH", "/api/me", {"lang": "fa", "digits": "arabext"}).json, {"lang": "fa", "digits": "arabext", "calendar": "gregorian", "theme": "auto"}, "settings")
        equal(v.ask("GET", "/api/session").json["settings"]["lang"], "fa", "kept")
        bad = v.ask("PATCH", "/api/me", {"lang": "xx"})
        equal((bad.status, bad.json["field"]), (400, "lang"), "an unknown language")
        equal(v.ask("PATCH", "/api/me", {"role": "administrator"}).status, 200, "a role is no setting")
        equal(v.ask("GET", "/api/session").json["user"]["role"], "viewer", "and changes nothing")


def check_the_organisation_is_checked_field_by_field():
    with Server() as s:
        for field, value in (("zone", "Mars/Olympus"), ("languages", []), ("languages", ["xx"]), ("languages", ["en", "en"]), ("customer_word", {"xx": "y"}),
                             ("customer_word", "guest"), ("name", 5)):
            got = s.admin.ask("PATCH", "/api/organisation", {field: value})
            equal((got.status, got.json["field"]), (400, field), f"{field} {value}")
        equal(s.admin.ask("GET", "/api/organisation").json["configured"], False, "not configured yet")
        want = {"name": "پارس", "sector": "retail", "languages": ["fa", "en"], "customer_word": {"fa": "مشتری", "en": "guest"}, "zone": "Asia/Tehran"}
        equal(s.admin.ask("PATCH", "/api/organisation", want).json, {**want, "configured": True}, "organisation")
        equal(s.roles["viewer"].ask("GET", "/api/organisation").json, {**want, "configured": True}, "read again")


def local(s, method, path, body=b""):
    class Local(http.client.HTTPConnection):
        def connect(self):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(os.path.join(s.data, "safar.sock"))

    c = Local("localhost")
    c.request(method, path, body)
    answer = c.getresponse().read()
    c.close()
    return answer


def check_the_local_socket_is_for_this_user_alone():
    with Server() as s:
        equal(oct(os.stat(os.path.join(s.data, "safar.sock")).st_mode & 0o777), "0o600", "mode")
        equal(json.loads(local(s, "GET", "/api/session"))["user"]["role"], "administrator", "role")
        equal(json.loads(local(s, "POST", "/api/sources", b'{"name":"x"}'))["id"], 1, "a change without a session")
        equal(s.client().ask("GET", "/api/sources").status, 401, "over TCP")


def check_sessions_and_people_outlive_a_restart():
    with Server() as s:
        before = s.port
        s.stop()
        s.start()
        s.wait_ready()
        c = Client(s.port)
        c.cookie, c.csrf = s.admin.cookie, s.admin.csrf
        c.cookie = c.cookie.replace(f"_{before}=", f"_{s.port}=")  # a new port names its cookie anew
        equal(c.ask("GET", "/api/users").status, 200, "the cookie")
        equal(c.ask("PATCH", "/api/organisation", {"name": "Still"}).status, 200, "the token")


if __name__ == "__main__":
    sys.exit(main(globals()))
