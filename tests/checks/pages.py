#!/usr/bin/env python3
"""The pages without a browser: types and accessibility lint (svelte-check), unit tests (Vitest), the size of the shell."""
import gzip
import json
import os
import subprocess
import sys
import tempfile

WEB = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "web")
SHELL_GZIP_MAX = 120 * 1024
passed = failed = 0


def verdict(good, words):
    global passed, failed
    passed += good
    failed += not good
    print(("ok    " if good else "FAIL  ") + words)


check = subprocess.run(["node", "node_modules/svelte-check/bin/svelte-check", "--tsconfig", "./tsconfig.json", "--fail-on-warnings"],
                       cwd=WEB, capture_output=True)
verdict(check.returncode == 0, "svelte-check")
if check.returncode:
    print(check.stdout.decode()[-3000:])

with tempfile.NamedTemporaryFile(suffix=".json") as report:
    subprocess.run(["node", "node_modules/vitest/vitest.mjs", "run", "--reporter=json", f"--outputFile={report.name}"], cwd=WEB, capture_output=True)
    result = json.load(open(report.name, encoding="utf-8"))
passed += result["numPassedTests"]
failed += result["numFailedTests"] + (0 if result["success"] or result["numFailedTests"] else 1)
for suite in result["testResults"]:
    for t in suite["assertionResults"]:
        if t["status"] == "failed":
            print("FAIL  " + t["fullName"] + "\n" + "\n".join(t["failureMessages"])[:1500])

shell = 0
index = open(os.path.join(WEB, "dist", "index.html"), encoding="utf-8").read()
for folder, _, names in os.walk(os.path.join(WEB, "dist")):
    for name in names:
        if name.endswith((".js", ".css")) and name in index:
            shell += len(gzip.compress(open(os.path.join(folder, name), "rb").read()))
verdict(0 < shell <= SHELL_GZIP_MAX, f"the shell is {shell} bytes compressed, at most {SHELL_GZIP_MAX}")
print(f"passed: {passed}\nfailed: {failed}")
sys.exit(1 if failed else 0)
