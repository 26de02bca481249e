"""The messages: what a person reads on a phone, for each event, kind and hour."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from include.incidents.alert_types import ALERT_TYPES
from include.incidents.incident import Event, Incident
from include.incidents.message import Links, Message, notice_message
from include.incidents.on_call import STAFF
from include.incidents.severity import Impact
from include.incidents.summary import remedy
from local.slack.limits import find_error
from tests.incidents.sample_incidents import (
    ALTERED,
    FRIDAY_EVENING,
    HOLIDAY_NIGHT,
    KILLED,
    LATE,
    LINKS,
    MISSING,
    NOT_SERVED,
    OUTAGE,
    PAUSED,
    TUESDAY,
    failed,
    found,
    incident,
    over,
    rated,
    responder,
)

HOUR = timedelta(hours=1)
ISSUE = "https://github.com/o/n/issues/7"


def message(
    event: Event, *incidents: Incident, now: datetime = TUESDAY, links: Links = LINKS
) -> Message:
    """The message of an event, which Slack accepts."""
    worst = max(incidents, key=lambda one: one.is_high(now))
    made = notice_message(event, incidents, responder(worst, now), links, now)
    assert find_error(made.as_dict()) is None
    return made


def opened(*incidents: Incident, now: datetime = TUESDAY) -> Message:
    return message(Event.OPENED, *incidents, now=now)


def shown(made: Message) -> str:
    """Every text of the blocks but the buttons', in order."""
    texts = []
    for block in made.blocks:
        if block["type"] in ("header", "section"):
            texts.append(block["text"]["text"])
        elif block["type"] == "context":
            texts += [element["text"] for element in block["elements"]]
    return "\n".join(texts)


def buttons(made: Message) -> dict[str, str]:
    elements = made.blocks[-1]["elements"] if made.blocks[-1]["type"] == "actions" else []
    return {one["text"]["text"]: one["url"] for one in elements}


def test_a_failed_load_in_business_hours_is_this_message() -> None:
    made = opened(incident(failed(details=("the log",))))

    assert made.text == (
        ":large_yellow_circle: LOW · Public sees: The last good values ·"
        " <!subteam^SSTAFF>, by Tue Nov 24, 5:00 PM PST ·"
        " usace: a load failed: usace: expected 12000 rows, found 11000"
    )
    assert shown(made) == (
        ":large_yellow_circle: LOW · usace: a load failed\n"
        "*The public sees*: The last good values, checked Tue Nov 24, 1:45 PM PST.\n"
        "*Responds*: <!subteam^SSTAFF> (CalData or Analytica staff), by Tue Nov 24, 5:00 PM PST\n"
        "*What to do*: If the source is down, wait: each hour tries again. Else follow the"
        " runbook.\n"
        "*Why low*: The last good version is still public, and this step has not changed it.\n"
        "*Since*: Tue Nov 24, 2:00 PM PST, less than a minute ago\n"
        "`usace.load` failed: try 3 in the run of Tue Nov 24, 1:27 PM PST\n"
        "`usace: expected 12000 rows, found 11000`\n"
        "• `the log`\n"
        "*Affected metrics*: phase2_parcels_completed, phase2_roes_accepted\n"
        "*Escalate to*: Ian, Jason or Matt\n"
        f"*Incident*: `{incident().id}`"
    )
    assert buttons(made) == {
        "Log": LINKS.log,
        "Runbook": LINKS.runbook,
        "Publication page": LINKS.publication,
        "Open an issue": LINKS.issue,
        "Set the severity": LINKS.severity,
    }


def test_an_altered_file_at_night_calls_one_person_to_restore_and_nothing_else() -> None:
    made = opened(incident(ALTERED), now=HOLIDAY_NIGHT)

    assert made.text.startswith(
        ":rotating_light: HIGH · Public sees: Numbers that this pipeline did not publish ·"
        " <@UANA>, by Thu Nov 26, 4:00 AM PST · The public file is not the last version"
    )
    assert shown(made) == (
        ":rotating_light: HIGH · The public file is not the last version that was promoted:"
        " somebody changed it\n"
        "*The public sees*: Numbers that this pipeline did not publish.\n"
        "*Responds*: <@UANA> (Ana), by Thu Nov 26, 4:00 AM PST\n"
        "*What to do*: Restore the last version, then find out who wrote the file. Restoring is"
        " all that has to be done now; the rest waits until Mon Nov 30, 9:00 AM PST.\n"
        "*Since*: Tue Nov 24, 2:00 PM PST, 1 d 13 h ago\n"
        "*Affected metrics*: people_helped_drc, schools_resumed, air_mobile_survey_complete and 2"
        " more\n"
        "*Escalate to*: Ian, Jason or Matt\n"
        "*Incident*: `" + incident(ALTERED).id + "`"
    )
    assert list(buttons(made)) == [
        "Restore a version",
        "Log",
        "Runbook",
        "Publication page",
        "Public file",
        "Open an issue",
        "Set the severity",
    ]


