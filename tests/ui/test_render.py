"""Numbers, times, headers and the deployed version, as the pages show them."""

import asyncio
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
from include.ui.render import (
    HEADERS,
    age,
    moment,
    page_headers,
    render_page,
    signed,
    stream_page,
)

MADE = "1a2b3c4 of Tue Nov 24, 6:27 AM PST"
CHECKED_OUT = "5d6e7f8 of Wed Nov 25, 8:00 AM PST"


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
        " script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(answer.body)),
    }
    assert f"Deployed code: {MADE}." in bytes(answer.body).decode()


@pytest.mark.parametrize(
    ("sources", "policy"),
    [
        (
            "default-src 'none'; img-src data:",
            "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none';"
            " frame-ancestors 'self'",
        ),
        (
            "default-src 'none'; frame-ancestors 'none'; form-action 'self';",
            "default-src 'none'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
        ),
    ],
)
def test_a_page_may_load_more_and_keeps_the_other_rules(sources: str, policy: str) -> None:
    assert page_headers(sources)["Content-Security-Policy"] == policy


def test_a_page_can_have_another_status(deployed: None) -> None:
    assert render_page("models.html", status=404).status_code == 404


def test_a_page_begins_before_its_variables_are_read(deployed: None) -> None:
    steps: list[str] = []

    def read() -> dict[str, object]:
        steps.append("read")
        return {}

    answer = stream_page("models.html", "Data <models>", "Reading …", read)
    assert answer.media_type == "text/html"
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    # No middleware compresses it, and no proxy holds it back.
    assert answer.headers["content-encoding"] == "identity"
    assert answer.headers["x-accel-buffering"] == "no"

    async def parts() -> list[str]:
        found = []
        async for part in answer.body_iterator:
            steps.append("part")
            found.append(str(part))
        return found

    first, second = asyncio.run(parts())
    assert steps == ["part", "read", "part"]
    assert first.startswith("<!doctype html>")
    assert "<title>Data &lt;models&gt; · DDRC</title>" in first
    assert "Reading …" in first
    assert second.lstrip().startswith("<h1>Data models</h1>")
    assert second.rstrip().endswith("</html>")
    assert (first + second).count("<body>") == (first + second).count("</main>") == 1


def test_a_page_whose_variables_cannot_be_read_says_so(
    deployed: None, caplog: pytest.LogCaptureFixture
) -> None:
    def gone() -> dict[str, object]:
        raise ConnectionError("it is gone")

    async def text() -> str:
        answer = stream_page("models.html", "Data models", "Reading …", gone)
        return "".join([str(part) async for part in answer.body_iterator])

    page = asyncio.run(text())
    assert "The page could not be shown." in page
    assert "it is gone" not in page
    assert "it is gone" in caplog.text


def test_a_metrics_name_breaks_only_after_an_underscore() -> None:
    shown = render._TEMPLATES.from_string("{{ n|name_of }}").render(n="a_b<i>")
    assert shown == "a_<wbr>b&lt;i&gt;"


def test_a_pages_values_are_escaped_and_its_links_below_airflows_path(
    deployed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "base_path", lambda: "/airflow")
    answer = render_page("refused.html", head="<b>", text="<i>", is_login=True)
    # Directives of the template leave no empty lines and no indents.
    text = bytes(answer.body).decode().split("<!-- content -->\n")[1]
    assert text.startswith('<h1>&lt;b&gt;</h1>\n<p class="card warn">&lt;i&gt;')
    assert 'href="/airflow/api/v2/auth/login"' in text


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
    "content",
    [
        None,
        "no JSON",
        "[]",
        "null",
        "{}",
        '{"commit": null, "built_at": ""}',
        '{"commit": "1a2b3c4", "built_at": "yesterday"}',
    ],
)
def test_without_a_readable_file_git_names_the_commit(
    content: str | None, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = git(lambda: "5d6e7f8 2026-11-25T08:00:00-08:00\n", monkeypatch)
    if content is not None:
        file.write_text(content)
    assert version.deployed_version() == CHECKED_OUT
    [(command, options)] = calls
    root = Path(__file__).parents[2]
    assert command == ["git", "-C", str(root), "log", "-1", "--format=%h %cI"]
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


def test_without_a_commit_it_is_unknown(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(lambda: "", monkeypatch)
    assert version.deployed_version() == "unknown commit"


def test_a_deployment_writes_the_file_beside_the_pipelines_modules() -> None:
    assert Path(__file__).parents[2] / "include" / "version.json" == version.FILE
