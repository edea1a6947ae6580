#!/usr/bin/env python3
"""Every route with every role. The list comes from the program itself (/openapi.json): a route that has no row here fails."""
import csv
import email
import email.policy
import io
import json
import os
import subprocess
import sys
import time
import urllib.parse
import zipfile

from server import BINARY, PASSWORD, Server, equal, main, raw, status_of
from collect import basic, track

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "..", "data", "form", "import", "small.qsf"), "rb") as qsf:
    QSF = qsf.read()

RANK = {"nobody": 0, "viewer": 1, "agent": 2, "analyst": 3, "administrator": 4}
CSV = b"customer_id,created_at,event,rating\n" + b"".join(
    f"u{i},2026-03-{1 + i % 9:02d}T10:00:00Z,{e},{1 + i % 5}\n".encode() for i in range(20) for e in ("Bought", "Delivered")) + b"bad,never,Bought,1\n"
SURVEY = {"title": {"en": "After", "fa": "پس از آن"}, "elements": [{"type": "rating", "name": "nps", "rateMin": 0, "rateMax": 10, "isRequired": True, "cx:metric": "nps"},
                                                               {"type": "comment", "name": "why", "cx:text": True}]}
NDJSON = b"".join(json.dumps({"customer": f"f{i}", "at": "2026-03-01T10:00:00Z", "event": "Visit"}).encode() + b"\n" for i in range(500)) + b'{"customer":"x"}\n'


def soon(client, path, member):
    """A list that a thread of the server fills behind the log."""
    for _ in range(200):
        got = client.ask("GET", path).json[member]
        if got:
            return got
        time.sleep(0.05)
    raise AssertionError(f"{path} stays empty")


def upload(client, name, body):
    got = client.ask("POST", f"/api/uploads?name={name}", body)
    assert got.status == 200, got
    return got.json["upload"]


def finished(client, job):
    for _ in range(600):
        state = client.ask("GET", f"/api/jobs/{job}").json
        if state["state"] != "running":
            return state
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def filled(s):
    """A server with events, a map, an import with rejects; what rows need to name."""
    number, key = s.source()
    batch = []
    for i in range(60):
        for k, (event, score) in enumerate((("Order Placed", None), ("Order Delivered", 1 + i % 5), ("Order Reviewed", None))):
            more = {"journey": f"o{i}", "channel": "web"}
            if score:
                more["score"] = score
                more["comment"] = f"comment {i}"
            batch.append({"type": "track", "userId": f"u{i}", "event": event, "messageId": f"e{i}-{k}", "timestamp": f"2026-03-{1 + k:02d}T10:00:00Z", "properties": more})
    equal(s.client().ask("POST", "/v1/batch", {"batch": batch}, basic(key)).status, 200, "batch")
    s.client().ask("POST", "/v1/track", track(1, timestamp="1850-01-01T00:00:00Z"), basic(key))
    s.caught_up()
    document = s.admin.ask("POST", "/api/maps/propose", {"filters": []}).json["document"]
    made = s.admin.ask("POST", "/api/maps", {"document": document})
    equal(made.status, 201, f"new map {made}")
    job = s.admin.ask("POST", "/api/imports", {"uploads": [upload(s.admin, "visits.ndjson", NDJSON)], "dry_run": False}).json["job"]
    document = s.admin.ask("GET", f"/api/maps/{made.json['key']}").json["document"]
    state = finished(s.admin, job)
    equal(state["state"], "done", str(state))
    fans = s.admin.ask("POST", "/api/segments", {"name": {"en": "Fans"}, "rule": "rating of 'Order Delivered' above 60"})
    equal(fans.status, 201, f"new segment {fans}")
    survey = s.admin.ask("POST", "/api/surveys", {"document": SURVEY})
    equal(survey.status, 201, f"new survey {survey}")
    equal(s.admin.ask("POST", "/api/surveys/after/state", {"state": "live"}).json["state"], "live", "survey state")
    link = s.admin.ask("POST", "/api/surveys/after/links", {"channel": "web"}).json["code"]
    begun = s.client().ask("POST", f"/v1/surveys/{link}/responses", {"answers": {"why": "x"}, "complete": False}).json["response"]
    return {"link": link, "begun": begun, "segment": fans.json["key"], "arrival": soon(s.admin, "/api/feedback?limit=1", "feedback")[0]["arrival"], "source": number, "key": key, "map": made.json["key"], "document": document, "job": job, "rejects": state["result"]["rejects_file"].split("/")[-1],
            "touchpoint": document["touchpoints"][0]["key"]}