@pytest.mark.parametrize(
    ("problem", "now", "who"),
    [
        (failed(), TUESDAY, f"*Responds*: <!subteam^SSTAFF> ({STAFF}), by Tue Nov 24, 5:00 PM PST"),
        (failed(), HOLIDAY_NIGHT, "*Evaluates*: Ana, work starts Mon Nov 30, 9:00 AM PST"),
        (LATE, TUESDAY, f"*Responds*: <!subteam^SSTAFF> ({STAFF}), by Tue Nov 24, 2:30 PM PST"),
        (LATE, HOLIDAY_NIGHT, "*Evaluates*: Ana, work starts Mon Nov 30, 9:00 AM PST"),
        (MISSING, HOLIDAY_NIGHT, "*Responds*: <@UANA> (Ana), by Thu Nov 26, 4:00 AM PST"),
        (
            MISSING,
            FRIDAY_EVENING,
            f"*Responds*: <!subteam^SSTAFF> ({STAFF}), by Fri Dec 4, 5:25 PM PST\n*From 5 PM*: Ana",
        ),
    ],
)
def test_a_message_says_who_and_when_by_severity_and_hour(
    problem: Any, now: datetime, who: str
) -> None:
    made = opened(incident(problem), now=now)
    assert f"\n{who}\n*What to do*: " in shown(made)


@pytest.mark.parametrize(
    ("of", "what", "restores"),
    [
        (incident(MISSING), "Restore the last version, then find out who deleted it.", True),
        (incident(NOT_SERVED), "Restore the last good version if the public file is wrong;", True),
        (incident(LATE), "If staff keep the metric, ask them to enter it; if not, see its", False),
        (incident(PAUSED), "Unpause it, or leave it if that is on purpose.", False),
        (incident(KILLED), "Clear the task; if it is killed again, give its worker more", False),
        (
            incident(failed(error="The task exceeded its time limit of 40 min")),
            "Clear the task; if it exceeds its limit again, find what it waits for.",
            False,
        ),
        (
            incident(failed(error="epa: too little memory: a load needs about 600 MB")),
            "Clear the task; if it is short of memory again, give its worker more.",
            False,
        ),
        (
            incident(failed(error="epa: out of memory or threads (MemoryError)")),
            "Clear the task; if it is short of memory again, give its worker more.",
            False,
        ),
        (
            incident(
                failed(error="Snowflake: the credit quota of X is reached"),
                failed("usace.unload", error="Snowflake: the credit quota of X is reached"),
            ),
            "Have the quota raised, or wait for its next month; then clear the tasks.",
            False,
        ),
        (incident(*OUTAGE), "Fix the cause that the error names; the next hourly runs", False),
        (
            incident(failed("publish_metrics.promote")),
            "Clear the task when the storage account answers.",
            False,
        ),
        (
            incident(failed("publish_metrics.promote", assessment=ALTERED.assessment)),
            "Restore the last good version, then find the cause.",
            True,
        ),
        (rated(incident(), "high"), "Restore the last good version, then find the cause.", True),
        (rated(incident(), "low"), "If the source is down, wait", False),
        (
            incident(found("public file: invalid usace", "A released file is invalid: usace: x")),
            "Correct the data of that source, then clear its release.",
            False,
        ),
        (
            incident(found("public file: invalid", "It breaks its contract.")),
            "Restore the last version, then find the source of the wrong value.",
            True,
        ),
        (
            incident(found("public file: unreachable", "The public file is out of reach: 403.")),
            "Check the storage account and its public access.",
            False,
        ),
    ],
)
def test_a_message_says_what_to_do_and_offers_to_restore_where_that_is_it(
    of: Incident, what: str, restores: bool
) -> None:
    made = opened(of)
    assert f"\n*What to do*: {what}" in shown(made)
    assert ("Restore a version" in buttons(made)) is restores


UNREACHABLE = found(
    "public file: unreachable", "It is out of reach: 403.", Impact.WRONG, "Nothing."
)


