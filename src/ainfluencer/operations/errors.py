"""What can go wrong with local files and installers; each names the way out."""

from __future__ import annotations

from ainfluencer.core.errors import ProductError


class PackUnavailable(ProductError):
    """The package cannot be had: no network, not in the index, withdrawn, or no installer here."""

    code = "pack_unavailable"
    status = 502
    default_next_step = (
        "Check the network and run the same command again, or carry the wheel in and use "
        "`ainfluencer models install --from FOLDER`."
    )


class PackDamaged(ProductError):
    """A file is not byte for byte what was pinned; nothing of it was kept."""

    code = "pack_damaged"
    status = 502
    default_next_step = "Run the same command again; if it happens twice, do not use that source."


class DiskFull(ProductError):
    """There is no room, or the folder cannot be written."""

    code = "disk_full"
    status = 507
    default_next_step = "Free some space or choose another data folder with AINFLUENCER_DATA, then run it again."
