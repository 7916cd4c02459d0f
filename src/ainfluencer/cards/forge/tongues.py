"""Languages by code and by name, as people type them and as models know them best."""

from __future__ import annotations

import difflib
import re

from ainfluencer.core.errors import InvalidInput

_TABLE = """ar Arabic العربية|bg Bulgarian български|bn Bengali বাংলা|ca Catalan català|cs Czech čeština|cy Welsh cymraeg|da Danish dansk|de German Deutsch
el Greek ελληνικά|en English English|eo Esperanto esperanto|es Spanish español|et Estonian eesti|eu Basque euskara|fa Persian فارسی|fi Finnish suomi
fr French français|ga Irish gaeilge|gl Galician galego|he Hebrew עברית|hi Hindi हिन्दी|hr Croatian hrvatski|hu Hungarian magyar|hy Armenian հայերեն
id Indonesian Indonesia|is Icelandic íslenska|it Italian italiano|ja Japanese 日本語|ka Georgian ქართული|kk Kazakh қазақша|ko Korean 한국어|la Latin latina
lt Lithuanian lietuvių|lv Latvian latviešu|mk Macedonian македонски|ms Malay Melayu|nb Norwegian norsk|nl Dutch Nederlands|no Norwegian norsk
pl Polish polski|pt Portuguese português|ro Romanian română|ru Russian русский|sk Slovak slovenčina|sl Slovenian slovenščina|sq Albanian shqip
sr Serbian српски|sv Swedish svenska|sw Swahili kiswahili|ta Tamil தமிழ்|th Thai ไทย|tl Tagalog Tagalog|tr Turkish Türkçe|uk Ukrainian українська
ur Urdu اردو|vi Vietnamese Việt|zh Chinese 中文"""
_NAMES = {code: (english, own) for code, english, own in (row.split(" ", 2) for row in re.split(r"[|\n]", _TABLE))}
_CODES = {name.casefold(): code for code, names in reversed(_NAMES.items()) for name in names}
_CODE = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{2,8})*)")


def code_of(word: str) -> str:
    """The code of a language that is named by code or name: de, pt-BR, German, Deutsch. `InvalidInput` when it is unknown."""
    typed = word.strip()
    if code := _CODES.get(typed.casefold()):
        return code
    found = _CODE.fullmatch(typed)
    if found and found[1].lower() in _NAMES:
        parts = [part.upper() if len(part) == 2 else part for part in re.split(r"[-_]", found[2])[1:]]
        return "-".join([found[1].lower(), *parts])
    near = difflib.get_close_matches(typed.casefold(), _CODES, 1)
    meant = f"Did you mean {_NAMES[_CODES[near[0]]][0]}? " if near else ""
    raise InvalidInput(
        f"There is no language called “{typed[:40]}” here.",
        f"{meant}Use a name or a code such as German, de or pt-BR.",
        field="translate_to",
        code="language_unknown",
    )


def base_of(code: str) -> str:
    """The language without its region: pt of pt-BR."""
    return code.split("-", 1)[0].lower()


def name_of(code: str) -> str:
    """The English name, with the whole code where it says more; an unknown code stays as it is."""
    names = _NAMES.get(base_of(code))
    if names is None:
        return code or "English"
    return f"{names[0]} ({code})" if "-" in code else names[0]
