#!/usr/bin/env python3
"""The public event logs, imported and asked through the command line: counts as published.

Sources of the figures: the logs' own README and, for edges, variants and durations, recounts with
independent programs (docs/methods/journey.md says which). Ties in time keep the file's order.
"""
import sys

from lib import Data, close, equal, main, safar, shared

# file: events, customers, activities, variants, {edge: count}, [top variants' counts], {start: n}, {end: n}
LOGS = {
    "running-example.xes": (42, 6, 8, 6, {
        ("register request", "examine casually"): 3, ("register request", "check ticket"): 2, ("register request", "examine thoroughly"): 1,
        ("examine casually", "check ticket"): 4, ("examine casually", "decide"): 2, ("examine thoroughly", "check ticket"): 2,
        ("examine thoroughly", "decide"): 1, ("check ticket", "decide"): 6, ("check ticket", "examine casually"): 2,
        ("check ticket", "examine thoroughly"): 1, ("decide", "reject request"): 3, ("decide", "pay compensation"): 3,
        ("decide", "reinitiate request"): 3, ("reinitiate request", "examine casually"): 1,
        ("reinitiate request", "examine thoroughly"): 1, ("reinitiate request", "check ticket"): 1}, [1], {"register request": 6}, {}),
    "receipt.xes.gz": (8577, 1434, 27, 116, {
        ("T04", "T05"): 1177, ("T06", "T10"): 1165, ("T02", "T04"): 1119, ("Confirmation of receipt", "T02"): 1079, ("T05", "T06"): 791,
        ("Confirmation of receipt", "T06"): 239, ("T02", "T06"): 178, ("T10", "T02"): 155}, [713, 123, 116],
        {"Confirmation of receipt": 1434}, {"T10": 828, "T05": 400, "Confirmation of receipt": 116}),
    "sepsis_cases.xes.gz": (15214, 1050, 16, 846, {
        ("Leucocytes", "CRP"): 1778, ("CRP", "Leucocytes"): 1445, ("ER Registration", "ER Triage"): 971,
        ("ER Triage", "ER Sepsis Triage"): 905, ("CRP", "LacticAcid"): 629}, [35, 24, 22],
        {"ER Registration": 995}, {"Release A": 393, "Return ER": 291}),
    "helpdesk.xes.gz": (21348, 4580, 14, 226, {}, [], {}, {}),
    "bpic2012_loan_applications.xes.gz": (262200, 13087, 24, 4366, {}, [3429], {}, {}),
    "bpic2020_domestic_declarations.xes.gz": (55628, 10357, 14, 90, {}, [], {}, {}),
    "bpic2020_prepaid_travel_cost.xes.gz": (17507, 2007, 29, 189, {}, [], {}, {}),
}
DISTINCT_EDGES = {"running-example.xes": 16, "receipt.xes.gz": 99, "sepsis_cases.xes.gz": 115}


def starts(name, short):
    return name == short or name.startswith(short + " ") or name.startswith(short)


def one(log):
    events, customers, activities, variants, edges, top, first, last = LOGS[log]
    path = shared("data", "event-logs", log)
    with Data() as data:
        got = safar("import", path, "--format", "xes", "--json", data=data)
        equal((got["read"], got["stored"], got["duplicate"], got["rejected"]), (events, events, 0, 0), "import")
        dfg = safar("query", "dfg", "--json", data=data)
        equal((dfg["events"], dfg["customers"], len(dfg["activities"]), dfg["variants"]), (events, customers, activities, variants), "dfg")
        equal(sum(e["count"] for e in dfg["edges"]), events - customers, "direct successions")
        equal(sum(s["count"] for s in dfg["starts"]), customers, "starts")
        equal(sum(s["count"] for s in dfg["ends"]), customers, "ends")
        equal(sum(a["count"] for a in dfg["activities"]), events, "events of activities")
        if log in DISTINCT_EDGES:
            equal(len(dfg["edges"]), DISTINCT_EDGES[log], "different edges")
        for (a, b), n in edges.items():
            hits = [e["count"] for e in dfg["edges"] if starts(e["from"], a) and starts(e["to"], b)]
            equal(max(hits, default=0), n, f"{a} → {b}")
        for where, want in (("starts", first), ("ends", last)):
            for name, n in want.items():
                equal(max([s["count"] for s in dfg[where] if starts(s["name"], name)], default=0), n, f"{where} {name}")
        v = safar("query", "variants", "--top", "10", "--json", data=data)
        equal(v["variants"], variants, "variants")
        equal([x["count"] for x in v["top"][: len(top)]], top, "top variants")
        if log == "receipt.xes.gz":
            close(sum(x["count"] for x in v["top"]) / customers, 0.8787, 0.0001, "share of the ten commonest")
        if log == "sepsis_cases.xes.gz":
            close(sum(x["count"] for x in v["top"]) / customers, 0.1295, 0.0001, "share of the ten commonest")
            equal(safar("customer", "NA", "--json", data=data)["customer"], "NA", "the case called NA is a customer")
        again = safar("import", path, "--format", "xes", "--json", data=data)
        equal((again["stored"], again["duplicate"]), (0, events), "the same file again")


for _log in LOGS:
    globals()["check_" + _log.split(".")[0].replace("-", "_")] = lambda log=_log: one(log)

if __name__ == "__main__":
    sys.exit(main(globals()))
