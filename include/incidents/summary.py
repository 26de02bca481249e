"""An incident in sentences, for the Slack message and the GitHub issue."""

from include.incidents.alert_types import ENDED_BY, RESTORE, RESTORE_FIRST, SECTIONS
from include.incidents.incident import Incident
from include.incidents.severity import HIGH, MOST_NAMES, Impact
from include.incidents.text import join_names

ATTENDANCE = "Whoever was involved attends, others by interest."


def headline(incident: Incident) -> str:
    """What happened, in a few words: the DAGs with their failure, or the finding."""
    problems = incident.problems
    if not incident.latest.is_task:
        others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return f"{incident.latest.error.rstrip('.')}{others}"
    is_one_kind = len({one.kind for one in problems}) == 1
    what = incident.alert_type.title if is_one_kind else f"{len(problems)} tasks failed"
    return f"{join_names(incident.dags, MOST_NAMES)}: {what}"


def remedy(incident: Incident) -> str:
    """What to do about an incident, in a sentence."""
    latest, kind = incident.latest, incident.alert_type
    known, where = (ENDED_BY, latest.error) if latest.is_task else (kind.findings, latest.key)
    for part, sentence in known.items():
        if part in where:
            return sentence
    is_rated_high = incident.rating is not None and incident.rating.severity == HIGH
    if is_rated_high or (incident.assessment.impact is Impact.WRONG and RESTORE not in kind.remedy):
        return RESTORE_FIRST
    if len(incident.dags) > 1:
        return "Fix the cause that the error names; the next hourly runs then succeed."
    return kind.remedy


def runbook_page(incident: Incident) -> str:
    """The path of the runbook page in the repository, with the section."""
    error = incident.latest.error
    known = (page for part, page in SECTIONS.items() if incident.latest.is_task and part in error)
    return next(known, incident.alert_type.runbook_page)


def why(incident: Incident) -> str:
    """The reason for the severity."""
    rating = incident.rating
    return f"{rating.person} set it: {rating.reason}" if rating else incident.assessment.why


def affected(incident: Incident) -> str:
    """The affected metrics, at most three and a count; empty if there are none."""
    is_all = incident.assessment.impact is Impact.WRONG and not incident.affected
    return "all" if is_all else join_names(incident.affected, MOST_NAMES)
