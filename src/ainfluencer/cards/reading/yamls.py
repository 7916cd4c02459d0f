"""YAML 1.2 from strangers: plain values only, no aliases, no tags, a limit on size and depth."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import limits
from ainfluencer.cards.reading.numbers import SourceFloat

if TYPE_CHECKING:
    from ruamel.yaml.error import YAMLError

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")  # as JSON spells it
_LONE = re.compile(r"[\ud800-\udfff]")


def load(text: str) -> Any:
    """The parsed document. `CardRefused` with the line when it is wrong, too deep, or holds aliases."""
    if len(text) > limits.MAX_YAML:
        raise CardRefused(Reason.TOO_LARGE, f"A YAML file may have {limits.MAX_YAML // 1_000_000} MB.")
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError
    from ruamel.yaml.error import YAMLError

    try:
        _check_events(text)
        yaml = YAML(typ="safe", pure=True)
        yaml.Constructor = _constructor()
        yaml.version = (1, 2)  # 1.1 would turn no and yes into other types
        return _plain(yaml.load(text))
    except DuplicateKeyError as e:
        raise _bad(e, "a key stands twice") from None
    except ConstructorError as e:
        raise _bad(e, "a value has a type that is not allowed") from None
    except YAMLError as e:
        raise _bad(e, "the layout is wrong") from None
    except (RecursionError, ValueError, TypeError, OverflowError, AttributeError, IndexError, KeyError, AssertionError):
        # ruamel lets these slip for odd scalars such as the date 2024-02-31.
        raise CardRefused(Reason.YAML_BAD, "The YAML holds a value that cannot be read.") from None


@lru_cache(maxsize=1)
def _constructor() -> type:
    """A constructor whose numbers remember how they were spelled: a version of 1.10 is not 1.1."""
    from ruamel.yaml.constructor import SafeConstructor

    class Constructor(SafeConstructor):
        pass

    def spelled(self: Any, node: Any) -> float:
        text = str(self.construct_scalar(node))
        return SourceFloat(text) if _NUMBER.match(text) else float(self.construct_yaml_float(node))

    Constructor.add_constructor("tag:yaml.org,2002:float", spelled)
    return Constructor


def _plain(value: Any) -> Any:
    """The value as JSON could hold it: keys are text, dates are as they are written, NaN is null."""
    if isinstance(value, dict):
        return {_key(key): _plain(one) for key, one in value.items()}
    if isinstance(value, set):
        return sorted(str(_plain(one)) for one in value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        return _LONE.sub("\ufffd", value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, int) else str(value)


def _key(key: Any) -> str:
    words: dict[Any, str] = {None: "null", True: "true", False: "false"}
    return words[key] if key is None or isinstance(key, bool) else str(_plain(key))


def _check_events(text: str) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

    yaml = YAML(typ="safe", pure=True)
    depth = 0
    for event in yaml.parse(text):
        if isinstance(event, AliasEvent):
            raise CardRefused(
                Reason.YAML_ALIASES, "The YAML refers to itself (an alias).", "Write the repeated part out instead."
            )
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > limits.MAX_YAML_DEPTH:
            raise CardRefused(Reason.YAML_BAD, f"The YAML is nested deeper than {limits.MAX_YAML_DEPTH} levels.")


def _bad(error: YAMLError, why: str) -> CardRefused:
    mark = getattr(error, "problem_mark", None)
    where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return CardRefused(Reason.YAML_BAD, f"The YAML cannot be read{where}: {why}.", "Correct the line and try again.")