@pytest.mark.parametrize(
    ("of", "now", "only"),
    [
        (incident(), HOLIDAY_NIGHT, ""),
        (incident(ALTERED), HOLIDAY_NIGHT, "Restoring is all"),
        (incident(UNREACHABLE), HOLIDAY_NIGHT, "Only this"),
        (incident(ALTERED), TUESDAY, ""),
    ],
)
def test_only_at_night_and_for_a_high_severity_the_rest_of_the_work_waits(
    of: Incident, now: datetime, only: str
) -> None:
    said = shown(opened(of, now=now))
    assert ("that has to be done now; the rest waits" in said) is bool(only)
    assert f"{only} that has to be done now" in said or not only


@pytest.mark.parametrize(("length", "is_shown"), [(3_000, True), (3_001, False)])
def test_a_button_has_no_longer_address_than_slack_accepts(length: int, is_shown: bool) -> None:
    address = "https://a.example/".ljust(length, "x")
    made = message(Event.OPENED, incident(ALTERED), links=replace(LINKS, log=address))
    assert ("Log" in buttons(made)) is is_shown


def test_a_message_without_addresses_has_no_button() -> None:
    assert buttons(message(Event.OPENED, incident(ALTERED), links=Links())) == {}


@pytest.mark.parametrize(
    "key",
    [
        *("missing", "unreachable", "altered", "not promoted", "rewritten", "no saved version"),
        *("invalid", "invalid usace", "header content-type", "schools_resumed is late"),
        *("unfinished restore", "forgotten hold", "not public"),
    ],
)
def test_each_finding_about_the_public_file_has_its_own_remedy(key: str) -> None:
    of = incident(found(f"public file: {key}", "It is wrong."))
    assert remedy(of) in of.alert_type.findings.values()


@pytest.mark.parametrize("kind", [name for name, one in ALERT_TYPES.items() if one.findings])
def test_a_finding_without_a_remedy_of_its_own_has_that_of_its_alert_type(kind: str) -> None:
    of = incident(replace(found("another finding", "It is late.", Impact.LATE), kind=kind))
    assert remedy(of) == ALERT_TYPES[kind].remedy


def test_a_cause_in_two_dags_is_what_has_to_be_fixed() -> None:
    of = incident(failed("usace.load", "Unheard of."), failed("epa.load", "Unheard of."))
    assert remedy(of).startswith("Fix the cause that the error names")


@pytest.mark.parametrize("at", [50, 80])
def test_each_finding_about_credits_has_its_own_remedy(at: int) -> None:
    of = incident(replace(found(f"credits: {at} % of the quota", "Used."), kind="credits"))
    assert remedy(of) in of.alert_type.findings.values()


@pytest.mark.parametrize("key", ["a.py does not parse", "a hangs", "a is paused", "a is overdue"])
def test_each_finding_about_dags_has_its_own_remedy(key: str) -> None:
    of = incident(found(f"DAGs: {key}", "It is wrong."))
    assert remedy(of) in of.alert_type.findings.values()


@pytest.mark.parametrize(
    ("problem", "is_shown"),
    [
        (ALTERED, True),
        (LATE, True),
        (NOT_SERVED, True),
        (found("public file: not public", "Released metrics are not public."), True),
        (failed("publish_metrics.promote"), True),
        (failed(), False),
        (PAUSED, False),
    ],
)
def test_the_public_file_has_a_button_where_it_is_in_question(problem: Any, is_shown: bool) -> None:
    assert ("Public file" in buttons(opened(incident(problem)))) is is_shown


@pytest.mark.parametrize(
    ("event", "of", "heading", "line"),
    [
        (
            Event.ESCALATED,
            incident(NOT_SERVED),
            "HIGH · now high · publish_metrics: the public address does not serve",
            "*Why high*: For 30 seconds, the public address did not serve",
        ),
        (
            Event.RETURNED,
            incident(ALTERED, returns=1),
            "HIGH · wrong again · The public file is not the last version",
            "*Since*: Tue Nov 24, 2:00 PM PST, 2 h ago; wrong 2 times",
        ),
        (
            Event.REMINDED,
            incident(failures=5),
            "LOW · still open · usace: a load failed",
            "*Since*: Tue Nov 24, 2:00 PM PST, 2 h ago; 5 failed attempts",
        ),
        (
            Event.HANDED_OVER,
            incident(ALTERED),
            "HIGH · handed over · The public file is not the last version",
            f"\n*Takes over from*: {STAFF}\n*What to do*",
        ),
        (
            Event.RATED,
            rated(incident(), "high", "Twice <counted>"),
            "HIGH · severity set by a person · usace: a load failed",
            "*Why high*: Grace set it: Twice &lt;counted&gt;\n",
        ),
    ],
)
def test_each_event_is_named_in_the_heading_and_explained(
    event: Event, of: Incident, heading: str, line: str
) -> None:
    made = message(event, of, now=TUESDAY + 2 * HOUR)
    assert f": {heading}" in made.blocks[0]["text"]["text"]
    assert line in shown(made)
    assert ("Set the severity" in buttons(made)) is (event in (Event.ESCALATED, Event.REMINDED))


