"""Who responds, and by when: staff in business hours, at other times Analytica's on-call person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from include.incidents.calendar import closing, in_business_hours, next_opening
from include.incidents.rotation import Rotation, RotationError

# The keys of the Variable `incident_mentions` beside the names of the rotation.
STAFF = "CalData or Analytica staff"
FALLBACK = "Analytica on-call"
LEADS = "Ian, Jason or Matt"

HIGH_IN_HOURS = timedelta(minutes=30)
HIGH_AT_OTHER_TIMES = timedelta(hours=1)
# Off hours everything that can wait waits: until the first hour of the next working day.
LOW_AFTER_OPENING = timedelta(hours=1)


@dataclass(frozen=True)
class Responder:
    """Who is to act.

    Attributes:
        name: The person, or the group of which whoever is available responds.
        by: Until when, in California's time.
        mention: What calls them in Slack, for example `<@U123>`; empty if nobody is to be called.
        warning: What is wrong with the rotation; empty if nothing is.
    """

    name: str
    by: datetime
    mention: str = ""
    warning: str = ""


def responder(
    high: bool, moment: datetime, rotation: Callable[[], Rotation], mentions: Mapping[str, str]
) -> Responder:
    """Who responds to a failure.

    Args:
        high: Whether the public sees something wrong.
        moment: When it failed, with a time zone.
        rotation: Where to read the rotation.
        mentions: What calls each in Slack, by name. At night and on free days a person is called
            for a high severity only.
    """
    if in_business_hours(moment):
        by = moment + HIGH_IN_HOURS if high else closing(moment)
        return Responder(STAFF, by, mentions.get(STAFF, ""))
    if not high:
        return Responder(STAFF, next_opening(moment) + LOW_AFTER_OPENING)
    person, warning = FALLBACK, ""
    try:
        person = rotation().on_call(moment)
    except (RotationError, OSError) as error:
        warning = f"include/incidents/rotation.yaml does not say who is on call: {error}"
    called = mentions.get(person, mentions.get(FALLBACK, ""))
    return Responder(person, moment + HIGH_AT_OTHER_TIMES, called, warning)
