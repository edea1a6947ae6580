#!/usr/bin/env python3
"""Praise reaches the person it is for: names in three scripts, two with one name, mail, what each may see, and that nothing of it
outlives the customer or the colleague."""
import email
import email.policy
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from care import cli, cli_json, say  # noqa: E402
from outbox import Loop, Smtp, mail_channel, until  # noqa: E402
from server import PASSWORD, Server, equal, main  # noqa: E402


def restart(s):
    s.kill()
    s.start()
    for client in (s.admin, *s.roles.values()):
        client.port = s.port


def colleague(s, name, *spellings, **more):
    got = s.admin.ask("POST", "/api/colleagues", {"name": name, "spellings": list(spellings), **more})
    equal(got.status, 201, str(got))
    return max(k["id"] for k in got.json["colleagues"])


def glad(s, key, who, comment, unit="", n=1):
    say(s, key, who, n, score=5, comment=comment, unit=unit)


def thanked(s):
    """(customer, colleague, held) of what was found, when all that came is looked at."""
    s.caught_up()
    end = s.admin.ask("GET", "/api/feedback?limit=200").json["feedback"]
    return sorted((f["customer"], p["name"], p["held"]) for f in end for p in f["praise"])


def expect(s, want):
    until(lambda: thanked(s) == sorted(want))
    time.sleep(0.6)
    equal(thanked(s), sorted(want), "praise")


def check_names_are_found_in_three_scripts_and_only_when_glad():
    with Server() as s:
        key = s.source()[1]
        glad(s, key, "early", "Sara was wonderful, thank you so much!")
        s.caught_up()
        until(lambda: s.admin.ask("GET", "/api/feedback").json["total"] == 1)
        sara = colleague(s, "Sara", "سارة", "سارا", unit="saudi", login="agent")
        colleague(s, "Ali Rezaei", "علی رضایی", "علي رضائي")
        said = [
            ("en", "SARA was wonderful, thank you so much!", ""),
            ("own", "Sara's help was excellent, I love it.", "saudi/riyadh"),
            ("ar", "شكرا لساره، الخدمة ممتازة ورائعة", ""),
            ("fa", "سارا عالی بود، خیلی ممنون", ""),
            ("full", "علي رضايي عالی بود، خیلی ممنونم", ""),
            ("sad", "Sara was terrible and rude, awful.", ""),
            ("part", "The Sahara tour was wonderful, thank you so much!", ""),
            ("first", "Ali was wonderful, thank you so much!", ""),
            ("away", "Sara was wonderful, thank you so much!", "uae/dubai"),
        ]
        for who, comment, unit in said:
            glad(s, key, who, comment, unit)
        want = [("en", "Sara", False), ("own", "Sara", False), ("ar", "Sara", False), ("fa", "Sara", False), ("full", "Ali Rezaei", False)]
        expect(s, want)
        words = {f["customer"]: [p["words"] for p in f["praise"]] for f in s.admin.ask("GET", "/api/feedback").json["feedback"]}
        equal((words["en"], words["ar"], words["full"], words["early"]), (["SARA"], ["لساره"], ["علي رضايي"], []), "words as they were written")
        # What is looked at again after a restart brings nothing new, and what came before a colleague was known stays as it was.
        restart(s)
        expect(s, want)
        # People know better than the program, both ways.
        arrival = {f["customer"]: f["arrival"] for f in s.admin.ask("GET", "/api/feedback").json["feedback"]}
        equal(s.admin.ask("POST", f"/api/feedback/{arrival['sad']}/corrections", {"feeling": "positive"}).json["praise"][0]["colleague"], sara, "glad after all")
        equal(s.admin.ask("POST", f"/api/feedback/{arrival['en']}/corrections", {"feeling": "negative"}).json["praise"], [], "meant otherwise")
        step = s.admin.ask("GET", f"/api/feedback/{arrival['en']}/corrections").json["steps"][0]["id"]
        equal(len(s.admin.ask("POST", f"/api/feedback/{arrival['en']}/corrections/undo", {"step": step}).json["praise"]), 1, "taken back")


