"""The Slack messages of incidents, for a person with a phone.

Severity, what the public sees, who responds until when and what to do come before the error.
Blocks and their limits: https://docs.slack.dev/reference/block-kit/blocks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from include.incidents.alert_types import RESTORE
from include.incidents.business_hours import in_business_hours, next_opening, retrospective_day
from include.incidents.incident import Event, Incident
from include.incidents.on_call import LEADS, STAFF, Responder
from include.incidents.severity import HIGH, LOW, MOST_NAMES, Impact
from include.incidents.summary import ATTENDANCE, affected, headline, remedy, why
from include.incidents.text import (
    as_code,
    count,
    escape,
    join_names,
    mask_secrets,
    run_name,
    truncate,
)
from include.times import california_time, duration

Block = dict[str, Any]

# Slack's limits, in characters.
HEADER, SECTION, ADDRESS = 150, 3_000, 3_000
_LONGEST_ERROR, _LONGEST_LINK, _LONGEST_IN_HEADING = 400, 1_000, 100
_MOST_INCIDENTS, _MOST_PROBLEMS, _MOST_DETAILS = 10, 5, 6
_MARKS = {HIGH: ":rotating_light:", LOW: ":large_yellow_circle:"}
_LABELS = {
    Event.ESCALATED: "now high",
    Event.RETURNED: "wrong again",
    Event.REMINDED: "still open",
    Event.RATED: "severity set by a person",
}
_RATABLE = (Event.OPENED, Event.ESCALATED, Event.REMINDED)
_ABOUT_PUBLIC_FILE = ("public-file", "promotion")


@dataclass(frozen=True)
class Links:
    """The addresses of the buttons; a button without one is left out."""

    log: str = ""
    run: str = ""
    runbook: str = ""
    issue: str = ""
    issue_exists: bool = False
    publication: str = ""  # The page Publication in Airflow.
    public_file: str = ""
    restore: str = ""  # The form of restore_metrics, of release_hold, and of set_severity.
    release: str = ""
    severity: str = ""
    load: str = ""  # The source's form with a forced load, and the same with an accepted drop.
    accept_drop: str = ""


@dataclass(frozen=True)
class Message:
    """A message: `text` is for notifications, `blocks` for the channel."""

    text: str
    blocks: list[Block] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The message as the webhook takes it."""
        return {"text": self.text, **({"blocks": self.blocks} if self.blocks else {})}


def notice_message(
    event: Event, incidents: Sequence[Incident], responder: Responder, links: Links, now: datetime
) -> Message:
    """The message of an event.

    Args:
        event: The event.
        incidents: The incidents that have it, after it; several are listed.
        responder: The person or group to respond.
        links: The addresses of the buttons; in a list, those of a single incident are left out.
        now: The current time, in UTC.
    """
    ordered = sorted(
        incidents, key=lambda one: (not one.is_high(now), -one.assessment.impact.rank, one.id)
    )
    worst, is_list = ordered[0], len(ordered) > 1
    if is_list:
        links = replace(
            links, log="", run="", runbook="", issue="", release="", load="", accept_drop=""
        )
    if event is Event.RECOVERED:
        return _recovery(ordered, links, now)
    severities = [one.severity(now).upper() for one in ordered]
    counts = (f"{severities.count(each)} {each}" for each in dict.fromkeys(severities))
    severity = ", ".join(counts) if is_list else severities[0]
    label = _LABELS.get(event, event.value) if is_list or event is not Event.OPENED else ""
    mark, name = _MARKS[worst.severity(now)], escape(responder.name)
    who = f"{responder.mention} ({name})" if responder.mention else name
    title = f"{len(ordered)} incidents" if is_list else headline(worst)
    lines = {
        "The public sees": escape(worst.assessment.public_sees),
        "Evaluates" if responder.starts else "Responds": f"{who}, {responder.when}",
        "Takes over from": STAFF if event is Event.HANDED_OVER else "",
        "From 5 PM": escape(responder.then),
        "What to do first" if is_list else "What to do": _what_to_do(worst, now),
        **({} if is_list else _why_and_since(worst, now)),
    }
    blocks = [
        _header(" · ".join(filter(None, (f"{mark} {severity}", label, title)))),
        _section(_lines(lines)),
        *(_list(ordered, now) if is_list else _evidence(worst)),
        *_context(f":warning: {escape(responder.warning)}" if responder.warning else ""),
        *_actions(event, ordered, links),
    ]
    # On a phone, the time of the check would push the responder out of sight.
    sees = truncate(worst.assessment.public_sees.partition(", checked ")[0].rstrip("."), 60)
    parts = (f"{mark} {severity}", f"Public sees: {escape(sees)}")
    rest = (f"{responder.mention or name}, {responder.when}", label, _errors(ordered))
    return Message(truncate(" · ".join(filter(None, (*parts, *rest))), SECTION), blocks)


