"""The Slack messages of an incident: opened, reminded, escalated, recovered.

Blocks and their limits: https://docs.slack.dev/reference/block-kit/blocks.
"""

from dataclasses import dataclass, field
from typing import Any

from include.incidents.incident import Event, Incident
from include.incidents.on_call import LEADS, Responder
from include.incidents.text import as_code, count, escape, join_names, truncate
from include.times import california_time, duration

Block = dict[str, Any]

# Slack's limits, in characters.
HEADER, SECTION, FIELD, ADDRESS = 150, 3_000, 2_000, 3_000
_MOST_DETAILS, _MOST_NAMES = 6, 8
_MARKS = {"high": ":rotating_light:", "low": ":large_yellow_circle:"}
_PREFIXES = {Event.REMINDED: "still failing: ", Event.ESCALATED: "escalated: "}


@dataclass(frozen=True)
class Links:
    """The addresses of the buttons; a button without one is left out."""

    log: str = ""
    run: str = ""
    runbook: str = ""
    issue: str = ""
    issue_exists: bool = False

    def buttons(self) -> list[Block]:
        """The buttons, as elements of an actions block."""
        addresses = {
            "Open the log": self.log,
            "Open the run": self.run,
            "Runbook: what to do": self.runbook,
            "See the GitHub issue" if self.issue_exists else "Open a GitHub issue": self.issue,
        }
        return [
            {"type": "button", "text": {"type": "plain_text", "text": label}, "url": address}
            for label, address in addresses.items()
            if address and len(address) <= ADDRESS
        ]


@dataclass(frozen=True)
class Message:
    """A message: `text` is for notifications, `blocks` for the channel."""

    text: str
    blocks: list[Block] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The message as the webhook takes it."""
        return {"text": self.text, **({"blocks": self.blocks} if self.blocks else {})}


def failure_message(
    event: Event, incident: Incident, responder: Responder, links: Links
) -> Message:
    """The message of an incident that is opened, escalated or continues.

    Args:
        event: The event to post.
        incident: The incident after the event.
        responder: The person or group to respond.
        links: The addresses of the buttons.
    """
    mark, severity = _MARKS[incident.severity], incident.severity.upper()
    title = f"{_PREFIXES.get(event, '')}{incident.alert_type.title}"
    others = len(incident.tasks) - 1
    what = (
        f"*{escape(incident.dag)}* failed in `{escape(incident.tasks[0])}`"
        f"{f' and {others} more' if others else ''}"
        f" (try {incident.tries}, run {as_code(incident.run)})"
    )
    evidence = [
        as_code(incident.error),
        *(f"• {as_code(line)}" for line in incident.details[:_MOST_DETAILS]),
    ]
    since = california_time(incident.opened_at)
    if incident.runs > 1:
        since += f", in {count(incident.runs, 'run')}"
    fields = {
        "Severity": f"{severity}. {escape(incident.why)}",
        "The public sees": escape(incident.public_sees),
        "Since": since,
        "Responder": f"{_mention(responder)}, by {california_time(responder.by)}",
        "Affected metrics": escape(join_names(incident.affected, _MOST_NAMES)) or "none",
        "Escalate to": LEADS,
    }
    blocks = [
        _header(f"{mark} {severity} · {incident.dag}: {title}"),
        _section("\n".join([what, *evidence])),
        {"type": "section", "fields": [_text(f"*{k}*\n{v}", FIELD) for k, v in fields.items()]},
    ]
    if responder.warning:
        blocks.append(_context(f":warning: {escape(responder.warning)}"))
    if buttons := links.buttons():
        blocks.append({"type": "actions", "elements": buttons})
    text = (
        f"{mark} {what}: {escape(incident.error)} {escape(incident.why)}"
        f" Responder: {_mention(responder)}."
    )
    return Message(truncate(text, SECTION), blocks)


def recovery_message(incident: Incident, links: Links) -> Message:
    """The message of an incident that is over."""
    closed_at = incident.closed_at or incident.failed_at
    what = (
        f"*{escape(incident.dag)}* works again after {duration(closed_at - incident.opened_at)}."
        f" It failed from {california_time(incident.opened_at)} to {california_time(closed_at)},"
        f" in {count(incident.runs, 'run')}."
    )
    blocks = [
        _header(f":white_check_mark: Recovered · {incident.dag}: {incident.alert_type.title}"),
        _section(f"{what}\nThe error was: {as_code(incident.error)}"),
    ]
    if buttons := links.buttons():
        blocks.append({"type": "actions", "elements": buttons})
    return Message(f":white_check_mark: {what}", blocks)


def _mention(responder: Responder) -> str:
    name = escape(responder.name)
    return f"{responder.mention} ({name})" if responder.mention else name


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": truncate(text, HEADER)}}


def _section(text: str) -> Block:
    return {"type": "section", "text": _text(text, SECTION)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_text(text, SECTION)]}


def _text(text: str, longest: int) -> Block:
    return {"type": "mrkdwn", "text": truncate(text, longest)}