def test_each_finding_of_an_incident_is_said_once() -> None:
    made = shown(opened(incident(ALTERED, LATE)))
    assert "\n*Why" not in made
    assert made.count(f"\n• `{ALTERED.error}`\n") == 1
    assert made.count(LATE.error) == 1


def test_the_details_of_a_short_finding_are_shown_below_it() -> None:
    made = shown(opened(incident(replace(PAUSED, details=("one", "two")))))
    assert f"`{PAUSED.error}`\n• `one`\n• `two`\n" in made


def test_six_details_of_an_error_are_shown() -> None:
    many = tuple(f"detail {number}" for number in range(9))
    made = shown(opened(incident(failed(details=many))))
    assert "• `detail 5`\n" in made
    assert "detail 6" not in made


def test_an_outage_of_many_tasks_is_one_message_that_lists_five() -> None:
    made = opened(incident(*OUTAGE))
    assert "LOW · usace, epa, malibu and 4 more: 7 tasks failed" in shown(made)
    assert "`pasadena.unload`, `airtable.transform.airtable_metrics_model_build` and 2 more" in (
        shown(made)
    )
    assert shown(made).count("250001 (08001)") == 1


def test_a_recovery_says_what_was_wrong_how_long_what_the_public_saw_and_when_to_look_back() -> (
    None
):
    closed = over(incident(ALTERED), timedelta(hours=3, minutes=12), "the file is right again")
    links = replace(LINKS, issue=ISSUE, issue_exists=True)

    made = message(Event.RECOVERED, closed, now=TUESDAY + 4 * HOUR, links=links)

    assert made.text.startswith(
        ":white_check_mark: Recovered · the public file, after 3 h 12 min ·"
        " Public saw: Numbers that this pipeline did not publish. · It was: The public file is not"
    )
    assert shown(made) == (
        ":white_check_mark: Recovered · the public file, after 3 h 12 min\n"
        "*What was wrong*: `The public file is not the last version that was promoted: somebody"
        " changed it.`\n"
        "*How long*: 3 h 12 min, from Tue Nov 24, 2:00 PM PST to Tue Nov 24, 5:12 PM PST\n"
        "*The public saw*: Numbers that this pipeline did not publish.\n"
        "*Affected metrics*: people_helped_drc, schools_resumed, air_mobile_survey_complete and 2"
        " more\n"
        "*How it ended*: the file is right again\n"
        "*Retrospective*: Monday, November 30 (suggested). Whoever was involved attends, others by"
        " interest."
    )
    assert buttons(made) == {
        "Log": LINKS.log,
        "Publication page": LINKS.publication,
        "Public file": LINKS.public_file,
        "See the issue": ISSUE,
    }


def test_the_recovery_of_one_failed_task_names_its_place_once() -> None:
    said = shown(message(Event.RECOVERED, over(incident(), HOUR)))
    assert "*What was wrong*: `usace: expected" in said, said


@pytest.mark.parametrize(
    ("problem", "where"),
    [
        (failed(), "usace"),
        (PAUSED, "usace"),
        (LATE, "the public file"),
        (found("DAGs: a.py does not parse", "a.py does not parse."), "Airflow"),
    ],
)
def test_a_recovery_names_what_is_well_again_and_calls_nobody(problem: Any, where: str) -> None:
    made = message(Event.RECOVERED, over(incident(problem), HOUR), now=HOLIDAY_NIGHT)
    assert f"Recovered · {where}, after 1 h" in made.blocks[0]["text"]["text"]
    assert "<@" not in shown(made) + made.text
    assert "Restore a version" not in buttons(made)


