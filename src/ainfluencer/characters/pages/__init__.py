"""Pages of characters. The order counts: fixed addresses stand before those with an id."""

from __future__ import annotations

from ainfluencer.characters.pages import forms, likeness, show, status
from ainfluencer.web.routing import join

router = join(forms.router, likeness.router, status.router, show.router)
