"""The Slack messages of the watch from outside, for a person with a phone.

Severity, what the public sees, who responds until when and what to do come before the findings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from include.incidents.alert_types import ALERT_TYPES, ANCHOR, RESTORE, page_url
from include.incidents.business_hours import in_business_hours, next_opening, retrospective_day
from include.incidents.on_call import LEADS, Responder
from include.publishing.public_file import Fault
from include.times import california_time, duration
from tools.outside_watch.checks import HEARTBEAT
from tools.outside_watch.memory import Event, Finding

# Slack's limits, in characters.
_HEADER, _SECTION = 150, 3_000
_LONGEST_FINDING = 500
_NO_NUMBERS = "Nothing: the page shows no numbers."
_SEES = {
    "missing": _NO_NUMBERS,
    "unreachable": _NO_NUMBERS,
    "header content-type": _NO_NUMBERS,
    "header access-control-allow-origin": _NO_NUMBERS,
    "invalid": "Wrong numbers, or none.",
}
_AS_PUBLISHED = "The numbers that were published last."
# As `include.incidents.summary` has it, which needs Airflow.
_ATTENDANCE = "Whoever was involved attends, others by interest."
_LOOK_FOR_THE_WATCH = (
    "See whether the storage account answers, Airflow's scheduler runs and watch_publication is"
    " unpaused and green."
)


@dataclass(frozen=True)
class Links:
    """The addresses of the buttons; one without an address is left out."""

    public_file: str
    heartbeat: str
    repository: str = ""  # `owner/name`
    run: str = ""


def notice_message(
    event: Event,
    findings: Sequence[Finding],
    responder: Responder,
    links: Links,
    now: datetime,
    *,
    faults: Sequence[Fault] = (),
) -> dict[str, Any]:
    """The message of an event, as the webhook takes it.

    Args:
        event: The event.
        findings: The findings that have it, at least one.
        responder: The person or group to respond; a recovery names nobody.
        links: The addresses of the buttons.
        now: The current time, in UTC.
        faults: All that is wrong now; a recovery says what of it is still wrong.
    """
    ordered = sorted(findings, key=lambda one: not one.is_high)
    worst = ordered[0]
    more = f" (and {len(ordered) - 1} more)" if len(ordered) > 1 else ""
    sees = _SEES.get(worst.key, _AS_PUBLISHED)
    if event is Event.RECOVERED:
        mark, posted = ":white_check_mark: Recovered", f"Public saw: {sees.rstrip('.')}"
        place = "the watch" if worst.key == HEARTBEAT else "the public file"
        title = f"{place}, after {duration((worst.gone_at or now) - worst.since)}{more}"
        lines = _past(worst, sees, faults, now)
    else:
        mark = ":rotating_light: HIGH" if worst.is_high else ":large_yellow_circle: LOW"
        name = _escape(responder.name)
        who = f"{responder.mention} ({name})" if responder.mention else name
        posted = f"Public sees: {sees.rstrip('.')} · {responder.mention or name}, {responder.when}"
        label = "" if event is Event.OPENED else f"{event.value} · "
        title = f"{label}{worst.text.partition(':')[0].rstrip('.')}{more}"
        lines = {
            "The public sees": f"{sees} Read from outside, {california_time(now)}.",
            "Evaluates" if responder.starts else "Responds": f"{who}, {responder.when}",
            "From 5 PM": _escape(responder.then),
            "What to do": _what_to_do(worst, now),
            "Since": f"{california_time(worst.since)}, {duration(now - worst.since)} ago",
        }
    found = "\n".join(f"• {_escape(one.text[:_LONGEST_FINDING])}" for one in ordered)
    if event is Event.RECOVERED:
        found = f"*What was wrong*:\n{found}"
    facts = f"The watch from outside, on GitHub. Escalate to {LEADS}."
    warning = f"\n:warning: {_escape(responder.warning)}" if responder.warning else ""
    heading = f"{mark} · {title}"
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": heading[:_HEADER]}},
        _section("\n".join(f"*{label}*: {line}" for label, line in lines.items() if line)),
        _section(found),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"{facts}{warning}"}]},
        {"type": "actions", "elements": _buttons(worst, links)},
    ]
    text = f"{mark} · {posted} · {_escape(title)}"
    return {"text": text[:_SECTION], "blocks": blocks}


def _what_to_do(finding: Finding, now: datetime) -> str:
    """The remedy; of a high finding off hours, the rest of the work waits."""
    remedies = ALERT_TYPES["public-file"].findings.items()
    by_key = (sentence for part, sentence in remedies if part in f": {finding.key}")
    what = _LOOK_FOR_THE_WATCH if finding.key == HEARTBEAT else next(by_key, "See the runbook.")
    if not finding.is_high or in_business_hours(now):
        return what
    only = "Restoring is all" if what.startswith(RESTORE) else "Only this"
    opening = california_time(next_opening(now))
    return f"{what} {only} that has to be done now; the rest waits until {opening}."


def _past(finding: Finding, saw: str, faults: Sequence[Fault], now: datetime) -> Mapping[str, str]:
    """What the public saw, for how long, and what is still wrong."""
    over_at = finding.gone_at or now
    day = retrospective_day(over_at)
    span = f"{california_time(finding.since)} to {california_time(over_at)}"
    times = f", {finding.returns + 1} times" if finding.returns else ""
    return {
        "Still wrong": _escape(" ".join(fault.text for fault in faults)),
        "The public saw": saw,
        "How long": f"{duration(over_at - finding.since)}, {span}{times}",
        "Retrospective": f"{day:%A, %B} {day.day} (suggested). {_ATTENDANCE}",
    }


def _buttons(finding: Finding, links: Links) -> list[dict[str, Any]]:
    page = "outside-watch" if finding.key == HEARTBEAT else "public-file"
    addresses = {
        "Public file": links.public_file,
        "Heartbeat": links.heartbeat,
        "Runbook": page_url(links.repository, f"docs/runbooks/{page}.md#{ANCHOR}"),
        "Run on GitHub": links.run,
    }
    return [
        {"type": "button", "text": {"type": "plain_text", "text": label}, "url": address}
        for label, address in addresses.items()
        if address
    ]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:_SECTION]}}


def _escape(text: str) -> str:
    """Text that Slack shows literally: what an address serves cannot mention, link or format.

    `include.incidents.text` does the same, but needs Airflow.
    """
    literal = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return literal.replace("@", "@\u200b")
