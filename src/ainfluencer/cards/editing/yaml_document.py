"""A YAML card that is edited in place: ruamel's round trip keeps comments, order and quotation marks."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

from ainfluencer.cards.editing.document import same
from ainfluencer.cards.editing.paths import Path, stepped
from ainfluencer.cards.editing.tree import Tree
from ainfluencer.cards.errors import CardRefused, Reason

_PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]*\Z")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_RAGGED = re.compile(r"[ \t]\n|[ \t]\Z|\A\s")


class YamlDocument(Tree):
    """The same verbs as the JSON document. The text has been read before, so that it is known to be harmless."""

    def __init__(self, text: str) -> None:
        self._before = text
        self._yaml = _machine()
        self._root: Any = _loaded(self._yaml, text)
        self.is_changed = False

    @property
    def root(self) -> Any:
        """The parsed document."""
        return self._root

    @property
    def text(self) -> str:
        """The present text; unchanged, the very text that came in."""
        if not self.is_changed:
            return self._before
        out = StringIO()
        self._yaml.dump(self.root, out)
        return out.getvalue()

    def set(self, path: Path, value: Any) -> None:
        """Put a value at a path; an equal value changes nothing."""
        old = self.get(path, self)
        if same(old, value):
            return
        if isinstance(old, dict) and isinstance(value, dict):
            for key in [key for key in old if key not in value]:
                self.remove((*path, key))
            for key, inner in value.items():
                self.set((*path, key), inner)
            return
        parent = stepped(self.root, path[:-1])
        if isinstance(parent, list) and path[-1] == len(parent):
            parent.append(styled(value))
        else:
            parent[path[-1]] = styled(value)
        self.is_changed = True

    def remove(self, path: Path) -> None:
        """Take a member out."""
        stepped(self.root, path)
        del stepped(self.root, path[:-1])[path[-1]]
        self.is_changed = True


def _loaded(yaml: Any, text: str) -> Any:
    """The document of a text that the reader took; `CardRefused` for the few that only it can take."""
    from ruamel.yaml.error import YAMLError

    try:
        return yaml.load(_SURROGATES.sub("\ufffd", text))  # stray bytes: the reader showed them so too
    except (YAMLError, ValueError, TypeError, AttributeError, KeyError, IndexError, AssertionError):
        raise CardRefused(
            Reason.YAML_BAD, "This YAML can be read, but not be edited in place.", "Convert it to JSON first."
        ) from None


def _machine() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.allow_unicode = True
    return yaml


def styled(value: Any) -> Any:
    """Texts of several lines as YAML's literal blocks, wherever they can be."""
    from ruamel.yaml.scalarstring import LiteralScalarString

    if isinstance(value, dict):
        return {key: styled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [styled(inner) for inner in value]
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        value = _SURROGATES.sub("\ufffd", value)
    if isinstance(value, str) and "\n" in value and _PLAIN.match(value) and not _RAGGED.search(value):
        return LiteralScalarString(value)
    return value


def dump(value: Any) -> str:
    """A whole document as YAML 1.2 text."""
    out = StringIO()
    _machine().dump(styled(value), out)
    return out.getvalue()
