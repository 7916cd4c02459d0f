"""Routes are found at once and worked out at their first use."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.testclient import TestClient

from ainfluencer.web.routing import LateRoute, Router, join


class Hand(BaseModel):
    """What is handed over."""

    fingers: int


def made(prefix: str = "") -> Router:
    router = Router(prefix=prefix, tags=["hands"])

    @router.post("/hands/{name}", status_code=201)
    async def hand(name: str, body: Hand, loud: bool = False) -> dict[str, object]:
        """Take a hand."""
        return {"name": name, "fingers": body.fingers, "loud": loud}

    @router.get("/hands/{name}")
    async def show(name: str) -> str:
        return name

    return router


def app_with(*routers: Router) -> FastAPI:
    app = FastAPI()
    app.router.routes.extend(join(*routers).routes)
    return app


def is_worked_out(route: object) -> bool:
    return "app" in vars(route)


def test_only_the_route_that_is_asked_for_is_worked_out() -> None:
    router = made()
    with TestClient(app_with(router)) as client:
        assert not any(is_worked_out(route) for route in router.routes)
        answer = client.post("/hands/left?loud=true", json={"fingers": 5})
        assert (answer.status_code, answer.json()) == (201, {"name": "left", "fingers": 5, "loud": True})
    assert [is_worked_out(route) for route in router.routes] == [True, False]


def test_bad_input_is_refused_as_on_any_route() -> None:
    with TestClient(app_with(made())) as client:
        assert client.post("/hands/left", json={"fingers": "many"}).status_code == 422
        assert client.put("/hands/left").status_code == 405


def test_the_description_is_the_one_that_fastapi_gives() -> None:
    plain = FastAPI()
    for route in made("/api").routes:
        assert isinstance(route, LateRoute)
        methods = list(route.methods or ())
        status = 201 if "POST" in methods else None
        plain.add_api_route(route.path, route.endpoint, methods=methods, tags=["hands"], status_code=status)
    assert app_with(made("/api")).openapi() == plain.openapi()


def test_joined_parts_answer_in_their_order() -> None:
    words, ids = Router(), Router()
    words.get("/posts/new")(lambda: "the word")
    ids.get("/posts/{post_id}")(lambda post_id: f"the id {post_id}")
    with TestClient(app_with(words, ids)) as client:
        assert [client.get(f"/posts/{last}").json() for last in ("new", "7")] == ["the word", "the id 7"]


def test_what_no_route_has_is_missing_and_copies_are_no_trap() -> None:
    route = made().routes[0]
    with pytest.raises(AttributeError):
        _ = route.wings  # type: ignore[attr-defined]
    assert copy.copy(route).path == "/hands/{name}"  # type: ignore[attr-defined]


def test_threads_may_ask_at_once() -> None:
    route = made().routes[0]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: getattr(route, "dependant"), range(16)))  # noqa: B009 - not known to the type
    assert isinstance(route, APIRoute)
    assert all(one is route.dependant for one in found)
