"""Who is on call: a rotation of turns, and overrides for swaps, from a small YAML file.

The file is edited by people, so everything that it says is checked: no moment may be without a
person or have two.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import yaml  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from include.incidents.business_hours import closing, in_business_hours, next_opening
from include.times import CALIFORNIA

FILE = Path(__file__).with_name("rotation.yaml")

_Name = Annotated[str, Field(min_length=1, max_length=80)]


class RotationError(ValueError):
    """A rotation that leaves open who is on call; the message says where and what to do."""


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

    def on(self, day: date) -> str:
        return self.people[(day - self.begins).days // self.days % len(self.people)]


class _Override(_Span):
    until: date
    person: _Name
    reason: _Name


class Rotation(BaseModel):
    """Turns that follow each other without a gap, and overrides that do not overlap."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hand_over: time
    rotations: Annotated[tuple[_Turns, ...], Field(min_length=1)]
    overrides: tuple[_Override, ...] = ()

    @model_validator(mode="after")
    def _leaves_nothing_open(self) -> "Rotation":
        for earlier, later in pairwise(self.rotations):
            if earlier.until != later.begins:
                kind = "an overlap" if (earlier.until or date.max) > later.begins else "a gap"
                raise ValueError(
                    f"there is {kind} between the rotation until {earlier.until or 'ever'} and the"
                    f" one from {later.begins}: let one end on the day that the other begins"
                )
        if (last := self.rotations[-1].until) is not None:
            raise ValueError(f"there is a gap after {last}: the last rotation has no until")
        swaps = sorted(self.overrides, key=lambda one: one.begins)
        for earlier_swap, later_swap in pairwise(swaps):
            if earlier_swap.until > later_swap.begins:
                raise ValueError(
                    f"there is an overlap of overrides: {earlier_swap.person} until"
                    f" {earlier_swap.until} and {later_swap.person} from {later_swap.begins}"
                )
        return self

    def on_call(self, moment: datetime) -> str:
        """Who is on call at a moment, which has to have a time zone.

        Raises:
            RotationError: The first rotation begins later.
        """
        local = moment.astimezone(CALIFORNIA)
        # Before the hand-over it is still the last day's person.
        day = local.date() - timedelta(days=local.time() < self.hand_over)
        for swap in self.overrides:
            if swap.covers(day):
                return swap.person
        for turns in self.rotations:
            if turns.covers(day):
                return turns.on(day)
        raise RotationError(
            f"nobody is on call on {day}: the first rotation begins on {self.rotations[0].begins}"
        )


def read_rotation(text: str) -> Rotation:
    """The rotation that a YAML text holds.

    Raises:
        RotationError: It is no rotation, or leaves a gap or an overlap.
    """
    try:
        return Rotation.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise RotationError(f"the rotation is no YAML: {error}") from error
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
        RotationError: As for `read_rotation`.
    """
    return read_rotation(FILE.read_text())


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
