"""The messages: what they say, within Slack's limits, whatever the error holds."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from include.incidents.issue import new_issue_url
from include.incidents.message import Links, duration, failure_message, recovery_message
from include.incidents.on_call import Responder
from include.incidents.open_incidents import Step
from include.times import CALIFORNIA
from local.slack.limits import refusal
from tests.incidents.samples import IN_ORDER, TUESDAY, failure, incident

WHO = Responder("Ana", datetime(2026, 11, 24, 15, tzinfo=CALIFORNIA), "<@UANA>")
LINKS = Links("https://log", "https://run", "https://runbook", "https://issue")


def text_of(message: Any) -> str:
    """Every text in the blocks."""

    def texts(part: Any) -> Any:
        if isinstance(part, dict):
            return [t for v in part.values() for t in texts(v)]
        if isinstance(part, list):
            return [t for v in part for t in texts(v)]
        return [str(part)]

    return "\n".join(texts(message.blocks))


def test_it_says_what_failed_how_grave_it_is_who_responds_and_what_to_do() -> None:
    message = failure_message(Step.OPENED, incident(), WHO, LINKS)

    said = text_of(message)
    for part in (
        "LOW · usace: a load failed",
        "*usace* failed in `load`",
        "try 3, run `scheduled__2026-11-24T21:27:00+00:00`",
        "`expected 12000 rows, found 11000`",
        "*Severity*\nLOW. The last good version is served.",
        "*The public sees*\nRight values.",
        "*Since*\nTue Nov 24, 2:00 PM PST",
        "*Responds*\n<@UANA> (Ana), by Tue Nov 24, 3:00 PM PST",
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


def test_the_failed_tests_and_other_tasks_are_in_it() -> None:
    tests = "dbt invocation completed with errors: unique_x: Got 4 results, configured to fail if"
    found = incident(tests, task="transform.x_model_build")
    found = found.again(failure(tests, task="transform.y_model_build"), IN_ORDER)

    said = text_of(failure_message(Step.OPENED, found, WHO, LINKS))

    assert "• `unique_x: 4 rows`" in said
    assert "failed in `transform.x_model_build` and 1 more" in said


def test_a_reminder_says_that_it_goes_on_and_since_when() -> None:
    found = replace(incident(), runs=5)
    said = text_of(failure_message(Step.REMINDED, found, WHO, LINKS))
    assert "usace: still failing: a load failed" in said
    assert "Tue Nov 24, 2:00 PM PST, in 5 runs" in said


def test_the_warning_of_a_broken_rotation_is_in_it() -> None:
    warned = replace(WHO, warning="there is a gap after <2026-11-20>")
    said = text_of(failure_message(Step.OPENED, incident(), warned, LINKS))
    assert ":warning: there is a gap after &lt;2026-11-20&gt;" in said


def test_recovery_says_how_long_it_lasted() -> None:
    over = replace(incident(), closed_at=TUESDAY + timedelta(hours=3, minutes=12), runs=4)
    message = recovery_message(over, LINKS)
    assert "works again after 3 h 12 min" in text_of(message)
    assert "in 4 run(s)" in message.text
    assert refusal(message.as_dict()) is None


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
def test_slack_takes_the_message_whatever_the_error_holds(hostile: str) -> None:
    found = replace(
        incident(hostile, run=f"manual__{hostile[:200]}"),
        details=(hostile[:200],) * 10,
        affected=tuple(f"metric_{n}" for n in range(300)),
        why=hostile[:400] or "x",
        sees=hostile[:400] or "x",
    )
    issue = new_issue_url("owner/name", found, hostile[:80])
    message = failure_message(Step.OPENED, found, WHO, replace(LINKS, issue=issue))

    assert refusal(message.as_dict()) is None
    assert len(message.blocks[-1]["elements"]) == 4, "no button is lost"
    said = text_of(message)
    for call in ("<!channel>", "<@U1>", "@channel"):
        assert call not in said + message.text


@pytest.mark.parametrize(
    ("lasted", "said"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=26, minutes=1), "1 d 2 h 1 min"),
        (timedelta(days=2), "2 d"),
    ],
)
def test_a_duration_is_said_as_people_say_it(lasted: timedelta, said: str) -> None:
    assert duration(lasted) == said