def test_the_forms_to_act_with_are_buttons_until_it_is_over_and_not_in_a_list() -> None:
    links = replace(LINKS, load="https://l", accept_drop="https://d", release="https://r")
    forms = {"Release the hold", "Accept the drop", "Load again"}
    assert forms <= buttons(message(Event.OPENED, incident(), links=links)).keys()
    closed = message(Event.RECOVERED, over(incident(), HOUR), links=links)
    listed = message(Event.REMINDED, incident(), incident(PAUSED), links=links)
    for made in (closed, listed):
        assert not forms & buttons(made).keys()


def test_what_came_and_went_says_how_often_when_it_is_over() -> None:
    closed = over(incident(returns=3), HOUR)
    assert "to Tue Nov 24, 3:00 PM PST, 4 times" in shown(message(Event.RECOVERED, closed))


def test_several_incidents_are_one_list_with_the_most_important_first_and_one_responder() -> None:
    known = incident(NOT_SERVED, issue_url=ISSUE)

    made = message(
        Event.REMINDED, incident(PAUSED), incident(*OUTAGE), known, now=TUESDAY + 19 * HOUR
    )

    assert shown(made) == (
        ":rotating_light: 1 HIGH, 2 LOW · still open · 3 incidents\n"
        "*The public sees*: An older version, or no data.\n"
        f"*Responds*: <!subteam^SSTAFF> ({STAFF}), by Wed Nov 25, 9:30 AM PST\n"
        "*What to do first*: Restore the last good version if the public file is wrong; then clear"
        " verify.\n"
        f":rotating_light: *<{NOT_SERVED.log_url}|publish_metrics: the public address does not"
        f" serve the promoted version>*, since Tue Nov 24, 2:00 PM PST · <{ISSUE}|issue>\n"
        "`https://ddrc.blob.example/x serves 0a1b2c3d4e5f…, but version v2 was promoted.`\n"
        ":large_yellow_circle: *usace is paused: its last good values stay public*, since"
        " Tue Nov 24, 2:00 PM PST\n"
        f":large_yellow_circle: *<{OUTAGE[0].log_url}|usace, epa, malibu and 4 more: 7 tasks"
        " failed>*, since Tue Nov 24, 2:00 PM PST\n"
        "`250001 (08001): Failed to connect to DB: ddrc.snowflakecomputing.com:443. Timeout`"
    )
    assert list(buttons(made)) == [
        "Restore a version",
        "Publication page",
        "Public file",
        "Set the severity",
    ]


def test_of_equally_severe_incidents_the_one_that_the_public_sees_comes_first() -> None:
    night = TUESDAY + 8 * HOUR
    text = shown(opened(incident(PAUSED), incident(LATE), now=night))
    assert not any(incident(one).is_high(night) for one in (PAUSED, LATE))
    assert text.index("schools_resumed should") < text.index("usace is paused"), text


def test_several_recoveries_are_one_message_with_one_retrospective_and_each_issue() -> None:
    ended = [over(incident(LATE), HOUR), over(incident(issue_url=ISSUE), 120 * HOUR)]

    made = message(Event.RECOVERED, *ended, now=TUESDAY + 120 * HOUR)

    said = shown(made)
    assert said.startswith(":white_check_mark: Recovered · 2 incidents\n*What was wrong*: `schools")
    assert "*What was wrong*: usace: a load failed: `" in said
    assert said.count("*The public saw*: ") == 2
    assert f"*Issue*: <{ISSUE}|on GitHub>" in said
    assert said.count("*Retrospective*") == 1
    assert "*Retrospective*: Monday, November 30" in said


@pytest.mark.parametrize(
    ("url", "is_linked"),
    [
        (f"https://a.example/{'x' * 982}", True),
        (f"https://a.example/{'x' * 983}", False),
        ("https://a.example/<!channel>", False),
        ("https://a.example/a|b", False),
    ],
)
def test_an_address_that_slack_would_break_is_left_out_of_the_text(
    url: str, is_linked: bool
) -> None:
    said = shown(message(Event.RECOVERED, over(incident(issue_url=url), HOUR)))
    assert (f"*Issue*: <{url}|on GitHub>" in said) is is_linked
    assert ("*Issue*: on GitHub" in said) is not is_linked


@pytest.mark.parametrize(("count", "more"), [(10, False), (11, True)])
def test_ten_incidents_are_shown_without_a_count_of_the_others(count: int, more: bool) -> None:
    many = [replace(incident(failed(f"dag_{n}.load", "no")), id=f"{n:03}") for n in range(count)]
    assert ("1 more: see the page Publication." in shown(opened(*many))) is more
    assert "0 more" not in shown(opened(*many))


