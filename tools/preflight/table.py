"""The table: a line for each check with what was found and, unless it passed, what to do."""

from __future__ import annotations

from textwrap import wrap

from tools.acceptance.outcomes import Outcome, Status
from tools.preflight.checks import Check

RESULT, NAME, FOUND = 13, 30, 76


def header() -> str:
    """The names of the columns."""
    return f"{'RESULT':<{RESULT}} {'CHECK':<{NAME}} FOUND, AND WHAT TO DO"


def row(check: Check, outcome: Outcome) -> str:
    """A check's line, in several lines if its text is long."""
    texts = [outcome.detail]
    if outcome.status is not Status.PASS:
        texts.append(f"→ {check.remedy}")
    lines = [line for text in texts for line in wrap(text, FOUND) or [""]]
    first = f"{outcome.status.value:<{RESULT}} {outcome.name:<{NAME}} {lines[0]}"
    return "\n".join([first, *(f"{'':<{RESULT + NAME + 2}}{line}" for line in lines[1:])])