def check_a_name_of_two_is_held_until_somebody_says_who():
    with Loop() as loop, Server() as s:
        smtp = Smtp(loop)
        mail_channel(s, smtp)
        key = s.source()[1]
        one = colleague(s, "Sara Ahmadi", "Sara", "سارا", mail="ahmadi@example.com", lang="fa")
        two = colleague(s, "Sara Karimi", "Sara", "سارا", mail="karimi@example.com", lang="ar")
        colleague(s, "Omar", unit="saudi", mail="omar@example.com")
        glad(s, key, "both", "Sara was wonderful, thank you so much!")
        glad(s, key, "longer", "Sara Karimi was wonderful, thank you so much!")
        glad(s, key, "nobody", "سارا عالی بود، خیلی ممنون")
        glad(s, key, "three", "Sara and Omar were wonderful, thank you so much!", "saudi")
        held = [("both", "Sara Ahmadi", True), ("both", "Sara Karimi", True), ("nobody", "Sara Ahmadi", True), ("nobody", "Sara Karimi", True),
                ("three", "Sara Ahmadi", True), ("three", "Sara Karimi", True)]
        sure = [("longer", "Sara Karimi", False), ("three", "Omar", False)]
        expect(s, held + sure)
        until(lambda: len(smtp.mails) == 2)
        equal(sorted(to for to, _ in smtp.mails), ["karimi@example.com", "omar@example.com"], "only those who are meant")
        arrival = {f["customer"]: f["arrival"] for f in s.admin.ask("GET", "/api/feedback").json["feedback"]}
        ask = s.roles["agent"].ask
        equal(ask("POST", f"/api/feedback/{arrival['longer']}/praise", {"colleague": two}).json["id"], "praise.unknown", "nothing to say")
        equal(ask("POST", f"/api/feedback/{arrival['both']}/praise", {"colleague": "x"}).status, 400, "no number")
        equal([p["name"] for p in ask("POST", f"/api/feedback/{arrival['both']}/praise", {"colleague": one}).json["praise"]], ["Sara Ahmadi"], "that one")
        equal(ask("POST", f"/api/feedback/{arrival['nobody']}/praise", {"colleague": None}).json["praise"], [], "none")
        cli(s, "praise", "settle", str(arrival["three"]), str(two))
        until(lambda: len(smtp.mails) == 4)
        subjects = {}
        for to, data in smtp.mails:
            mail = email.message_from_bytes(data, policy=email.policy.default)
            text = mail.get_body(("plain",)).get_content()
            assert "wonderful" in text and "/praise" in text, text
            subjects.setdefault(to, mail["Subject"])
        equal(subjects, {"ahmadi@example.com": "قدردانی از \u2068Sara Ahmadi\u2069", "karimi@example.com": "ثناء على \u2068Sara Karimi\u2069", "omar@example.com": "Praise for Omar"}, "each in the own language")
        restart(s)
        expect(s, sure + [("both", "Sara Ahmadi", False), ("three", "Sara Karimi", False)])
        time.sleep(0.5)
        equal(len(smtp.mails), 4, "each once")
        # The customer's words in the mail go with the customer.
        equal(len(s.admin.ask("GET", "/api/customers/longer/export").json["messages"]), 1, "the mail is in the export")
        receipt = s.admin.ask("POST", "/api/customers/longer/erase", {"confirm": "longer"}).json
        counts = {e["kind"]: e["n"] for e in receipt["erased"]}
        equal((receipt["state"], counts["messages"], counts["praise"]), ("done", 1, 1), "erased")


