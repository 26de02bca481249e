"""A layer's optional declarations: one that cannot be read is noted and not used.

They only help to read the layer, so a layer with a bad one is still read completely.
"""

from datetime import UTC, datetime
from typing import Any

from include.loaders.excerpts import short_repr
from include.loaders.values import integer, timestamp


class Declarations:
    """The members of a JSON object, each of them optional.

    Attributes:
        notes: A sentence for each member that could not be read.
    """

    def __init__(self, members: dict[str, Any], notes: list[str] | None = None) -> None:
        self.notes = [] if notes is None else notes
        self._members = members

    def within(self, name: str) -> "Declarations":
        """The members of a member that is an object; none if it is missing or unreadable."""
        value = self._members.get(name)
        if isinstance(value, dict):
            return Declarations(value, self.notes)
        self._note(name, "an object")
        return Declarations({}, self.notes)

    def flag(self, name: str) -> bool | None:
        """True or false, as `flag` reads it; `None` if it is missing or unreadable."""
        value = flag(self._members.get(name))
        if value is None:
            self._note(name, "true or false")
        return value

    def number(self, name: str, most: int) -> int | None:
        """A whole number from 1 to `most`; `None` if it is missing or unreadable."""
        try:
            value = integer(self._members.get(name))
        except (ValueError, TypeError, OverflowError):
            value = None
        if value is not None and 0 < value <= most:
            return value
        self._note(name, "a whole number above 0")
        return None

    def time(self, name: str) -> datetime | None:
        """A time in UTC; `None` if it is missing or unreadable."""
        try:
            value = timestamp(self._members.get(name))
        except (ValueError, TypeError, OverflowError):
            value = None
        if value is None:
            self._note(name, "a time")
            return None
        return value.replace(tzinfo=UTC)

    def words(self, name: str) -> list[str]:
        """The words of a text with commas or of a list; none if it is missing or unreadable."""
        value = self._members.get(name)
        listed = value if isinstance(value, list) else [value]
        if all(isinstance(each, str) for each in listed):
            return [word for word in map(str.strip, ",".join(listed).split(",")) if word]
        self._note(name, "a list of words")
        return []

    def _note(self, name: str, wanted: str) -> None:
        value = self._members.get(name)
        if value is not None:
            self.notes.append(
                f"the layer's `{name}` is {short_repr(value)}, not {wanted}; it was not used"
            )


def flag(value: Any) -> bool | None:
    """True or false, also as text or as 1 and 0; `None` for anything else."""
    known = {"true": True, "false": False, "1": True, "0": False}
    return known.get(str(value).casefold()) if isinstance(value, bool | int | str) else None
