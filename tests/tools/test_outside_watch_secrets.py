"""No secret of an answer reaches Slack, the log or the memory of the watch from outside."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest

from include.publishing.public_file import Fault, PublicFile
from tests.dummy_secrets import ERRORS
from tools.outside_watch import __main__ as outside_watch
from tools.outside_watch import checks

MORNING = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)
ENVIRONMENT = {outside_watch.WEBHOOK: "https://slack.example/hook"}


@pytest.mark.parametrize("accepts", [True, False])
@pytest.mark.parametrize(("text", "secret"), ERRORS.values(), ids=ERRORS)
def test_the_watch_from_outside_shows_no_secret(
    *,
    text: str,
    secret: str,
    accepts: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    posted: list[Any] = []

    def post(webhook: str, json: object, **_options: object) -> httpx.Response:
        posted.append(json)
        return httpx.Response(
            200 if accepts else 400, text=text, request=httpx.Request("POST", webhook)
        )

    found = PublicFile(faults=(Fault("altered", f"The public file breaks its contract: {text}"),))
    monkeypatch.setattr(checks, "check_address", lambda url, now: found)
    monkeypatch.setattr(checks, "heartbeat_problem", lambda url, now: f"no heartbeat: {text}")
    monkeypatch.setattr(httpx, "post", post)
    state = tmp_path / "state.json"

    outside_watch.main(
        ["--public-url=https://a.example/file.json", f"--state={state}", "--patience=0"],
        ENVIRONMENT,
        lambda: MORNING,
    )

    printed = capsys.readouterr()
    stored = state.read_text() if state.exists() else ""
    shown = f"{unquote_plus(json.dumps(posted))} {printed.out} {printed.err} {stored}"
    assert secret not in shown
    assert "***" in printed.out
    assert "***" in (stored if accepts else printed.err)
