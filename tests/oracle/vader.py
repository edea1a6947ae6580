"""The slow twin of src/text/vader.c: VADER's rules as docs/methods/text-vader.md says them, over Python's strings.

Words are found by dictionaries and slices, the lexicon is the one that its authors released. The lists of words that
raise, lower and negate are read from vader.c: they are data that both share; what is compared is the rules.
"""
import math
import os
import re
import string

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BOOST, CAPITALS, NEGATED = 0.293, 0.733, -0.74
FADING = (1, 0.95, 0.9)
IDIOMS = {
    "the shit": 3, "the bomb": 3, "bad ass": 1.5, "bus stop": 0, "yeah right": -2,
    "kiss of death": -1.5, "to die for": 3, "beating heart": 3.1, "broken heart": -2.9,
}  # fmt: skip

with open(os.path.join(ROOT, "src", "text", "vader.c"), encoding="utf-8") as f:
    SOURCE = f.read()


def words_of(table):
    return set(re.findall(r'"([^"]+)"', re.search(r"\b" + table + r"\[\] = \{(.*?)\};", SOURCE, re.S).group(1)))


RAISING, LOWERING, NEGATIONS = words_of("raising"), words_of("lowering") | words_of("lowering_pairs"), words_of("negations")


def lexicon(text):
    """Word to mean valence, of the released vader_lexicon.txt."""
    cells = [line.strip().split("\t") for line in text.rstrip("\n").split("\n")]
    return {c[0]: float(c[1]) for c in cells if len(c) > 1}


def boost(word):
    return BOOST if word in RAISING else -BOOST if word in LOWERING else 0


def negates(word):
    return word in NEGATIONS or "n't" in word or ("'" in word and word.replace("'", "") in NEGATIONS)


class Text:
    def __init__(self, text, known):
        stripped = [(w, w.strip(string.punctuation)) for w in text.split()]
        self.words = [w if len(bare) <= 2 else bare for w, bare in stripped]
        self.small = [w.lower() for w in self.words]
        capitals = sum(w.isupper() for w in self.words)
        self.some_capitals = 0 < capitals < len(self.words)
        self.text, self.known = text, known

    def run(self, start, end):
        return " ".join(self.small[max(start, 0) : max(end, 0)])

    def shouted(self, i):
        return self.some_capitals and self.words[i].isupper()

    def no_before(self, i):
        s = self.small
        return "no" in s[max(i - 2, 0) : i] or (i > 2 and s[i - 3] == "no" and s[i - 1] in ("or", "nor"))

    def turned(self, i, back, v):
        """A negation `back` words before word i, or "never so" and "without doubt", which are none."""
        s, before = self.small, self.small[i - back]
        between = s[i - back + 1 : i]
        so = back == 3 and s[i - 1] in ("so", "this")
        if (back > 1 and before == "never" and {"so", "this"} & set(between)) or so:
            return v * 1.25
        if back > 1 and before == "without" and "doubt" in between:
            return v
        return v * NEGATED if negates(before) else v

    def idioms(self, i, v):
        for start, end in ((i - 1, i + 1), (i - 2, i + 1), (i - 2, i), (i - 3, i), (i - 3, i - 1)):
            if self.run(start, end) in IDIOMS:
                v = IDIOMS[self.run(start, end)]
                break
        for end in (i + 2, i + 3):
            if end <= len(self.small):
                v = IDIOMS.get(self.run(i, end), v)
        return v + sum(boost(self.run(*span)) for span in ((i - 3, i), (i - 3, i - 1), (i - 2, i)))

    def valence(self, i):
        s = self.small
        if boost(s[i]) or self.run(i, i + 2) == "kind of" or s[i] not in self.known:
            return 0.0
        v = self.known[s[i]]
        if s[i] == "no" and i + 1 < len(s) and s[i + 1] in self.known:
            v = 0.0
        if self.no_before(i):
            v = self.known[s[i]] * NEGATED
        if self.shouted(i):
            v += math.copysign(CAPITALS, v if v else -1)
        for back in (1, 2, 3):
            if i < back or s[i - back] in self.known:
                continue
            more = math.copysign(1, -1 if v < 0 else 1) * boost(s[i - back])
            if more and self.shouted(i - back):
                more += math.copysign(CAPITALS, v if v else -1)
            v = self.turned(i, back, v + more * FADING[back - 1])
            if back == 3:
                v = self.idioms(i, v)
        if i > 0 and s[i - 1] == "least" and "least" not in self.known and self.run(i - 2, i - 1) not in ("at", "very"):
            v *= NEGATED
        return v

    def compound(self):
        valences = [self.valence(i) for i in range(len(self.words))]
        if not valences:
            return 0.0
        if "but" in self.small:
            at = self.small.index("but")
            for v in list(valences):
                first = valences.index(v)  # the slip that is kept: a value is looked for from the beginning
                valences[first] = v * (0.5 if first < at else 1.5 if first > at else 1)
        asked = self.text.count("?")
        marks = min(self.text.count("!"), 4) * 0.292 + (0 if asked < 2 else asked * 0.18 if asked <= 3 else 0.96)
        total = sum(valences)
        total += marks if total > 0 else -marks if total < 0 else 0
        return total / math.sqrt(total * total + 15)
