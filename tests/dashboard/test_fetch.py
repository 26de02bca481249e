"""Fetching a view's rows: what a person reads if there are none, or if Snowflake has none."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from snowflake.connector.errors import DatabaseError, Error, OperationalError, ProgrammingError
from streamlit.errors import StreamlitAPIException

from include.dashboard import fetch, queries
from include.dashboard.fetch import as_of, fetch_rows

DOWN = (
    "Snowflake does not answer, or refuses the connection. The public file is not affected."
    " Try again in a few minutes."
)
REFUSED = "Snowflake refused the query incidents; the dashboard's log has the reason."
ROWS = pd.DataFrame({"n": [1]})
AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
GONE = OperationalError("it is gone", sqlstate="08001")


def missing(errno: int) -> Error:
    return ProgrammingError("Object does not exist", errno=errno, sqlstate="02000")


class Stopped(Exception):
    """The page ends here."""


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The sentences on the page."""
    sentences: list[tuple[str, str]] = []

    def stop() -> None:
        raise Stopped

    monkeypatch.setattr(st, "stop", stop)
    monkeypatch.setattr(st, "error", lambda text: sentences.append(("error", text)))
    return sentences


Ask = Callable[[pd.DataFrame | Exception], pd.DataFrame | None]


@pytest.fixture
def ask(page: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Fetch a query's rows, or what its error leaves."""

    def run(answer: pd.DataFrame | Exception) -> pd.DataFrame | None:
        def query(*asked: object) -> tuple[pd.DataFrame, datetime]:
            assert asked == ("incidents", "2026-11-20")
            if isinstance(answer, Exception):
                raise answer
            return answer, AT

        monkeypatch.setattr(fetch, "_query", query)
        return fetch_rows(
            "incidents",
            "2026-11-20",
            if_empty="None.",
            notice=lambda text: page.append(("notice", text)),
        )

    return run


def test_rows_are_returned_without_a_sentence(ask: Ask, page: list[Any]) -> None:
    assert ask(ROWS) is ROWS
    assert page == []


def test_rows_have_the_time_of_their_query(ask: Ask) -> None:
    rows = ask(ROWS.copy())
    assert rows is not None
    assert as_of(rows) == "Nov 20, 2026, 10:00 AM PST"


@pytest.mark.parametrize("number", [2003, 2043])
def test_a_missing_table_is_one_sentence(number: int, ask: Ask, page: list[Any]) -> None:
    assert ask(missing(number)) is None
    assert page == [("notice", "None.")]


def test_a_sentence_about_no_rows_says_as_of_when(ask: Ask, page: list[Any]) -> None:
    assert ask(ROWS[:0]) is None
    assert page == [("notice", "None. As of Nov 20, 2026, 10:00 AM PST.")]


@pytest.mark.parametrize("state", ["42000", None])
def test_a_refused_query_leaves_the_rest_of_the_page(
    state: str | None, ask: Ask, page: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert ask(ProgrammingError("syntax error", errno=1003, sqlstate=state)) is None
    assert page == [("error", REFUSED)]
    assert "The query incidents failed" in caplog.text
    assert "syntax error" in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        GONE,
        DatabaseError("it is gone", errno=250001),
        ProgrammingError("it is gone", errno=1, sqlstate="08001"),
        StreamlitAPIException("no file"),
    ],
)
def test_without_snowflake_the_page_says_so_and_ends(
    error: Exception, ask: Ask, page: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Stopped):
        ask(error)
    assert page == [("error", DOWN)]
    assert "The query incidents failed" in caplog.text


def test_another_error_is_not_hidden(ask: Ask, page: list[Any]) -> None:
    with pytest.raises(ZeroDivisionError):
        ask(ZeroDivisionError())
    assert page == []


Query = Callable[..., list[object]]


@pytest.fixture
def query(monkeypatch: pytest.MonkeyPatch) -> Query:
    """Run a query whose tries end like this; returns what was done, and the result at the end."""

    def run(*answers: pd.DataFrame | Exception) -> list[object]:
        done: list[object] = []
        left = list(answers)

        def connect(name: str) -> SimpleNamespace:
            done.append(name)
            return SimpleNamespace(raw_connection="raw", reset=lambda: done.append("reset"))

        def incidents(*asked: object) -> pd.DataFrame:
            done.append(asked)
            answer = left.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(st, "connection", connect)
        monkeypatch.setattr(queries, "incidents", incidents)
        monkeypatch.setattr(fetch, "utc_now", lambda: AT)
        try:
            rows, at = fetch._run_uncached("incidents", "2026-11-20")
            assert at == AT
            done.append(rows)
        except Error as error:
            done.append(error)
        return done

    return run


ASKED = ("raw", "2026-11-20")


def test_a_query_runs_on_the_default_connection(query: Query) -> None:
    assert query(ROWS) == ["snowflake", ASKED, ROWS]


def test_an_ended_session_is_replaced_once(query: Query) -> None:
    assert query(GONE, ROWS) == ["snowflake", ASKED, "reset", ASKED, ROWS]
    assert query(GONE, GONE) == ["snowflake", ASKED, "reset", ASKED, GONE]


def test_a_refused_query_is_not_repeated(query: Query) -> None:
    refusal = ProgrammingError("no", errno=1003, sqlstate="42000")
    assert query(refusal) == ["snowflake", ASKED, refusal]


def test_what_a_responder_watches_is_cached_for_a_minute_and_the_rest_for_ten() -> None:
    assert fetch.CACHED_FOR.total_seconds() == 600
    assert fetch.LIVE_FOR.total_seconds() == 60
    assert {"incidents", "newest_loads", "newest_value"} == fetch.LIVE


@pytest.mark.parametrize(
    ("query", "run"),
    [("incidents", "_run_live"), ("newest_loads", "_run_live"), ("public_now", "_run")],
)
def test_each_query_has_its_cache(query: str, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_run", "_run_live"):
        monkeypatch.setattr(fetch, name, lambda *asked, name=name: (name, *asked))
    answer: Any = fetch._query(query, "2026-11-20")
    assert answer == (run, query, "2026-11-20")


@pytest.mark.parametrize(("run", "seconds"), [("_run", 600), ("_run_live", 60)])
def test_a_cache_ends_in_time(run: str, seconds: int) -> None:
    assert getattr(fetch, run)._info.ttl == timedelta(seconds=seconds)
