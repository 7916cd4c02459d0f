"""Who a text speaks of: names by how often they stand there, merged with their short forms, persons told from places."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ainfluencer.cards.forge.shapes import Found
from ainfluencer.cards.naming import COMMON

_TITLE = r"(?:Mr|Mrs|Ms|Miss|Dr|Sir|Lady|Lord|Captain|Professor|Inspector|King|Queen|Prince|Princess|Aunt|Uncle|Colonel|Major|Father|Mother|Saint|St|Madame|Monsieur|Don|Doña)"
WORD = r"[A-ZÀ-ÞŁŚŻŽŠČ][a-zà-ÿąćęłńóśźżžščěřůýğışő]+(?:[-'’][A-Z]?[a-zà-ÿ]+)?"
_NAME = re.compile(
    rf"\b(?:{_TITLE}\.?\s+)?(?:St\.\s+)?{WORD}(?:\s+(?:(?:of the|of|de|da|del|van|von|der|la|le|St\.)\s+)?{WORD}){{0,3}}"
)
_SPEECH = r"(?:said|says|asked|replied|answered|cried|remarked|thought|exclaimed|whispered|muttered|returned|observed|continued|added|shouted|laughed|began)"
_PLACE_BEFORE = re.compile(
    r"\b(?:in|at|to|from|near|into|through|across|towards?|outside|around|left|reached|visited|over|beyond|of)\s+(?:the\s+|old\s+|little\s+)?$"
)
_PLACE_WORD = re.compile(
    r"\b(?:Street|Road|Lane|Square|House|Hall|Park|Bay|Hill|River|Bridge|City|Town|Island|Castle|Palace|Station|Harbou?r|Mountain|Forest|Inn|Abbey|Court|Valley|Sea|Lake|University|School|Church|Market|Farm|Lodge|Common|Mews|Row|Terrace|Buildings?|Yard|Wood|Beach|Point|Rock|Lighthouse)$"
)


@dataclass(slots=True)
class Known:
    """One bearer of a name in a text."""

    name: str
    aliases: set[str] = field(default_factory=set)
    mentions: int = 0
    lines: int = 0  # how often words of theirs are introduced
    places: int = 0  # how often it stands where a place stands
    inside: int = 0  # how often it stands inside a sentence, where ordinary words are not capitalised

    @property
    def kind(self) -> str:
        """Person or place, by how it is used."""
        if _PLACE_WORD.search(self.name):
            return "place"
        if self.lines or re.match(_TITLE + r"\b", self.name):
            return "person"
        return "place" if self.places * 2 > self.mentions else "person"


def known(text: str) -> list[Known]:
    """Every name of a text with its short forms, the most frequent first."""
    counts: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for match in _NAME.finditer(text):
        name = _trimmed(match.group(0))
        if not name:
            continue
        counts[name] += 1
        at = match.start() + match.group(0).find(name)
        before = text[max(0, at - 24) : at]
        inside[name] += bool(re.search(r"[a-zà-ÿ,;]\s+$", before))
        places[name] += bool(_PLACE_BEFORE.search(before.lower()))
    spoken = _speakers(text)
    return _merged(counts, inside, places, spoken)


def _trimmed(name: str) -> str:
    """A run of capitalised words without the ordinary words at its beginning and end."""
    words = re.sub(r"\s+", " ", name).removesuffix("'s").removesuffix("’s").split()
    while words and words[0].rstrip(".") in COMMON and not (len(words) > 1 and re.fullmatch(_TITLE + r"\.?", words[0])):
        words = words[1:]
    while words and (words[-1] in COMMON or not words[-1][0].isupper()):
        words = words[:-1]
    made = " ".join(words)
    if re.match(r"^(?:Mr|Mrs|Ms|Miss|Dr|Inspector|Captain|Colonel|Major)\b", made):
        made = made.partition(" of ")[0]
    return made if len(made) > 2 else ""


def _speakers(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    # Case matters in what is a name, so that only the verb stands in both orders.
    for match in re.finditer(rf"\b{_SPEECH}\s+(?:the\s+)?((?:{_TITLE}\.?\s+)?{WORD}(?:\s+{WORD})?)", text):
        found[_trimmed(match.group(1))] += 1
    for match in re.finditer(rf"((?:{_TITLE}\.?\s+)?{WORD}(?:\s+{WORD})?)\s+{_SPEECH}\b", text):
        found[_trimmed(match.group(1))] += 1
    return found


def _core(name: str) -> str:
    return re.sub(rf"^{_TITLE}\.?\s+", "", name)


def _merged(counts: Counter[str], inside: Counter[str], places: Counter[str], spoken: Counter[str]) -> list[Known]:
    """“Holmes” and “Mr. Holmes” belong to “Sherlock Holmes” where no other full name fits better."""
    full: dict[str, list[str]] = defaultdict(list)
    for name in counts:
        core = _core(name)
        if " " in core:
            for word in (core.split()[0], core.split()[-1]):
                full[word] += [] if _PLACE_WORD.search(core) else [name]
    made: dict[str, Known] = {}
    for name, number in counts.most_common():
        core = _core(name)
        longer = full.get(core, []) if " " not in core else []
        home = max(longer, key=lambda one: counts[one]) if longer else core if core in counts else name
        # A single word that is far commoner than any full form keeps its own name: “Alice” beside one “Alice Liddell”.
        if longer and number > 40 * counts[home]:
            home = core
        one = made.setdefault(home, Known(home))
        one.aliases |= {name, core}
        one.mentions += number
        one.inside += inside[name]
        one.places += places[name]
        one.lines += spoken.get(name, 0)
    kept = [one for one in made.values() if one.inside or one.lines or " " in one.name]
    return sorted(kept, key=lambda one: (-(one.mentions + 3 * one.lines), one.name))


def characters(text: str, limit: int = 12) -> list[Found]:
    """Persons whom a text could be forged into a card of, the likeliest first."""
    persons = [one for one in known(text) if one.kind == "person"]
    return [
        Found(name=one.name, mentions=one.mentions, lines=one.lines, aliases=sorted(one.aliases - {one.name}))
        for one in persons[:limit]
    ]


def aliases_of(name: str, everyone: Iterable[Known]) -> list[str]:
    """Every form under which the text speaks of this person, the longest first; the name itself when it never does."""
    words = set(_core(name).split())
    for one in everyone:
        if name in one.aliases or one.name == name:
            return sorted(one.aliases | {name}, key=len, reverse=True)
    near = [one for one in everyone if _core(one.name) in words or any(_core(alias) == name for alias in one.aliases)]
    found = {name} | {alias for one in near[:1] for alias in one.aliases}
    return sorted(found, key=len, reverse=True)


def pronoun_of(text: str, aliases: list[str]) -> str:
    """she, he or they: by the pronouns in the sentences around the name; empty when they do not decide."""
    pattern = re.compile("|".join(rf"\b{re.escape(alias)}\b" for alias in aliases)) if aliases else None
    windows = [text[match.end() : match.end() + 160] for match in list(pattern.finditer(text))[:400]] if pattern else []
    words = Counter(re.findall(r"\b(she|her|hers|he|his|him)\b", " ".join(windows or [text[:4000]]).lower()))
    she, he = words["she"] + words["her"] + words["hers"], words["he"] + words["his"] + words["him"]
    if max(she, he) == 0 or max(she, he) < 1.3 * min(she, he):
        return ""
    return "she" if she > he else "he"
