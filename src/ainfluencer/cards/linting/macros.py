"""Rules about macros: names that no program knows, braces without a partner, single braces. Nothing is ever rewritten."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from ainfluencer.cards.linting.findings import Finding, Severity
from ainfluencer.cards.linting.subject import Subject

_OPEN = re.compile(r"\{\{(?P<name>[^{}:]{0,60}?)\s*(?P<end>\}\}|:|\{|\Z|\n)")
_SINGLE = re.compile(r"(?<!\{)\{(char|user)\}(?!\})", re.IGNORECASE)
KNOWN = frozenset(
    [
        *("char", "user", "random", "pick", "roll", "hidden_key", "comment", "reverse", "original"),
        *(
            "persona",
            "description",
            "scenario",
            "personality",
            "mesexamples",
            "mesexamplesraw",
            "charprompt",
            "charjailbreak",
        ),
        *("charversion", "char_version", "chardepthprompt", "charcreatornotes", "charfirstmessage", "charscenario"),
        *("charpersonality", "chardescription", "group", "groupnotmuted", "charifnotgroup", "notchar", "model"),
        *("time", "date", "weekday", "isotime", "isodate", "datetimeformat", "time_utc", "timediff", "idle_duration"),
        *("idleduration", "lastmessage", "lastmessageid", "lastusermessage", "lastcharmessage", "lastgenerationtype"),
        *("firstincludedmessageid", "lastswipeid", "currentswipeid", "input", "newline", "space", "trim", "noop"),
        *("setvar", "addvar", "incvar", "decvar", "getvar", "hasvar", "deletevar", "setglobalvar", "addglobalvar"),
        *("incglobalvar", "decglobalvar", "getglobalvar", "hasglobalvar", "banned", "ismobile", "maxprompt", "outlet"),
        *("var", "//", "if", "else", "/if", "instructinput", "instructoutput", "systemprompt", "defaultsystemprompt"),
        *("exampleseparator", "chatseparator", "chatstart", "bot", "wibefore", "wiafter", "lorebefore", "loreafter"),
    ]
)
"""The specification's and SillyTavern's names in small letters (its documentation and code, 1.12.6 and later)."""
_RISU = frozenset(
    [
        "#if",
        "#if_pure",
        "#when",
        "#each",
        "#func",
        "#pure",
        "#puredisplay",
        "#escape",
        "#code",
        "/when",
        "/each",
        "/func",
        ":else",
        ":each",
        "slot",
        "call",
        "previous_char_chat",
        "previous_user_chat",
        "lastcharmessage",
        "chat_index",
        "first_msg_index",
        "lorebook",
        "user_persona",
        "main_prompt",
        "global_note",
        "ujb",
        "chatbot",
        "emotionlist",
        "assetlist",
        "asset",
        "emotion",
        "audio",
        "bg",
        "bgm",
        "video",
        "image",
        "img",
        "path",
        "raw",
        "inlay",
        "inlayed",
        "source",
        "button",
        "risu",
        "equal",
        "not_equal",
        "greater",
        "less",
        "greater_equal",
        "less_equal",
        "and",
        "or",
        "not",
        "calc",
        "?",
        "replace",
        "split",
        "join",
        "length",
        "arraylength",
        "array",
        "arrayelement",
        "arraypush",
        "arraypop",
        "makearray",
        "makedict",
        "dict",
        "dictelement",
        "objectelement",
        "contains",
        "startswith",
        "endswith",
        "lower",
        "upper",
        "capitalize",
        "round",
        "floor",
        "ceil",
        "abs",
        "min",
        "max",
        "sum",
        "average",
        "tonumber",
        "pow",
        "range",
        "remaind",
        "screen_width",
        "screen_height",
        "unixtime",
        "message_time",
        "message_date",
        "settempvar",
        "tempvar",
        "gettempvar",
        "chardisplayasset",
        "br",
        "none",
        "blank",
        "cbr",
        "decbo",
        "decbc",
        "bo",
        "bc",
        "bkspc",
        "erase",
        "hiddenkey",
        "rollp",
        "dice",
        "randint",
        "hash",
        "module_enabled",
        "role",
        "isfirstmsg",
        "jbtoggled",
        "maxcontext",
        "lastmessageid",
        "axmodel",
        "prefillsupported",
        "file",
        "metadata",
        "iserror",
        "xor",
        "crypt",
        "u",
        "unicodeencode",
        "unicodedecode",
        "fromhex",
        "tohex",
        "tex",
        "ruby",
        "codeblock",
        "spread",
        "trim",
        "slice",
        "history",
        "messages",
        "position",
        "declare",
        "return",
        "hidden",
        ";",
        "chardescription",
        "risuversion",
        "charhistory",
        "userhistory",
    ]
)


def macros(subject: Subject) -> Iterator[Finding]:
    """Unknown names, unbalanced and single braces, one finding each a field."""
    for field, text in subject.texts:
        if "{" in text or "}}" in text:
            yield from _in_text(field, text)


def _in_text(field: str, text: str) -> Iterator[Finding]:
    opened, closed = text.count("{{"), text.count("}}")
    if opened != closed:
        yield Finding(
            "macro_unbalanced",
            Severity.WARNING,
            f"{opened} times {{{{ and {closed} times }}}}.",
            field,
            "Close every macro with }}.",
        )
    for name in dict.fromkeys(found["name"].strip() for found in _OPEN.finditer(text)):
        found = problem(name)
        if found:
            yield Finding(
                "macro_unknown",
                found[0],
                f"No program knows {{{{{name}}}}}. {found[1]}".strip(),
                field,
                "Correct the name, or leave it if your program knows it.",
            )
    if _SINGLE.search(text):
        yield Finding(
            "macro_single_brace",
            Severity.WARNING,
            "{char} and {user} in single braces are not replaced.",
            field,
            "Let lint --fix write {{char}} and {{user}}.",
            can_fix=True,
        )


def problem(name: str) -> tuple[Severity, str] | None:
    """How bad an unknown name is, and a suggestion; None for a name that some program knows."""
    word = name.lower()
    if (
        not word
        or word in KNOWN
        or word in _RISU
        or word.startswith(("//", "#", "/", ":", "?", "roll ", "random ", "reverse "))
    ):
        return None
    if (
        word.split(" ")[0] in KNOWN | _RISU
        or word.split("::")[0] in KNOWN | _RISU
        or re.fullmatch(r"time_utc[+-]?\d+", word)
    ):
        return None
    near = difflib.get_close_matches(word, KNOWN, 1, 0.75)
    return (Severity.WARNING, f"Did you mean {{{{{near[0]}}}}}?") if near else (Severity.INFO, "")


def with_double_braces(text: str) -> str:
    """{char} and {user} as macros."""
    return _SINGLE.sub(lambda found: f"{{{{{found[1].lower()}}}}}", text)
