#!/usr/bin/env python3
"""Makes pii.tsv: comments with a mail address, phone, card, IBAN or national id in them, and comments with other
numbers. One line each: what it is ("none" for nothing to mask), the thing itself as written, the comment. Seeded: the
same bytes each time. No number is a person's: they are made here, those with check digits to be valid.
usage: pii.py > pii.tsv
"""
import random
import sys

rng = random.Random(1404)


def digits(n):
    return "".join(rng.choice("0123456789") for _ in range(n))


def luhn(head):
    for check in "0123456789":
        total = 0
        for i, c in enumerate(reversed(head + check)):
            d = int(c) * (2 if i % 2 else 1)
            total += d - 9 if d > 9 else d
        if total % 10 == 0:
            return head + check


def melli():
    head = digits(9)
    rest = sum(int(c) * (10 - i) for i, c in enumerate(head)) % 11
    return head + str(rest if rest < 2 else 11 - rest)


def iban(country, tail):
    number = "".join(str(int(c, 36)) for c in tail + country + "00")
    return f"{country}{98 - int(number) % 97:02d}{tail}"


def grouped(text, sizes, sep):
    out, at = [], 0
    for n in sizes:
        out.append(text[at : at + n])
        at += n
    return sep.join(out + ([text[at:]] if at < len(text) else []))


