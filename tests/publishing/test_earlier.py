"""The earlier system's file is read whatever its address answers, within a limited time."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route

from include.publishing import earlier as module
from include.publishing.earlier import (
    EARLIER_URL,
    EarlierFile,
    earlier_url,
    excerpt,
    read_earlier,
    shown_address,
)
from include.publishing.names import PUBLIC_CONTAINER
from include.publishing.store import Place
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric
from tests.serving import serving

EARLIER = Place(PUBLIC_CONTAINER, "earlier.json")


def read(store: MemoryStore, content: bytes | None) -> EarlierFile:
    """What is read from an address with this content; `None` for a missing file."""
    if content is not None:
        store.unload(EARLIER, content)
    return read_earlier(store.public_url(EARLIER), NOW)


def test_a_right_file_is_read_with_its_rows_and_no_problem(store: MemoryStore) -> None:
    found = read(store, file(metric("a", 1), metric("b", 2.5, METRIC_TYPE="dollars - millions")))
    assert found.url == store.public_url(EARLIER)
    assert (list(found.rows), found.problems, found.fault) == (["a", "b"], (), "")
    assert found.rows["b"]["METRIC_VALUE"] == 2.5
    assert store.requests[-1]["cache-control"] == "no-cache", "not what a cache has"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "is missing: its address answers 404."),
        (b"", "is not JSON that a browser can parse: it is empty."),
        (
            b"<!doctype html>\n<title>Log\x07 in</title>",
            "is not JSON that a browser can parse: it is <!doctype html> <title>Log in</title>.",
        ),
        (b'[{"METRIC_NAME": "a", "METRIC_VALUE": NaN}]', "is not JSON that a browser can parse"),
        (b"\xff\xfe[\x00", "is not JSON that a browser can parse"),
        (b"[" * 100_000, "is not JSON that a browser can parse: it is [[["),
        (b'{"METRIC_NAME": "a"}', "is not a list of metrics."),
        (b"null", "is not a list of metrics."),
        (b"[]", "has no metrics."),
        (b'[1, null, {}, [], {"METRIC_NAME": 3}, {"METRIC_NAME": ["a"]}]', "has no metrics."),
    ],
)
def test_a_file_that_shows_no_metric_is_a_fault_of_one_sentence(
    content: bytes | None, fault: str, store: MemoryStore
) -> None:
    found = read(store, content)
    assert found.fault.startswith(f"The earlier file {fault}")
    assert "\n" not in found.fault
    assert len(found.fault) < 200
    assert (found.rows, found.problems) == ({}, ())


@pytest.mark.parametrize("status", [403, 409, 500, 503])
def test_an_address_that_refuses_is_a_fault_with_its_status(
    status: int, store: MemoryStore
) -> None:
    store.status = status
    assert read(store, file()).fault == (
        f"The earlier file is out of reach: its address answers {status}."
    )


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://host/file", "javascript:alert(1)", "http://", "http://[::1", "/a"]
)
def test_a_setting_that_is_no_address_is_a_fault_that_names_the_setting(url: str) -> None:
    assert read_earlier(url, NOW) == EarlierFile(
        url,
        fault=f"The earlier file has no address: {EARLIER_URL} is not the address of a website.",
    )


def test_a_file_that_has_moved_is_read_where_it_is_now(store: MemoryStore) -> None:
    store.unload(EARLIER, file(metric("a", 1)))
    moved = Route("/x.json", lambda _: RedirectResponse(store.public_url(EARLIER)))
    with serving(Starlette(routes=[moved])) as url:
        found = read_earlier(f"{url}/x.json", NOW)
    assert (list(found.rows), found.fault) == (["a"], "")


def test_an_address_without_a_server_is_a_fault() -> None:
    found = read_earlier("http://127.0.0.1:9/x.json", NOW)
    assert found.fault == "The earlier file is out of reach: ConnectError."


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (metric("a", "8"), "a.METRIC_VALUE: Input should be a valid number."),
        (metric("a", METRIC_UNIT_LABEL=None), "a.METRIC_UNIT_LABEL: Input should be a valid"),
        (metric("a", LAST_UPDATED="yesterday"), "a.LAST_UPDATED: String should match pattern"),
        (metric("a", UPDATE_FREQUENCY="hourly"), "a.UPDATE_FREQUENCY: Input should be 'as needed'"),
        (metric("a", METRIC_VALUE=-1), "a: a count cannot be -1.0"),
        ({"METRIC_NAME": "a"}, "a.METRIC_VALUE: Field required."),
        (metric("a", more=[1, {"b": True}]), "a.more: Extra inputs are not permitted."),
    ],
)
def test_a_row_that_breaks_the_contract_is_read_and_named(
    row: dict[str, Any], problem: str, store: MemoryStore
) -> None:
    found = read(store, file(row, metric("b")))
    assert (list(found.rows), found.fault) == (["a", "b"], "")
    assert found.problems[0].startswith(problem)


@pytest.mark.parametrize(
    ("value", "read_as"), [(None, None), (7, 7.0), ("7", "7"), ([7], "[7.0]"), (True, "true")]
)
def test_a_value_of_another_kind_is_a_text_and_none_stays_none(
    value: object, read_as: object, store: MemoryStore
) -> None:
    found = read(store, file(metric("a", METRIC_VALUE=value)))
    assert found.rows["a"]["METRIC_VALUE"] == read_as


def test_a_unit_that_is_still_to_come_is_a_text_as_any_other(store: MemoryStore) -> None:
    found = read(store, file(metric("a", METRIC_UNIT_LABEL="TK")))
    assert (found.rows["a"]["METRIC_UNIT_LABEL"], found.problems) == ("TK", ())


def test_of_two_rows_of_a_name_the_first_counts_as_on_the_page(store: MemoryStore) -> None:
    found = read(store, file(metric("a", 1), metric("a", 2)))
    assert found.rows["a"]["METRIC_VALUE"] == 1
    assert found.problems == ("a appears 2 times.",)


def test_a_byte_order_mark_is_ignored_as_by_a_browser(store: MemoryStore) -> None:
    assert read(store, b"\xef\xbb\xbf" + file(metric("a"))).problems == ()


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1_000_000)
    assert read(store, b" " * 1_000_001).fault == "The earlier file has more than 1 MB."


async def _answer(send: Any, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def slow_app(scope: Any, receive: Any, send: Any) -> None:
    """Answers /silent never, /slowly byte by byte, and sends /moved to /there."""
    if scope["path"] == "/silent":
        await asyncio.sleep(2)
    if scope["path"] == "/moved":
        await _answer(send, 302, [(b"location", b"/there")])
    else:
        await _answer(send, 200, [])
    if scope["path"] == "/slowly":
        for _ in range(100):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.02)
    body = file(metric("a")) if scope["path"] == "/there" else b""
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def slow() -> Iterator[str]:
    with serving(slow_app, lifespan="off") as url:
        yield url


@pytest.mark.parametrize("path", ["silent", "slowly"])
def test_a_slow_file_is_a_fault_after_the_time_limit(path: str, slow: str) -> None:
    found = read_earlier(f"{slow}/{path}", NOW, seconds=0.1)
    assert found.fault == "The earlier file did not arrive within 0.1 s."


def test_no_read_of_the_address_takes_longer_than_the_time_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits: list[dict[str, float]] = []

    def silent(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        limits.append(request.extensions["timeout"])
        raise httpx.ReadTimeout("")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", silent)
    found = read_earlier("http://127.0.0.1:9/x.json", NOW, seconds=7)
    assert found.fault == "The earlier file did not arrive within 7 s."
    assert limits == [dict.fromkeys(("connect", "read", "write", "pool"), 7)]


def test_an_address_that_has_moved_is_followed_as_by_a_browser(slow: str) -> None:
    assert list(read_earlier(f"{slow}/moved", NOW).rows) == ["a"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = [*metric(), "more"]


@settings(max_examples=40)
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), JSON), max_size=4) | JSON)
def test_whatever_a_file_says_its_rows_are_read_or_it_has_one_fault(content: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_get", lambda *_: json.dumps(content).encode())
        found = read_earlier("https://earlier.example/x.json", NOW)
    assert bool(found.rows) is not bool(found.fault)
    assert "out of reach" not in found.fault, "an error that nobody foresaw"
    plain = [one for row in found.rows.values() for one in row.values()]
    assert all(isinstance(one, float | str | None) for one in plain)
    assert all(problem.endswith(".") for problem in found.problems)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x.json", "https://a.example/x.json"),
        ("https://user:secret@a.example:444/x.json?sig=secret#x", "https://a.example:444/x.json"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("", "empty"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert shown_address(url) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\x1b[31m", "a b [31m"),
        ("\ud800", "empty"),
        ("  ", "empty"),
        ("x" * 61, "x" * 59 + "…"),
        ("x" * 60, "x" * 60),
    ],
)
def test_an_excerpt_is_one_printable_line(text: str, shown: str) -> None:
    assert excerpt(text) == shown


def test_without_the_setting_there_is_no_earlier_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(EARLIER_URL, raising=False)
    assert earlier_url() == ""
    monkeypatch.setenv(EARLIER_URL, " https://a.example/x.json\n")
    assert earlier_url() == "https://a.example/x.json"
