"""The bill of a warehouse: when it resumes, works, idles and suspends.

A `Meter` reads no clock: every time is given to it, in seconds. The emulator gives it the present
time; `bench.bill` gives it the times of a modelled day.

A resumed warehouse is billed by the second until it suspends, for at least a minute:
https://docs.snowflake.com/en/user-guide/cost-understanding-compute
It suspends after AUTO_SUSPEND idle seconds. The process that suspends warehouses runs about every
30 seconds (https://docs.snowflake.com/en/sql-reference/sql/create-warehouse), so half of that is
added. The seconds of a resume are not billed and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

MINIMUM_SECONDS = 60.0
SUSPEND_LAG_SECONDS = 15.0
# A statement's begin and end.
Use = tuple[float, float]


@dataclass(frozen=True)
class Bill:
    """The work of a warehouse, and what is billed for it.

    Attributes:
        resumes: The number of resumes.
        busy: The seconds in which at least one statement ran.
        idle: The seconds in which the warehouse was resumed and no statement ran.
        billed: The billed seconds: busy and idle ones, at least a minute for each resume.
    """

    resumes: int = 0
    busy: float = 0.0
    idle: float = 0.0
    billed: float = 0.0

    def __add__(self, other: Bill) -> Bill:
        return Bill(
            self.resumes + other.resumes,
            self.busy + other.busy,
            self.idle + other.idle,
            self.billed + other.billed,
        )

    def __sub__(self, other: Bill) -> Bill:
        return Bill(
            self.resumes - other.resumes,
            self.busy - other.busy,
            self.idle - other.idle,
            self.billed - other.billed,
        )

    def credits(self, credits_an_hour: float) -> float:
        """The credits of the billed seconds."""
        return self.billed / 3600 * credits_an_hour


class Meter:
    """One warehouse's state and bill. Times must not go backwards from call to call.

    Attributes:
        auto_suspend: The idle seconds after which it suspends; `None` for never.
        running: The number of statements that run now.
    """

    def __init__(self, auto_suspend: float | None) -> None:
        self.auto_suspend = auto_suspend
        self.running = 0
        self._closed = Bill()
        self._resumed: float | None = None
        self._statements = 0
        self._busy = 0.0
        self._changed = 0.0
        self._suspending = False
        self._is_by_statement = False

    def resume(self, now: float) -> None:
        """Resume without a statement, unless it is resumed already."""
        self._suspend_if_due(now)
        if self._resumed is None:
            self._resumed, self._statements, self._busy, self._changed = now, 0, 0.0, now
            self._is_by_statement = False

    def begin(self, now: float) -> None:
        """Begin a statement, which resumes a suspended warehouse."""
        if self.is_suspended(now):
            self.resume(now)
            self._is_by_statement = True
        if self.running == 0:
            self._changed = now
        self.running += 1
        self._statements += 1

    def end(self, now: float) -> None:
        """End a statement that began before."""
        self.running -= 1
        if self.running == 0:
            self._busy += now - self._changed
            self._changed = now
            if self._suspending:
                self._close(now)

    def cancel(self, now: float) -> None:
        """End a statement that failed before it needed the warehouse, as if it had never begun."""
        if self._statements == 1 and self._is_by_statement:
            self._resumed, self.running = None, 0
        else:
            self.end(now)

    def suspend(self, now: float) -> None:
        """Suspend now, or when the statements that run have ended."""
        self._suspend_if_due(now)
        if self.running:
            self._suspending = True
        elif self._resumed is not None:
            self._close(now)

    def is_suspended(self, now: float) -> bool:
        """True if the next statement has to resume the warehouse."""
        return self._resumed is None or self._due() <= now

    def bill(self, now: float) -> Bill:
        """The bill until now; the present minute is billed completely."""
        if self._resumed is None:
            return self._closed
        return self._closed + self._open(self._resumed, min(now, self._due()))

    def _due(self) -> float:
        """When it suspends if no statement begins before."""
        if self.running or self.auto_suspend is None:
            return inf
        return self._changed + self.auto_suspend + SUSPEND_LAG_SECONDS

    def _suspend_if_due(self, now: float) -> None:
        if self._resumed is not None and self._due() <= now:
            self._close(self._due())

    def _close(self, at: float) -> None:
        if self._resumed is not None:
            self._closed += self._open(self._resumed, at)
        self._resumed, self._suspending = None, False

    def _open(self, resumed: float, until: float) -> Bill:
        busy = self._busy + (until - self._changed if self.running else 0.0)
        awake = until - resumed
        return Bill(1, busy, awake - busy, max(awake, MINIMUM_SECONDS))


def bill_of(uses: Iterable[Use], auto_suspend: float) -> Bill:
    """The bill of a warehouse that runs these statements, until it has suspended for good.

    Args:
        uses: Each statement's begin and end, in any order.
        auto_suspend: The idle seconds after which the warehouse suspends.
    """
    meter = Meter(auto_suspend)
    events = [event for begin, end in uses for event in ((begin, False), (end, True))]
    # At the same time a begin comes first: statements that touch are one burst.
    for at, is_end in sorted(events):
        (meter.end if is_end else meter.begin)(at)
    return meter.bill(inf)
