"""Says in the file itself how it was made: XMP digital source type (IPTC), then a signed C2PA manifest.

Facts from guides/embedded-ai.md section 9, checked with c2pa-python 0.38: XMP is written first, C2PA last. Platforms may
strip both on upload.
"""

from __future__ import annotations

import io
import json
import zlib
from dataclasses import dataclass
from typing import Any, cast

from ainfluencer.core.config import settings

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPES = (
    "trainedAlgorithmicMedia",  # a generative model made it
    "compositeWithTrainedAlgorithmicMedia",  # designed around a model's picture
    "algorithmicMedia",  # drawn by a program without a generative model
    "digitalCreation",  # made or brought by a person
)


@dataclass(frozen=True, slots=True)
class ProvenanceReport:
    """What any verifier will read in a file."""

    has_manifest: bool
    state: str = "none"  # none | Valid | Trusted | Invalid
    source_type: str = ""
    agent: str = ""
    signed_by: str = ""
    xmp_source_type: str = ""
    problems: tuple[str, ...] = ()


def has_manifest(data: bytes) -> bool:
    """Whether the bytes seem to carry a C2PA manifest (a quick look, no check)."""
    return b"caBX" in data[:4_000_000] or b"c2pa" in data[:200_000]


def _xmp(source_type: str) -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'Iptc4xmpExt:DigitalSourceType="{IPTC}{source_type}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def _with_xmp(data: bytes, mime: str, source_type: str) -> bytes:
    if mime == "image/png":
        return _png_with_xmp(data, _xmp(source_type))
    from PIL import Image

    picture = Image.open(io.BytesIO(data))
    out = io.BytesIO()
    if mime == "image/jpeg":
        picture.save(out, "JPEG", quality="keep", xmp=_xmp(source_type))
    else:
        picture.save(out, "WEBP", quality=92, xmp=_xmp(source_type))
    return out.getvalue()


_PNG_HEAD = 33  # signature (8) and the IHDR chunk (4 length, 4 name, 13 data, 4 checksum)
_XMP_KEYWORD = b"XML:com.adobe.xmp"


def _png_with_xmp(data: bytes, xmp: bytes) -> bytes:
    # The chunk is put behind the header instead of coding the pixels anew, which took most of a signature's time.
    text = _XMP_KEYWORD + b"\0\0\0\0\0" + xmp  # no compression, no language, no translated keyword
    body = b"iTXt" + text
    chunk = len(text).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return data[:_PNG_HEAD] + chunk + _without_xmp(data[_PNG_HEAD:])


def _without_xmp(chunks: bytes) -> bytes:
    """The chunks after the header without an XMP text that an earlier tool may have left."""
    if _XMP_KEYWORD not in chunks:
        return chunks
    kept, at = [], 0
    while at + 12 <= len(chunks):
        end = at + 12 + int.from_bytes(chunks[at : at + 4], "big")
        if chunks[at + 4 : at + 8] != b"iTXt" or not chunks.startswith(_XMP_KEYWORD, at + 8):
            kept.append(chunks[at:end])
        at = end
    return b"".join(kept)


def sign(data: bytes, mime: str, *, title: str, source_type: str, agent: str) -> bytes:
    """The same picture with XMP source type and a signed manifest. PNG, JPEG or WebP bytes in and out."""
    import c2pa

    from ainfluencer.media.identity import identity

    chain, key, _root = identity(settings().data / "keys" / "c2pa")
    marked = _with_xmp(data, mime, source_type)
    manifest = {
        "claim_generator_info": [{"name": "AInfluencer"}],
        "title": title,
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {
                    "actions": [
                        {
                            "action": "c2pa.created",
                            "digitalSourceType": IPTC + source_type,
                            "softwareAgent": {"name": agent},
                        }
                    ]
                },
            }
        ],
    }
    info = c2pa.C2paSignerInfo(b"es256", chain, key, None)
    out = io.BytesIO()
    with (
        c2pa.Context.from_dict({"builder": {"thumbnail": {"enabled": False}}}) as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(json.dumps(manifest), context=context) as builder,
    ):
        builder.sign(signer, mime, io.BytesIO(marked), out)
    return out.getvalue()


def read(data: bytes, mime: str) -> ProvenanceReport:
    """What a verifier finds. Our own signature counts as Trusted here, since this instance trusts its own root."""
    import c2pa

    from ainfluencer.media.identity import identity

    xmp = _read_xmp(data)
    root = identity(settings().data / "keys" / "c2pa")[2]
    try:
        with (
            c2pa.Context.from_dict(
                {
                    "trust": {"user_anchors": root, "trust_config": "1.3.6.1.5.5.7.3.4"},
                    "verify": {"verify_trust": True},
                }
            ) as context,
            c2pa.Reader(mime, io.BytesIO(data), context=context) as reader,
        ):
            store = cast("dict[str, Any]", json.loads(reader.json()))
    except c2pa.C2paError.ManifestNotFound:
        return ProvenanceReport(has_manifest=False, xmp_source_type=xmp)
    except c2pa.C2paError as e:
        return ProvenanceReport(has_manifest=True, state="Invalid", xmp_source_type=xmp, problems=(str(e)[:200],))
    active = store.get("manifests", {}).get(store.get("active_manifest", ""), {})
    action = _first_action(active)
    return ProvenanceReport(
        has_manifest=True,
        state=store.get("validation_state", "Invalid"),
        source_type=str(action.get("digitalSourceType", "")).rsplit("/", 1)[-1],
        agent=_agent(action),
        signed_by=active.get("signature_info", {}).get("issuer", ""),
        xmp_source_type=xmp,
        problems=tuple(s.get("code", "") for s in store.get("validation_status", [])),
    )


def _first_action(manifest: dict[str, Any]) -> dict[str, Any]:
    for assertion in manifest.get("assertions", []):
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            actions = assertion.get("data", {}).get("actions", [])
            return dict(actions[0]) if actions else {}
    return {}


def _agent(action: dict[str, Any]) -> str:
    agent = action.get("softwareAgent", "")
    return str(agent.get("name", "")) if isinstance(agent, dict) else str(agent)


def _read_xmp(data: bytes) -> str:
    mark = f'DigitalSourceType="{IPTC}'.encode()
    at = data.find(mark)
    return data[at + len(mark) : at + len(mark) + 60].split(b'"')[0].decode("ascii", "replace") if at >= 0 else ""
