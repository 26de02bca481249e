"""The GitHub issue of an incident: a link to a filled-in form, or an issue created by the API."""

from datetime import datetime
from urllib.parse import urlencode

import httpx
from airflow.sdk import Connection

from include.connections import base_url
from include.incidents.alert_types import GITHUB
from include.incidents.incident import Incident
from include.incidents.on_call import LEADS
from include.incidents.summary import ATTENDANCE, affected, headline, remedy, why
from include.incidents.text import join_names, mask_secrets, run_name, truncate
from include.times import california_time

API = "https://api.github.com"
# Slack's limit for a button's address; GitHub's is higher.
LONGEST_URL = 3_000
# GitHub's limits are 256 and 65,536 characters.
LONGEST_TITLE, LONGEST_BODY = 150, 60_000
_CUT = "\n\n(shortened; the whole error is in the log)"
_MOST_PROBLEMS = 20
_TIMEOUT_SECONDS = 2


def title(incident: Incident, now: datetime) -> str:
    """The issue's title."""
    return truncate(mask_secrets(f"[{incident.severity(now)}] {headline(incident)}"), LONGEST_TITLE)


def labels(incident: Incident, now: datetime) -> list[str]:
    """The issue's labels, by severity."""
    return ["incident", f"severity: {incident.severity(now)}"]


def body(incident: Incident, responder: str, now: datetime) -> str:
    """The issue's body in Markdown; the evidence is last, because the end may be cut off."""
    latest = incident.latest
    tasks = tuple(f"`{task.replace('`', chr(39))}`" for task in incident.tasks)
    problems = [one for one in incident.problems if one.key != latest.key][:_MOST_PROBLEMS]
    first, last = california_time(incident.opened_at), california_time(incident.seen_at)
    lines = [
        f"**Severity: {incident.severity(now)}.** {why(incident)}",
        f"**The public sees:** {incident.assessment.public_sees}",
        f"**Responder:** {responder}",
        f"**What to do:** {remedy(incident)}",
        "",
        "### Timeline",
        f"- first seen {first}, last {last}; failed attempts: {incident.failures}",
        "",
        "### Findings",
        "_(the cause; what it affected; how it was noticed)_",
        "",
        "### Proposed fix",
        "- [ ] revert commits",
        "- [ ] revert changes in Airtable",
        "- [ ] trigger new Fivetran syncs, or clear and rerun tasks",
        "- [ ] restore an earlier version (`restore_metrics`)",
        "- [ ] last resort: ask the front-end team at CDT to change the page",
        "",
        "Off hours, restore now if the public file is wrong; the rest waits until offices open.",
        f"Escalate to {LEADS} before other CalData staff.",
        f"Retrospective: in the week after the resolution. {ATTENDANCE}",
        "",
        "### Evidence",
        f"- affected metrics: {affected(incident) or 'none'}",
        f"- failed tasks: {join_names(tasks, _MOST_PROBLEMS) or 'none; the watch found it'}",
    ]
    if latest.is_task:
        lines.append(f"- [the log]({latest.log_url}): try {latest.tries} in {run_name(latest.run)}")
    errors = (latest.error, *latest.details, *(f"{one.key}: {one.error}" for one in problems))
    lines += [f"- incident `{incident.id}`", "", "```", *map(_without_fence, errors), "```"]
    return mask_secrets("\n".join(lines))


def new_issue_url(repository: str, incident: Incident, responder: str, now: datetime) -> str:
    """The address of GitHub's form for a new issue, filled in.

    Args:
        repository: `owner/name`.
        incident: The incident.
        responder: The name of the person or group to respond.
        now: The current time, in UTC.
    """
    text, length = body(incident, responder, now), LONGEST_URL
    fields = {"title": title(incident, now), "labels": ",".join(labels(incident, now))}
    url = _form_url(repository, fields, text)
    while len(url) > LONGEST_URL and length > 0:
        # One character takes up to twelve in an address, so the right length is found by steps.
        length -= 100
        url = _form_url(repository, fields, text[:length] + _CUT)
    return url


def create_issue(
    connection: Connection, repository: str, incident: Incident, responder: str, now: datetime
) -> str:
    """Create the issue, and return its address.

    Args:
        connection: Its password is a token that may write the repository's issues; its host, if
            set, is the API's.
        repository: `owner/name`.
        incident: The incident.
        responder: The name of the person or group to respond.
        now: The current time, in UTC.

    Raises:
        httpx.HTTPError: GitHub refuses or is unreachable.
    """
    base = base_url(connection) if connection.host else API
    response = httpx.post(
        f"{base}/repos/{repository}/issues",
        headers={
            "Authorization": f"Bearer {connection.password}",
            "Accept": "application/vnd.github+json",
        },
        json={
            "title": title(incident, now),
            "labels": labels(incident, now),
            "body": truncate(body(incident, responder, now), LONGEST_BODY),
        },
        timeout=_TIMEOUT_SECONDS,
    ).raise_for_status()
    return str(response.json()["html_url"])


def _form_url(repository: str, fields: dict[str, str], text: str) -> str:
    return f"{GITHUB}/{repository}/issues/new?{urlencode({**fields, 'body': text})}"


def _without_fence(line: str) -> str:
    return line.replace("```", "'''")
