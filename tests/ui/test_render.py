"""Numbers, times, headers and the deployed version, as the pages show them."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.configuration import conf

from include.ui import render, version
from include.ui.address import base_path, page_path
from include.ui.render import age, moment, render_page, signed

MADE = "1a2b3c4 of 2026-11-24T14:27:00Z"
CHECKED_OUT = "5d6e7f8 of 2026-11-25T08:00:00-08:00"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "new"),
        (0, ""),
        (0.0, ""),
        (44, "+44"),
        (-1044, "-1,044"),
        (0.5, "+0.50"),
        (-1.5, "-1.50"),
    ],
)
def test_a_difference_has_its_sign(value: float | None, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        ("", "none"),
        ("2026-11-24T22:27:00Z", "Tue Nov 24, 2:27 PM PST"),
        (datetime(2026, 11, 24, 22, 27, tzinfo=UTC), "Tue Nov 24, 2:27 PM PST"),
    ],
)
def test_a_time_is_californias(value: datetime | str | None, text: str) -> None:
    assert moment(value) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=5), "less than a minute"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=3, minutes=12), "3 h"),
        (timedelta(days=12, hours=1, minutes=1), "12 d"),
    ],
)
def test_an_age_is_in_its_largest_unit(length: timedelta, text: str) -> None:
    assert age(length) == text


def test_a_template_formats_numbers_and_times() -> None:
    text = "{{ n|number }}, {{ n|signed }}, {{ at|moment }}, {{ length|age }}"
    values = {"n": 1044.5, "at": "2026-11-24T22:27:00Z", "length": timedelta(hours=5)}
    shown = render._TEMPLATES.from_string(text).render(values)
    assert shown == "1,044.50, +1,044.50, Tue Nov 24, 2:27 PM PST, 5 h"


def test_a_page_shows_no_secret_and_escapes_the_rest() -> None:
    text = (
        '{% macro bold(x) %}<b>{{ x }}</b>{% endmacro %}{{ bold(x) }} <a href="{{ x }}">{{ n }}</a>'
    )
    leak = "<i>AccountKey=aGVsbG8=;x=1"

    shown = render._TEMPLATES.from_string(text).render(x=leak, n=7)

    masked = "&lt;i&gt;AccountKey=***;x=1"
    assert shown == f'<b>{masked}</b> <a href="{masked}">7</a>'


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of the checkout is the deployed one."""
    monkeypatch.setattr(render, "deployed_version", lambda: MADE)


def test_a_page_loads_nothing_and_is_not_stored(deployed: None) -> None:
    answer = render_page("models.html")
    assert answer.status_code == 200
    assert dict(answer.headers) == {
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline';"
        " script-src 'unsafe-inline'; frame-ancestors 'self'",
        "cache-control": "no-store",
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(answer.body)),
    }
    assert f"Deployed code: {MADE}." in bytes(answer.body).decode()


def test_a_pages_values_are_escaped_and_its_links_below_airflows_path(
    deployed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "base_path", lambda: "/airflow")
    answer = render_page("sources.html", states=[], now=None, only="<b>")
    note = '<p class="dim">&lt;b&gt; is not a source. <a target="_top" href="/airflow/plugin/source'
    # Directives of the template leave no empty lines and no indents.
    text = bytes(answer.body).decode().split("<main>\n")[1]
    assert text.startswith(f"<h1>&lt;b&gt;</h1>\n{note}")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("", ""),
        ("http://localhost:8080", ""),
        ("https://example.gov/", ""),
        ("https://example.gov/team/airflow/", "/team/airflow"),
    ],
)
def test_the_pages_are_below_airflows_path(
    url: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get(*key: str, fallback: str) -> str:
        assert key == ("api", "base_url")
        return url or fallback

    monkeypatch.setattr(conf, "get", get)
    assert base_path() == path
    assert page_path("sources") == f"{path}/ddrc/sources"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that a deployment writes; it does not exist yet."""
    path = tmp_path / "version.json"
    monkeypatch.setattr(version, "FILE", path)
    version.deployed_version.cache_clear()
    yield path
    version.deployed_version.cache_clear()


def git(answer: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Have git answer; returns its commands and their options."""
    calls: list[Any] = []

    def run(command: list[str], **options: object) -> Any:
        calls.append((command, options))
        return SimpleNamespace(stdout=answer())

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_a_deployment_names_its_commit(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = git(lambda: CHECKED_OUT, monkeypatch)
    file.write_text('{"commit": "1a2b3c4d5e6f7a8b", "built_at": "2026-11-24T14:27:00Z"}')
    assert version.deployed_version() == MADE
    assert calls == []


@pytest.mark.parametrize(
    "content", [None, "no JSON", "[]", "null", "{}", '{"commit": null, "built_at": ""}']
)
def test_without_a_readable_file_git_names_the_commit(
    content: str | None, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = git(lambda: f"{CHECKED_OUT}\n", monkeypatch)
    if content is not None:
        file.write_text(content)
    assert version.deployed_version() == CHECKED_OUT
    [(command, options)] = calls
    root = Path(__file__).parents[2]
    assert command == ["git", "-C", str(root), "log", "-1", "--format=%h of %cI"]
    assert options == {"capture_output": True, "text": True, "timeout": 5, "check": True}


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError("git"), subprocess.CalledProcessError(128, "git"),
     subprocess.TimeoutExpired("git", 5)],
)  # fmt: skip
def test_without_git_the_commit_is_unknown(
    error: Exception, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise error

    git(fail, monkeypatch)
    assert version.deployed_version() == "unknown commit"


def test_a_deployment_writes_the_file_beside_the_pipelines_modules() -> None:
    assert Path(__file__).parents[2] / "include" / "version.json" == version.FILE
