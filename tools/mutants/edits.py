"""A mutant: one edit of one file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Edit:
    """The replacement of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Mutant:
    """A file with one edit."""

    path: str
    source: str = field(repr=False)
    edit: Edit

    @property
    def changed(self) -> str:
        """The file's text after the edit."""
        return self.source[: self.edit.start] + self.edit.text + self.source[self.edit.end :]

    @property
    def line(self) -> int:
        """The number of the first changed line."""
        old = self.source[self.edit.start : self.edit.end]
        first = self.edit.start + len(old) - len(old.lstrip())
        return self.source.count("\n", 0, first) + 1

    @property
    def before(self) -> str:
        """The edited lines as one."""
        return self._lines(self.source[self.edit.start : self.edit.end])

    @property
    def after(self) -> str:
        """The lines after the edit as one."""
        return self._lines(self.edit.text)

    def _lines(self, middle: str) -> str:
        first = self.source.rfind("\n", 0, self.edit.start) + 1
        last = self.source.find("\n", self.edit.end)
        rest = self.source[self.edit.end : last if last >= 0 else None]
        return " ".join((self.source[first : self.edit.start] + middle + rest).split())


def without_each(spans: Sequence[tuple[int, int]]) -> Iterator[Edit]:
    """Drop each element of a list, with the separator before or after it.

    Args:
        spans: The elements' first and last positions, in the order of the text.
    """
    for index, (start, end) in enumerate(spans):
        if index + 1 < len(spans):
            yield Edit(start, spans[index + 1][0], "")
        else:
            yield Edit(spans[index - 1][1] if index else start, end, "")