# operation: path with names of `filled`, body, status for one who may
def rows(s, f):
    doc = {"document": f["document"]}
    yes = {"upload": lambda c: upload(c, "orders.csv", CSV)}
    measured = f"/api/maps/{f['map']}"
    return {
        "health": ("/healthz", None, 200), "ready": ("/readyz", None, 200), "version": ("/version", None, 200), "openapi": ("/openapi.json", None, 200),
        "session": ("/api/session", None, 200), "signIn": ("/api/session", {"login": "nobody-here", "password": "x"}, 403),
        "setup": ("/api/setup", {"token": "x", "login": "x", "password": PASSWORD, "name": "x"}, 403),
        "changeMe": ("/api/me", {"theme": "dark"}, 200), "organisation": ("/api/organisation", None, 200),
        "changeOrganisation": ("/api/organisation", {"name": "N"}, 200), "users": ("/api/users", None, 200),
        "newUser": ("/api/users", {"login": "made", "name": "", "role": "viewer", "password": PASSWORD}, 201),
        "changeUser": ("/api/users/made", {"name": "Made"}, 200), "deleteUser": ("/api/users/made", None, 204),
        "metrics": ("/metrics", None, 200), "quietSources": ("/api/sources/quiet", None, 200), "sourceCounts": ("/api/sources/events", None, 200), "setAsideReasons": (f"/api/sources/{f['source']}/set-aside/reasons", None, 200),
        "status": ("/api/status", None, 200), "sources": ("/api/sources", None, 200), "newSource": ("/api/sources", {"name": "more"}, 201),
        "changeSource": (f"/api/sources/{f['source']}", {"name": "web", "mask": True}, 200), "tryHook": (f"/api/sources/{f['source']}/hook", {"sample": "{\"userId\":\"u1\",\"type\":\"paid\"}"}, 200), "newKey": (f"/api/sources/{f['other']}/key", None, 200),
        "setAside": (f"/api/sources/{f['source']}/set-aside", None, 200), "replay": ("/api/set-aside/replay", {"source": f["source"], "reason": ""}, 200),
        "deleteDemo": ("/api/demo", None, 404), "upload": ("/api/uploads?name=orders.csv", CSV, 200),
        "guess": ("/api/imports/guess", lambda: {"uploads": [yes["upload"](s.admin)]}, 200),
        "import": ("/api/imports", lambda: {"uploads": [upload(s.admin, "v.ndjson", NDJSON)], "dry_run": True}, 202),
        "mappings": ("/api/mappings", None, 200), "saveMapping": ("/api/mappings/visits", {"mapping": 'customer = "who"\nname = "Visit"\ntime = "at"'}, 204),
        "deleteMapping": ("/api/mappings/none", None, 404),
        "job": (f"/api/jobs/{f['job']}", None, 200), "jobEvents": (f"/api/jobs/{f['job']}/events", None, 200), "cancelJob": (f"/api/jobs/{f['job']}", None, 204),
        "rejects": (f"/api/rejects/{f['rejects']}", None, 200), "templates": ("/api/templates", None, 200), "maps": ("/api/maps", None, 200),
        "newMap": ("/api/maps", {"document": {k: v for k, v in f["document"].items() if k != "key"}}, 201), "proposeMap": ("/api/maps/propose", {"filters": [{"dimension": "channel", "is": "web"}]}, 200),
        "mapFromTable": ("/api/maps/table?name=team&format=csv", b"stage,touchpoint,channel,feeling\nbuy,Order,web,1\nget,Delivery,store,-1\n", 200),
        "map": (measured, None, 200), "saveMap": (measured, {"base_version": 99, **doc}, 409), "deleteMap": ("/api/maps/none", None, 404),
        "mapVersions": (measured + "/versions", None, 200), "measured": (measured + "/measured?compare=previous&from=2026-03-02&to=2026-03-04", None, 200),
        "drawingSvg": (measured + "/drawing.svg?lang=fa&theme=dark&interactive=1", None, 200), "drawingPng": (measured + "/drawing.png?scale=1", None, 200),
        "drawingPdf": (measured + "/drawing.pdf", None, 200), "thumb": (measured + "/thumb.svg?theme=light", None, 200),
        "people": (measured + f"/people?touchpoint={f['touchpoint']}&what=entered", None, 200), "quotes": (measured + "/quotes", None, 200),
        "inventory": (f"/api/inventory?map={f['map']}", None, 200), "dimensions": ("/api/dimensions", None, 200),
        "declareDimension": ("/api/dimensions", {"property": "carrier"}, 200), "dimensionValues": ("/api/dimensions/channel/values", None, 200),
        "customers": ("/api/customers?search=u1", None, 200), "customer": (f"/api/customers/u1?map={f['map']}", None, 200),
        "customerExport": ("/api/customers/u1/export", None, 200), "eraseCustomer": ("/api/customers/u3/erase", {"confirm": "u1"}, 400), "erasures": ("/api/erasures?id=u1", None, 200),
        "mergeCustomer": ("/api/customers/u2/merge", {"with": "u2", "reason": "the same"}, 400), "unmergeCustomer": ("/api/customers/u2/unmerge", {"id": "nobody", "reason": "another"}, 404),
        "queryDfg": ("/api/query/dfg?case=customer&times=mean&variants=0", None, 200), "queryFlow": (f"/api/query/flow?activities=0.9&edges=0.5&map={f['map']}", None, 200),
        "queryFlowSvg": (f"/api/query/flow.svg?lang=fa&theme=dark&interactive=1&map={f['map']}", None, 200), "queryFlowPng": ("/api/query/flow.png?scale=1", None, 200),
        "queryFlowPdf": ("/api/query/flow.pdf?lang=ar&activities=0.9", None, 200),
        "queryFlowPeople": ("/api/query/flow/people?edge_from=Order%20Placed&edge_to=Order%20Delivered", None, 200),
        "queryDfgPeople": ("/api/query/dfg/people?activity=Order%20Placed", None, 200), "queryScores": (f"/api/query/scores?by=channel&low=50&map={f['map']}", None, 200),
        "queryScoresPeople": (f"/api/query/scores/people?by=channel&name={f['touchpoint']}&value=web&map={f['map']}", None, 200), "querySeries": (f"/api/query/series?kind=csat&period=day&by=touchpoint&map={f['map']}", None, 200),
        "querySeriesSvg": ("/api/query/series.svg?kind=rating&period=day&by=touchpoint&lang=fa&interactive=1", None, 200), "querySeriesPng": ("/api/query/series.png?period=day&scale=1", None, 200),
        "querySeriesPdf": ("/api/query/series.pdf?period=day&lang=ar", None, 200), "querySeriesPeople": ("/api/query/series/people?kind=rating&period=day&start_ms=1772323200000", None, 200), "queryVariants": ("/api/query/variants?top=3&cut=2", None, 200),
        "queryVariantsPeople": ("/api/query/variants/people?id=0123456789abcdef", None, 200),
        "queryFunnel": ("/api/query/funnel?steps=Order%20Placed,Order%20Delivered&window=7d&by=channel", None, 200),
        "queryFunnelSvg": ("/api/query/funnel.svg?steps=Order%20Placed,Order%20Delivered&lang=fa&interactive=1", None, 200),
        "queryFunnelPng": ("/api/query/funnel.png?steps=Order%20Placed,Order%20Delivered&scale=1", None, 200), "queryFunnelPdf": ("/api/query/funnel.pdf?steps=Order%20Placed,Order%20Delivered", None, 200),
        "queryFunnelPeople": ("/api/query/funnel/people?steps=Order%20Placed,Order%20Delivered&step=1", None, 200),
        "queryRework": ("/api/query/rework", None, 200), "queryReworkPeople": ("/api/query/rework/people?name=Order%20Placed", None, 200),
        "queryHandovers": (f"/api/query/handovers?map={f['map']}", None, 200), "queryHandoversPeople": ("/api/query/handovers/people?hand_from=web&hand_to=store", None, 200),
        "queryConformance": (f"/api/query/conformance?map={f['map']}", None, 200),
        "queryConformancePeople": ("/api/query/conformance/people?activity=Order%20Placed&deviation=inserted&model=%7B%22nodes%22%3A%5B%22Order%20Delivered%22%5D%7D", None, 200),
        "queryBottlenecks": ("/api/query/bottlenecks?target=2h", None, 200),
        "querySilent": ("/api/query/silent?about=journey", None, 200),
        "queryLead": ("/api/query/lead?staff=Order%20Reviewed&about=Order%20Delivered", None, 200),
        "queryLift": ("/api/query/lift?outcome=Order%20Reviewed", None, 200),
        "queryLiftPeople": ("/api/query/lift/people?outcome=Order%20Reviewed&name=Order%20Placed&reached=1", None, 200),
        "queryRecovery": ("/api/query/recovery?after=Order%20Placed&contact=Order%20Delivered&stay=Order%20Reviewed&within=1h&later=1d&window=10d&by=channel", None, 200),
        "queryBeginnings": ("/api/query/beginnings?by=channel&outcome=Order%20Reviewed", None, 200), "queryCredit": ("/api/query/credit?outcome=Order%20Reviewed", None, 200),
        "queryChurn": ("/api/query/churn?horizon=1d&limit=3", None, 200), "queryFelt": ("/api/query/felt", None, 200), "querySurvival": ("/api/query/survival?by=channel&pause=1d&any=1", None, 200),
        "queryValuePeople": ("/api/query/value/people?recency=5&frequency=3", None, 200),
        "queryValue": ("/api/query/value?months=24&discount=5&margin=40", None, 200),
        "queryRetention": ("/api/query/retention?period=day&kind=rolling", None, 200),
"queryRetentionSvg": ("/api/query/retention.svg?period=day&kind=rolling&lang=fa&interactive=1", None, 200), "queryRetentionPng": ("/api/query/retention.png?period=day&kind=rolling&scale=1", None, 200),
        "queryRetentionPdf": ("/api/query/retention.pdf?period=day&kind=rolling", None, 200),         "queryRetentionPeople": ("/api/query/retention/people?period=day&cohort=1772323200000&offset=0", None, 200),
        "queryTouchpoints": (f"/api/query/touchpoints?by=channel&map={f['map']}", None, 200), "queryInventory": ("/api/query/inventory", None, 200),
        "queryConsistency": (f"/api/query/consistency?map={f['map']}&by=channel", None, 200), "queryMoney": (f"/api/query/money?map={f['map']}&horizon=1d&lang=ar", None, 200), "queryPhases": (f"/api/query/phases?map={f['map']}", None, 200),
        "queryFriction": (f"/api/query/friction?map={f['map']}", None, 200), "queryWaits": ("/api/query/waits", None, 200), "queryTasks": ("/api/query/tasks?start=Order%20Placed&done=Order%20Reviewed&window=7d", None, 200),
        "queryMoments": (f"/api/query/moments?map={f['map']}&within=1d&lang=fa", None, 200), "queryMomentsPeople": (f"/api/query/moments/people?map={f['map']}&name={f['touchpoint']}&side=good&reached=1", None, 200),
        "queryCompare": (f"/api/query/compare?against=before&from=2026-03-02&to=2026-03-04&map={f['map']}", None, 200),
        "queryUnits": (f"/api/query/units?dimension=unit&map={f['map']}", None, 200),
        "segments": ("/api/segments", None, 200), "newSegment": ("/api/segments", {"name": {"en": "Buyers"}, "rule": "did 'Order Placed'"}, 201),
        "segment": (f"/api/segments/{f['segment']}", None, 200), "trySegment": ("/api/segments/try", {"rule": "not in segment fans"}, 200),
        "saveSegment": (f"/api/segments/{f['segment']}", {"base_version": 99, "rule": "commented"}, 409), "deleteSegment": ("/api/segments/none", None, 404),
        "feedback": (f"/api/feedback?text=comment&state=new,open&score_max=75&map={f['map']}&touchpoint={f['touchpoint']}", None, 200), "feedbackFacets": ("/api/feedback/facets", None, 200),
        "feedbackHeard": ("/api/feedback/heard?sentiment=negative,none&topic=delivery&policy=none", None, 200),
        "feedbackOne": (f"/api/feedback/{f['arrival']}?map={f['map']}", None, 200), "changeFeedback": (f"/api/feedback/{f['arrival']}", {"state": "open", "add_tags": ["late"]}, 200),
        "noteFeedback": (f"/api/feedback/{f['arrival']}/notes", {"text": "called"}, 201), "rebuildFeedback": ("/api/feedback/rebuild", None, 204),
        "models": ("/api/models", None, 200), "model": ("/api/models/99", None, 404), "saveLabelling": ("/api/models/labelling", {"rating": {"negative": 2, "positive": 4}}, 200),
        "trainModels": ("/api/models/train", None, 202), "useModel": ("/api/models/use/fa", {"model": 99}, 404), "doubtful": ("/api/models/doubtful?limit=3", None, 200),
        "corrections": (f"/api/feedback/{f['arrival']}/corrections", None, 200), "correctFeedback": (f"/api/feedback/{f['arrival']}/corrections", {}, 400),
        "undoCorrection": (f"/api/feedback/{f['arrival']}/corrections/undo", {"step": 99}, 409),
        "topics": (f"/api/topics?channel=web&map={f['map']}&touchpoint={f['touchpoint']}&from=2026-03-02", None, 200), "topicPhrases": ("/api/topics/delivery/phrases", None, 200), "topicQuotes": ("/api/topics/delivery/quotes?limit=2", None, 200),
        "topicMoods": ("/api/topics/moods?lang=en", None, 200), "topicThemes": ("/api/topics/themes?themes=3", None, 200), "topicSeries": ("/api/topics/series?period=week", None, 200), "topicChanges": ("/api/topics/changes?before_from=2026-01-01&before_to=2026-03-01&from=2026-03-01&to=2026-06-01", None, 200), "topicSet": ("/api/topics/set", None, 200), "tryTopics": ("/api/topics/try", {"text": "The courier was late"}, 200),
        "saveTopicSet": ("/api/topics/set", {"document": {"topics": []}, "version": 99}, 409),
        "surveys": ("/api/surveys", None, 200), "newSurvey": ("/api/surveys", {"document": {**SURVEY, "title": "Another"}}, 201),
        "surveyTemplates": ("/api/surveys/templates", None, 200), "checkSurvey": ("/api/surveys/check?lang=fa", {"document": {"elements": [{"type": "rating"}]}}, 200),
        "importSurvey": ("/api/surveys/import?lang=ar", QSF, 200),
        "survey": ("/api/surveys/after?version=1", None, 200), "saveSurvey": ("/api/surveys/after", {"base_version": 99, "document": SURVEY}, 409),
        "deleteSurvey": ("/api/surveys/none", None, 404), "setSurveyState": ("/api/surveys/after/state", {"state": "live"}, 200),
        "surveyLinks": ("/api/surveys/after/links", None, 200), "newSurveyLink": ("/api/surveys/after/links", {"name": "Till", "answers_max": 1}, 201),
        "previewDocument": ("/api/surveys/preview", {"document": SURVEY, "lang": "fa"}, 200), "previewSurvey": ("/api/surveys/after/preview?lang=fa", None, 200),
        "mailScore": (f"/e/{f['link']}?q=nps&v=9", None, 200), "mailScoreStep": (f"/e/{f['link']}", b"_page=0&_go=keep&nps=5", 200),
        "widgetConfig": ("/v1/widget/none/config", None, 403), "widgetAsk": ("/v1/widget/none/ask", {"survey": "after", "anonymous": "v"}, 403),
        "linkCodeSvg": (f"/api/links/{f['link']}/qr.svg", None, 200), "linkCodePdf": (f"/api/links/{f['link']}/qr.pdf", None, 200), "surveySheets": ("/api/surveys/after/sheets.pdf", None, 200),
        "surveyPage": (f"/s/{f['link']}?lang=ar", None, 200), "surveyPageStep": (f"/s/{f['link']}", b"_page=0&_go=next&nps=4", 200),
        "surveyResults": ("/api/surveys/after/results?lang=fa&language=en&weight=channel", None, 200), "surveySilent": ("/api/surveys/after/silent", None, 200), "surveyResponses": ("/api/surveys/after/responses?limit=5", None, 200),
        "deleteSurveyLink": ("/api/surveys/after/links/abcdefgh", None, 404), "surveyForm": (f"/v1/surveys/{f['link']}/form?lang=fa", None, 200),
        "newResponse": (f"/v1/surveys/{f['link']}/responses", {"answers": {"nps": 9}}, 200), "changeResponse": (f"/v1/responses/{f['begun']}", {"answers": {"why": "y"}}, 200),
        "queryScore": ("/api/query/score?survey=Order%20Delivered&kind=csat", None, 200),
        "replyFeedback": (f"/api/feedback/{f['arrival']}/reply", {"text": "sorry"}, 400), "followUps": ("/api/follow-ups?state=open&responsible=me&overdue=yes", None, 200),
        "followUpSummary": ("/api/follow-ups/summary", None, 200), "followUp": ("/api/follow-ups/99", None, 404), "changeFollowUp": ("/api/follow-ups/99", {"cause": "x"}, 404),
        "noteFollowUp": ("/api/follow-ups/99/notes", {"text": "x"}, 404), "replyFollowUp": ("/api/follow-ups/99/reply", {"text": "x"}, 404),
        "followUpRules": ("/api/follow-up-rules", None, 200), "newFollowUpRule": ("/api/follow-up-rules", {"rule": {"name": {"en": "Low"}, "score": {"at_most": 10}}, "enabled": False}, 201),
        "tryFollowUpRule": ("/api/follow-up-rules/try", {"rule": {"name": {"en": "Low"}, "score": {"at_most": 10}}}, 200),
        "saveFollowUpRule": ("/api/follow-up-rules/99", {"rule": {"name": {"en": "Low"}, "score": {"at_most": 10}}}, 404), "deleteFollowUpRule": ("/api/follow-up-rules/99", None, 404),
        "colleagues": ("/api/colleagues", None, 200), "newColleague": ("/api/colleagues", {"name": "Sara", "spellings": ["سارة", "سارا"]}, 201),
        "saveColleague": ("/api/colleagues/99", {"name": "Sara"}, 404), "deleteColleague": ("/api/colleagues/99", None, 404),
        "praise": ("/api/praise?of=me&limit=5", None, 200), "praiseCounts": ("/api/praise/counts?from=2026-03-01", None, 200), "settlePraise": (f"/api/feedback/{f['arrival']}/praise", {"colleague": 99}, 404),
        "reports": ("/api/reports", None, 200), "newReport": ("/api/reports", {"map": f["map"], "address": "a@example.com", "lang": "fa", "role": "owner"}, 201),
        "reportPreview": (f"/api/reports/preview?map={f['map']}&lang=ar", None, 200), "deleteReport": ("/api/reports/99", None, 404), "sendReport": ("/api/reports/99/send", None, 404),
        "unitSettings": ("/api/units/settings?unit=sa/riyadh", None, 200), "saveUnitSettings": ("/api/units/settings", {"unit": "sa", "country": "SA"}, 200),
        "outboxSettings": ("/api/outbox/settings", None, 200), "saveOutboxSettings": ("/api/outbox/settings", {"public_url": "https://cx.example"}, 200),
        "channels": ("/api/outbox/channels", None, 200), "saveChannel": ("/api/outbox/channels/tray", {"kind": "folder", "settings": {}}, 200),
        "testChannel": ("/api/outbox/channels/tray/test?lang=fa", {"address": "a@b.example"}, 202), "deleteChannel": ("/api/outbox/channels/none", None, 404),
        "messages": ("/api/outbox/messages?state=sent", None, 200), "message": ("/api/outbox/messages/999999", None, 404), "messageAgain": ("/api/outbox/messages/999999/again", None, 409),
        "countSms": ("/api/outbox/sms", {"text": "سلام {{link}}", "link": "https://cx.example/s/k7m2q9xr"}, 200), "receipts": ("/v1/receipts/none/wrong", {"id": "x"}, 403),
        "inviteToSurvey": ("/api/surveys/none/invite", {"customers": ["u1"], "channels": "email", "dry_run": True}, 404), "surveyFunnel": ("/api/surveys/after/funnel?days=30", None, 200),
        "newRound": ("/api/surveys/after/rounds", {"customers": ["u1"], "channels": "email", "dry_run": True}, 200), "rounds": ("/api/surveys/after/rounds?limit=5", None, 200),
        "round": ("/api/contact/rounds/99", None, 404), "stopRound": ("/api/contact/rounds/99/stop", None, 404),
        "contactRules": ("/api/contact/rules", None, 200), "saveContactRules": ("/api/contact/rules", {"version": 99, "rules": {}}, 409),
        "contactWhatIf": ("/api/contact/what-if", {"rules": {"quarantine_days": 30}}, 200), "contactDecisions": ("/api/contact/decisions?reason=quarantine", None, 200),
        "contactSums": ("/api/contact/sums?days=30", None, 200), "contactLedger": ("/api/contact/ledger", None, 200), "contactBlocked": ("/api/contact/blocked", None, 200),
        "noteConsent": ("/api/contact/consent", {"channel": "email", "address": "a@b.example", "state": "given"}, 200),
        "unsubscribePage": ("/u/none", None, 404), "unsubscribe": ("/u/none", b"List-Unsubscribe=One-Click", 404),
        "collectMetrics": ("/v1/m", {"series": []}, 200), "captureRecording": ("/s/", {"event": "$snapshot"}, 200), "captureFlags": ("/flags/?v=2", {"token": "x"}, 200),
        "captureDecide": ("/decide/?v=3", {"token": "x"}, 200), "captureConfig": ("/array/x/config", None, 200), "healthShort": ("/health", None, 200),
        "hookThere": ("/v1/hooks/intercom/x", None, 200), "signOut": ("/api/session", None, 204),
    }