def check_each_sees_what_is_theirs():
    with Server() as s:
        key = s.source()[1]
        mine, other = colleague(s, "Sara", login="viewer"), colleague(s, "Omar", unit="uae")
        for i in range(5):
            glad(s, key, f"c{i}", "Omar was wonderful, thank you so much!", "uae/dubai")
        glad(s, key, "d", "Sara was wonderful, thank you so much!", "saudi")
        expect(s, [(f"c{i}", "Omar", False) for i in range(5)] + [("d", "Sara", False)])
        viewer, analyst = s.roles["viewer"].ask, s.roles["analyst"].ask
        own = viewer("GET", "/api/praise").json["praise"]
        equal([(p["name"], p["comment"], p["unit"]) for p in own], [("Sara", "Sara was wonderful, thank you so much!", "saudi")], "the own list")
        for of in ("team", str(other), str(mine)):
            equal(viewer("GET", f"/api/praise?of={of}").json["id"], "praise.denied", of)
        equal(viewer("GET", "/api/praise?of=x").status, 400, "of whom")
        equal(analyst("GET", "/api/praise").json["praise"], [], "is no colleague")
        equal(len(analyst("GET", "/api/praise?of=team").json["praise"]), 6, "the team")
        first = analyst("GET", "/api/praise?of=team&limit=4").json
        rest = analyst("GET", f"/api/praise?of=team&limit=4&cursor={first['next']}").json
        equal((len(first["praise"]), len(rest["praise"]), rest["next"]), (4, 2, None), "pages")
        equal({c["name"]: c["n"] for c in analyst("GET", "/api/praise/counts").json["colleagues"]}, {"Omar": 5, "Sara": None}, "one is too few to tell others")
        equal({c["name"]: c["n"] for c in s.admin.ask("GET", "/api/praise/counts").json["colleagues"]}, {"Omar": 5, "Sara": 1}, "administrators")
        equal({c["name"]: c["n"] for c in s.admin.ask("GET", "/api/praise/counts?to=2001-01-01").json["colleagues"]}, {"Omar": 0, "Sara": 0}, "of a time")
        made = s.admin.ask("POST", "/api/users", {"login": "lead", "name": "Lead", "role": "analyst", "password": PASSWORD, "unit": "saudi"})
        equal(made.status, 201, str(made))
        lead = s.client().sign_in("lead").ask
        equal([p["name"] for p in lead("GET", "/api/praise?of=team").json["praise"]], ["Sara"], "of the own unit")
        equal(lead("GET", "/api/colleagues").json["colleagues"], [], "nobody of the own unit")
        equal([c["name"] for c in lead("GET", "/api/praise/counts").json["colleagues"]], ["Sara"], "who may be meant there")


def check_the_list_is_kept_with_care():
    with Server() as s:
        key = s.source()[1]
        for body, word in (({"name": " "}, "colleague.name"), ({"name": "x" * 201}, "colleague.size"), ({"name": "A", "mail": "no"}, "colleague.mail"),
                           ({"name": "A", "lang": "de"}, "colleague.lang"), ({"name": "A", "spellings": ["b"] * 21}, "inbox.texts")):
            equal(s.admin.ask("POST", "/api/colleagues", body).json["id"], word, str(body)[:60])
        cli(s, "colleague", "new", "Sara", "--spellings", "سارا,سارة", "--unit", "saudi", "--mail", "sara@example.com", "--lang", "fa")
        row = cli_json(s, "colleague", "list")["colleagues"][0]
        equal((row["spellings"], row["unit"], row["mail"], row["lang"]), (["سارا", "سارة"], "saudi", "sara@example.com", "fa"), "kept")
        one = str(row["id"])
        glad(s, key, "ann", "Sara was wonderful, thank you so much!")
        expect(s, [("ann", "Sara", False)])
        cli(s, "colleague", "set", one, "Sara A", "--spellings", "Sara")
        row = cli_json(s, "colleague", "list")["colleagues"][0]
        equal((row["name"], row["spellings"], row["unit"], row["mail"]), ("Sara A", ["Sara"], "", ""), "what is not said is forgotten")
        assert "Sara A" in cli(s, "praise", "list", "--of", "team") and "Sara A" in cli(s, "praise", "counts")
        equal(cli_json(s, "praise", "counts")["colleagues"][0]["n"], 1, "counts")
        # Of the customer: shown, erased.
        export = s.admin.ask("GET", "/api/customers/ann/export").json
        equal([(p["colleague"], p["words"]) for p in export["praise"]], [("Sara A", "Sara")], "the export")
        receipt = s.admin.ask("POST", "/api/customers/ann/erase", {"confirm": "ann"}).json
        equal({e["kind"]: e["n"] for e in receipt["erased"]}["praise"], 1, "the receipt")
        equal(s.admin.ask("GET", "/api/praise?of=team").json["praise"], [], "erased")
        # Of the colleague.
        glad(s, key, "bob", "Sara was wonderful, thank you so much!")
        expect(s, [("bob", "Sara A", False)])
        cli(s, "colleague", "delete", one)
        equal((thanked(s), cli_json(s, "colleague", "list")["colleagues"]), ([], []), "deleted with the praise")
        cli(s, "colleague", "delete", one, fails=3)


if __name__ == "__main__":
    sys.exit(main({k: v for k, v in globals().items() if getattr(v, "__module__", None) == "__main__"}))
