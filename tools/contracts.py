"""A contract type of our own for import-linter: what a folder of plug-ins may import at most."""

from __future__ import annotations

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class Diet(Contract):
    """Each package directly under `containers` imports nothing of ours but itself and `allowed`.

    That also keeps the packages apart from each other: a plug-in can be deleted and nothing else notices.
    """

    containers: Any = fields.SetField(subfield=fields.StringField())
    allowed: Any = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - import-linter's signature
        """Every direct import of every module below a container is looked at."""
        broken = [
            (module, imported)
            for container in self.containers
            if container in graph.modules
            for folder in graph.find_children(container)
            for module in {folder, *graph.find_descendants(folder)}
            for imported in graph.find_modules_directly_imported_by(module)
            if not any(_within(imported, home) for home in {folder, *self.allowed})
        ]
        return ContractCheck(kept=not broken, metadata={"broken": sorted(broken)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line per import."""
        for module, imported in check.metadata["broken"]:
            output.print_error(f"{module} must not import {imported}", bold=True)


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")