def in_script(text):
    table = rng.choice(["0123456789", "0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "۰۱۲۳۴۵۶۷۸۹"])
    return "".join(table[int(c)] if c.isascii() and c.isdigit() else c for c in text)


def phone():
    n = "9" + rng.choice("01239") + digits(8)
    s = "5" + digits(8)
    return rng.choice([
        lambda: "0" + n,
        lambda: grouped("0" + n, [4, 3, 4], rng.choice([" ", "-", ".", " - "])),
        lambda: grouped("0" + n, [4, 3, 2, 2], rng.choice([" ", "-"])),
        lambda: "+98" + n,
        lambda: "+98 " + grouped(n, [3, 3, 4], " "),
        lambda: "0098" + n,
        lambda: "98" + n,
        lambda: "0" + rng.choice(["21", "31", "51", "26"]) + "-" + rng.choice("2345678") + digits(7),
        lambda: "(021) " + grouped(rng.choice("2468") + digits(7), [4, 4], " "),
        lambda: "0" + s,
        lambda: grouped("0" + s, [3, 3, 4], rng.choice([" ", "-"])),
        lambda: "+966" + s,
        lambda: "+966 " + grouped(s, [2, 3, 4], " "),
        lambda: "00966" + s,
        lambda: "966" + s,
        lambda: "+971 5" + rng.choice("0246") + " " + grouped(digits(7), [3, 4], " "),
        lambda: "01" + rng.choice("0125") + digits(8),
        lambda: "07" + rng.choice("789") + digits(7),
        lambda: "+1 (415) " + digits(3) + "-" + digits(4),
        lambda: "(212) 5" + digits(2) + "-" + digits(4),
        lambda: "+44 7" + digits(3) + " " + digits(6),
        lambda: "07" + digits(3) + " " + digits(6),
        lambda: "+49 170 " + digits(7),
        lambda: "0" + n[:3] + "\u200c" + n[3:],
    ])()


def card():
    c = luhn(rng.choice(["603799", "610433", "589210", "627353", "502229", "639346", "4", "51", "2221"]).ljust(6, "7") + digits(9))
    return rng.choice([c, grouped(c, [4, 4, 4], " "), grouped(c, [4, 4, 4], "-"), grouped(c, [4, 4, 4], " - ")])


def amex():
    return grouped(luhn("3" + rng.choice("47") + digits(12)), [4, 6], rng.choice(["", " ", "-"]))


def account():
    i = rng.choice([
        lambda: iban("IR", "0" + digits(21)),
        lambda: iban("SA", digits(2) + digits(18)),
        lambda: iban("AE", "03" + digits(17)),
        lambda: iban("DE", digits(18)),
        lambda: iban("GB", "NWBK" + digits(14)),
        lambda: iban("KW", "CBKU" + digits(22)),
    ])()
    return rng.choice([lambda: i, lambda: i.lower(), lambda: grouped(i, [4] * 8, " ").strip(), lambda: grouped(i, [4] * 8, "-").strip("-"),
                       lambda: i[2:] if i.startswith("IR") else i])()


def national_id():
    m = melli()
    return rng.choice([m, m, grouped(m, [3, 6], "-"), luhn(rng.choice("12") + digits(8)), luhn("784" + str(rng.randint(1950, 2010)) + digits(7))])


def mail():
    name = rng.choice(["ali", "sara.ahmadi", "m_rezaei", "noura-otaibi", "john+home", "Fatima", "info", "x.y.z", "k99"]) + rng.choice(["", digits(2), digits(4)])
    host = rng.choice(["gmail.com", "yahoo.com", "mail.example.org", "shop.ir", "stc.com.sa", "ex-ample.co.uk", "Hotmail.COM", "du.ae"])
    return name + "@" + host


AROUND = {
    "phone": ["call me on {} please", "Phone: {}", "my number is {}, nobody rang back", "شماره من {} است", "لطفا با {} تماس بگیرید", "تلفن:{}",
              "رقمي {} ولم يتصل أحد", "اتصلوا على {} من فضلكم", "جوال {}", "شماره{} را ثبت کنید", "{}", "يرجى التواصل ({})", "whatsapp {} thanks!"],
    "card": ["paid with {} and was charged twice", "کارت {} دو بار کم شد", "بطاقتي {} خصم منها مرتين", "card no. {}.", "شماره کارت: {}", "{}", "رقم البطاقة {}، شكرا"],
    "iban": ["refund to {} please", "شبا: {}", "الآيبان {} لو سمحتم", "my IBAN is {}.", "{}", "به حساب {} واریز کنید"],
    "id": ["my national id is {}", "کد ملی من {} است", "رقم الهوية {}", "id: {}", "{}", "الهوية: {}، شكرا", "با کدملی {} ثبت نام کردم"],
    "mail": ["write to {} please", "ایمیل من {} است", "بريدي {} ولم يصل شيء", "Mail:{}.", "<{}>", "{}", "ایمیلم{}هست", "({})"],
}
MAKE = {"phone": phone, "card": lambda: rng.choice([card, card, amex])(), "iban": account, "id": national_id, "mail": mail}
COUNT = {"phone": 240, "card": 100, "iban": 100, "id": 100, "mail": 100}


def date():
    y, m, d = rng.randint(2019, 2026), rng.randint(1, 12), rng.randint(1, 28)
    return rng.choice([f"{d:02d}/{m:02d}/{y}", f"{y}-{m:02d}-{d:02d}", f"{d:02d}.{m:02d}.{y}", f"{d:02d}-{m:02d}-{y}", f"{y - 621}/{m:02d}/{d:02d}", f"{y}-{m:02d}-{d:02d} {rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"])


def price():
    n = rng.randint(1, 99_999_999)
    return rng.choice([f"{n:,}", f"{n}", f"{n / 100:,.2f}", f"{n // 1000}.000", f"{n}$", f"{n:,} تومان", f"{n} ریال", f"{n // 100} ر.س"])


NONE = [
    (lambda: digits(rng.randint(5, 8)), ["order {} never came", "سفارش {} نرسید", "الطلب رقم {} لم يصل", "ticket #{}", "فاکتور {}"]),
    (lambda: digits(rng.choice([9, 10, 12])).lstrip("0") or "1", ["order number {} is missing", "کد پیگیری {} جواب نداد", "رقم الشحنة {} خطأ", "tracking {}"]),
    (lambda: "ORD-" + digits(rng.randint(6, 10)), ["{} is wrong", "سفارش {}", "الطلب {}"]),
    (lambda: "AB" + digits(9) + "CN", ["parcel {}", "مرسوله {}"]),
    (date, ["on {} I waited", "در {} سفارش دادم", "يوم {} طلبت", "from {} to " + "2024-05-01"]),
    (price, ["it cost {}", "قیمت {} بود", "دفعت {}", "{} is too much"]),
    (lambda: f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}", ["at {}", "ساعت {}", "الساعة {}"]),
    (lambda: str(rng.randint(1, 5)) + "/5", ["{} stars", "{} میدم"]),
    (lambda: ".".join(str(rng.randint(1, 254)) for _ in range(4)), ["from {}", "version {}"]),
    (lambda: f"{rng.randint(1, 20)} {rng.randint(100, 999)} {rng.randint(100, 999)}", ["about {} people", "حدود {} نفر"]),
    (lambda: "iPhone " + str(rng.randint(5, 15)), ["my {} broke", "گوشی {} خراب شد"]),
    (lambda: "@shop_" + digits(2), ["thanks {} team", "meet @ 5 {}"]),
    (lambda: f"{rng.randint(1, 9)}x{rng.randint(1, 9)} {rng.randint(100, 999)}x{rng.randint(100, 999)}", ["size {}", "ابعاد {}"]),
]


def main():
    for kind, n in COUNT.items():
        for _ in range(n):
            thing = MAKE[kind]()
            if kind != "mail":
                thing = in_script(thing)
            print(kind, thing, rng.choice(AROUND[kind]).format(thing), sep="\t")
    for i in range(360):
        make, around = NONE[i % len(NONE)]
        thing = in_script(make())
        print("none", thing, rng.choice(around).format(thing), sep="\t")


if __name__ == "__main__":
    sys.exit(main())
