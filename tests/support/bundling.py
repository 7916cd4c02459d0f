"""An opened bundle, its source, a known key and one that was made, for a workspace with one of everything."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.bundles import bundle, keys, packing
from ainfluencer.cards.bundles.models import CardBundle, CardBundleKey, CardBundleSource
from ainfluencer.cards.bundles.schemas import BundleCard
from ainfluencer.cards.bundles.shapes import About, Offer
from ainfluencer.cards.saving import png
from ainfluencer.core.actor import Actor
from ainfluencer.core.ids import new_id
from ainfluencer.engine.models import Job, JobState
from ainfluencer.media import storage


async def bundled(session: AsyncSession, own: dict[str, Any], actor: Actor, mark: str, now: datetime) -> dict[str, str]:
    """One row of each table and a completed job; answers the ids by the names that addresses use."""
    key = Ed25519PrivateKey.from_private_bytes(mark.encode().ljust(32, b".")[:32])
    about = About(name=f"{mark} bundle", author=f"{mark} Owner", licence="CC0")
    text = json.dumps({"spec": "chara_card_v2", "data": {"name": f"{mark} Ada", "description": "Sails."}}).encode()
    face = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(face, "PNG")
    file = png.embedded(face.getvalue(), {"chara": text})
    data = bundle.pack(about, [(f"{mark}.png", file)], key)
    mark_of = keys.fingerprint(keys.public_of(key))
    source = CardBundleSource(
        id=new_id(), **own, address=f"https://{mark.lower()}.example/bundles.json", checked_at=now
    )
    source.offers = [Offer(url=f"https://{mark.lower()}.example/a.cardbundle", name=f"{mark} offer").model_dump()]
    known = CardBundleKey(id=new_id(), **own, fingerprint=mark_of, label=f"{mark} key", state="trusted")
    card = BundleCard(number=1, file=f"cards/{mark}.png", name=f"{mark} Ada", rating="safe", score=60, has_picture=True)
    opened = CardBundle(
        id=new_id(), **own, name=about.name, fingerprint=mark_of, size_bytes=len(data), contents=[card.model_dump()],
        waiting=storage.put_waiting(data, ".cardbundle"), about=about.model_dump() | {"made_at": "2026-11-21T10:00:00+00:00"},
    )  # fmt: skip
    result = {
        "name": about.name, "filename": f"{mark}.cardbundle", "packed": 1, "left_out": 0, "size_bytes": len(data),
        "fingerprint": mark_of, "waiting": storage.put_waiting(data, ".cardbundle"), "kept_days": 7, "report": [],
    }  # fmt: skip
    job = Job(
        id=new_id(), **own, kind=packing.KIND, title=f"Bundle {mark}", queue="light", state=JobState.COMPLETED, handed=True,
        started_at=now, finished_at=now, result=result,
    )  # fmt: skip
    session.add_all([source, known, opened, job])
    await session.flush()
    return {
        "bundle_id": opened.id,
        "cards.sources.source_id": source.id,
        "cards.keys.key_id": known.id,
        "cards.packings.job_id": job.id,
    }
