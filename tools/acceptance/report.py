"""The report: a line for each check, and a Markdown file to attach to an issue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from include.masking import mask_secrets
from tools.acceptance.outcomes import Outcome, Status, summary

# Query ids in a line of the terminal; the file has all of them.
_MOST_QUERIES = 2


def line(outcome: Outcome) -> str:
    """A check in one line or, unless it passed, with its reason in a second one."""
    shown = " ".join(outcome.queries[:_MOST_QUERIES])
    more = len(outcome.queries) - _MOST_QUERIES
    queries = f"{shown} and {more} more" if more > 0 else shown
    text = f"{outcome.status.value:<13} {outcome.name:<28} {outcome.seconds:6.1f} s  {queries}"
    if outcome.status is Status.PASS:
        return text.rstrip()
    return f"{text.rstrip()}\n{'':14}{outcome.detail}"


def markdown(
    token: str, environment: str, at: datetime, outcomes: Sequence[Outcome], left: Sequence[str]
) -> str:
    """The report as Markdown, without secrets.

    Args:
        token: The run's token.
        environment: `DEV`.
        at: When the run began, in UTC.
        outcomes: The outcomes, in their order.
        left: What could not be removed.
    """
    rows = [
        f"| {outcome.status.value} | {outcome.name} | {outcome.seconds:.1f} |"
        f" {_cell(outcome.detail)} |"
        for outcome in outcomes
    ]
    queries = [
        f"- {outcome.name}: {', '.join(outcome.queries)}" for outcome in outcomes if outcome.queries
    ]
    removed = (
        ["Everything that the run made is removed."]
        if not left
        else ["Not removed:", "", *(f"- {_cell(each)}" for each in left)]
    )
    lines = [
        f"# Acceptance {token} of {environment}, {at:%Y-%m-%d %H:%M} UTC",
        "",
        f"{summary(outcomes)}.",
        "",
        "| result | check | seconds | found |",
        "|---|---|---|---|",
        *rows,
        "",
        *removed,
        "",
        "## Query ids",
        "",
        *queries,
        "",
    ]
    return mask_secrets("\n".join(lines))


def _cell(text: str) -> str:
    """Text within one cell of a table."""
    return "<br>".join(text.replace("|", "\\|").splitlines())
