"""The real program over loopback: a server on a free port, and a client that keeps its session."""
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from lib import BINARY, Skip, equal, main  # noqa: E402,F401  (the checks import them from here)

PASSWORD = "a long enough password"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Client:
    """One person (or nobody). Adds the CSRF header unless told otherwise."""

    def __init__(self, port):
        self.port, self.cookie, self.csrf = port, None, None

    def ask(self, method, path, body=None, headers=None, csrf=True):
        head = {"Host": f"127.0.0.1:{self.port}"}
        if self.cookie:
            # The cookie is named by the port; a server started again has another one.
            head["Cookie"] = re.sub(r"^safar_session(_\d+)?=", f"safar_session_{self.port}=", self.cookie)
        if csrf and self.csrf and method != "GET":
            head["X-Safar-Csrf"] = self.csrf
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        head.update(headers or {})
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            try:
                c.request(method, path, body, head)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused while we were still sending: the answer is there all the same
            r = c.getresponse()
            return Answer(r.status, {k.lower(): v for k, v in r.getheaders()}, r.read())
        finally:
            c.close()

    def take(self, answer):
        cookie = answer.headers.get("set-cookie", "")
        self.cookie = cookie.split(";")[0]
        self.csrf = answer.json["csrf"]
        return self

    def sign_in(self, login, password=PASSWORD):
        answer = self.ask("POST", "/api/session", {"login": login, "password": password})
        assert answer.status == 200, answer
        return self.take(answer)


class Server:
    """`with Server() as s`: s.client() is nobody, s.admin an administrator, s.roles one client for each role."""

    def __init__(self, data=None, people=True, port=0, env=None, options=()):
        self.folder = None if data else tempfile.mkdtemp(prefix="safar-api-")
        self.data = data or os.path.join(self.folder, "data")
        self.people, self.want_port, self.env, self.options = people, port, env, list(options)
        self.process = None

    def start(self):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([BINARY, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.want_port}", *self.options],
                                        stdout=subprocess.PIPE, stderr=self.errors, stdin=subprocess.DEVNULL, env=self.env)
        line = self.process.stdout.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if not found:
            self.process.wait(10)
            self.errors.seek(0)
            raise AssertionError(f"the server did not start: {line!r} {self.errors.read().decode()[-2000:]}")
        self.port = int(found.group(1))
        self.token = None
        return self

    def first_run(self):
        line = self.process.stdout.readline().decode()
        self.token = re.search(r"setup#([0-9a-f]{64})", line).group(1)
        return self.token

    def wait_ready(self):
        for _ in range(600):
            if self.client().ask("GET", "/readyz").status == 200:
                return self
            time.sleep(0.05)
        raise AssertionError("the server did not get ready")

    def client(self):
        return Client(self.port)

    def __enter__(self):
        self.start()
        if self.people:
            self.first_run()
            answer = self.client().ask("POST", "/api/setup", {"token": self.token, "login": "root", "password": PASSWORD, "name": "Root"})
            assert answer.status == 200, answer
            self.admin = self.client().take(answer)
            self.roles = {"nobody": self.client(), "administrator": self.admin}
            for role in ("viewer", "agent", "analyst"):
                made = self.admin.ask("POST", "/api/users", {"login": role, "name": role, "role": role, "password": PASSWORD})
                assert made.status == 201, made
                self.roles[role] = self.client().sign_in(role)
        self.wait_ready()
        return self

    def source(self, name="web"):
        """(id, write key) of a new source."""
        made = self.admin.ask("POST", "/api/sources", {"name": name})
        assert made.status == 201, made
        return made.json["id"], made.json["write_key"]

    def sums(self):
        return self.admin.ask("GET", "/api/status").json["sums"]

    def caught_up(self):
        """Until figures and all that follows the log have read it to its end."""
        for _ in range(3000):
            status = self.admin.ask("GET", "/api/status").json
            if status["lag_events"] == 0 and not any(status["behind"].values()):
                return
            time.sleep(0.02)
        raise AssertionError(f"the log is not read to its end: {status}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(20)
        self.process.stdout.close()
        self.errors.seek(0)
        words = self.errors.read().decode()
        self.errors.close()
        return code, words

    def __exit__(self, kind, *_):
        died = self.process.poll() is not None
        code, words = self.stop()
        if died:
            print(f"the server died ({code}):\n{words[-4000:]}")
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        if kind is None and code != 0:
            raise AssertionError(f"the server ended with {code}: {words[-3000:]}")


def raw(port, data, wait=5.0, shut=False):
    """Sends bytes as they are; returns all that came until the other side closed or `wait` passed in silence."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as s:
        got = b""
        try:
            s.sendall(data)
            if shut:
                s.shutdown(socket.SHUT_WR)
            while chunk := s.recv(65536):
                got += chunk
        except OSError:
            pass  # silence, or closed while we were sending
        return got


def status_of(bytes_):
    m = re.match(rb"HTTP/1\.[01] (\d{3})", bytes_)
    return int(m.group(1)) if m else None


def at_once(functions):
    """Runs them in threads of their own; results in order, the first exception raised."""
    results = [None] * len(functions)

    def run(i):
        try:
            results[i] = functions[i]()
        except Exception as e:  # noqa: BLE001
            results[i] = e

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(functions))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for r in results:
        if isinstance(r, Exception):
            raise r
    return results
