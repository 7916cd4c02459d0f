"""Finds the running instance of a data folder, or starts one for the length of a command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ainfluencer.core import collector, config
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutsideError,
    ProductError,
)

if TYPE_CHECKING:
    import httpx

_BY_STATUS: dict[int, type[ProductError]] = {403: NotAllowed, 404: NotFound, 409: Conflict, 422: InvalidInput}


class Instance:
    """A connection to the API of one instance, signed in with the data folder's own key."""

    def __init__(self, url: str, key: str, *, started_here: bool) -> None:
        import httpx

        self.url = url
        self.started_here = started_here
        self._http = httpx.Client(
            base_url=f"{url}/api/v2", headers={"Authorization": f"Bearer {key}"}, timeout=120, trust_env=False
        )

    def call(self, method: str, path: str, **parts: Any) -> Any:
        """One call; the decoded answer, or the refusal that the instance gave as one of our errors."""
        answer = self._ask(method, path, **parts)
        return answer.json() if answer.content else None

    def fetch(self, path: str, **parts: Any) -> bytes:
        """The raw bytes of an answer."""
        return self._ask("GET", path, **parts).content

    def _ask(self, method: str, path: str, **parts: Any) -> httpx.Response:
        import httpx

        try:
            answer = self._http.request(method, path, **parts)
        except httpx.HTTPError as error:
            raise OutsideError(
                "instance",
                f"The instance stopped answering ({type(error).__name__}).",
                "Look at its log, start it again, and repeat.",
            ) from None
        if answer.status_code >= 400:
            raise _refusal(answer)
        return answer

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()


def _refusal(answer: httpx.Response) -> ProductError:
    try:
        problem = answer.json()
        detail, next_step, code = problem["detail"], problem.get("next_step", ""), problem.get("code", "")
    except (ValueError, KeyError, TypeError):
        return ProductError(f"The instance answered with status {answer.status_code}.")
    if answer.status_code in {502, 503, 504}:
        return OutsideError("instance", detail, next_step, code=code)
    return _BY_STATUS.get(answer.status_code, ProductError)(detail, next_step, code=code)


def find(settings: Settings) -> str:
    """The address of the instance that runs on this data folder, or ''."""
    try:
        url = str(json.loads((settings.data / "instance.json").read_text("utf-8"))["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    import httpx

    try:
        answer = httpx.get(f"{url}/api/v2/health", timeout=3, trust_env=False).json()
    except (ValueError, httpx.HTTPError, httpx.InvalidURL):
        return ""
    return url if isinstance(answer, dict) and answer.get("name") == "ainfluencer" else ""


def way_in(settings: Settings, url: str) -> str:
    """The path that signs a browser in (a one-time link at the first start), asked from the instance itself."""
    import httpx

    try:
        headers = {"Authorization": f"Bearer {_key(settings)}"}
        answer = httpx.post(f"{url}/api/v2/auth/way-in", headers=headers, timeout=10, trust_env=False)
        return str(answer.json()["path"])
    except (NotAllowed, httpx.HTTPError, ValueError, KeyError, TypeError):
        return "/"


def _key(settings: Settings) -> str:
    path = settings.data / "keys" / "cli.key"
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        raise NotAllowed(
            f"The key file {path} cannot be read.", "Run the command as the user that runs the instance."
        ) from None


@contextmanager
def connect() -> Iterator[Instance]:
    """The running instance of the data folder; when none runs, one without pages' address for others, ended afterwards."""
    settings = config.settings()
    url = find(settings)
    if url:
        instance = Instance(url, _key(settings), started_here=False)
        try:
            yield instance
        finally:
            instance.close()
        return
    collector.rest()
    from ainfluencer.cli.own import own_instance

    with own_instance(settings) as started:
        instance = Instance(started.url, _key(started), started_here=True)
        try:
            yield instance
        finally:
            instance.close()
