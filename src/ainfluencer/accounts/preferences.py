"""Which settings a workspace has. Modules declare theirs; `service.set_setting` and `queries.setting` use the list."""

from __future__ import annotations

from ainfluencer.accounts.schemas import Preference
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import InvalidInput

DECLARED: dict[str, Preference] = {}


def declare(preference: Preference) -> Preference:
    """Make a setting known. Call it at the module level of the `service` that reads the setting.

    Key: `<module>.<name>`. The default must itself be valid; declaring a key twice differently is a bug.
    """
    known = DECLARED.setdefault(preference.key, preference)
    if known != preference:
        msg = f"the setting {preference.key} is declared twice"
        raise ValueError(msg)
    preference.check(preference.default)
    return preference


def declared(key: str) -> Preference:
    """The declaration; `InvalidInput` for a key that no module knows."""
    if key not in DECLARED:
        raise InvalidInput(
            f"There is no setting called “{key[:80]}”.", "GET /api/v2/settings lists them all.", field=key[:80]
        )
    return DECLARED[key]


declare(
    Preference(
        key="people.registration",
        kind="choice",
        default="closed",
        title="Registration",
        sentence="Who may sign up without an invitation. Only the first workspace's choice counts.",
        right=Right.OWN,
        choices=("closed", "viewer", "workspace"),
        labels=(
            "Nobody: by invitation only",
            "Anybody, as a viewer of this workspace",
            "Anybody, with a workspace of their own",
        ),
    )
)
