"""“Mira keeps a logbook” as “I keep a logbook”: only where the grammar is certain, else nothing."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from ainfluencer.writing import dialogue

_IRREGULAR = {
    "is": "am", "was": "was", "has": "have", "had": "had", "does": "do", "goes": "go", "can": "can", "cannot": "cannot", "could": "could",
    "will": "will", "would": "would", "should": "should", "may": "may", "might": "might", "must": "must",
    "isn't": "am not", "doesn't": "don't", "hasn't": "haven't", "won't": "won't", "can't": "can't", "wasn't": "wasn't", "didn't": "didn't",
    "hadn't": "hadn't", "wouldn't": "wouldn't", "couldn't": "couldn't", "did": "did",
}  # fmt: skip
_PAST_FORMS = """
left grew lost found spent built came taught fell met gave wrote made kept took became began knew saw went told said thought brought
felt heard held led sold ran swore stood stole won wore woke sought fought fled fed drew drove chose caught bought broke bore understood
"""
_PAST = frozenset(_PAST_FORMS.split())
_NOUN_FORMS = """
rules works plans dreams hopes fears loves looks needs masks plays walks rides runs talks cooks records studies guards hunts touches travels views
visits stops starts shows signs sketches designs drinks ends fights fishes guides hides judges jokes notes orders paints parts patrols points
questions races rests returns risks searches senses shelters shops shouts smiles smokes stands stares steps stitches stores struggles supports
tastes tests thanks trades trains treats trusts turns types uses values ventures watches waves whispers wishes wonders calls names cares charms
checks climbs comforts costs covers curses dances debates desires doubts draws drops dresses drives falls flees follows forms gains gambles glances
greets hikes holds hugs kicks knocks lands laughs leads lies likes limits links locks marks matches meets moves murmurs orders presents promises
pulls pushes regrets reserves respects rewards roasts roles schemes secures seeks sets shares shines shoots sighs sleeps smells songs sounds spells
stays strikes studies surprises swears sweeps switches swims tales tells thinks throws ties tracks travels tricks twists urges uses wants warns ways
"""
_ALSO_NOUNS = frozenset(_NOUN_FORMS.split())
_FOLLOWS_A_NOUN = re.compile(
    r"^(?:$|(?:of|in|on|at|for|from|with|by|and|or|but|to|that|which|who|as|when|while|are|were|is)\b)", re.IGNORECASE
)
_ADVERBS = frozenset(
    ["never", "always", "still", "often", "also", "usually", "sometimes", "rarely", "secretly", "once", "only", "now", "then", "just", "even"]
)  # fmt: skip
_AFTER_OBJECT_HER = re.compile(
    r"\bher(?=\s*(?:[.,;:!?—–]|$|\b(?:to|for|with|and|or|but|at|in|on|from|by|of|into|through|a|an|the|that|this|when|while|if|as|than|what|how|why|where|who|is|was"
    r"|apart|away|back|down|up|off|out|over|around|about|alone|again|too|so|because|before|after|until|very|more|most|some|any|no|nothing|everything)\b))",
    re.IGNORECASE,
)
_OBJECT_HIS = re.compile(r"\bhis(?=\s*(?:[.,;:!?]|$))", re.IGNORECASE)
_PROVES_A_VERB = re.compile(
    r"^(?:an?|the|my|his|her|its|their|your|to|it|him|them|myself|herself|himself|every|any|nothing|everything|as if|late|early|hard|alone|together|constantly|quietly|\w+ing)\b",
    re.IGNORECASE,
)
_SOMEBODY_ELSE = {
    "she": r"\b(?:mother|sister|daughter|wife|girlfriend|aunt|niece|grandmother|queen|princess|goddess|woman|girl|lady)\b",
    "he": r"\b(?:father|brother|son|husband|boyfriend|uncle|nephew|grandfather|king|prince|god|man|boy)\b",
}
_HIS_OWN = re.compile(r"^(?:is|was|has been|will be) (?:an? |the )?(?:[\w-]+ ){0,6}?$")
_OF_ANOTHER = re.compile(
    r"(?<!those)(?<!people)(?<!anyone)(?<!everyone)(?<!others) (?:who|whose) (?:(?:has|had|is|was|\w+ly) )*\w+ (?:my|me|myself|mine)\b"
)
"""“A mage who has dedicated his life” has no good first person."""
_POSSESSIVE = {"she": r"\bher\b", "he": r"\bhis\b"}
GENDERS = {"female": "she", "male": "he"}


@cache
def verbs() -> frozenset[str]:
    """English verbs in the form of “she keeps”."""
    return frozenset(_third(word) for word in _bases())


_HELPING = frozenset(
    [
        "am",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "have",
        "has",
        "had",
        "do",
        "does",
        "did",
        "can",
        "could",
        "will",
        "would",
        "shall",
        "should",
        "may",
        "might",
        "must",
        "let",
        "got",
        "need",
    ]
)
_NO_PAST = frozenset(
    ["sacred", "wicked", "hundred", "indeed", "naked", "rugged", "ragged", "crooked", "beloved", "exceed"]
)
_SHORT_FORM = re.compile(r"['’](?:m|re|s|ve|ll|d)\b|n['’]t\b", re.IGNORECASE)


@cache
def _bases() -> frozenset[str]:
    return frozenset((Path(__file__).parent / "words" / "verbs.txt").read_text("utf-8").split())


def has_verb(text: str) -> bool:
    """Whether an English text has any verb that we know; other languages always do."""
    words = re.findall(r"[a-z]+", text.lower())
    if not text.isascii() and sum(c.isascii() for c in text) < 0.9 * len(text):
        return True
    return bool(_SHORT_FORM.search(text)) or any(
        w in _HELPING
        or w in _PAST
        or w in _bases()
        or w in verbs()
        or (w.endswith("ed") and len(w) > 4 and w not in _NO_PAST)
        for w in words
    )


def _third(verb: str) -> str:
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else f"{verb}s"


def first_person(sentence: str, name: str, gender: str = "") -> str | None:
    """The sentence as the character would say it, or None where it is not certain that it is about the character.

    Only sentences that begin with the name or “she/he”, or with what belongs to them (“Ada's garden is …”), are turned,
    and only when no third person is left over. English only.
    """
    if re.match(r"^I(?:'m|’m|'ve|’ve|'ll|’ll|'d|’d)?\s", sentence):
        return None if _names(name).search(sentence) else sentence
    intro, main = _intro(sentence, name)
    subject, rest, is_owner = _subject(main, name)
    pronoun = _pronoun(subject, rest, gender)
    told = rest if is_owner else _predicate(rest)
    if not subject or told is None or _speaks_of_another(told, pronoun):
        return None
    owner = "my" if is_owner else "I"
    turned = f"{_pronouns(intro, pronoun)}{owner if intro else owner.capitalize()} {_pronouns(told, pronoun)}"
    return None if _has_third_person(turned) or _names(name).search(turned) or _OF_ANOTHER.search(turned) else turned


def _has_third_person(text: str) -> bool:
    """Whether somebody is left over who could be the character: “they” only where nothing in the plural stands before."""
    if re.search(r"\b(?:its|itself|she|he|him|her|his|hers|herself|himself|themselves)\b", text, re.IGNORECASE):
        return True
    they = re.search(r"\b(?:they|their|them)\b", text, re.IGNORECASE)
    return bool(they) and not re.search(r"\b\w+s\b", text[: they.start()]) if they else False


def _intro(sentence: str, name: str) -> tuple[str, str]:
    """“At 34, she …” as “At 34, ” and “She …”; the introduction must name nobody."""
    matched = re.match(
        r"^([A-Z][^,;:.!?]{2,70},\s+|More than [\w ]{4,24} (?=she|he))((?:she|he|her|his)\b.+)$", sentence
    )
    names_nobody = matched and (
        re.match(r"(?:An?|As|At|In|On|Born|Once a|Despite|With)\b", matched[1])
        or not re.search(r"\b[A-Z]\w+", matched[1][1:])
    )
    if not matched or not names_nobody or re.search(r"\bthey\b", matched[1]) or _names(name).search(matched[1]):
        return "", re.sub(r"^(She|He)['’]s\b", _contracted, sentence)
    rest = re.sub(r"^(she|he)['’]s\b", _contracted, matched[2])
    return matched[1], rest[:1].upper() + rest[1:]


def _contracted(matched: re.Match[str]) -> str:
    """“She's seen” is “she has seen”, “she's tall” is “she is tall”."""
    following = matched.string[matched.end() :].split()
    has = bool(following) and bool(
        re.fullmatch(
            r"(?:been|seen|had|done|gone|\w+ed|lost|found|made|kept|left|grown|known|taken|become|got)", following[0]
        )
    )
    return f"{matched[1]} {'has' if has else 'is'}"


@cache
def _names(name: str) -> re.Pattern[str]:
    """Any word of the name that only the character bears."""
    own = dialogue.name_words(name)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, own))})\b") if own else re.compile(r"(?!)")


def _subject(sentence: str, name: str) -> tuple[str, str, bool]:
    """Who a sentence begins with, what is said of them, and whether it is about what is theirs."""
    matched = re.match(r"^(She|He)\s+(.+)$", sentence)
    if matched:
        return matched[1], matched[2], False
    matched = re.match(r"^(Her|His)\s+(.+)$", sentence)
    if matched:
        return matched[1], matched[2], True
    own = _names(name).pattern
    quoted = r"[\"'‘“]?[A-Z][\w.-]*[\"'’”]?"
    matched = re.match(
        rf"^((?:{quoted}\s+){{0,3}}?{own}[\"'’”]?(?:\s+(?:the\s+)?{quoted}(?=\s)(?!['’]s))*)(['’]s)?(?:,[^,]{{1,80}},)?\s+(.+)$",
        sentence,
    )
    if not matched:
        return "", "", False
    return matched[1], matched[3], bool(matched[2])


def _pronoun(subject: str, rest: str, gender: str) -> str:
    said = {"she": "she", "her": "she", "he": "he", "his": "he"}.get(subject.lower(), "")
    if said:
        return said
    body = f" {rest.lower()} "
    if re.search(r"\b(?:she|her|hers|herself)\b", body):
        return "she"
    if re.search(r"\b(?:he|his|him|himself)\b", body):
        return "he"
    return GENDERS.get(gender, "")


def _speaks_of_another(rest: str, pronoun: str) -> bool:
    """Whether there is somebody in the sentence whom the pronouns could mean as well: “loves his sister, and she …”."""
    other = _SOMEBODY_ELSE.get(pronoun)
    if not other:
        return False
    found = re.search(other, rest, re.IGNORECASE)
    if not found or _HIS_OWN.match(rest[: found.start()]):
        return False
    return bool(re.search(rf"{_POSSESSIVE[pronoun]}|\b{pronoun}\b", rest[found.end() :], re.IGNORECASE))


def _predicate(rest: str) -> str | None:
    words = rest.split()
    lead = []
    while words and (words[0].lower() in _ADVERBS or (words[0].endswith("ly") and len(words[0]) > 4)):
        lead.append(words.pop(0))
    if not words:
        return None
    verb = _first(words[0], is_certain=True)
    if verb is None:
        return None
    words[0] = verb
    last = 0  # the verb before: what follows it directly, or behind “and”, is a verb as well (“sings, dances and …”)
    for i in range(len(words) - 1):
        # “She paints and sells pots”: the second verb must turn as well, and only a known or proven one is certain.
        if words[i] in _JOINERS or words[i].endswith(","):
            at = i + 1
            while at < len(words) - 1 and (
                words[at] in _JOINERS or words[at].lower() in _ADVERBS or words[at].endswith("ly")
            ):
                at += 1
            is_direct = i == last or (i == last + 1 and words[i] in _JOINERS)
            told = _coordinated(words[i], words[at], words[at + 1 :], is_direct=is_direct)
            last = at if told else last
            words[at] = told or words[at]
    return " ".join([*lead, *words])


_JOINERS = frozenset({"and", "but", "or", "then"})


def _coordinated(before: str, word: str, after: list[str], *, is_direct: bool) -> str | None:
    """The second verb of “paints and sells pots” in the first person; None for the noun of “insights and sketches”."""
    is_also_noun = word.strip(",;").lower() in _ALSO_NOUNS
    if is_direct:
        return _first(word, is_certain=False)
    if word.endswith((",", ";")):
        return None if is_also_noun else _first(word, is_certain=False)
    following = " ".join(after)
    is_proven = bool(_PROVES_A_VERB.match(following))
    is_noun = before.rstrip(",").endswith("s") or bool(_FOLLOWS_A_NOUN.match(following))
    return None if is_also_noun and is_noun and not is_proven else _first(word, is_certain=is_proven)


def _first(word: str, *, is_certain: bool) -> str | None:
    """A verb of the third person in the first; None when it is no verb. `is_certain`: whatever ends in -s here is one."""
    matched = re.match(r"^([\w'’-]+)(.*)$", word)
    if not matched:
        return None
    low, tail = matched[1].lower().replace("’", "'"), matched[2]
    if low in _IRREGULAR and (is_certain or low not in {"can", "will", "may", "might", "must"}):
        return _IRREGULAR[low] + tail
    if low in _PAST or (low.endswith("ed") and len(low) > 4):
        return low + tail
    if low in verbs() or (is_certain and re.fullmatch(r"[a-z-]{2,}[^s'iu]s", low)):
        return _bare(low) + tail
    return None


def _bare(verb: str) -> str:
    if verb.endswith("ies") and len(verb) > 4:
        return f"{verb[:-3]}y"
    if verb.endswith(("shes", "ches", "sses", "xes", "zzes", "oes")):
        return verb[:-2]
    return verb[:-1]


def _pronouns(text: str, pronoun: str) -> str:
    if pronoun == "she":
        text = re.sub(r"\bherself\b", "myself", text, flags=re.IGNORECASE)
        text = re.sub(r"\bhers\b", "mine", text)
        text = _AFTER_OBJECT_HER.sub("me", text)
        text = re.sub(r"\bher\b", "my", text)
    elif pronoun == "he":
        text = re.sub(r"\bhimself\b", "myself", text, flags=re.IGNORECASE)
        text = _OBJECT_HIS.sub("mine", re.sub(r"\bhim\b", "me", text))
        text = re.sub(r"\bhis\b", "my", text)
    if pronoun:
        text = re.sub(rf"\b({pronoun})['’]s\b", _contracted, text)
        text = re.sub(rf"\b{pronoun}['’](d|ll)\b", r"I'\1", text)
        text = re.sub(rf"\b{pronoun} ((?:(?:\w+ly|{'|'.join(sorted(_ADVERBS))}) )?)([\w'’]+)", _clause, text)
    return text


def _clause(matched: re.Match[str]) -> str:
    verb = _first(matched[2], is_certain=True)
    return f"I {matched[1]}{verb}" if verb else matched[0]
