"""The numbers as a file for spreadsheets."""

from __future__ import annotations

import csv
import io

from starlette.responses import Response

from ainfluencer.channels import queries as channels
from ainfluencer.characters import queries as characters
from ainfluencer.core import clock
from ainfluencer.core.actor import Right
from ainfluencer.insights import queries
from ainfluencer.insights.pages.wanted import Filters, is_simulated
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.routing import Router

router = Router(prefix="/insights", include_in_schema=False)


@router.get("/export.csv")
async def export(session: Read, actor: Who, wanted: Filters) -> Response:
    """One line for each post on each channel, with its latest numbers."""
    actor.require(Right.READ)
    faces = await characters.faces(session, actor)
    known = {c.id: c for c in (await channels.list_channels(session, actor, limit=200)).items}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            "post",
            "published_at",
            "character",
            "channel",
            "simulated",
            "likes",
            "replies",
            "reposts",
            "views",
            "read_at",
            "caption",
        ]
    )
    for sample, post in await queries.rows(session, actor, wanted.part()):
        face, channel = faces.get(sample.character_id), known.get(sample.channel_id)
        writer.writerow(
            [
                post.id,
                post.published_at.isoformat() if post.published_at else "",
                _cell(face.name if face else ""),
                _cell(channel.title if channel else ""),
                "yes" if is_simulated(channel) else "no",
                sample.likes,
                sample.replies,
                sample.reposts,
                sample.views,
                sample.at.isoformat(),
                _cell(post.caption),
            ]
        )
    name = f"insights-{clock.now():%Y-%m-%d}.csv"
    # The mark at the front tells spreadsheets that the file is UTF-8.
    return Response(
        "\ufeff" + out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