def _what_to_do(incident: Incident, now: datetime) -> str:
    """The remedy; of a high severity off hours, the rest of the work waits."""
    if not incident.is_high(now) or in_business_hours(now):
        return remedy(incident)
    what = remedy(incident)
    only = "Restoring is all" if what.startswith(RESTORE) else "Only this"
    rest = f"the rest waits until {california_time(next_opening(now))}"
    return f"{what} {only} that has to be done now; {rest}."


def _why_and_since(incident: Incident, now: datetime) -> Mapping[str, str]:
    since = f"{california_time(incident.opened_at)}, {duration(now - incident.opened_at)} ago"
    attempts = f"; {count(incident.failures, 'failed attempt')}" if incident.failures > 1 else ""
    returns = f"; wrong {incident.returns + 1} times" if incident.returns else ""
    # What is wrong with the public file is the reason, and is in the heading or below.
    errors = [one.error for one in (*incident.problems, incident.latest)]
    return {
        f"Why {incident.severity(now)}": "" if why(incident) in errors else escape(why(incident)),
        "Since": f"{since}{attempts}{returns}",
    }


def _evidence(incident: Incident) -> Iterator[Block]:
    """The error with its details, and other facts."""
    latest = incident.latest
    lines = [as_code(truncate(latest.error, _LONGEST_ERROR))]
    if latest.is_task:
        shown = join_names(tuple(map(as_code, incident.tasks)), _MOST_PROBLEMS)
        where = f"try {latest.tries} in {escape(run_name(latest.run))}"
        lines = [f"{shown} failed: {where}", *lines]
    others = [one.error for one in incident.problems if not one.is_task and one != latest]
    more = (*latest.details[:_MOST_DETAILS], *others[: _MOST_PROBLEMS - 1])
    lines += [f"• {as_code(line)}" for line in more]
    if len(lines) > 1 or len(latest.error) > _LONGEST_IN_HEADING:
        yield _section("\n".join(lines))
    facts = {
        "Affected metrics": escape(affected(incident)),
        "Escalate to": LEADS,
        "Incident": as_code(incident.id),
    }
    yield from _context(_lines(facts))


def _list(incidents: Sequence[Incident], now: datetime) -> Iterator[Block]:
    """A block for each incident; the addresses lead to the log and the issue."""
    for one in incidents[:_MOST_INCIDENTS]:
        title = _link(one.latest.log_url, truncate(headline(one), _LONGEST_ERROR))
        issue = f" · {_link(one.issue_url, 'issue')}" if one.issue_url else ""
        error = f"\n{as_code(truncate(one.latest.error, 120))}" if one.latest.is_task else ""
        since = f"since {california_time(one.opened_at)}"
        yield _section(f"{_MARKS[one.severity(now)]} *{title}*, {since}{issue}{error}")
    yield from _context(_left(incidents))


