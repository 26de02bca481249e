"""The messages: complete, and within Slack's limits for every error text."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from include.incidents.incident import Event
from include.incidents.issue import new_issue_url
from include.incidents.message import Links, Message, failure_message, recovery_message
from include.incidents.on_call import Responder
from include.times import CALIFORNIA
from local.slack.limits import find_error
from tests.incidents.samples import LOW_SEVERITY, TUESDAY, failure, incident

WHO = Responder("Ana", datetime(2026, 11, 24, 15, tzinfo=CALIFORNIA), "<@UANA>")
LINKS = Links("https://log", "https://run", "https://runbook", "https://issue")


def text_of(message: Message) -> str:
    """Every text in the blocks."""

    def texts(part: object) -> list[str]:
        if isinstance(part, dict):
            return [t for v in part.values() for t in texts(v)]
        if isinstance(part, list):
            return [t for v in part for t in texts(v)]
        return [str(part)]

    return "\n".join(texts(message.blocks))


def test_a_message_says_what_failed_its_severity_who_responds_and_what_to_do() -> None:
    message = failure_message(Event.OPENED, incident(), WHO, LINKS)

    said = text_of(message)
    for part in (
        "LOW · usace: a load failed",
        "*usace* failed in `load`",
        "try 3, run `scheduled__2026-11-24T21:27:00+00:00`",
        "`expected 12000 rows, found 11000`",
        "*Severity*\nLOW. The last good version is served.",
        "*The public sees*\nThe last good values.",
        "*Since*\nTue Nov 24, 2:00 PM PST",
        "*Responder*\n<@UANA> (Ana), by Tue Nov 24, 3:00 PM PST",
        "*Affected metrics*\na, b",
        "*Escalate to*\nIan, Jason or Matt",
    ):
        assert part in said
    buttons = message.blocks[-1]["elements"]
    assert {one["text"]["text"]: one["url"] for one in buttons} == {
        "Open the log": "https://log",
        "Open the run": "https://run",
        "Runbook: what to do": "https://runbook",
        "Open a GitHub issue": "https://issue",
    }
    assert "usace" in message.text
    assert "<@UANA>" in message.text


def test_a_message_names_the_failed_tests_and_counts_other_tasks() -> None:
    tests = "dbt invocation completed with errors: unique_x: Got 4 results, configured to fail if"
    found = incident(tests, task="transform.x_model_build")
    found = found.recurred(failure(tests, task="transform.y_model_build"), LOW_SEVERITY)

    said = text_of(failure_message(Event.OPENED, found, WHO, LINKS))

    assert "• `unique_x: 4 rows`" in said
    assert "failed in `transform.x_model_build` and 1 more" in said


def test_a_reminder_says_that_the_failure_continues_and_since_when() -> None:
    found = replace(incident(), runs=5)
    said = text_of(failure_message(Event.REMINDED, found, WHO, LINKS))
    assert "usace: still failing: a load failed" in said
    assert "Tue Nov 24, 2:00 PM PST, in 5 runs" in said


def test_an_escalation_says_that_the_severity_is_high_now() -> None:
    found = replace(incident(), severity="high")
    said = text_of(failure_message(Event.ESCALATED, found, WHO, LINKS))
    assert "HIGH · usace: escalated: a load failed" in said


def test_a_message_warns_of_a_broken_rotation() -> None:
    warned = replace(WHO, warning="there is a gap after <2026-11-20>")
    said = text_of(failure_message(Event.OPENED, incident(), warned, LINKS))
    assert ":warning: there is a gap after &lt;2026-11-20&gt;" in said


def test_a_recovery_says_how_long_the_incident_lasted() -> None:
    closed = replace(incident(), closed_at=TUESDAY + timedelta(hours=3, minutes=12), runs=4)
    message = recovery_message(closed, LINKS)
    assert "works again after 3 h 12 min" in text_of(message)
    assert "in 4 runs" in message.text
    assert find_error(message.as_dict()) is None


@pytest.mark.parametrize(
    "hostile",
    [
        "x" * 100_000,
        "<" * 100_000,
        "&" * 100_000,
        "<!channel> @channel <@U1> *bold* `code` ```",
        "\x00\x1b[31m\u202e",
        "",
        "ü" * 50_000,
    ],
    ids=["long", "escaped", "ampersands", "markup", "controls", "empty", "wide"],
)
def test_slack_accepts_the_message_for_every_error_text(hostile: str) -> None:
    found = replace(
        incident(hostile, run=f"manual__{hostile[:200]}"),
        details=(hostile[:200],) * 10,
        affected=tuple(f"metric_{n}" for n in range(300)),
        why=hostile[:400] or "x",
        public_sees=hostile[:400] or "x",
    )
    issue = new_issue_url("owner/name", found, hostile[:80])
    message = failure_message(Event.OPENED, found, WHO, replace(LINKS, issue=issue))

    assert find_error(message.as_dict()) is None
    assert len(message.blocks[-1]["elements"]) == 4, "no button is lost"
    said = text_of(message)
    for call in ("<!channel>", "<@U1>", "@channel"):
        assert call not in said + message.text