def operations(s):
    paths = s.client().ask("GET", "/openapi.json").json["paths"]
    return {o["operationId"]: (method.upper(), path, o) for path, methods in paths.items() for method, o in methods.items()}


def check_every_route_answers_each_role_as_the_table_says():
    with Server() as s:
        f = filled(s)
        f["other"] = s.source("other")[0]
        table, listed, wrong, called = rows(s, f), operations(s), [], set()
        last = ["rebuildFeedback", "signOut"]  # one empties the inbox for a moment, one ends the session that the others need
        order = [n for n in listed if n not in last] + last
        for name in order:
            method, path, operation = listed[name]
            if operation["x-role"] == "write key":
                called |= collect_route(s, f, name, method, path, operation, wrong)
                continue
            if name in STREAMS:
                called |= stream_route(s, name, path, wrong)
                continue
            if name not in table:
                wrong.append(f"{name}: no row for {method} {path}")
                continue
            target, body, status = table[name]
            for role, client in s.roles.items():
                may = RANK[role] >= RANK[operation["x-role"]]
                if name in ("newUser", "deleteUser") and may and role != "administrator":
                    raise AssertionError(f"{name} is for administrators")
                got = client.ask(method, target, body() if callable(body) else body)
                want = status if may else 401 if role == "nobody" else 403
                if got.status != want:
                    wrong.append(f"{method} {target} as {role}: {got}, expected {want}")
                if got.status >= 400 and (got.headers.get("content-type") != "application/problem+json" or not got.json["id"] or got.json["status"] != got.status):
                    wrong.append(f"{method} {target} as {role}: {got} is no problem")
                if may and got.status < 300 and method != "GET" and operation["security"] and not client.csrf:
                    wrong.append(f"{name} worked without a session")
                called.add(name)
        missing = set(listed) - called
        assert not wrong and not missing, "\n".join(wrong + [f"never called: {m}" for m in sorted(missing)])