@pytest.mark.parametrize("event", Event)
def test_of_a_hundred_incidents_ten_are_shown_and_the_others_are_counted(event: Event) -> None:
    long = "x<&>" * 1_250
    many = [
        replace(
            incident(
                failed(f"dag_{n}.load", long, details=(long,) * 10, log_url=f"http://a/{long}")
            ),
            id=f"{n:03}",
        )
        for n in range(100)
    ]
    made = message(event, *many)
    assert "90 more: see the page Publication." in shown(made)
    assert len(made.blocks) <= 15


@pytest.mark.parametrize(
    "hostile",
    [
        "x" * 5_000,
        "<" * 5_000,
        "&" * 5_000,
        "<!channel> @channel @here <@U1> <http://evil|x> *bold* `code` ```",
        "\x00\x1b[31m\u202e",
        "",
        "ü" * 5_000,
    ],
    ids=["long", "escaped", "ampersands", "markup", "controls", "empty", "wide"],
)
def test_slack_accepts_each_message_whatever_the_text_and_nobody_is_called_by_it(
    hostile: str,
) -> None:
    of = incident(
        *(
            failed(
                f"usace.{hostile[:100]}{n}",
                hostile,
                kind="load",
                run=f"manual__{hostile[:200]}",
                details=(hostile,) * 10,
                assessment=replace(
                    ALTERED.assessment,
                    why=hostile or "x",
                    public_sees=hostile or "x",
                    affected=tuple(f"{hostile[:50]}{n}" for n in range(300)),
                ),
                log_url=f"http://log/{hostile}",
            )
            for n in range(300)
        ),
        ended_by=hostile,
    )
    now, of = HOLIDAY_NIGHT, rated(of, "high", hostile or "x")
    who = replace(responder(of, now), name=hostile[:80] or "x", warning=hostile, then=hostile[:80])

    for event, several in product(Event, ([of], [of, incident(KILLED)])):
        made = notice_message(event, several, who, LINKS, now)
        assert find_error(made.as_dict()) is None
        said = shown(made) + made.text
        for call in ("<!channel>", "<@U1>", "@channel", "@here", "<http://evil"):
            assert call not in said
        assert "Publication page" in buttons(made), "no button is lost"


def test_a_long_heading_is_cut_at_slacks_limit() -> None:
    made = opened(incident(failed(f"{'d' * 200}.load", "no")))
    assert len(made.blocks[0]["text"]["text"]) == 150


def test_no_message_has_an_iso_time_or_utc() -> None:
    kinds = (incident(), incident(ALTERED), incident(LATE), incident(PAUSED), incident(*OUTAGE))
    hours = (TUESDAY, HOLIDAY_NIGHT, FRIDAY_EVENING)
    for event, of, now in product(Event, kinds, hours):
        one = over(of, HOUR) if event is Event.RECOVERED else rated(of, "high")
        several = [one, replace(one, id="another")]
        for made in (message(event, one, now=now), message(event, *several, now=now)):
            said = (shown(made) + made.text).replace(one.id, "")
            assert not re.search(r"\d{4}-\d\d-\d\d|\dT\d\d|UTC|\+00:00|scheduled__", said), said


def test_the_notification_says_severity_public_and_responder_at_its_beginning() -> None:
    for of, now in product(
        (incident(ALTERED), incident(LATE), incident()), (TUESDAY, HOLIDAY_NIGHT)
    ):
        who = responder(of, now)
        who = replace(who, mention=who.mention and "@on-call")
        text = notice_message(Event.OPENED, [of], who, LINKS, now).text
        seen = re.sub(r":\w+:", "!", text, count=1)
        assert seen.startswith(f"! {of.severity(now).upper()} · Public sees: ")
        assert seen.index(who.when) + len(who.when) <= 110


def test_a_message_warns_of_a_broken_rotation_and_has_no_button_without_an_address() -> None:
    who = replace(responder(incident(), TUESDAY), warning="a gap after <2027>")
    made = notice_message(Event.OPENED, [incident()], who, Links(), TUESDAY)
    assert "\n:warning: a gap after &lt;2027&gt;" in shown(made)
    assert buttons(made) == {}
    assert buttons(message(Event.OPENED, incident(), links=Links(log="x" * 3_001))) == {}
    assert buttons(message(Event.OPENED, incident(), links=Links(run="https://r"))) == {
        "Run": "https://r"
    }


def test_a_message_without_blocks_is_only_a_text() -> None:
    assert Message("one").as_dict() == {"text": "one"}
