"""The messages block by block, as Slack gets them, and the exact limits of each text."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from include.incidents.incident import Event, Incident
from include.incidents.message import Links, Message, failure_message, recovery_message
from include.incidents.on_call import Responder
from include.times import CALIFORNIA
from tests.incidents.samples import TUESDAY, incident

ANA = Responder("Ana & Co", datetime(2026, 11, 24, 15, tzinfo=CALIFORNIA), "<@UANA>")
LINKS = Links("https://log", "https://run", "https://runbook", "https://issue")
FOUND = replace(
    incident(),
    dag="a&b",
    tasks=("load", "load_2", "load_3"),
    error="expected <3> rows",
    details=("unique_x: 4 rows", "a `b`"),
    why="It is > 3 & served.",
    public_sees="The <last> values.",
    affected=("a", "<b>"),
    runs=2,
)


def markdown(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": markdown(text)}


def actions(issue: str = "Open a GitHub issue") -> dict[str, Any]:
    """The block of all four buttons."""
    buttons = {
        "Open the log": "https://log",
        "Open the run": "https://run",
        "Runbook: what to do": "https://runbook",
        issue: "https://issue",
    }
    return {"type": "actions", "elements": [button(*each) for each in buttons.items()]}


def button(label: str, url: str) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": label}, "url": url}


def test_a_new_incident_is_this_message() -> None:
    what = (
        "*a&amp;b* failed in `load` and 2 more (try 3, run `scheduled__2026-11-24T21:27:00+00:00`)"
    )
    assert failure_message(Event.OPENED, FOUND, ANA, LINKS).as_dict() == {
        "text": f":large_yellow_circle: {what}: expected &lt;3&gt; rows It is &gt; 3 &amp; served."
        " Responder: <@UANA> (Ana &amp; Co).",
        "blocks": [
            header(":large_yellow_circle: LOW · a&b: a load failed"),
            section(f"{what}\n`expected &lt;3&gt; rows`\n• `unique_x: 4 rows`\n• `a 'b'`"),
            {
                "type": "section",
                "fields": [
                    markdown("*Severity*\nLOW. It is &gt; 3 &amp; served."),
                    markdown("*The public sees*\nThe &lt;last&gt; values."),
                    markdown("*Since*\nTue Nov 24, 2:00 PM PST, in 2 runs"),
                    markdown("*Responder*\n<@UANA> (Ana &amp; Co), by Tue Nov 24, 3:00 PM PST"),
                    markdown("*Affected metrics*\na, &lt;b&gt;"),
                    markdown("*Escalate to*\nIan, Jason or Matt"),
                ],
            },
            actions(),
        ],
    }


def test_a_simple_incident_with_a_warning_and_without_buttons_is_this_message() -> None:
    plain = replace(incident(), affected=(), kind="promotion", severity="high")
    nobody = replace(ANA, mention="", warning="a gap & more")

    message = failure_message(Event.OPENED, plain, nobody, Links()).as_dict()

    what = "*usace* failed in `load` (try 3, run `scheduled__2026-11-24T21:27:00+00:00`)"
    assert message["text"] == (
        f":rotating_light: {what}: expected 12000 rows, found 11000"
        " The last good version is served. Responder: Ana &amp; Co."
    )
    assert message["blocks"] == [
        header(":rotating_light: HIGH · usace: a promotion failed"),
        section(f"{what}\n`expected 12000 rows, found 11000`"),
        {
            "type": "section",
            "fields": [
                markdown("*Severity*\nHIGH. The last good version is served."),
                markdown("*The public sees*\nThe last good values."),
                markdown("*Since*\nTue Nov 24, 2:00 PM PST"),
                markdown("*Responder*\nAna &amp; Co, by Tue Nov 24, 3:00 PM PST"),
                markdown("*Affected metrics*\nnone"),
                markdown("*Escalate to*\nIan, Jason or Matt"),
            ],
        },
        {"type": "context", "elements": [markdown(":warning: a gap &amp; more")]},
    ]


@pytest.mark.parametrize(
    ("event", "title"),
    [
        (Event.OPENED, "a load failed"),
        (Event.REMINDED, "still failing: a load failed"),
        (Event.ESCALATED, "escalated: a load failed"),
    ],
)
def test_the_heading_names_the_event(event: Event, title: str) -> None:
    blocks = failure_message(event, incident(), ANA, LINKS).blocks
    assert blocks[0] == header(f":large_yellow_circle: LOW · usace: {title}")


def test_a_recovery_is_this_message() -> None:
    closed = replace(FOUND, closed_at=TUESDAY + timedelta(hours=3, minutes=5))
    what = (
        "*a&amp;b* works again after 3 h 5 min. It failed from Tue Nov 24, 2:00 PM PST to"
        " Tue Nov 24, 5:05 PM PST, in 2 runs."
    )
    existing = replace(LINKS, issue_exists=True)
    assert recovery_message(closed, existing).as_dict() == {
        "text": f":white_check_mark: {what}",
        "blocks": [
            header(":white_check_mark: Recovered · a&b: a load failed"),
            section(f"{what}\nThe error was: `expected &lt;3&gt; rows`"),
            actions("See the GitHub issue"),
        ],
    }


def test_a_recovery_without_its_time_ends_at_the_last_failure() -> None:
    still_open = replace(FOUND, failed_at=TUESDAY + timedelta(hours=1))

    message = recovery_message(still_open, Links())

    assert "works again after 1 h. " in message.text
    assert [block["type"] for block in message.blocks] == ["header", "section"]


def test_a_message_without_blocks_is_only_a_text() -> None:
    assert Message("one").as_dict() == {"text": "one"}


def test_a_button_without_an_address_or_with_one_that_is_too_long_is_left_out() -> None:
    longest, too_long = "x" * 3_000, "x" * 3_001

    found = Links(log=longest, run=too_long, issue="https://issue").buttons()

    assert found == [
        button("Open the log", longest),
        button("Open a GitHub issue", "https://issue"),
    ]
    assert Links().buttons() == []


def texts(found: Incident, responder: Responder = ANA) -> list[str]:
    """The texts of a message: heading, section, six fields, warning, notification."""
    message = failure_message(Event.OPENED, found, responder, Links())
    heading, what, fields, *rest = message.blocks
    return [
        heading["text"]["text"],
        what["text"]["text"],
        *(field["text"] for field in fields["fields"]),
        *(element["text"] for block in rest for element in block["elements"]),
        message.text,
    ]


def test_each_text_is_cut_at_slacks_limit() -> None:
    long = "x" * 5_000
    found = replace(FOUND, dag=long, details=(long,), why=long, public_sees=long, affected=(long,))

    shown = texts(found, Responder(long, ANA.by, "", long))

    assert [len(text) for text in shown if text.endswith("…")] == [
        150, 3_000, 2_000, 2_000, 2_000, 2_000, 3_000, 3_000,
    ]  # fmt: skip
    assert [text for text in shown if not text.endswith("…")] == [
        "*Since*\nTue Nov 24, 2:00 PM PST, in 2 runs",
        "*Escalate to*\nIan, Jason or Matt",
    ]


def test_six_details_and_eight_metrics_are_shown() -> None:
    several = tuple(f"item_{number}" for number in range(10))

    shown = texts(replace(FOUND, details=several, affected=several))

    assert shown[1].splitlines()[2:] == [f"• `item_{number}`" for number in range(6)]
    assert shown[6] == (
        "*Affected metrics*\n"
        "item_0, item_1, item_2, item_3, item_4, item_5, item_6, item_7 and 2 more"
    )