# Answers without an end.
STREAMS = {"feedbackEvents": "agent", "sourceCounts": "analyst"}


def stream_route(s, name, path, wrong):
    for role, client in s.roles.items():
        if RANK[role] < RANK[STREAMS[name]]:
            got = client.ask("GET", path).status
            want = 401 if role == "nobody" else 403
        else:
            got, want = status_of(raw(s.port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nCookie: {client.cookie}\r\n\r\n".encode(), wait=1)), 200
        if got != want:
            wrong.append(f"{path} as {role}: {got}, expected {want}")
    return {name}


def collect_route(s, f, name, method, path, operation, wrong):
    if name == "collectSettings":
        for key, want in ((f["key"], 200), ("wrong", 401)):
            got = s.client().ask("GET", path.replace("{key}", key))
            if got.status != want:
                wrong.append(f"{path} {key}: {got}")
        return {name}
    path = path.replace("{kind}", "standard").replace("{key}", "none")
    if "matomo" in path or "piwik" in path:
        path += "?rec=1&uid=u1&action_name=Home&rand=1"
    elif path.startswith("/pixel"):
        path += "?userId=u1&event=E"
    elif method == "GET" and "data" in [p["name"] for p in operation["parameters"]]:
        path += "?data=" + urllib.parse.quote(json.dumps({"event": "E", "distinct_id": "u1"}))
    body = {"userId": "u1", "event": "E", "groupId": "g", "previousId": "p", "batch": [{**track(1), "messageId": f"{name}1"}], "reviews": [{"platform": "maps", "stars": 4}], "messageId": name,
            "distinct_id": "u1", "requests": ["?rec=1&uid=u1&action_name=Home"], "id": name, "source": "/shop", "specversion": "1.0", "subject": "u1", "type": "E", "data": {"userId": "u1"}}
    if name.startswith("capture"):
        body["batch"] = [{"event": "E", "distinct_id": "u1"}]
    for headers, want in ((basic(f["key"]), 200), ({}, 401), (basic("wrong"), 401)):
        got = s.client().ask(method, path, body, headers)
        if got.status != want:
            wrong.append(f"{path}: {got}, expected {want}")
    for role, client in s.roles.items():
        if client.ask(method, path, body).status != 401:
            wrong.append(f"{path}: a session counts as a write key for {role}")
    return {name}


def check_paths_methods_and_pages_that_do_not_exist():
    with Server(people=False) as s:
        c = s.client()
        for path in ("/api", "/api/", "/api/nothing", "/api/session/", "/v1/nothing", "/v1"):
            got = c.ask("GET", path)
            equal((got.status, got.json["id"]), (404, "http.path"), path)
        got = c.ask("DELETE", "/api/organisation")
        equal((got.status, got.headers["allow"]), (405, "GET, PATCH"), "a method it has not")
        got = c.ask("GET", "/maps/orders")
        assert got.status in (200, 404) and got.headers["content-type"].startswith("text/"), got


def check_readers_below_agent_do_not_see_who_said_it():
    with Server() as s:
        f = filled(s)
        path = f"/api/maps/{f['map']}/quotes"
        assert {q["customer"] for q in s.roles["viewer"].ask("GET", path).json["quotes"]} == {None}
        seen = {q["customer"] for q in s.roles["agent"].ask("GET", path).json["quotes"]}
        assert seen and None not in seen, seen


def check_numbers_of_a_map_agree_with_its_people():
    with Server() as s:
        f = filled(s)
        base = f"/api/maps/{f['map']}"
        m = s.admin.ask("GET", base + "/measured").json
        for i, step in enumerate(m["steps"]):
            for what in ("entered", "advanced", "lost", "still_in", "goal"):
                p = s.admin.ask("GET", f"{base}/people?step={i}&what={what}&limit=7").json
                equal(p["total"], step[what], f"step {i} {what}")
                got, cursor, pages = len(p["people"]), p["next"], 1
                while cursor:
                    p = s.admin.ask("GET", f"{base}/people?step={i}&what={what}&limit=7&cursor={cursor}").json
                    got, cursor, pages = got + len(p["people"]), p["next"], pages + 1
                equal(got, step[what], f"rows of step {i} {what}")


def behind(s, question, figure, limit=7):
    """All pages of the people behind a figure; they are as many as the total says, and nobody twice."""
    name, _, own = question.partition("?")
    base, people, cursor = f"/api/query/{name}/people?{own}&{figure}&limit={limit}", [], 0
    while cursor is not None:
        got = s.roles["agent"].ask("GET", f"{base}&cursor={cursor}")
        assert got.status == 200, (figure, got)
        people, cursor = people + [p["customer"] for p in got.json["people"]], got.json["next"]
        assert all(p["first_ms"] <= p["last_ms"] and p["events"] > 0 for p in got.json["people"]), got
    equal((len(people), len(set(people))), (got.json["total"], len(people)), f"people of {question} {figure}")
    return len(people)


def check_a_question_pays_for_what_it_asks_and_says_so():
    with Server() as s:
        filled(s)
        ask = lambda question: s.roles["viewer"].ask("GET", f"/api/query/{question}")
        whole, means, counts = (ask(f"dfg?times={t}&variants={v}").json for t, v in (("quantiles", 1), ("mean", 0), ("none", 0)))
        for part in (means, counts):
            equal([(e["from"], e["to"], e["count"], e["customers"]) for e in part["edges"]], [(e["from"], e["to"], e["count"], e["customers"]) for e in whole["edges"]], "edges")
            equal((part["variants"], part["events"], part["starts"]), (None, whole["events"], whole["starts"]), "the rest")
        equal([e["mean_ms"] for e in means["edges"]], [e["mean_ms"] for e in whole["edges"]], "means")
        assert all(e["p50_ms"] is None for e in means["edges"]) and all(e["mean_ms"] is None for e in counts["edges"])
        for question in ("variants?top=50", "variants?top=50&cut=2&map=&case=customer"):
            v = ask(question).json
            equal(sum(t["count"] for t in v["top"]), v["cases"], question)
            for t in v["top"]:
                equal(behind(s, question, f"id={t['id']}", 100), t["customers"], f"people of {t}")
        equal(whole["variants"], ask("variants").json["variants"], "variants")
        equal(max(len(t["steps"]) for t in ask("variants?top=50&cut=2").json["top"]), 2, "cut")
        for question, field in (("dfg?times=all", "times"), ("dfg?variants=2", "variants"), ("variants?cut=1001", "cut")):
            got = ask(question)
            equal((got.status // 100, got.json["field"]), (4, field), question)
        for own in ("", "id=xyz", "id=0123456789abcdeg"):
            got = s.roles["agent"].ask("GET", f"/api/query/variants/people?{own}")
            equal((got.status, got.json["field"]), (400, "id"), own)
        equal(s.roles["agent"].ask("GET", "/api/query/variants/people?id=0123456789abcdef").json, {"total": 0, "people": [], "next": None}, "nobody")


def check_scores_by_value_add_up_and_name_their_people():
    with Server() as s:
        f = filled(s)
        for own in ("by=channel", "by=unit&low=60", f"by=channel&map={f['map']}", ""):
            rows = s.roles["viewer"].ask("GET", f"/api/query/scores?{own}").json["rows"]
            equal(sum(r["n"] for r in rows), s.roles["viewer"].ask("GET", f"/api/query/dfg?map={f['map'] if 'map' in own else ''}").json["events"], f"events of {own}")
            equal(sum(r["answers"] for r in rows), 60, f"answers of {own}")
            for r in rows:
                value = f"&value={r['value']}" if "by=" in own else ""
                equal(behind(s, f"scores?{own}", f"name={r['name'].replace(' ', '%20')}{value}", 100), r["customers"], f"people of {r}")
        delivered = [r for r in rows if r["answers"]][0]
        equal((delivered["name"], delivered["mean"], delivered["customers"]), ("Order Delivered", 3, 60), "mean as given")
        equal((round(delivered["score"]["est"], 6), round(delivered["low_share"]["est"], 6)), (50, 0.4), "score and share below 40")
        for own, field in (("low=101", "low"), ("low=x", "low"), ("by=nope", "by")):
            got = s.roles["viewer"].ask("GET", f"/api/query/scores?{own}")
            equal((got.status, got.json["field"]), (400, field), own)
        equal(s.roles["agent"].ask("GET", "/api/query/scores/people?name=Nope").json["field"], "name", "no such name")


def check_the_people_of_a_funnel_are_as_many_as_its_figures_say():
    with Server() as s:
        filled(s)
        question = "funnel?steps=Visit|Order%20Placed,Order%20Delivered?,Order%20Reviewed&window=2d&by=channel"
        r = s.roles["viewer"].ask("GET", f"/api/query/{question}").json
        equal([(p["name"], p["customers"]) for p in r["steps"]], [("Visit|Order Placed", 560), ("Order Delivered", 60), ("Order Reviewed", 60)], "steps")
        equal(r["steps"][0]["cases"], sum(p["lost"] for p in r["steps"]) + r["steps"][-1]["cases"], "nobody is left out")
        for k, step in enumerate(r["steps"]):
            equal(behind(s, question, f"step={k}", 100), step["customers"], f"step {k}")
            equal(behind(s, question, f"step={k}&lost=1", 100), step["lost_customers"], f"lost at {k}")
            for g in r["groups"]:
                equal(behind(s, question, f"step={k}&value={g['value']}", 100), g["steps"][k]["customers"], f"step {k} of {g['value']}")
        for own, field in (("steps=", "steps"), ("steps=Nope", "steps"), ("steps=Visit,,Visit", "steps"), ("steps=Visit&window=soon", "window"), ("steps=Visit&order=up", "order"),
                           ("steps=Visit&by=nope", "by"), ("steps=Visit?", "steps"), ("steps=Visit&exclude=Visit", "exclude")):
            got = s.roles["viewer"].ask("GET", f"/api/query/funnel?{own}")
            equal((got.status, got.json["field"]), (400, field), own)


def check_a_segment_narrows_every_question():
    with Server() as s:
        f = filled(s)
        viewer, rule = s.roles["viewer"], "rating%20of%20%22Order%20Delivered%22%20above%2060"
        fans = s.admin.ask("POST", "/api/segments/try", {"rule": "rating of 'Order Delivered' above ۶۰"}).json
        equal((fans["customers"], fans["of"], fans["text"]), (24, 60 + 500, 'rating of "Order Delivered" above 60'), "those who rated 4 or 5")
        assert len(fans["sample"]) == 10 and set(fans["sample"]) <= {f"u{i}" for i in range(60) if i % 5 in (3, 4)}, fans
        for segment in ("fans", rule, "in%20segment%20fans"):
            equal(viewer.ask("GET", f"/api/query/dfg?segment={segment}").json["customers"], 24, segment)
            equal(viewer.ask("GET", f"/api/maps/{f['map']}/measured?segment={segment}").json["total"]["customers"], 24, f"map, {segment}")
        equal(viewer.ask("GET", "/api/query/dfg?segment=not%20in%20segment%20fans").json["customers"], 536, "the others")
        equal(s.admin.ask("GET", "/api/segments/fans").json["customers"], 24, "its own count")
        saved = s.admin.ask("PUT", "/api/segments/fans", {"base_version": 1, "rule": "did 'Order Placed' and not rating below 30"}).json
        equal((saved["version"], saved["name"]), (2, {"en": "Fans"}), "a new version")
        equal(viewer.ask("GET", f"/api/maps/{f['map']}/measured?segment=fans").json["total"]["customers"], 36, "a changed rule answers at once")
        for query, status, value in (("nobody", 404, None), ("did%20%22x%22%20thne", 400, 8), ("carrier%20is%20%22x%22", 400, 0)):
            got = viewer.ask("GET", f"/api/query/dfg?segment={query}")
            equal((got.status, got.json["field"]), (status, "segment"), query)
            assert value is None or got.json["value"] == value, got
        for plan, at in (("free", 1), ("pro", 2)):
            s.client().ask("POST", "/v1/identify", {"userId": "u3", "messageId": plan, "timestamp": f"2026-03-0{3 - at}T10:00:00Z", "traits": {"plan": plan}}, basic(f["key"]))
        equal(s.admin.ask("POST", "/api/dimensions", {"property": "trait:plan"}).status, 200, "a trait is declared")
        s.caught_up()
        for rule, n in (("trait plan is pro", 1), ("trait plan is free", 0), ("trait plan is unknown", 559)):
            equal(s.admin.ask("POST", "/api/segments/try", {"rule": rule}).json["customers"], n, rule)
        got = s.admin.ask("POST", "/api/segments", {"name": {"en": "x"}, "rule": "did 'x' and"})
        equal((got.status, got.json["field"], got.json["value"]), (400, "rule", 11), "a place at the end")
        equal(s.admin.ask("DELETE", "/api/segments/fans").status, 204, "deleted")
        equal(viewer.ask("GET", "/api/query/dfg?segment=fans").status, 404, "and gone")


def check_the_people_of_cohorts_are_as_many_as_their_figures_say():
    with Server() as s:
        filled(s)
        for kind in ("classic", "rolling", "survival"):
            question = f"retention?period=day&kind={kind}&start=Order%20Placed"
            r = s.roles["viewer"].ask("GET", f"/api/query/{question}").json
            # Orders on the first, deliveries on the second, reviews on the third: which has not passed.
            equal([(h["start"], h["size"], h["active"], h["value"]) for h in r["cohorts"]], [("2026-03-01", 60, [60, 60], None)], kind)
            equal([(p["active"], p["size"], p["share"]["est"]) for p in r["curve"]], [(60, 60, 1), (60, 60, 1)], kind)
            for k, n in enumerate(r["cohorts"][0]["active"]):
                equal(behind(s, question, f"cohort={r['cohorts'][0]['start_ms']}&offset={k}", 25), n, f"{kind} {k}")
        r = s.roles["viewer"].ask("GET", "/api/query/retention?period=day&start=Order%20Placed&back=Order%20Delivered&origin=2026-02-28T12:00:00Z").json
        equal([(h["start"], h["size"], h["active"]) for h in r["cohorts"]], [("2026-02-28", 60, [0, 60])], "days from noon to noon")
        for own, field in (("period=year", "period"), ("kind=best", "kind"), ("start=Nope", "start"), ("back=Nope", "back"), ("origin=soon", "origin"), ("week_start=m", "week_start"),
                           ("weight=value", "weight"), ("weight=value&currency=EUR", "currency")):
            got = s.roles["viewer"].ask("GET", f"/api/query/retention?{own}")
            equal((got.status, got.json["field"]), (400, field), own)
        for figure, field in (("cohort=5&offset=0", "cohort"), ("offset=0", "cohort"), ("cohort=1772323200000&offset=2", "offset")):
            got = s.roles["agent"].ask("GET", f"/api/query/retention/people?period=day&{figure}")
            equal((got.status, got.json["field"]), (400, field), figure)


def check_the_people_of_a_lift_are_as_many_as_its_figures_say():
    with Server() as s:
        filled(s)
        for before in (0, 1):
            question = f"lift?outcome=Order%20Delivered&before={before}"
            r = s.roles["viewer"].ask("GET", f"/api/query/{question}").json
            equal((r["cases"], r["reached"]), (560, 60), "cases")
            rows = {t["name"]: t for t in r["touchpoints"]}
            equal(set(rows), {"Order Placed", "Visit"} | ({"Order Reviewed"} if not before else set()), "a review comes after the delivery")
            for name, t in rows.items():
                equal((t["cases"] + t["without"]["cases"], t["reached"] + t["without"]["reached"]), (560, 60), name)
                for reached, n in ((1, t["reached"]), (0, t["cases"] - t["reached"])):
                    equal(behind(s, question, f"name={name.replace(' ', '%20')}&reached={reached}", 500), n, f"{name} {reached}")
            equal((rows["Visit"]["diff"]["est"], rows["Visit"]["p_adjusted"] < 1e-9), (-1, True), "no visitor got anything")
        for own, field in (("outcome=Nope", "outcome"), ("", "outcome"), ("outcome=Visit&before=2", "before")):
            got = s.roles["viewer"].ask("GET", f"/api/query/lift?{own}")
            equal((got.status, got.json["field"]), (400, field), own)


def check_the_people_of_ways_repeats_and_deviations_are_as_many_as_their_figures_say():
    with Server() as s:
        key = s.source()[1]
        batch = []
        ways = (("Ordered", "Called", "Ordered", "Delivered"), ("Ordered", "Called", "Called", "Delivered"), ("Ordered", "Delivered"), ("Delivered", "Ordered"))
        for i in range(40):
            for k, event in enumerate(ways[i % 4]):
                batch.append({"type": "track", "userId": f"u{i}", "event": event, "messageId": f"e{i}-{k}", "timestamp": f"2026-03-{1 + k:02d}T10:00:00Z",
                              "properties": {"channel": ("web", "phone", "web", "store")[k]}})
        equal(s.client().ask("POST", "/v1/batch", {"batch": batch}, basic(key)).status, 200, "batch")
        s.caught_up()

        flow = s.admin.ask("GET", "/api/query/flow?activities=0.7&edges=0.5").json
        equal((flow["kept"]["activities"], flow["kept"]["of_activities"]), (2, 3), "activities kept")
        equal(sum(a["starts"] for a in flow["activities"]), flow["cases"], "starts")
        for a in flow["activities"]:
            equal(behind(s, "flow?activities=0.7&edges=0.5", f"activity={a['name']}"), a["customers"], a["name"])
        for e in flow["edges"]:
            equal(behind(s, "flow?activities=0.7&edges=0.5", f"edge_from={e['from']}&edge_to={e['to']}"), e["customers"], str(e))
        for e in s.admin.ask("GET", "/api/query/dfg").json["edges"]:
            equal(behind(s, "dfg?", f"edge_from={e['from']}&edge_to={e['to']}"), e["customers"], str(e))

        rework = s.admin.ask("GET", "/api/query/rework").json
        for a in rework["activities"]:
            equal(behind(s, "rework?", f"name={a['name']}"), a["repeated_customers"], a["name"])
            equal(a["repeats"], a["self_loops"] + sum(x["count"] for x in rework["loops"] if x["to"] == a["name"]), f"repeats of {a['name']}")
        for x in rework["loops"]:
            equal(behind(s, "rework?", f"loop_from={x['from']}&loop_to={x['to']}"), x["customers"], str(x))
        for x in rework["pingpong"]:
            equal(behind(s, "rework?", f"ping={x['a']}&pong={x['b']}"), x["customers"], str(x))
        assert rework["loops"] and rework["pingpong"], rework

        handovers = s.admin.ask("GET", "/api/query/handovers").json["handovers"]
        equal({(h["from"], h["to"]): h["count"] for h in handovers}, {("web", "phone"): 40, ("phone", "web"): 20, ("web", "store"): 20}, "hand-overs")
        for h in handovers:
            equal(behind(s, "handovers?", f"hand_from={h['from']}&hand_to={h['to']}"), h["customers"], str(h))

        waits = s.admin.ask("GET", "/api/query/bottlenecks?target=12h").json
        equal(sum(e["n"] for e in waits["edges"]), len(batch) - 40, "waits")
        assert abs(sum(e["share"] for e in waits["edges"]) - 1) < 1e-9 and waits["target_ms"] == 43200000, waits

        model = "model=%7B%22nodes%22%3A%5B%22Ordered%22%2C%22Delivered%22%5D%7D"
        conformance = s.admin.ask("GET", f"/api/query/conformance?{model}").json
        equal((conformance["cases"], conformance["fitting"]), (40, 10), "cases that fit")
        for d in conformance["deviations"]:
            equal(behind(s, f"conformance?{model}", f"activity={d['activity']}&deviation={d['kind']}"), d["customers"], str(d))
        equal(s.admin.ask("GET", "/api/query/conformance").status, 400, "neither a map nor a model")


def check_every_question_says_how_to_ask_it_again_and_comes_as_a_file():
    with Server() as s:
        f = filled(s)
        s.client().ask("POST", "/v1/track", {"userId": "=cmd|' /C calc'!A0", "event": "+Spaß, \"so\"", "messageId": "evil", "timestamp": "2026-03-01T09:00:00Z"}, basic(f["key"]))
        s.caught_up()
        table, admin, files = rows(s, {**f, "other": 0}), s.admin, 0
        for name, (method, path, operation) in operations(s).items():
            if not path.startswith("/api/query/") or "." in path:
                continue
            target = table[name][0]
            glue = "&" if "?" in target else "?"
            answer = admin.ask("GET", target).json
            if not path.endswith("/people"):
                assert answer["query"].startswith(f"safar query {path.split('/')[-1]}"), (target, answer["query"])
                equal(answer["arrival_end"] > 3 * 60, True, target)
            assert any(p["name"] == "format" for p in operation["parameters"]), path
            got = admin.ask("GET", f"{target}{glue}format=csv")
            equal((got.status, got.headers["content-type"], got.body[:3]), (200, "text/csv; charset=utf-8", b"\xef\xbb\xbf"), target)
            equal(got.headers["content-disposition"], f'attachment; filename="safar-{path[len("/api/query/"):].replace("/", "-")}.csv"', target)
            lines = list(csv.reader(io.StringIO(got.body[3:].decode(), newline="")))
            assert len(lines) > 0 and all(len(line) == len(lines[0]) for line in lines), (target, lines[:3])
            book = admin.ask("GET", f"{target}{glue}format=xlsx")
            equal(book.status, 200, f"{target} {book}")
            with zipfile.ZipFile(io.BytesIO(book.body)) as z:
                sheet = z.read("xl/worksheets/sheet1.xml").decode()
            assert "<f>" not in sheet and sheet.count("<row ") == (len(lines) if lines[0] else 0), target
            equal(admin.ask("GET", f"{target}{glue}format=pdf").json["field"], "format", target)
            files += 1
        assert files > 15, files
        got = admin.ask("GET", "/api/query/inventory?format=csv").body.decode("utf-8-sig")
        assert '"\'+Spaß, ""so"""' in got, got
        got = admin.ask("GET", "/api/query/dfg/people?activity=%2BSpa%C3%9F%2C%20%22so%22&format=csv").body.decode("utf-8-sig")
        equal(got, '"customer","first","last","events"\r\n"\'=cmd|\' /C calc\'!A0","2026-03-01T09:00:00.000Z","2026-03-01T09:00:00.000Z",1\r\n', "a customer's id")
        got = admin.ask("GET", "/api/query/funnel?steps=Order%20Placed,Order%20Delivered&by=channel&format=csv").body.decode("utf-8-sig").split("\r\n")
        equal([line.split(",")[0] for line in got[:5]], ['"name"', '"Order Placed"', '"Order Delivered"', '"Order Placed"', '"Order Delivered"'], "the funnel and its groups")
        assert got[0].endswith(',"value"') and got[1].endswith(",") and got[3].endswith(',"web"'), got
        got = admin.ask("GET", "/api/query/retention?period=day&start=Order%20Placed&format=csv").body.decode("utf-8-sig")
        equal(got, '"start","start_ms","size","active 0","active 1"\r\n"2026-03-01",1772323200000,60,60,60\r\n', "cohorts")
        asked = admin.ask("GET", "/api/query/funnel?steps=Order%20Placed%7CVisit,it%27s%3F&window=7d").json
        equal(asked["id"], "query.event", "no such step")
        asked = admin.ask("GET", "/api/query/funnel?steps=Order%20Placed%7CVisit&window=7d&lang=fa").json
        equal(asked["query"], "safar query funnel --steps 'Order Placed|Visit' --window 7d", "the command")


def check_scopes_are_checked_field_by_field():
    with Server() as s:
        f = filled(s)
        base = f"/api/maps/{f['map']}/measured"
        for query, field in (("from=yesterday", "from"), ("from=2026-03-02&to=2026-03-01", "to"), ("compare=both", "compare"), ("filter=channel", "filter"), ("filter=:x", "filter"),
                             ("version=x", "version"), ("lang=xx", "lang"), ("digits=9", "digits"), ("&".join(f"filter=channel:{i}" for i in range(9)), "filter")):
            got = s.roles["viewer"].ask("GET", f"{base}?{query}")
            assert got.status in (400, 413) and got.json["field"] == field, (query, got)
        equal(s.roles["viewer"].ask("GET", f"{base}?version=77").status, 404, "a version that is not there")
        for query in ("theme=pink", "scale=9", "interactive=2"):
            got = s.roles["viewer"].ask("GET", f"/api/maps/{f['map']}/drawing.png?{query}")
            equal((got.status, got.json["field"]), (400, query.split("=")[0]), query)
        day = s.roles["viewer"].ask("GET", f"{base}?from=2026-03-01&to=2026-03-02").json
        equal(day["scope"]["from_ms"], 1772323200000, "a day in UTC")
        s.admin.ask("PATCH", "/api/organisation", {"zone": "Asia/Tehran"})
        day = s.roles["viewer"].ask("GET", f"{base}?from=2026-03-01&to=2026-03-02").json
        equal(day["scope"]["from_ms"], 1772323200000 - 3 * 3600000 - 1800000, "a day in Tehran")


def check_a_stale_map_is_refused_and_both_versions_stay_readable():
    with Server() as s:
        f = filled(s)
        base, a = f"/api/maps/{f['map']}", s.roles["analyst"]
        document = a.ask("GET", base).json["document"]
        first = a.ask("GET", base + "/measured").json
        document["touchpoints"][0]["name"] = {"en": "Renamed"}
        equal(a.ask("PUT", base, {"base_version": 1, "document": document}).json, {"key": f["map"], "version": 2}, "saved")
        got = a.ask("PUT", base, {"base_version": 1, "document": document})
        equal((got.status, got.json["id"]), (409, "map.stale"), "stale")
        second = a.ask("GET", base + "/measured").json
        equal(second["touchpoints"][0]["name"], {"en": "Renamed"}, "read again at once")
        equal([t["entered"] for t in second["touchpoints"]], [t["entered"] for t in first["touchpoints"]], "the same history")
        old = a.ask("GET", base + "/measured?version=1").json
        equal((old["version"], old["newest"], old["touchpoints"][0]["name"]), (1, 2, first["touchpoints"][0]["name"]), "the old one")


def check_what_people_say_of_a_comment_wins_and_is_undone():
    with Server() as s:
        filled(s)
        a = s.roles["agent"]
        one = next(r for r in soon(a, "/api/feedback?commented=yes&limit=50", "feedback"))
        address = f"/api/feedback/{one['arrival']}/corrections"
        equal(one["heard"]["correction"], None, "nothing said")
        said = a.ask("POST", address, {"feeling": "negative", "add_topics": ["price", "staff"], "drop_topics": [], "chosen": "chance"}).json["heard"]
        equal((said["sentiment"], said["correction"]["feeling"], said["correction"]["added"], said["correction"]["author"]), (-1, "negative", ["price", "staff"], "agent"), "said")
        equal(said["correction"]["judged"], one["heard"]["sentiment"], "as it was read")
        added = [t for t in said["topics"] if t["key"] in ("price", "staff")]
        equal([(t["key"], t["sentiment"], t["added"], "from" in t) for t in added], [("price", -1, True, False), ("staff", -1, True, False)], "added topics")
        listed = {t["key"]: t["n"] for t in a.ask("GET", "/api/topics").json["topics"]}
        assert listed["staff"] >= 1, listed
        back = a.ask("POST", address, {"feeling": None, "drop_topics": ["price"]}).json["heard"]["correction"]
        equal((back["feeling"], back["added"], back["dropped"]), (None, ["staff"], []), "taken back")
        steps = a.ask("GET", address).json["steps"]
        equal([(x["chosen"], x["was"]["feeling"], x["is"]["feeling"]) for x in steps], [("hand", "negative", None), ("hand", None, "negative")], "nobody drew it, whatever is claimed")
        equal(a.ask("POST", address + "/undo", {"step": steps[1]["id"]}).status, 409, "not the newest")
        equal(a.ask("POST", address + "/undo", {"step": steps[0]["id"]}).json["heard"]["correction"]["added"], ["price", "staff"], "undone")
        for body, field in (({"feeling": "sad"}, "feeling"), ({"add_topics": ["no such"]}, "add_topics"), ({"feeling": "negative"}, ""), ({"drop_topics": "x"}, "drop_topics"), ({"feeling": "neutral", "chosen": "x"}, "chosen")):
            bad = a.ask("POST", address, body)
            equal((bad.status, bad.json["field"]), (400, field), str(body))
        equal(a.ask("POST", "/api/feedback/99999999/corrections", {"feeling": "neutral"}).status, 404, "no such comment")


def check_models_are_learned_told_and_not_put_to_use_when_worse():
    with Server() as s:
        filled(s)
        a, agent = s.roles["analyst"], s.roles["agent"]
        seen = a.ask("GET", "/api/models").json
        equal([x["lang"] for x in seen["languages"]], ["en", "ar", "fa"], "languages")
        assert all(x["name"].startswith("shipped-") and x["model"] is None for x in seen["languages"]), seen
        asked = soon(agent, "/api/models/doubtful?lang=en&limit=8", "queue")
        assert {x["chosen"] for x in asked} <= {"doubt", "chance"}, asked
        told = agent.ask("POST", f"/api/feedback/{asked[0]['arrival']}/corrections", {"feeling": "negative", "chosen": "chance"})
        equal(told.status, 200, "told")
        equal(agent.ask("GET", f"/api/feedback/{asked[0]['arrival']}/corrections").json["steps"][0]["chosen"], asked[0]["chosen"], "why it was looked at says the list")
        after = agent.ask("GET", "/api/models/doubtful?lang=en&limit=8").json
        assert asked[0]["arrival"] not in [x["arrival"] for x in after["queue"]], after
        equal(sum(x["n"] for x in after["taught"].values()), 1, "counted")
        job = a.ask("POST", "/api/models/train").json["job"]
        ended = finished(a, job)
        equal((ended["kind"], ended["state"], ended["share"]), ("training", "done", 1), str(ended))
        equal(set(ended["result"]), {"en", "ar", "fa"}, "result")
        # The same from the command line: nothing better was learned, so the shipped one stays.
        cli = lambda *words: subprocess.run([BINARY, "text", *words, "--data", s.data], capture_output=True, text=True, timeout=120)  # noqa: E731
        own = cli("train", "--own", "--json")
        equal((own.returncode, [x["lang"] for x in json.loads(own.stdout)["languages"]]), (0, ["en", "ar", "fa"]), own.stderr)
        equal([cli("use", "en", "shipped").returncode, cli("use", "en", "999").returncode, cli("use", "en", "x").returncode, cli("train", "--own", "--cost", "1").returncode], [0, 3, 2, 2], "use")
        changed = a.ask("PUT", "/api/models/labelling", {"rating": {"negative": 1, "positive": 5}}).json
        equal([x["used"] for x in changed["labelling"]["scales"]], [False, False, False, True], "scales")
        for body, field in (({"rating": {"negative": 4, "positive": 2}}, "labelling"), ({"nps": {"negative": 4}}, "nps")):
            bad = a.ask("PUT", "/api/models/labelling", body)
            equal((bad.status, bad.json["field"]), (400, field), str(body))
        equal(a.ask("PUT", "/api/models/use/en", {"model": None}).status, 200, "the shipped one")
        equal(a.ask("PUT", "/api/models/use/de", {"model": None}).status, 400, "no such language")
        equal(a.ask("PUT", "/api/models/use/en", {}).status, 400, "which?")
        worth = agent.ask("GET", "/api/topics").json["languages"]
        assert [x["feeling"] for x in worth[0]["counts"]] == ["negative", "neutral", "positive"] and worth[0]["counts"][0]["why"] == "few", worth


def check_the_inbox_finds_marks_and_keeps():
    with Server() as s:
        f = filled(s)
        a = s.roles["agent"]
        got = a.ask("GET", f"/api/feedback?text=COMM*%20comment&limit=7&map={f['map']}").json
        equal((got["total"], len(got["feedback"]), got["counts"]["feedback"]), (60, 7, 60), "comments")
        seen, cursor = [r["arrival"] for r in got["feedback"]], got["next"]
        while cursor:
            page = a.ask("GET", f"/api/feedback?text=comment&limit=7&cursor={cursor}").json
            equal(page["total"], None, "counted once")
            seen, cursor = seen + [r["arrival"] for r in page["feedback"]], page["next"]
        equal((len(seen), len(set(seen))), (60, 60), "pages")
        one = got["feedback"][0]
        equal([one["comment"][x:y] for x, y in one["marks"]], ["comment"], "marks")
        equal(one["score"]["of_100"], 25 * (one["score"]["value"] - 1), "score")
        assert one["touchpoint"] in [t["key"] for t in f["document"]["touchpoints"]], one
        equal(a.ask("GET", "/api/feedback?score_max=0").json["total"], 12, "the unhappiest")
        address = f"/api/feedback/{one['arrival']}"
        changed = a.ask("PATCH", address, {"state": "done", "assigned": "agent", "add_tags": ["late", "vip"], "drop_tags": ["vip"]}).json
        equal((changed["state"], changed["assigned"]), ("done", "agent"), "changed")
        equal(a.ask("GET", "/api/feedback?state=done&assigned=agent&tag=late").json["total"], 1, "found by it")
        for body, field in (({"state": "gone"}, "state"), ({"add_tags": [""]}, "add_tags"), ({"add_tags": "late"}, "add_tags")):
            bad = a.ask("PATCH", address, body)
            equal((bad.status, bad.json["field"]), (400, field), str(body))
        equal(a.ask("POST", address + "/notes", {"text": "called them"}).json["notes"][0]["text"], "called them", "note")
        equal(s.admin.ask("POST", "/api/feedback/rebuild").status, 204, "rebuilt")
        for _ in range(100):
            again = a.ask("GET", "/api/feedback?tag=late").json
            if again["lag_events"] == 0:
                break
            time.sleep(0.05)
        equal((again["total"], again["counts"]["feedback"]), (1, 60), "what people did is kept")
        for bad, field in (("text=-x", "text"), ("state=odd", "state"), ("cursor=x", "cursor"), ("touchpoint=x", "map"), ("score_max=low", "score_max")):
            refused = a.ask("GET", "/api/feedback?" + bad)
            equal((refused.status, refused.json["field"]), (400, field), bad)


def check_a_follow_up_is_opened_answered_and_closed():
    with Server() as s:
        f = filled(s)
        a, n = s.roles["agent"], s.roles["analyst"]
        key = f["key"]
        equal(n.ask("PUT", "/api/units/settings", {"unit": "iran", "country": "IR", "responsible": "agent", "lang": "fa"}).json["in_force"]["zone"], "UTC", "the whole organisation")
        equal(n.ask("GET", "/api/units/settings?unit=iran/tehran").json["in_force"]["zone"], "Asia/Tehran", "below")
        for body, field in (({"unit": "x", "country": "ZZ"}, "country"), ({"unit": "x", "zone": "Mars/One"}, "zone"), ({"unit": "x", "hours": {"days": []}}, "hours"), ({"unit": "x", "mail": "x"}, "mail")):
            got = n.ask("PUT", "/api/units/settings", body)
            equal((got.status, got.json["field"]), (400, field), str(body))
        rule = {"name": {"en": "Unhappy"}, "score": {"at_most": 25}, "words": ["refund"], "due_hours": 4}
        tried = n.ask("POST", "/api/follow-up-rules/try", {"rule": {**rule, "words": ["comment"]}, "from_ms": 0}).json
        equal((tried["feedback"], tried["would_open"], len(tried["samples"])), (60, 24, 10), "tried on history")
        equal(n.ask("POST", "/api/follow-up-rules", {"rule": rule}).status, 201, "rule")
        equal(n.ask("POST", "/api/follow-up-rules", {"rule": {"name": {"en": "x"}}}).json["field"], "score", "an empty rule")
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        who = {"type": "identify", "userId": "c1", "messageId": "i1", "timestamp": now, "traits": {"email": "c1@example.com"}}
        said = {"type": "track", "event": "Survey", "userId": "c1", "messageId": "s1", "timestamp": now, "properties": {"score": 1, "comment": "I want a refund", "unit": "iran/tehran"}}
        equal(s.client().ask("POST", "/v1/batch", {"batch": [who, said, {**said, "userId": "c2", "messageId": "s2"}]}, basic(key)).status, 200, "batch")
        for _ in range(100):
            got = a.ask("GET", "/api/follow-ups?responsible=me").json["follow_ups"]
            if len(got) == 2:
                break
            time.sleep(0.05)
        equal([(x["rule_name"], x["unit"], x["state"], x["of_100"]) for x in got], [({"en": "Unhappy"}, "iran/tehran", "open", 0)] * 2, "opened")
        one = next(x for x in got if x["customer"] == "c1")
        address = f"/api/follow-ups/{one['id']}"
        equal(a.ask("POST", f"/api/follow-ups/{next(x['id'] for x in got if x['customer'] == 'c2')}/reply", {"text": "sorry"}).json["id"], "reply.address", "nobody knows where")
        s.caught_up()
        equal(a.ask("POST", address + "/reply", {"text": "sorry"}).json["id"], "outbox.channel", "no mail yet")
        equal(a.ask("PATCH", address, {"state": "closed"}).json["field"], "outcome", "closed without an outcome")
        equal(a.ask("PATCH", address, {"state": "gone"}).json["field"], "state", "no such state")
        equal(a.ask("POST", address + "/notes", {"text": "called"}).status, 201, "note")
        closed = a.ask("PATCH", address, {"state": "closed", "outcome": "solved", "cause": "courier"}).json
        equal([x["what"] for x in closed["steps"]], ["opened", "untold", "note", "cause", "outcome", "state"], "steps")
        equal(a.ask("GET", f"/api/feedback/{one['arrival']}").json["state"], "done", "the feedback")
        equal(len(a.ask("GET", "/api/follow-ups?responsible=me&state=open,doing").json["follow_ups"]), 1, "left")
        first = a.ask("GET", "/api/follow-ups?limit=1").json
        second = a.ask("GET", f"/api/follow-ups?limit=1&cursor={first['next']}").json
        equal([x["state"] for x in first["follow_ups"] + second["follow_ups"]] + [second["next"]], ["open", "closed", None], "pages")
        sums = s.roles["viewer"].ask("GET", "/api/follow-ups/summary?unit=iran").json
        equal((sums["opened"], sums["open"], sums["closed"], sums["outcomes"]["solved"]), (2, 1, 1, 1), "summary")


def check_a_report_is_seen_and_goes_out_in_three_languages():
    with Server() as s:
        f = filled(s)
        n = s.roles["analyst"]
        for lang, direction, heading in (("en", "ltr", "What changed, and what did not"), ("ar", "rtl", "ما تغيّر وما لم يتغيّر"), ("fa", "rtl", "چه دگرگون شد و چه نشد")):
            page = n.ask("GET", f"/api/reports/preview?map={f['map']}&lang={lang}&at=2026-03-10T12:00:00Z")
            equal((page.status, page.headers["content-type"]), (200, "text/html; charset=utf-8"), lang)
            text = page.body.decode()
            assert f'<html lang="{lang}" dir="{direction}">' in text and heading in text and "comment " in text, text
        for body, field in (({"address": "x"}, "address"), ({"lang": "de"}, "lang"), ({"role": "boss"}, "role")):
            got = n.ask("POST", "/api/reports", {"map": f["map"], "address": "a@example.com", "lang": "en", **body})
            equal((got.status, got.json["field"]), (400, field), str(body))
        equal(n.ask("POST", "/api/reports", {"map": "none", "address": "a@example.com", "lang": "en"}).status, 404, "no such map")
        made = n.ask("POST", "/api/reports", {"map": f["map"], "address": "a@example.com", "lang": "fa"}).json["id"]
        equal(n.ask("POST", f"/api/reports/{made}/send").json["id"], "outbox.channel", "no mail yet")
        equal(s.admin.ask("PUT", "/api/outbox/channels/post", {"kind": "folder", "medium": "email", "enabled": True}).status, 200, "a channel")
        equal(n.ask("POST", f"/api/reports/{made}/send").status, 204, "sent")
        for _ in range(200):
            letters = [os.path.join(s.data, "outbox", "post", x) for x in (os.listdir(os.path.join(s.data, "outbox", "post")) if os.path.isdir(os.path.join(s.data, "outbox", "post")) else []) if x.endswith(".eml")]
            if letters:
                break
            time.sleep(0.05)
        letter = email.message_from_binary_file(open(letters[0], "rb"), policy=email.policy.default)
        parts = {p.get_content_type(): p for p in letter.walk()}
        assert parts["application/pdf"].get_content().startswith(b"%PDF"), letter
        assert 'dir="rtl"' in parts["text/html"].get_content() and letter["To"] == "a@example.com", letter["To"]
        listed = n.ask("GET", "/api/reports").json["reports"]
        equal([(r["id"], r["role"], r["lang"]) for r in listed], [(made, "lead", "fa")], "listed")
        assert listed[0]["next_ms"] > time.time() * 1000, listed
        equal(n.ask("DELETE", f"/api/reports/{made}").status, 204, "gone")


def check_drawings_are_what_they_say_and_are_not_sent_twice():
    with Server() as s:
        f = filled(s)
        base, v = f"/api/maps/{f['map']}", s.roles["viewer"]
        svg = v.ask("GET", base + "/drawing.svg?lang=en&theme=light")
        assert svg.body.lstrip().startswith(b"<svg") or svg.body.startswith(b"<?xml"), svg
        assert "sandbox" in svg.headers["content-security-policy"] and svg.headers["content-type"] == "image/svg+xml"
        assert v.ask("GET", base + "/drawing.png?scale=1").body.startswith(b"\x89PNG")
        assert v.ask("GET", base + "/drawing.pdf").body.startswith(b"%PDF")
        again = v.ask("GET", base + "/drawing.svg?lang=en&theme=light", headers={"If-None-Match": svg.headers["etag"]})
        equal((again.status, again.body), (304, b""), "the same again")
        # A flow's links carry the names that the answer itself has; a page asks for it without a head.
        flow = v.ask("GET", f"/api/query/flow?map={f['map']}").json
        page = v.ask("GET", f"/api/query/flow.svg?map={f['map']}&interactive=1")
        equal(page.headers["content-type"], "image/svg+xml", "type")
        for a in flow["activities"]:
            assert f'data-activity="{a["name"]}"'.encode() in page.body, a
        equal(page.body.count(b"data-from="), len(flow["edges"]), "a link for each path")
        assert b'id="head"' not in page.body and b"font-face" not in page.body
        whole = v.ask("GET", f"/api/query/flow.svg?map={f['map']}")
        assert b'id="head"' in whole.body and b"font-face" in whole.body and b"data-from" not in whole.body
        assert v.ask("GET", "/api/query/flow.png?scale=1").body.startswith(b"\x89PNG")
        assert v.ask("GET", "/api/query/flow.pdf").body.startswith(b"%PDF")
        asked = "steps=Order%20Placed,Order%20Delivered&window=7d"
        steps = v.ask("GET", f"/api/query/funnel?{asked}").json["steps"]
        drawn = v.ask("GET", f"/api/query/funnel.svg?{asked}&interactive=1").body
        equal(drawn.count(b" data-step="), len(steps) + sum(x["lost"] > 0 for x in steps), "a link for each step and fall")
        cohorts = v.ask("GET", "/api/query/retention?period=day").json["cohorts"]
        drawn = v.ask("GET", "/api/query/retention.svg?period=day&interactive=1").body
        equal(drawn.count(b" data-cohort="), sum(len(x["active"][:31]) for x in cohorts[-30:]), "a link for each cell")
        equal(v.ask("GET", "/api/query/flow.svg?theme=pink").json["field"], "theme", "field at fault")


if __name__ == "__main__":
    sys.exit(main(globals()))
