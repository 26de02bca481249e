"""The GitHub issue of an incident: a link to a filled-in form, or an issue created by the API."""

from urllib.parse import urlencode

import httpx
from airflow.sdk import Connection

from include.connections import base_url
from include.incidents.alert_types import GITHUB
from include.incidents.business_hours import retrospective_day
from include.incidents.incident import Incident
from include.incidents.on_call import LEADS
from include.incidents.text import count, truncate
from include.times import california_time

API = "https://api.github.com"
# Slack's limit for a button's address; GitHub's is higher.
LONGEST_URL = 3_000
# GitHub's limit is 65,536 characters.
LONGEST_BODY = 60_000
_CUT = "\n\n(shortened; the whole error is in the log)"
_TIMEOUT_SECONDS = 15


def title(incident: Incident) -> str:
    """The issue's title."""
    return f"[{incident.severity}] {incident.dag}: {incident.alert_type.title}"


def labels(incident: Incident) -> list[str]:
    """The issue's labels, by severity."""
    return ["incident", f"severity: {incident.severity}"]


def body(incident: Incident, responder: str) -> str:
    """The issue's body in Markdown; the evidence is last, because the end may be cut off."""
    first = california_time(incident.opened_at)
    last = california_time(incident.failed_at)
    lines = [
        f"**Severity: {incident.severity}.** {incident.why}",
        f"**The public sees:** {incident.public_sees}",
        f"**Responder:** {responder}",
        "",
        "### Timeline",
        f"- first failure {first}, last {last}, in {count(incident.runs, 'run')}",
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
        f"Escalate to {LEADS} before other CalData staff.",
        f"Retrospective: {retrospective_day(incident.opened_at):%A, %B %d, %Y} (suggested).",
        "",
        "### Evidence",
        f"- DAG `{incident.dag}`, failed tasks: {_code(incident.tasks)}, try {incident.tries}",
        f"- run {_code((incident.run,))}: {incident.run_url}",
        f"- log: {incident.log_url}",
        f"- incident `{incident.id}`",
        f"- affected metrics: {_code(incident.affected) or 'none'}",
        "",
        "```",
        *(_without_fence(line) for line in (incident.error, *incident.details)),
        "```",
    ]
    return "\n".join(lines)


def new_issue_url(repository: str, incident: Incident, responder: str) -> str:
    """The address of GitHub's form for a new issue, filled in.

    Args:
        repository: `owner/name`.
        incident: The incident.
        responder: The name of the person or group to respond.
    """
    text, length = body(incident, responder), LONGEST_URL
    url = _form_url(repository, incident, text)
    while len(url) > LONGEST_URL and length > 0:
        # One character takes up to twelve in an address, so the right length is found by steps.
        length -= 100
        url = _form_url(repository, incident, text[: max(length, 0)] + _CUT)
    return url


def create_issue(
    connection: Connection, repository: str, incident: Incident, responder: str
) -> str:
    """Create the issue, and return its address.

    Args:
        connection: Its password is a token that may write the repository's issues; its host, if
            set, is the API's.
        repository: `owner/name`.
        incident: The incident.
        responder: The name of the person or group to respond.

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
            "title": title(incident),
            "labels": labels(incident),
            "body": truncate(body(incident, responder), LONGEST_BODY),
        },
        timeout=_TIMEOUT_SECONDS,
    ).raise_for_status()
    return str(response.json()["html_url"])


def _form_url(repository: str, incident: Incident, text: str) -> str:
    fields = {"title": title(incident), "labels": ",".join(labels(incident)), "body": text}
    return f"{GITHUB}/{repository}/issues/new?{urlencode(fields)}"


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name.replace('`', chr(39))}`" for name in names)


def _without_fence(line: str) -> str:
    return line.replace("```", "'''")
