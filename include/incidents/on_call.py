"""The responder to an incident: staff in business hours, the on-call rotation at other times.

People edit the rotation in `rotation.yaml`. It is checked completely: at every moment exactly one
person is on call.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import yaml  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from include.incidents.business_hours import closing_time, in_business_hours, next_opening
from include.times import CALIFORNIA, california_time

FILE = Path(__file__).with_name("rotation.yaml")

# Keys of the Variable `incident_mentions`, besides the names in the rotation.
STAFF = "CalData or Analytica staff"
FALLBACK = "Analytica on-call"

LEADS = "Ian, Jason or Matt"

HIGH_IN_HOURS = timedelta(minutes=30)
HIGH_AFTER_HOURS = timedelta(hours=1)
# With less time until closing, a low severity waits for the next opening: otherwise it would be due
# before a high one of the same moment.
LOW_BEFORE_CLOSING = timedelta(hours=1)

SLACK_ID = re.compile(r"[SUW][A-Z0-9]{4,20}")
_Name = Annotated[str, Field(min_length=1, max_length=80)]


class RotationError(ValueError):
    """A rotation with an error; the message says where it is and how to fix it."""


class _Span(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    begins: Annotated[date, Field(alias="from")]
    until: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "_Span":
        if self.until is not None and self.until <= self.begins:
            raise ValueError(f"until {self.until} is not after from {self.begins}")
        return self

    def covers(self, day: date) -> bool:
        return self.begins <= day and (self.until is None or day < self.until)


class _Turns(_Span):
    days: Annotated[int, Field(ge=1)]
    people: Annotated[tuple[_Name, ...], Field(min_length=1)]

    def person_on(self, day: date) -> str:
        return self.people[(day - self.begins).days // self.days % len(self.people)]


class _Override(_Span):
    until: date
    person: _Name
    reason: _Name


class Rotation(BaseModel):
    """On-call turns without gaps, and overrides for swaps without overlaps."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hand_over: time
    rotations: Annotated[tuple[_Turns, ...], Field(min_length=1)]
    overrides: tuple[_Override, ...] = ()

    @model_validator(mode="after")
    def _has_no_gaps_and_overlaps(self) -> "Rotation":
        for earlier, later in pairwise(self.rotations):
            if earlier.until != later.begins:
                problem = "an overlap" if (earlier.until or date.max) > later.begins else "a gap"
                end = f"until {earlier.until}" if earlier.until else "without an until"
                raise ValueError(
                    f"there is {problem} between the rotation {end} and the one from"
                    f" {later.begins}: end one on the day that the other begins"
                )
        if (last := self.rotations[-1].until) is not None:
            raise ValueError(f"there is a gap after {last}: remove the until of the last rotation")
        swaps = sorted(self.overrides, key=lambda swap: swap.begins)
        for earlier_swap, later_swap in pairwise(swaps):
            if earlier_swap.until > later_swap.begins:
                raise ValueError(
                    f"there is an overlap of overrides: {earlier_swap.person} until"
                    f" {earlier_swap.until} and {later_swap.person} from {later_swap.begins}"
                )
        return self

    def on_call(self, moment: datetime) -> str:
        """The person on call at a moment, which must have a time zone.

        Raises:
            RotationError: The first rotation begins later.
        """
        local = moment.astimezone(CALIFORNIA)
        # Until the hand-over the person of the day before is on call.
        day = local.date() - timedelta(days=local.time() < self.hand_over)
        for swap in self.overrides:
            if swap.covers(day):
                return swap.person
        for turns in self.rotations:
            if turns.covers(day):
                return turns.person_on(day)
        raise RotationError(
            f"nobody is on call on {day}: the first rotation begins on {self.rotations[0].begins}"
        )


def parse_rotation(text: str) -> Rotation:
    """Parse a rotation from YAML.

    Raises:
        RotationError: The text is not a rotation, or has a gap or an overlap.
    """
    try:
        return Rotation.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise RotationError(f"the rotation is not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RotationError(
            f"{where + ': ' if where else ''}{first['msg'].removeprefix('Value error, ')}"
        ) from error


@cache
def declared_rotation() -> Rotation:
    """The rotation in `rotation.yaml`.

    Raises:
        RotationError: As for `parse_rotation`.
    """
    return parse_rotation(FILE.read_text())


@dataclass(frozen=True)
class Responder:
    """The person or group to respond to an incident.

    Attributes:
        name: The person, or the group of which anyone available responds.
        by: The deadline, or the start of the work, in California's time.
        mention: The Slack mention, for example `<@U123>`; empty to notify nobody.
        then: The person who takes over at the end of business hours; empty if nobody has to.
        starts: Whether `by` is when the work starts, at an opening, instead of a deadline.
        warning: The error in the rotation; empty without one.
    """

    name: str
    by: datetime
    mention: str = ""
    then: str = ""
    starts: bool = False
    warning: str = ""

    @property
    def when(self) -> str:
        """The time for people: `by Tue Nov 24, 2:57 PM PST`, or `work starts Mon Nov 30, …`."""
        return f"{'work starts' if self.starts else 'by'} {california_time(self.by)}"


def mention_of(slack_id: str) -> str:
    """The Slack mention of a person or a group.

    Raises:
        ValueError: It is not a Slack id.
    """
    if not SLACK_ID.fullmatch(slack_id):
        raise ValueError(f"{slack_id!r} is not a Slack id of a person (U…, W…) or a group (S…)")
    return f"<!subteam^{slack_id}>" if slack_id.startswith("S") else f"<@{slack_id}>"


def choose_responder(
    is_high: bool, moment: datetime, rotation: Callable[[], Rotation], mentions: Mapping[str, str]
) -> Responder:
    """Choose the responder to a failure.

    Args:
        is_high: Whether the severity is high; after hours, only then is a person mentioned.
        moment: The time of the failure, with a time zone.
        rotation: Returns the rotation, or raises `RotationError`.
        mentions: The Slack mentions, by name.
    """
    if not in_business_hours(moment):
        person, warning = _on_call(rotation, moment)
        if not is_high:
            # The person evaluates without a call; the work can wait for business hours.
            return Responder(person, next_opening(moment), starts=True, warning=warning)
        mention = mentions.get(person, mentions.get(FALLBACK, ""))
        return Responder(person, _later(moment, HIGH_AFTER_HOURS), mention, warning=warning)
    mention, closing = mentions.get(STAFF, ""), closing_time(moment)
    if not is_high:
        starts = closing - moment < LOW_BEFORE_CLOSING
        return Responder(STAFF, next_opening(moment) if starts else closing, mention, starts=starts)
    by, then, warning = _later(moment, HIGH_IN_HOURS), "", ""
    if by > closing:
        then, warning = _on_call(rotation, closing)
    return Responder(STAFF, by, mention, then, warning=warning)


def _on_call(rotation: Callable[[], Rotation], moment: datetime) -> tuple[str, str]:
    """The person on call, or Analytica's on-call group and a warning about the rotation."""
    try:
        return rotation().on_call(moment), ""
    except (RotationError, OSError) as error:
        problem = f"include/incidents/rotation.yaml does not say who is on call: {error}"
        return FALLBACK, problem


def _later(moment: datetime, wait: timedelta) -> datetime:
    """The time after a wait, by UTC: California's clock skips or repeats an hour twice a year."""
    return (moment.astimezone(UTC) + wait).astimezone(CALIFORNIA)
