"""Web addresses as people type them and as they are compared."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL, comparable. `ValueError` when it has none."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(url)
    return parts.scheme, parts.hostname.lower(), parts.port or (443 if parts.scheme == "https" else 80)


def clean_url(text: str) -> str:
    """An address as a person types it, as a base URL: `example.org/` becomes `https://example.org`.

    `ValueError` for anything that is not a plain http(s) address (other schemes, user names, spaces).
    """
    text = text.strip()
    if "://" not in text:
        text = f"https://{text}"
    parts = urlsplit(text)
    if parts.username is not None or parts.password is not None or any(c.isspace() for c in text):
        raise ValueError("address with a user name, or with spaces")
    origin(text)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