def _recovery(incidents: Sequence[Incident], links: Links, now: datetime) -> Message:
    """The message of incidents that are over."""
    worst, over_at = incidents[0], max(one.closed_at or now for one in incidents)
    title, day = f"{len(incidents)} incidents", retrospective_day(over_at)
    if len(incidents) == 1:
        place = join_names(worst.dags, MOST_NAMES) or "Airflow"
        place = "the public file" if worst.kind == "public-file" else place
        title = f"{place}, after {duration(over_at - worst.opened_at)}"
    heading = f":white_check_mark: Recovered · {title}"
    blocks = [
        _header(heading),
        *(
            _section(_past(one, now, is_listed=len(incidents) > 1))
            for one in incidents[:_MOST_INCIDENTS]
        ),
        *_context(_left(incidents)),
        _section(f"*Retrospective*: {day:%A, %B} {day.day} (suggested). {ATTENDANCE}"),
        *_actions(Event.RECOVERED, incidents, links),
    ]
    saw = f"Public saw: {escape(worst.assessment.public_sees)}"
    text = " · ".join((escape(heading), saw, f"It was: {_errors(incidents)}"))
    return Message(truncate(text, SECTION), blocks)


def _past(incident: Incident, now: datetime, *, is_listed: bool) -> str:
    """What was wrong, for how long, and what the public saw; with its place if it is in a list."""
    began, over_at = incident.opened_at, incident.closed_at or now
    span = f"from {california_time(began)} to {california_time(over_at)}"
    times = f", {incident.returns + 1} times" if incident.returns else ""
    place = f"{escape(headline(incident))}: " if is_listed and incident.latest.is_task else ""
    return _lines(
        {
            "What was wrong": place + as_code(truncate(incident.latest.error, _LONGEST_ERROR)),
            "How long": f"{duration(over_at - began)}, {span}{times}",
            "The public saw": escape(incident.assessment.public_sees),
            "Affected metrics": escape(affected(incident)),
            "How it ended": escape(incident.ended_by),
            "Issue": _link(incident.issue_url, "on GitHub") if incident.issue_url else "",
        }
    )


def _left(incidents: Sequence[Incident]) -> str:
    left = len(incidents) - _MOST_INCIDENTS
    return f"{left} more: see the page Publication." if left > 0 else ""


def _errors(incidents: Sequence[Incident]) -> str:
    said = ((headline(one), f": {one.latest.error}" * one.latest.is_task) for one in incidents)
    return escape("; ".join(map("".join, said)))


def _actions(event: Event, incidents: Sequence[Incident], links: Links) -> Iterator[Block]:
    is_over = event is Event.RECOVERED
    restores = not is_over and any(remedy(one).startswith(RESTORE) for one in incidents)
    shows_file = any(
        one.assessment.impact is not Impact.NONE or one.kind in _ABOUT_PUBLIC_FILE
        for one in incidents
    )
    addresses = {
        "Restore a version": links.restore if restores else "",
        "Release the hold": "" if is_over else links.release,
        "Accept the drop": "" if is_over else links.accept_drop,
        "Load again": "" if is_over else links.load,
        "Log": links.log,
        "Run": "" if links.log else links.run,
        "Runbook": "" if is_over else links.runbook,
        "Publication page": links.publication,
        "Public file": links.public_file if shows_file else "",
        "See the issue" if links.issue_exists else "Open an issue": links.issue,
        "Set the severity": links.severity if event in _RATABLE else "",
    }
    elements = [
        {"type": "button", "text": {"type": "plain_text", "text": label}, "url": address}
        for label, address in addresses.items()
        if address and len(address) <= ADDRESS
    ]
    if elements:
        yield {"type": "actions", "elements": elements}


def _link(url: str, label: str) -> str:
    is_safe = url and len(url) <= _LONGEST_LINK and not set(url) & set("<>|")
    return f"<{escape(url)}|{escape(label)}>" if is_safe else escape(label)


def _lines(values: Mapping[str, str]) -> str:
    return "\n".join(f"*{label}*: {value}" for label, value in values.items() if value)


def _header(text: str) -> Block:
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": truncate(mask_secrets(text), HEADER)},
    }


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": truncate(text, SECTION)}}


def _context(text: str) -> Iterator[Block]:
    if text:
        element = {"type": "mrkdwn", "text": truncate(text, SECTION)}
        yield {"type": "context", "elements": [element]}
