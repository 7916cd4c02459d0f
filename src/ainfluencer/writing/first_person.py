"""“Mira keeps a logbook” as “I keep a logbook”: only where the grammar is certain, else nothing."""

from __future__ import annotations

import re

_VERBS = {
    "is": "am", "was": "was", "has": "have", "had": "had", "does": "do", "goes": "go", "can": "can", "will": "will", "would": "would",
    "isn't": "am not", "doesn't": "don't", "hasn't": "haven't", "never": "never", "always": "always", "still": "still", "often": "often",
    "studies": "study", "carries": "carry", "tries": "try", "worries": "worry", "teaches": "teach", "watches": "watch", "fixes": "fix",
    "catches": "catch", "wishes": "wish", "misses": "miss", "mixes": "mix", "washes": "wash", "stitches": "stitch", "sketches": "sketch",
}  # fmt: skip
_REGULAR = frozenset(
    [
        "keeps",
        "loves",
        "likes",
        "hates",
        "lives",
        "works",
        "plays",
        "runs",
        "writes",
        "reads",
        "collects",
        "knows",
        "speaks",
        "believes",
        "cooks",
        "bakes",
        "paints",
        "draws",
        "sings",
        "dances",
        "swims",
        "surfs",
        "climbs",
        "hikes",
        "travels",
        "grows",
        "makes",
        "builds",
        "repairs",
        "restores",
        "drinks",
        "eats",
        "sleeps",
        "dreams",
        "prefers",
        "enjoys",
        "owns",
        "wears",
        "designs",
        "codes",
        "photographs",
        "records",
        "tells",
        "thinks",
        "hopes",
        "wants",
        "needs",
        "owes",
        "trusts",
        "remembers",
        "forgets",
        "spends",
        "starts",
        "walks",
        "rides",
        "drives",
        "sails",
        "fishes",
        "trains",
        "practices",
        "practises",
        "gardens",
        "knits",
        "sews",
        "forages",
        "studied",
        "learned",
        "worked",
        "moved",
        "left",
        "grew",
        "lost",
        "found",
        "spent",
        "built",
        "opened",
        "started",
        "came",
        "inherited",
        "taught",
        "fell",
        "met",
        "gave",
        "wrote",
        "made",
        "kept",
        "served",
        "sailed",
        "trained",
        "took",
        "became",
        "returned",
        "refuses",
        "says",
        "calls",
        "names",
        "leaves",
        "returns",
        "hums",
        "whistles",
        "mends",
        "guards",
        "hunts",
        "treats",
        "answers",
        "asks",
        "listens",
        "counts",
        "carves",
        "brews",
        "roasts",
        "pours",
    ]
)
_PAST = frozenset(["studied", "learned", "worked", "moved", "left", "grew", "lost", "found", "spent", "built", "opened", "started", "came", "inherited", "taught", "fell", "met", "gave", "wrote", "made", "kept", "served", "sailed", "trained", "took", "became", "returned"])  # fmt: skip
_ADVERBS = frozenset(
    ["never", "always", "still", "often", "also", "usually", "sometimes", "rarely", "secretly", "once", "only"]
)
_AFTER_OBJECT_HER = re.compile(
    r"\bher(?=\s*(?:[.,;:!?]|$|\b(?:to|for|with|and|at|in|on|from|by|a|an|the|that|when|if|as|what|how|is|was)\b))",
    re.IGNORECASE,
)


def first_person(sentence: str, name: str) -> str | None:
    """The sentence in the first person, or None when it is not surely about the character.

    Only sentences that begin with the name or “she/he/they”, go on with a verb of the list, and have no second person
    in them are turned. English only.
    """
    if re.match(r"^I(?:'m|’m|'ve|’ve|'ll|’ll)?\s", sentence):
        return sentence
    subject, rest, pronoun = _subject(sentence, name)
    if not subject:
        return None
    turned = _predicate(rest)
    if turned is None:
        return None
    turned = _pronouns(turned, pronoun)
    if re.search(
        rf"\b(?:its|itself|she|he|him|herself|himself|{re.escape(name.split(maxsplit=1)[0])})\b", turned, re.IGNORECASE
    ):
        return None
    return f"I {turned}"


def _subject(sentence: str, name: str) -> tuple[str, str, str]:
    first = name.split(maxsplit=1)[0] if name.split() else name
    matched = re.match(rf"^({re.escape(name)}|{re.escape(first)}|She|He)(?:,[^,]{{1,60}},)?\s+(.+)$", sentence)
    if not matched:
        return "", "", ""
    said = matched[1].lower()
    body = f" {matched[2].lower()} "
    if said in {"she", "he"}:
        pronoun = said
    elif re.search(r"\b(?:she|her|hers)\b", body):
        pronoun = "she"
    elif re.search(r"\b(?:he|his|him)\b", body):
        pronoun = "he"
    else:
        pronoun = ""
    return matched[1], matched[2], pronoun


def _predicate(rest: str) -> str | None:
    words = rest.split()
    lead = []
    while words and words[0].lower() in _ADVERBS:
        lead.append(words.pop(0))
    if not words:
        return None
    verb = _first(words[0])
    if verb is None:
        return None
    words[0] = verb
    # “She paints and sells pots”: the second verb must turn as well, and only a known one is certain.
    for i in range(1, len(words) - 1):
        if words[i] in {"and", "but", "or"} and words[i + 1].lower().rstrip(",.") in _REGULAR | set(_VERBS):
            words[i + 1] = _first(words[i + 1]) or words[i + 1]
        elif words[i] in {"and", "but"} and re.fullmatch(r"[a-z]{4,}s", words[i + 1]) and words[i - 1].endswith(","):
            return None
    return " ".join([*lead, *words])


def _first(word: str) -> str | None:
    low, tail = re.match(r"^([\w'’]+)(.*)$", word).groups() if re.match(r"^[\w'’]", word) else ("", "")  # type: ignore[union-attr]
    low = low.lower().replace("’", "'")
    if low in _VERBS:
        return _VERBS[low] + tail
    if low in _PAST:
        return low + tail
    if low in _REGULAR:
        return (low[:-2] if low.endswith(("shes", "ches", "sses", "xes")) else low[:-1]) + tail
    return None


def _pronouns(text: str, pronoun: str) -> str:
    if pronoun == "she":
        text = re.sub(r"\bherself\b", "myself", text)
        text = re.sub(r"\bhers\b", "mine", text)
        text = _AFTER_OBJECT_HER.sub("me", text)
        text = re.sub(r"\bher\b", "my", text)
    elif pronoun == "he":
        text = re.sub(r"\bhimself\b", "myself", text)
        text = re.sub(r"\bhim\b", "me", text)
        text = re.sub(r"\bhis\b", "my", text)
    if pronoun:
        text = re.sub(rf"\b{pronoun} (\w+)", _clause, text)
    return text


def _clause(matched: re.Match[str]) -> str:
    verb = _first(matched[1])
    return f"I {verb}" if verb else matched[0]
