"""What the reader noticed about a file, as findings: how bad each oddity is for other programs, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from ainfluencer.cards.linting.findings import Finding, Severity
from ainfluencer.cards.linting.subject import Subject

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741 - the table below is read by its columns
_REWRITE = "Let lint --fix write the file anew."
_CONVERT = "Take the card out: ainfluencer card convert IN OUT."
_LOAD = "Download the file again."
ODDITIES: dict[str, tuple[Severity, str, bool]] = {
    "array": (W, _CONVERT, False),
    "asset_missing": (W, "Put the file into the archive, or take the asset out of the card.", False),
    "base64_file": (W, _REWRITE, True),
    "base64_line_breaks": (I, _REWRITE, True),
    "base64_unpadded": (W, _REWRITE, True),
    "base64_url_safe": (I, _REWRITE, True),
    "bom": (W, _REWRITE, True),
    "chunk_undecodable": (W, _REWRITE, True),
    "compressed_chunk": (W, _REWRITE, True),
    "control_characters": (E, _REWRITE, True),
    "double_base64": (E, _REWRITE, True),
    "duplicate_chunk": (W, _REWRITE, True),
    "empty_name": (E, "Give it a name: ainfluencer card set IN OUT name=….", False),
    "envelope": (W, _CONVERT, False),
    "items_dropped": (W, "Take out what is not an object.", False),
    "json_in_json": (W, _REWRITE, True),
    "keyword_case": (I, _REWRITE, True),
    "lone_surrogate": (E, "Let lint --fix replace them by �, or type the text again.", True),
    "not_utf8": (W, _REWRITE, True),
    "nul": (E, _REWRITE, True),
    "number_odd": (E, _REWRITE, True),
    "null_value": (I, "Let lint --fix write the empty value of its kind.", True),
    "png_bad_crc": (W, _REWRITE, True),
    "png_cut": (W, _LOAD, False),
    "png_no_iend": (W, _REWRITE, True),
    "png_trailing_bytes": (I, "Nothing needs to be done; most programs pass over them.", False),
    "pygmalion_fields": (I, "Convert it to V2, which all programs read.", False),
    "raw_json_in_chunk": (E, _REWRITE, True),
    "risu_module": (I, "Edit its lorebook in Risu, or convert the card to another kind of file.", False),
    "several_characters": (I, "Export the other characters one by one.", False),
    "spec_missing": (W, "Let lint --fix write the version.", True),
    "spec_newer": (W, "Update AInfluencer, or ask for a V3 export.", False),
    "spec_unknown": (W, "Convert it to V3.", False),
    "spec_version_odd": (W, "Let lint --fix write 3.0.", True),
    "stale_mirror": (W, "Let lint --fix bring the old copy into step.", True),
    "text_after_json": (W, _REWRITE, True),
    "textgen_fields": (I, "Convert it to V2, which all programs read.", False),
    "trailing_comma": (E, _REWRITE, True),
    "type_coerced": (W, "Let lint --fix give it its proper type.", True),
    "unsafe_path": (W, "Pack the archive anew without it.", False),
    "utf16": (E, _REWRITE, True),
}
"""Severity, next step and whether a safe fix exists. Notes that are missing here are no fault of the card."""


def oddities(subject: Subject) -> Iterator[Finding]:
    """A finding for each note of the reader."""
    for note in subject.opened.payload.notes:
        if note.code in ODDITIES:
            severity, step, can_fix = ODDITIES[note.code]
            yield Finding(note.code, severity, note.detail, "", step, can_fix)
