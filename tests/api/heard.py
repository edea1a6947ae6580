#!/usr/bin/env python3
"""What is heard in comments, where it is used: the inbox is filtered by it, and counts stand beside each choice."""
import http.client
import sys
import time
import urllib.parse

from collect import basic
from server import Server, equal, main

COMMENTS = [
    ("en", "The courier was late and rude, terrible delivery."), ("en", "Delivery was fast and the courier was friendly, I love it."),
    ("en", "The price is too high, but the courier was very nice."), ("en", "The app crashes all the time, awful."),
    ("ar", "التوصيل تأخر كثيرا والمندوب سيئ جدا"), ("ar", "السعر ممتاز والجودة رائعة، شكرا لكم"), ("ar", "التطبيق بطيء وسيئ"),
    ("fa", "پیک خیلی دیر رسید و بی‌ادب بود، افتضاح"), ("fa", "قیمت عالی بود و کیفیت خیلی خوب، ممنون"), ("fa", "اپلیکیشن خیلی کند است و مدام خراب می‌شود"),
    ("", "The courier never arrived, very bad."), ("", "بسیار عالی بود، از ارسال سریع ممنونم"), ("", "12345"),
]


def send(s, key, rows, tag="m"):
    """rows of (lang, comment, score or None, unit)."""
    batch = []
    for i, (lang, comment, score, unit) in enumerate(rows):
        more = {"comment": comment, **({"comment_lang": lang} if lang else {}), **({"score": score} if score else {}), **({"unit": unit} if unit else {})}
        batch.append({"type": "track", "userId": f"{tag}{i}", "event": "Order Delivered", "messageId": f"{tag}-{i}",
                      "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60)), "properties": more})
    equal(s.client().ask("POST", "/v1/batch", {"batch": batch}, basic(key)).status, 200, "batch")


def heard_all(s, n):
    """Waits until n comments are read."""
    for _ in range(400):
        if s.admin.ask("GET", "/api/topics").json["comments"] == n:
            return
        time.sleep(0.05)
    raise AssertionError(f"not {n} comments are read")


def filled(s, times=3):
    _, key = s.source()
    rows = [(lang, text, 1 + k % 5, "iran/tehran" if lang == "fa" else "saudi") for k in range(times) for lang, text in COMMENTS]
    send(s, key, rows)
    heard_all(s, len(rows))
    return key


def third(x):
    return "none" if x is None else "negative" if x < -1 / 3 else "positive" if x > 1 / 3 else "neutral"


def rows_of(client, question=""):
    got = client.ask("GET", f"/api/feedback?limit=200&{urllib.parse.quote(question, safe='=&,')}")
    equal(got.status, 200, f"{question} {got}")
    equal(got.json["total"], len(got.json["feedback"]), "all on one page")
    return got.json["feedback"]


def feels_of(row, key):
    """Means of the parts that speak of a topic, as they are kept."""
    parts = [t["sentiment"] for t in row["heard"]["topics"] if t["key"] == key and t["sentiment"] is not None]
    return sum(parts) / len(parts) if parts else None


def says(row, key):
    return any(t["key"] == key for t in row["heard"]["topics"])


def ids(rows):
    return sorted(r["arrival"] for r in rows)


def check_the_inbox_is_filtered_by_what_was_heard():
    with Server() as s:
        filled(s)
        a = s.roles["agent"]
        rows = rows_of(a)
        equal(len(rows), 3 * len(COMMENTS), "all")
        if not {"delivery", "price", "app"} <= {t["key"] for r in rows for t in r["heard"]["topics"]}:
            raise AssertionError(f"topics: { {t['key'] for r in rows for t in r['heard']['topics']} }")
        for key in ("delivery", "price", "app"):
            equal(ids(rows_of(a, f"topic={key}")), ids(r for r in rows if says(r, key)), key)
        equal(ids(rows_of(a, "topic=delivery,app")), ids(r for r in rows if says(r, "delivery") or says(r, "app")), "one of two topics")
        for feeling in ("negative", "neutral", "positive", "none"):
            equal(ids(rows_of(a, f"sentiment={feeling}")), ids(r for r in rows if third(r["heard"]["sentiment"]) == feeling), feeling)
        unhappy = [r for r in rows if says(r, "delivery") and third(feels_of(r, "delivery")) == "negative"]
        equal(ids(rows_of(a, "topic=delivery&sentiment=negative")), ids(unhappy), "delivery, and that part is unhappy")
        mixed = next(r for r in rows if r["comment"].startswith("The price is too high"))
        assert mixed["arrival"] in ids(rows_of(a, "topic=delivery&sentiment=positive")), "the part on the courier is happy"
        assert mixed["arrival"] not in ids(rows_of(a, "topic=price&sentiment=positive")), "the part on the price is not"
        for lang in ("en", "ar", "fa"):
            equal(ids(rows_of(a, f"lang={lang}")), ids(r for r in rows if (r["lang"] or r["heard"]["lang"]) == lang), lang)
        equal(ids(rows_of(a, "topic=delivery&lang=fa&score_max=30&text=پیک")), ids(r for r in rows if says(r, "delivery") and r["heard"]["lang"] == "fa" and r["score"]["of_100"] <= 30 and r["comment"].startswith("پیک")), "with all else")
        equal(rows_of(a, "topic=none-such"), [], "no such topic")
        got = a.ask("GET", "/api/feedback?sentiment=sad")
        equal((got.status, got.json["id"], got.json["field"]), (400, "inbox.sentiment", "sentiment"), "no such feeling")


def check_counts_beside_each_choice_are_what_it_would_leave():
    with Server() as s:
        filled(s)
        a = s.roles["agent"]
        for question in ("", "topic=delivery", "sentiment=negative", "topic=delivery&sentiment=negative&lang=en", "text=courier", "unit=iran", "policy=policy-branch"):
            got = a.ask("GET", f"/api/feedback/heard?{question}").json
            asked = dict(p.split("=") for p in question.split("&") if p)
            for what, param in (("topics", "topic"), ("policies", "policy"), ("sentiments", "sentiment"), ("langs", "lang")):
                others = {k: v for k, v in asked.items() if k != param}
                for one in got[what]:
                    choice = "&".join(f"{k}={v}" for k, v in {**others, param: one["key"]}.items())
                    equal(len(rows_of(a, choice)), one["n"], f"{question}: {choice}")
        if not any(x["n"] for x in a.ask("GET", "/api/feedback/heard").json["topics"]):
            raise AssertionError("no topic is counted")


def rule(name, **parts):
    return {"name": {"en": name}, **parts}


def check_rules_by_topic_feeling_word_and_unit_take_what_the_inbox_finds():
    with Server() as s:
        filled(s)
        a, n = s.roles["agent"], s.roles["analyst"]
        for parts, question in (
            ({"topics": ["delivery"]}, "topic=delivery"),
            ({"topics": ["delivery", "app"]}, "topic=delivery,app"),
            ({"feelings": ["negative"]}, "sentiment=negative&commented=yes"),
            ({"feelings": ["none"]}, "sentiment=none&commented=yes"),
            ({"topics": ["delivery"], "feelings": ["positive"]}, "topic=delivery&sentiment=positive"),
            ({"topics": ["delivery"], "feelings": ["negative"], "unit": "iran"}, "topic=delivery&sentiment=negative&unit=iran"),
            ({"topics": ["price"], "score": {"at_most": 30}, "lang": "fa"}, "topic=price&score_max=30&lang=fa"),
        ):
            tried = n.ask("POST", "/api/follow-up-rules/try", {"rule": rule("x", **parts)}).json
            equal((tried["feedback"], tried["would_open"]), (3 * len(COMMENTS), len(rows_of(a, question))), question)
        either = {"topics": ["price"], "feelings": ["negative"], "match": "any"}
        tried = n.ask("POST", "/api/follow-up-rules/try", {"rule": rule("x", **either)}).json
        equal(tried["would_open"], len(set(ids(rows_of(a, "topic=price")) + ids(rows_of(a, "sentiment=negative")))), "one is enough")
        # Words by their stems, in three languages: none of these forms stands in a comment as it is written here.
        for word, begins in (("deliveries", ("Delivery", "The courier was late")), ("couriers", ("The courier", "Delivery", "The price")), ("السعران", ("السعر",)), ("اپلیکیشن‌ها", ("اپلیکیشن",)), ("قیمت‌های", ("قیمت",))):
            tried = n.ask("POST", "/api/follow-up-rules/try", {"rule": rule("x", words=[word])}).json
            want = [r for r in rows_of(a) if r["comment"].startswith(begins)]
            equal(tried["would_open"], len(want), word)
        for parts, field in (({"topics": "delivery"}, "topics"), ({"feelings": ["sad"]}, "feelings"), ({}, "score")):
            got = n.ask("POST", "/api/follow-up-rules", {"rule": rule("x", **parts)})
            equal((got.status, got.json["field"]), (400, field), str(parts))


def check_a_rule_by_topic_opens_what_arrives_and_is_closed_on_time():
    with Server() as s:
        key = filled(s, times=1)
        a, n = s.roles["agent"], s.roles["analyst"]
        n.ask("PUT", "/api/units/settings", {"unit": "", "zone": "UTC", "hours": {"days": [[0, 1440]] * 7, "holidays": False}, "responsible": "agent"})
        made = n.ask("POST", "/api/follow-up-rules", {"rule": rule("Late couriers", topics=["delivery"], feelings=["negative"], words=["late"], unit="saudi", due_hours=4), "enabled": True})
        equal(made.status, 201, str(made))
        fresh = [("en", "The courier was very late, terrible.", None, "saudi/riyadh")] * 6 + [
            ("en", "The courier was very late, terrible.", None, "iran"), ("en", "The delivery was early, I love the courier.", None, "saudi"),
            ("en", "The app was late to load, terrible.", None, "saudi")]
        send(s, key, fresh, tag="n")
        heard_all(s, len(COMMENTS) + len(fresh))
        for _ in range(200):
            got = a.ask("GET", "/api/follow-ups?limit=50").json["follow_ups"]
            if len(got) >= 6:
                break
            time.sleep(0.05)
        equal([(x["unit"], x["state"], x["responsible"]) for x in got], [("saudi/riyadh", "open", "agent")] * 6, "opened")
        for x in got[:5]:
            equal(a.ask("PATCH", f"/api/follow-ups/{x['id']}", {"state": "closed", "outcome": "solved"}).status, 200, "closed")
        sums = n.ask("GET", "/api/follow-ups/summary").json
        equal((sums["opened"], sums["closed"], sums["overdue"], sums["on_time"]["n"], sums["on_time"]["est"]), (6, 5, 0, 5, 1), "on time")
        if not sums["on_time"]["lo"] < 0.6:
            raise AssertionError(f"five of five tell little: {sums['on_time']}")


def check_what_arrives_is_announced_and_found_by_its_topic():
    with Server() as s:
        key = filled(s, times=1)
        a = s.roles["agent"]
        stream = http.client.HTTPConnection("127.0.0.1", s.port, timeout=20)
        stream.request("GET", "/api/feedback/events", headers={"Host": f"127.0.0.1:{s.port}", "Cookie": a.cookie})
        news = stream.getresponse()
        equal(news.status, 200, "stream")
        send(s, key, [("en", "The parcel came wet, the courier just laughed.", None, "saudi")], tag="n")
        # Whoever asks again after each word of news finds it, without asking in between.
        for line in news:
            if not line.startswith(b"data:"):
                continue
            rows = rows_of(a, "topic=delivery&text=laughed")
            if rows:
                break
        equal([r["comment"] for r in rows], ["The parcel came wet, the courier just laughed."], "found by its topic")
        stream.close()


def fit(pairs):
    """Least squares of scores on feelings: at zero, slope, r2."""
    n = len(pairs)
    mx, my = sum(x for x, _ in pairs) / n, sum(y for _, y in pairs) / n
    xx, xy, yy = (sum(f(x - mx, y - my) for x, y in pairs) for f in (lambda x, _: x * x, lambda x, y: x * y, lambda _, y: y * y))
    return my - xy / xx * mx, xy / xx, xy * xy / (xx * yy)


def check_comments_without_a_score_are_a_signal_that_is_switched_on():
    with Server() as s:
        _, key = s.source()
        rated = [("en", text, score, None) for k in range(60) for text, score in (("The courier was late and rude, terrible.", 1 + k % 2), ("I love it, great service.", 4 + k % 2), ("The courier was awful.", 1), ("Wonderful, thank you.", 5))]
        bare = [("en", text, None, None) for k in range(10) for text in ("The courier was terrible.", "Great, I love it.", "Awful service, never again.")]
        send(s, key, rated, tag="r")
        heard_all(s, len(rated))
        s.caught_up()
        made = s.admin.ask("POST", "/api/maps/propose", {"filters": []}).json["document"]
        name = s.admin.ask("POST", "/api/maps", {"document": made}).json["key"]
        send(s, key, bare, tag="b")
        heard_all(s, len(rated) + len(bare))
        s.caught_up()
        v = s.roles["viewer"]
        cell = lambda m: next(p for p in m["touchpoints"] if p["comments"])
        off = v.ask("GET", f"/api/maps/{name}/measured").json
        equal((off["comments"]["counted"], [x["signal"] for x in cell(off)["signals"]]), (False, ["rating"]), "off until asked for")
        on = v.ask("GET", f"/api/maps/{name}/measured?comments=yes").json
        rows, cursor = [], ""
        while cursor is not None:
            page = s.roles["agent"].ask("GET", f"/api/feedback?limit=200{'&cursor=' + cursor if cursor else ''}").json
            rows, cursor = rows + page["feedback"], page["next"]
        at_zero, slope, r2 = fit([(r["heard"]["sentiment"], r["score"]["of_100"]) for r in rows if r["score"]])
        k = on["comments"]
        equal((k["counted"], k["calibrated"], k["pairs"]), (True, True, len(rated)), "calibrated")
        for got, want, what in ((k["at_zero"], at_zero, "at zero"), (k["slope"], slope, "slope"), (k["r2"], r2, "r2")):
            if abs(got - want) > 0.02 * max(1, abs(want)):
                raise AssertionError(f"{what}: {got}, by hand {want}")
        mine = {x["signal"]: x for x in cell(on)["signals"]}
        equal((mine["sentiment"]["n"], mine["sentiment"]["customers"]), (len(bare), len(bare)), "only those without a score")
        want = [min(100, max(0, at_zero + slope * r["heard"]["sentiment"])) for r in rows if not r["score"]]
        if abs(mine["sentiment"]["mean"] - sum(want) / len(want)) > 0.1 or not mine["sentiment"]["lo"] < mine["sentiment"]["mean"] < mine["sentiment"]["hi"]:
            raise AssertionError(f"mean: {mine['sentiment']}, by hand {sum(want) / len(want)}")
        if not 0 < mine["sentiment"]["share"] < mine["rating"]["share"] or abs(mine["sentiment"]["share"] + mine["rating"]["share"] - 1) > 1e-9:
            raise AssertionError(f"shares: {mine}")
        equal(v.ask("GET", f"/api/maps/{name}/measured?comments=maybe").status, 400, "yes or no")


if __name__ == "__main__":
    sys.exit(main(globals()))
