"""The Slack messages of an incident: opened, reminded, recovered.

Blocks and their limits: https://docs.slack.dev/reference/block-kit/blocks.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from include.incidents.business_hours import shown
from include.incidents.incident import Incident
from include.incidents.on_call import LEADS, Responder
from include.incidents.open_incidents import Step
from include.incidents.text import as_code, cut, escape, listed

Block = dict[str, Any]

HEADER, SECTION, FIELD, ADDRESS = 150, 3_000, 2_000, 3_000
_DETAILS, _NAMED = 6, 8
_MARKS = {"high": ":rotating_light:", "low": ":large_yellow_circle:"}


@dataclass(frozen=True)
class Links:
    """Where the buttons lead; one without an address is left out."""

    log: str = ""
    run: str = ""
    runbook: str = ""
    issue: str = ""
    issue_exists: bool = False

    def buttons(self) -> list[Block]:
        """The buttons, as elements of an actions block."""
        named = {
            "Open the log": self.log,
            "Open the run": self.run,
            "Runbook: what to do": self.runbook,
            "See the GitHub issue" if self.issue_exists else "Open a GitHub issue": self.issue,
        }
        return [
            {"type": "button", "text": {"type": "plain_text", "text": label}, "url": address}
            for label, address in named.items()
            if address and len(address) <= ADDRESS
        ]


@dataclass(frozen=True)
class Message:
    """What is posted: `text` is what notifications show, `blocks` what the channel shows."""

    text: str
    blocks: list[Block] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The message as the webhook takes it."""
        return {"text": self.text, **({"blocks": self.blocks} if self.blocks else {})}


def failure_message(step: Step, incident: Incident, who: Responder, links: Links) -> Message:
    """The message of an incident that was opened, has become graver, or goes on."""
    mark = _MARKS[incident.severity]
    still = "still failing: " if step is Step.REMINDED else ""
    heading = f"{mark} {incident.severity.upper()} · {incident.dag}: {still}{incident.alert.title}"
    task, more = incident.tasks[0], len(incident.tasks) - 1
    also = f" and {more} more" if more else ""
    what = (
        f"*{escape(incident.dag)}* failed in `{escape(task)}`{also}"
        f" (try {incident.tries}, run {as_code(incident.run)})"
    )
    evidence = [as_code(incident.error), *(f"• {as_code(d)}" for d in incident.details[:_DETAILS])]
    since = shown(incident.opened_at)
    if incident.runs > 1:
        since += f", in {incident.runs} runs"
    fields = {
        "Severity": f"{incident.severity.upper()}. {escape(incident.why)}",
        "The public sees": escape(incident.sees),
        "Since": since,
        "Responds": f"{_called(who)}, by {shown(who.by)}",
        "Affected metrics": escape(listed(incident.affected, _NAMED)) or "none",
        "Escalate to": LEADS,
    }
    blocks = [
        _header(heading),
        _section("\n".join([what, *evidence])),
        {"type": "section", "fields": [_text(f"*{k}*\n{v}", FIELD) for k, v in fields.items()]},
    ]
    if who.warning:
        blocks.append(_context(f":warning: {escape(who.warning)}"))
    if buttons := links.buttons():
        blocks.append({"type": "actions", "elements": buttons})
    text = (
        f"{mark} {what}: {escape(incident.error)} {escape(incident.why)} {_called(who)} responds."
    )
    return Message(cut(text, SECTION), blocks)


def recovery_message(incident: Incident, links: Links) -> Message:
    """The message of an incident that is over."""
    closed = incident.closed_at or incident.failed_at
    lasted = duration(closed - incident.opened_at)
    what = (
        f"*{escape(incident.dag)}* works again after {lasted}: {escape(incident.alert.title)}"
        f" from {shown(incident.opened_at)} to {shown(closed)}, in {incident.runs} run(s)."
    )
    blocks = [
        _header(f":white_check_mark: Recovered · {incident.dag}: {incident.alert.title}"),
        _section(f"{what}\nIt was: {as_code(incident.error)}"),
    ]
    if buttons := links.buttons():
        blocks.append({"type": "actions", "elements": buttons})
    return Message(f":white_check_mark: {what}", blocks)


def duration(lasted: timedelta) -> str:
    """A length of time as people say it, for example `3 h 12 min`."""
    minutes = int(lasted.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = {"d": days, "h": hours, "min": minutes}
    return " ".join(f"{n} {unit}" for unit, n in parts.items() if n)[:20] or "less than a minute"


def _called(who: Responder) -> str:
    return f"{who.mention} ({escape(who.name)})" if who.mention else escape(who.name)


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, HEADER)}}


def _section(text: str) -> Block:
    return {"type": "section", "text": _text(text, SECTION)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_text(text, SECTION)]}


def _text(text: str, longest: int) -> Block:
    return {"type": "mrkdwn", "text": cut(text, longest)}
