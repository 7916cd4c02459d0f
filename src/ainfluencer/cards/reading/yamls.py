"""YAML 1.2 from strangers: plain values only, no aliases, no tags, a limit on size and depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import limits

if TYPE_CHECKING:
    from ruamel.yaml.error import YAMLError


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
        yaml.version = (1, 2)  # 1.1 would turn no, yes and 1.10 into other types
        return yaml.load(text)
    except DuplicateKeyError as e:
        raise _bad(e, "a key stands twice") from None
    except ConstructorError as e:
        raise _bad(e, "a value has a type that is not allowed") from None
    except YAMLError as e:
        raise _bad(e, "the layout is wrong") from None
    except (RecursionError, ValueError, TypeError, OverflowError, AttributeError, IndexError, KeyError, AssertionError):
        # ruamel lets these slip for odd scalars such as the date 2024-02-31.
        raise CardRefused(Reason.YAML_BAD, "The YAML holds a value that cannot be read.") from None


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
        if depth > 50:
            raise CardRefused(Reason.YAML_BAD, "The YAML is nested deeper than 50 levels.")


def _bad(error: YAMLError, why: str) -> CardRefused:
    mark = getattr(error, "problem_mark", None)
    where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return CardRefused(Reason.YAML_BAD, f"The YAML cannot be read{where}: {why}.", "Correct the line and try again.")
