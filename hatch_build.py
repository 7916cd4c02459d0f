"""Hatchling hook: a wheel always carries freshly built assets."""

import sys
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface):
    """Builds the web assets before a wheel is made; an editable install leaves that to launch.py."""

    PLUGIN_NAME = "custom"

    def initialize(self, version, build_data):
        """Run by hatchling."""
        if self.target_name == "wheel" and version != "editable":
            sys.path.insert(0, str(Path(self.root) / "tools"))
            import build_assets

            build_assets.build(Path(self.root))
