"""Hatchling hook: a wheel always carries freshly built assets."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface[Any]):
    """Builds the web assets before a wheel is made; an editable install leaves that to launch.py."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Run by hatchling before it collects the files."""
        if self.target_name == "wheel" and version != "editable":
            sys.path.insert(0, self.root)
            from tools import build_assets  # noqa: PLC0415 - importable only from the root, which hatchling does not add

            build_assets.build(Path(self.root))
