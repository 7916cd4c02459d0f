"""Card text as plain prose: macros resolved, markup gone, split into sentences."""

from __future__ import annotations

import re

from ainfluencer.writing import cutting

CONSIDERED = 100_000
"""Characters of one field that the rules look at; longer fields are kept whole, but read so far."""

_CHAR = re.compile(r"\{\{\s*char\s*\}\}|<char>|<bot>", re.IGNORECASE)
_USER = re.compile(r"\{\{\s*user\s*\}\}|<user>", re.IGNORECASE)
_COMMENT = re.compile(r"\{\{\s*(?://|comment\s*:|hidden_key\s*:)[^{}]{0,2000}\}\}", re.IGNORECASE)
_CHOICE = re.compile(r"\{\{\s*(?:random|pick)\s*:{1,2}([^{}]{0,2000})\}\}", re.IGNORECASE)
_HTML = re.compile(r"<[^<>\n]{1,300}>")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,200})\]\((?:[^()\s]{1,500})\)")
_URL = re.compile(r"https?://\S+|www\.\S+|discord\.gg/\S+", re.IGNORECASE)
_OOC = re.compile(r"\(\([^()]{0,1000}\)\)|[(\[]\s*OOC\b[^)\]]{0,1000}[)\]]", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\u00a0]+")
_VOCATIVE = re.compile(r",\s*\{\{user\}\}(?=\s*[,.!?…;:—–-]|\s*$)")
_GREETED = re.compile(
    r"\b(hey|hi|hello|greetings|salutations|welcome|thanks|thank you|good (?:morning|evening|night|day)|dear|well|oh|ciao|hallo|olá|hola|salut|bonjour)"
    r"\s+\{\{user\}\}(?=\s*[,.!?…;:—–-]|\s*$)",
    re.IGNORECASE,
)
_NO_NAME_FITS = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Miss|Dr|Sir|Lady|Lord|Captain|Master|Mistress|Subject|Agent|name(?:d|['’]s| is)|called|I['’]m|I am)\.?\s+|[“\"'‘])\{\{user\}\}|\{\{user\}\}[-–]\w",
    re.IGNORECASE,
)
_THIRD_PERSON = re.compile(r"\{\{user\}\} (is|was|has|does|isn['’]t|wasn['’]t|hasn['’]t|doesn['’]t)\b", re.IGNORECASE)
_SECOND_PERSON = {"is": "are", "was": "were", "has": "have", "does": "do", "isn't": "aren't", "wasn't": "weren't", "hasn't": "haven't", "doesn't": "don't"}  # fmt: skip
_OTHER_VERB = re.compile(r"\{\{user\}\} (?!(?:always|perhaps|this|us|as|across|yes|besides|perhaps)\b)[a-z]+s\b")
_LEADING_VOCATIVE = re.compile(r"(^|[.!?…]\s+)\{\{user\}\}\s*[,.!?…—–-]+\s*(\w)")
_PARTICIPANT = "{{user}}"
WONT = re.compile(
    r"\b(?:never|won['’]t|will not|refuses? to|does(?: not|n['’]t)(?: like to)?|avoids?|hates?)"
    r" (?:talk(?:s|ing)?|speak(?:s|ing)?|discuss(?:es|ing)?|shar(?:es?|ing)|post(?:s|ing)?|mention(?:s|ing)?)\s+(?:about\s+)?([^.;!?\n]{3,80})",
    re.IGNORECASE,
)
"""What somebody does not talk about: a boundary, never material."""


def with_name(text: str, name: str) -> str:
    """{{char}} and its old spellings become the name; {{user}} gets one spelling; comments go; choices take the first."""
    text = _COMMENT.sub("", text)
    text = _CHOICE.sub(lambda m: re.split(r"(?<!\\),|::", m.group(1))[0].strip(), text)
    return _USER.sub(_PARTICIPANT, _CHAR.sub(lambda _: name, text))


def addressed(text: str, language: str) -> str | None:
    """Speech to {{user}} as speech to any reader; None when that cannot be done without inventing a name.

    An address falls away (“Morning, {{user}}.” becomes “Morning.”); in English the rest becomes “you” and “your”.
    """
    text = _GREETED.sub(r"\1", _VOCATIVE.sub("", text))
    text = _LEADING_VOCATIVE.sub(lambda m: m.group(1) + m.group(2).upper(), text)
    if _PARTICIPANT in text:
        if not language.startswith("en") or _NO_NAME_FITS.search(text):
            return None
        text = _THIRD_PERSON.sub(
            lambda m: f"{{{{user}}}} {_SECOND_PERSON[m.group(1).lower().replace('’', chr(39))]}", text
        )
        if _OTHER_VERB.search(text):
            return None
        text = re.sub(r"\{\{user\}\}['’]s\b", "your", text)
        text = re.sub(r"(^|[.!?…]\s+)\{\{user\}\}", lambda m: m.group(1) + "You", text).replace(_PARTICIPANT, "you")
    return None if "{{" in text or "}}" in text else text


def plain(text: str) -> str:
    """Without HTML, links, addresses and out-of-character asides; line breaks stay."""
    text = _LINK.sub(r"\1", _HTML.sub(" ", text[:CONSIDERED]))
    text = _OOC.sub(" ", _URL.sub("", text))
    return "\n".join(_SPACE.sub(" ", line).strip() for line in text.splitlines())


def sentences(text: str) -> list[str]:
    """Sentences and line items in order, of the part that is considered."""
    return cutting.sentences(text[:CONSIDERED])


def mentions_user(text: str) -> bool:
    """Whether it speaks of the person in the chat."""
    return _PARTICIPANT in text


def tidy(text: str) -> str:
    """One line without emphasis marks around words."""
    text = re.sub(r"(?<!\w)[*_~`#>]+|[*_~`]+(?!\w)", "", text)
    return re.sub(r"\s+", " ", text).strip()
