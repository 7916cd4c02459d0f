"""Where bytes lie: content-addressed, on the local disk or any store that fsspec knows (S3, ...)."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from ainfluencer.core.config import Settings, settings
from ainfluencer.core.errors import LimitReached, NotConnected, NotFound
from ainfluencer.core.ids import new_id

_SUFFIX = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif", "video/mp4": ".mp4"}
RESERVE_BYTES = 50_000_000  # left free so that the database can still write when the disk fills up


class DiskFull(LimitReached):
    """There is no room for it; nothing of it was kept. (429 would say: wait, and it goes away by itself.)"""

    code = "disk_full"
    status = 507


def sha256(data: bytes) -> str:
    """The name of these bytes."""
    return hashlib.sha256(data).hexdigest()


def _local_root(config: Settings) -> Path:
    return config.data / "media"


def _key(digest: str, mime: str) -> str:
    return f"{digest[:2]}/{digest}{_SUFFIX.get(mime, '.bin')}"


def _remote(url: str, key: str) -> tuple[Any, str]:
    """The store that fsspec knows at that address, and where the file lies in it."""
    import fsspec  # type: ignore[import-untyped] # it comes without types

    try:
        store, root = fsspec.url_to_fs(url)
    except (ImportError, ValueError) as e:
        raise NotConnected(
            "media",
            f"The media store of AINFLUENCER_MEDIA_URL cannot be used: {str(e)[:200]}.",
            "Install the package for that kind of address (s3fs for s3://), or leave it empty: media stay in the data folder.",
        ) from None
    return store, f"{root.rstrip('/')}/{key}"


def put(data: bytes, mime: str) -> str:
    """Write the bytes once, atomically; returns their sha256. `LimitReached` when the disk is full."""
    config = settings()
    digest = sha256(data)
    _write_local(_local_root(config) / _key(digest, mime), data)
    if config.media_url:
        store, remote = _remote(config.media_url, _key(digest, mime))
        if not store.exists(remote):
            store.pipe_file(remote, data)
    return digest


def _write_local(target: Path, data: bytes) -> None:
    if target.exists() and target.stat().st_size == len(data):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(target.parent).free
    if free < len(data) + RESERVE_BYTES:
        raise DiskFull(
            f"The disk has only {free // 1_000_000} MB left; the file was not stored.",
            f"Free some space on the disk that holds {settings().data} and try again.",
        )
    part = target.with_suffix(f".{new_id()}.part")
    try:
        with part.open("wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        part.replace(target)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise DiskFull(
            f"The file could not be written: {e.strerror}.",
            f"Check the disk that holds {settings().data}.",
        ) from None


def path_of(digest: str, mime: str) -> Path:
    """A local file with these bytes; brought from the remote store when it is not here. `NotFound` if it is nowhere."""
    config = settings()
    local = _local_root(config) / _key(digest, mime)
    if local.exists():
        return local
    if config.media_url:
        store, remote = _remote(config.media_url, _key(digest, mime))
        if store.exists(remote):
            _write_local(local, store.cat_file(remote))
            return local
    raise NotFound(
        "The file's bytes are missing from the media store.",
        "Restore the media folder from a backup.",
        code="media_missing",
    )


def variant_path(digest: str, name: str) -> Path:
    """Where a derived file (a thumbnail) is kept; it can be made again at any time."""
    return _local_root(settings()) / "variants" / digest[:2] / f"{digest}-{name}"


# -- files that wait for a job: put down by one process, taken up by another, gone afterwards --


def _waiting_key(name: str) -> str:
    if not name.replace("-", "").replace(".", "").isalnum() or name.startswith("."):
        raise NotFound("There is no such waiting file.", code="media_missing")
    return f"waiting/{name}"


def put_waiting(content: bytes | Path, suffix: str = "") -> str:
    """Keep bytes, or a file that is moved there, for a job that runs later, maybe elsewhere; answers the name to ask for."""
    config, name = settings(), f"{new_id()}{suffix}"
    local = _local_root(config) / _waiting_key(name)
    if isinstance(content, bytes):
        _write_local(local, content)
    else:
        local.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(content, local)
    if config.media_url:
        store, remote = _remote(config.media_url, _waiting_key(name))
        store.put_file(str(local), remote)
    return name


def waiting_path(name: str) -> Path:
    """A local file with what `put_waiting` was given. `NotFound` when it is gone."""
    config, key = settings(), _waiting_key(name)
    local = _local_root(config) / key
    if not local.exists() and config.media_url:
        store, remote = _remote(config.media_url, key)
        if store.exists(remote):
            _write_local(local, store.cat_file(remote))
    if not local.exists():
        raise NotFound("The file that waited for this job is gone.", "Begin again.", code="media_missing")
    return local


def drop_waiting(name: str) -> None:
    """Throw a waiting file away; one that is gone already is no fault."""
    config, key = settings(), _waiting_key(name)
    (_local_root(config) / key).unlink(missing_ok=True)
    if config.media_url:
        store, remote = _remote(config.media_url, key)
        if store.exists(remote):
            store.rm(remote)


def sweep_waiting(older_than_seconds: float, now: float) -> None:
    """Throw away what nobody took up: local files older than that at the instant `now` (seconds since 1970)."""
    folder = _local_root(settings()) / "waiting"
    for file in folder.iterdir() if folder.is_dir() else ():
        if now - file.stat().st_mtime > older_than_seconds:
            drop_waiting(file.name)
