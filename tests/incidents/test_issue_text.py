"""The whole text of an incident's issue, and the request that creates it."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from include.incidents.incident import Incident
from include.incidents.issue import body, create_issue, labels, new_issue_url, title
from tests.incidents.sample_incidents import PAUSED, TUESDAY, failed, incident, rated

FIRST = failed("malibu.load_a", "another error")
LAST = failed(
    "malibu.load_`b`",
    kind="load",
    at=TUESDAY + timedelta(hours=3),
    details=("unique_x: 4 rows", "a ``` b"),
)
FOUND = replace(incident(FIRST, LAST), id="20261124T220000Z-load-123", failures=4)
BODY = """\
**Severity: low.** The last good version is still public, and this step has not changed it.
**The public sees:** The last good values, checked Tue Nov 24, 1:45 PM PST.
**Responder:** Ana
**What to do:** If the source is down, wait: each hour tries again. Else follow the runbook.

### Timeline
- first seen Tue Nov 24, 2:00 PM PST, last Tue Nov 24, 5:00 PM PST; failed attempts: 4

### Findings
_(the cause; what it affected; how it was noticed)_

### Proposed fix
- [ ] revert commits
- [ ] revert changes in Airtable
- [ ] trigger new Fivetran syncs, or clear and rerun tasks
- [ ] restore an earlier version (`restore_metrics`)
- [ ] last resort: ask the front-end team at CDT to change the page

Off hours, restore now if the public file is wrong; the rest waits until offices open.
Escalate to Ian, Jason or Matt before other CalData staff.
Retrospective: in the week after the resolution. Whoever was involved attends, others by interest.

### Evidence
- affected metrics: phase2_parcels_completed, phase2_roes_accepted
- failed tasks: `malibu.load_a`, `malibu.load_'b'`
- [the log](https://airflow.example/dags/usace/runs/1/tasks/load?try_number=3): try 3 in the run \
of Tue Nov 24, 1:27 PM PST
- incident `20261124T220000Z-load-123`

```
usace: expected 12000 rows, found 11000
unique_x: 4 rows
a ''' b
malibu.load_a: another error
```"""
CUT = "\n\n(shortened; the whole error is in the log)"


def with_error(error: str) -> Incident:
    """The incident with another last error."""
    return replace(FOUND, latest=replace(LAST, error=error))


def form(url: str) -> list[tuple[str, str]]:
    """The fields that a form's address fills in, in order."""
    return parse_qsl(urlsplit(url).query)


def test_the_issue_has_the_whole_incident() -> None:
    assert body(FOUND, "Ana", TUESDAY) == BODY
    assert title(FOUND, TUESDAY) == "[low] malibu: a load failed"
    assert labels(FOUND, TUESDAY) == ["incident", "severity: low"]


def test_the_issue_of_a_severity_that_a_person_set_says_who_and_why() -> None:
    high = rated(FOUND, "high", "The total is doubled")

    assert title(high, TUESDAY) == "[high] malibu: a load failed"
    assert labels(high, TUESDAY) == ["incident", "severity: high"]
    assert body(high, "Ana", TUESDAY).startswith(
        "**Severity: high.** Grace set it: The total is doubled\n"
    )


def test_an_incident_without_affected_metrics_says_none() -> None:
    assert "- affected metrics: none\n" in body(incident(PAUSED), "Ana", TUESDAY)


def test_at_most_twenty_tasks_and_errors_are_listed() -> None:
    many = incident(*(failed(f"dag{n}.load", f"error {n}") for n in range(100)))
    text = body(many, "Ana", TUESDAY)
    assert "`dag19.load` and 80 more" in text
    assert text.count(".load: error") == 20


def test_the_forms_address_has_title_labels_and_body() -> None:
    url = new_issue_url("owner/name", FOUND, "Ana", TUESDAY)

    assert url.partition("?")[0] == "https://github.com/owner/name/issues/new"
    assert form(url) == [
        ("title", "[low] malibu: a load failed"),
        ("labels", "incident,severity: low"),
        ("body", BODY),
    ]


def of_length(length: int) -> str:
    """The form's address, with an error that gives it this length without being shortened."""
    missing = length - len(new_issue_url("owner/name", with_error(""), "Ana", TUESDAY))
    return new_issue_url("owner/name", with_error("x" * missing), "Ana", TUESDAY)


def test_an_address_of_3000_characters_is_not_shortened_and_a_longer_one_is() -> None:
    whole, shortened = of_length(3_000), of_length(3_001)

    assert len(whole) == 3_000
    assert "shortened" not in whole
    assert len(shortened) < 3_000
    assert dict(form(shortened))["body"].endswith(CUT)


def test_the_body_is_shortened_by_steps_of_a_hundred_characters() -> None:
    long = with_error("x" * 5_000)
    whole = body(long, "Ana", TUESDAY)

    url = new_issue_url("owner/name", long, "Ana", TUESDAY)

    found = dict(form(url))["body"].removesuffix(CUT)
    assert whole.startswith(found)
    assert len(found) % 100 == 0
    longer = {**dict(form(url)), "body": whole[: len(found) + 100] + CUT}
    assert len(f"https://github.com/owner/name/issues/new?{urlencode(longer)}") > 3_000


def test_a_long_finding_is_cut_in_the_title_and_whole_in_the_body() -> None:
    long = incident(replace(PAUSED, error="x" * 1_000))

    assert len(title(long, TUESDAY)) == 150
    assert "x" * 1_000 in body(long, "Ana", TUESDAY)


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

    created = create_issue(connection, "owner/name", FOUND, "Ana", TUESDAY)

    assert created == "https://github.com/owner/name/issues/7"
    [(url, request)] = requests.sent
    assert url == address
    assert request == {
        "headers": {
            "Authorization": "Bearer dummy-token",
            "Accept": "application/vnd.github+json",
        },
        "json": {
            "title": "[low] malibu: a load failed",
            "labels": ["incident", "severity: low"],
            "body": BODY,
        },
        "timeout": 2,
    }


def test_a_created_issue_has_at_most_60000_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = Requests()
    monkeypatch.setattr(httpx, "post", requests.post)
    connection: Any = SimpleNamespace(host="", password="dummy-token")

    create_issue(connection, "owner/name", with_error("x" * 70_000), "Ana", TUESDAY)

    sent = requests.sent[0][1]["json"]["body"]
    assert len(sent) == 60_000
    assert sent.endswith("x…")
