"""The GitHub issue: a filled form within the length limits, and creation by the API."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from include.incidents.issue import create_issue, new_issue_url
from tests.incidents.sample_incidents import ALTERED, OUTAGE, TUESDAY, failed, incident


def form(url: str) -> dict[str, str]:
    """The fields that a form's address fills in."""
    return {name: found[0] for name, found in parse_qs(urlsplit(url).query).items()}


def test_the_form_is_filled_with_the_incident() -> None:
    url = new_issue_url("owner/name", incident(), "Ana", TUESDAY)

    assert url.startswith("https://github.com/owner/name/issues/new?")
    filled = form(url)
    assert filled["title"] == "[low] usace: a load failed"
    assert filled["labels"] == "incident,severity: low"
    for part in (
        "**Responder:** Ana",
        "**What to do:** If the source is down, wait: each hour tries again.",
        "first seen Tue Nov 24, 2:00 PM PST",
        "- [ ] revert commits",
        "- [ ] revert changes in Airtable",
        "- [ ] trigger new Fivetran syncs, or clear and rerun tasks",
        "- [ ] last resort: ask the front-end team at CDT to change the page",
        "Escalate to Ian, Jason or Matt",
        "Off hours, restore now if the public file is wrong; the rest waits until offices open.",
        "Retrospective: in the week after the resolution. Whoever was involved attends, others by",
        "affected metrics: phase2_parcels_completed, phase2_roes_accepted",
        "```\nusace: expected 12000 rows, found 11000\n```",
    ):
        assert part in filled["body"]


@pytest.mark.parametrize("character", ["x", "ü", "&", "字", "\n"])
def test_a_long_body_is_shortened_to_slacks_limit_for_addresses(character: str) -> None:
    long = incident(failed(details=tuple(character * 200 for _ in range(60))))

    url = new_issue_url("owner/name", long, "Ana", TUESDAY)

    assert len(url) <= 3_000
    body = form(url)["body"]
    assert body.endswith("the whole error is in the log)")
    assert "- [ ] last resort" in body, "the fields that people fill in are never cut off"


def test_an_error_cannot_end_its_code_block() -> None:
    hostile = incident(failed(error="a ``` @everyone"))
    assert form(new_issue_url("o/n", hostile, "Ana", TUESDAY))["body"].count("```") == 2


def test_an_outage_is_one_issue_that_lists_its_tasks_and_has_no_iso_time() -> None:
    filled = form(new_issue_url("o/n", incident(*OUTAGE), "Ana", TUESDAY))
    assert filled["title"] == "[low] usace, epa, malibu and 4 more: 7 tasks failed"
    assert (
        "failed tasks: `usace.load`, `epa.transform.stg_epa__parcels_model_build`"
        in (filled["body"])
    )
    assert "try 3 in the run of Tue Nov 24, 1:27 PM PST" in filled["body"]
    assert "scheduled__" not in filled["body"]
    assert "UTC" not in filled["body"]


def test_a_finding_of_the_watch_is_an_issue_without_a_run() -> None:
    filled = form(new_issue_url("o/n", incident(ALTERED), "Ana", TUESDAY))
    assert filled["labels"] == "incident,severity: high"
    assert filled["title"].startswith("[high] The public file is not the last version that was")
    assert "failed tasks: none; the watch found it" in filled["body"]
    assert "the log" not in filled["body"]
    assert "**What to do:** Restore the last version" in filled["body"]


class GitHub:
    """A GitHub API that creates issues, or refuses."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.status = 201
        github = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                github.received.append(
                    {"path": self.path, "token": self.headers["Authorization"], **json.loads(body)}
                )
                self.send_response(github.status)
                self.end_headers()
                number = len(github.received)
                self.wfile.write(json.dumps({"html_url": f"https://github/{number}"}).encode())

            def log_message(self, *args: object) -> None:
                """Log nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.connection: Any = SimpleNamespace(
            schema="http", host="127.0.0.1", port=self.server.server_port, password="dummy-token"
        )


@pytest.fixture
def github() -> Iterator[GitHub]:
    made = GitHub()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_the_api_gets_title_labels_and_a_long_body(github: GitHub) -> None:
    long = incident(failed(details=("x" * 60_000,)))

    created = create_issue(github.connection, "owner/name", long, "Ana", TUESDAY)

    assert created == "https://github/1"

    [issue] = github.received
    assert (issue["path"], issue["token"]) == ("/repos/owner/name/issues", "Bearer dummy-token")
    assert issue["labels"] == ["incident", "severity: low"]
    assert len(issue["body"]) == 60_000


def test_a_refusal_is_an_error(github: GitHub) -> None:
    github.status = 403
    with pytest.raises(httpx.HTTPStatusError):
        create_issue(github.connection, "owner/name", incident(), "Ana", TUESDAY)
