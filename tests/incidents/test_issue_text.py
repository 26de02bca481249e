"""The whole text of an incident's issue, and the request that creates it."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from include.incidents import issue
from include.incidents.issue import body, create_issue, labels, new_issue_url, title
from tests.incidents.samples import TUESDAY, incident

FOUND = replace(
    incident(),
    id="20261124T220000Z-usace-load-123",
    tasks=("load_a", "load_`b`"),
    details=("unique_x: 4 rows", "a ``` b"),
    failed_at=TUESDAY + timedelta(hours=3),
    runs=4,
)
BODY = """\
**Severity: low.** The last good version is served.
**The public sees:** The last good values.
**Responder:** Ana

### Timeline
- first failure Tue Nov 24, 2:00 PM PST, last Tue Nov 24, 5:00 PM PST, in 4 runs

### Findings
_(the cause; what it affected; how it was noticed)_

### Proposed fix
- [ ] revert commits
- [ ] revert changes in Airtable
- [ ] trigger new Fivetran syncs, or clear and rerun tasks
- [ ] restore an earlier version (`restore_metrics`)
- [ ] last resort: ask the front-end team at CDT to change the page

Escalate to Ian, Jason or Matt before other CalData staff.
Retrospective: Monday, November 30, 2026 (suggested).

### Evidence
- DAG `usace`, failed tasks: `load_a`, `load_'b'`, try 3
- run `scheduled__2026-11-24T21:27:00+00:00`: http://airflow.example/dags/usace/runs/1
- log: http://airflow.example/dags/usace/runs/1/tasks/load?try_number=3
- incident `20261124T220000Z-usace-load-123`
- affected metrics: `a`, `b`

```
expected 12000 rows, found 11000
unique_x: 4 rows
a ''' b
```"""
CUT = "\n\n(shortened; the whole error is in the log)"


def form(url: str) -> list[tuple[str, str]]:
    """The fields that a form's address fills in, in order."""
    return parse_qsl(urlsplit(url).query)


def test_the_issue_has_the_whole_incident() -> None:
    assert body(FOUND, "Ana") == BODY
    assert title(FOUND) == "[low] usace: a load failed"
    assert labels(FOUND) == ["incident", "severity: low"]


def test_the_issue_of_a_high_severity_says_so() -> None:
    high = replace(FOUND, severity="high", kind="promotion", dag="publish_metrics")

    assert title(high) == "[high] publish_metrics: a promotion failed"
    assert labels(high) == ["incident", "severity: high"]
    assert body(high, "Ana").startswith("**Severity: high.** The last good version")


def test_an_incident_without_affected_metrics_says_none() -> None:
    assert "- affected metrics: none\n" in body(replace(FOUND, affected=()), "Ana")


def test_the_forms_address_has_title_labels_and_body() -> None:
    url = new_issue_url("owner/name", FOUND, "Ana")

    assert url.partition("?")[0] == "https://github.com/owner/name/issues/new"
    assert form(url) == [
        ("title", "[low] usace: a load failed"),
        ("labels", "incident,severity: low"),
        ("body", BODY),
    ]


def of_length(length: int) -> str:
    """The form's address, with an error that gives it this length without being shortened."""
    shorter = replace(FOUND, error="")
    missing = length - len(new_issue_url("owner/name", shorter, "Ana"))
    return new_issue_url("owner/name", replace(FOUND, error="x" * missing), "Ana")


def test_an_address_of_3000_characters_is_not_shortened_and_a_longer_one_is() -> None:
    whole, shortened = of_length(3_000), of_length(3_001)

    assert len(whole) == 3_000
    assert "shortened" not in whole
    assert len(shortened) < 3_000
    assert dict(form(shortened))["body"].endswith(CUT)


def test_the_body_is_shortened_by_steps_of_a_hundred_characters() -> None:
    long = replace(FOUND, error="x" * 5_000)

    found = dict(form(new_issue_url("owner/name", long, "Ana")))["body"].removesuffix(CUT)

    assert body(long, "Ana").startswith(found)
    assert len(found) % 100 == 0
    longer = body(long, "Ana")[: len(found) + 100] + CUT
    assert len(issue._form_url("owner/name", long, longer)) > 3_000


def test_a_form_without_space_for_the_body_says_only_that_it_is_shortened() -> None:
    title_only = len(issue._form_url("owner/name", replace(FOUND, dag=""), CUT))
    long = replace(FOUND, dag="d" * (2_950 - title_only))

    url = new_issue_url("owner/name", long, "Ana")

    assert len(url) == 2_950
    assert dict(form(url))["body"] == CUT


class Requests:
    """What is sent to GitHub, and its answer."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def post(self, url: str, **named: Any) -> httpx.Response:
        self.sent.append((url, named))
        answer = {"html_url": "https://github.com/owner/name/issues/7"}
        return httpx.Response(201, json=answer, request=httpx.Request("POST", url))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        (None, "https://api.github.com/repos/owner/name/issues"),
        ("", "https://api.github.com/repos/owner/name/issues"),
        ("github.example", "https://github.example:8443/repos/owner/name/issues"),
    ],
)
def test_the_request_to_github_is_complete(
    host: str | None, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = Requests()
    monkeypatch.setattr(httpx, "post", requests.post)
    connection: Any = SimpleNamespace(host=host, schema=None, port=8443, password="dummy-token")

    created = create_issue(connection, "owner/name", FOUND, "Ana")

    assert created == "https://github.com/owner/name/issues/7"
    [(url, request)] = requests.sent
    assert url == address
    assert request == {
        "headers": {
            "Authorization": "Bearer dummy-token",
            "Accept": "application/vnd.github+json",
        },
        "json": {
            "title": "[low] usace: a load failed",
            "labels": ["incident", "severity: low"],
            "body": BODY,
        },
        "timeout": 15,
    }


def test_a_created_issue_has_at_most_60000_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = Requests()
    monkeypatch.setattr(httpx, "post", requests.post)
    connection: Any = SimpleNamespace(host="", password="dummy-token")

    create_issue(connection, "owner/name", replace(FOUND, error="x" * 70_000), "Ana")

    sent = requests.sent[0][1]["json"]["body"]
    assert len(sent) == 60_000
    assert sent.endswith("x…")
