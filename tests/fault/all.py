#!/usr/bin/env python3
"""Every fault, in the short form; with --long the figures that docs/reliability.md quotes."""
import importlib
import os
import sys

LONG = {"SAFAR_KILLS": "1000", "SAFAR_CUTS": "200", "SAFAR_POINTS": "300", "SAFAR_DAMAGES": "1000"}
FILES = ["kill", "every", "power", "device", "life", "damage"]

if __name__ == "__main__":
    if "--long" in sys.argv:
        sys.argv.remove("--long")
        for name, value in LONG.items():
            os.environ.setdefault(name, value)
    from keeper import main
    scope = {}
    for file in FILES:
        scope.update({n: f for n, f in vars(importlib.import_module(file)).items() if n.startswith("check_")})
    sys.exit(main(scope))
