"""A day of runs, laid out by the DAGs' schedules: the bill of its warehouses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from local.snowflake.meter import Bill, Use, bill_of

MINUTE, HOUR = 60.0, 3600.0
DAY = 24 * HOUR


@dataclass(frozen=True)
class Run:
    """A recorded run of a DAG.

    Attributes:
        seconds: Its duration.
        uses: By warehouse, the begin and end of each statement on it, in seconds of the run.
    """

    seconds: float
    uses: Mapping[str, tuple[Use, ...]]

    def at(self, second: float) -> "Run":
        """The same run, begun at another time."""
        moved = {
            name: tuple((second + begin, second + end) for begin, end in uses)
            for name, uses in self.uses.items()
        }
        return replace(self, uses=moved)


def starts(expression: str) -> list[float]:
    """The seconds of a day at which a cron expression starts a run.

    Args:
        expression: Its minutes and hours are `*`, `*/n` or numbers; it applies to every day.

    Raises:
        ValueError: It starts no run on some days.
    """
    minutes, hours, *days = expression.split()
    if days != ["*", "*", "*"]:
        raise ValueError(f"{expression!r} does not apply to every day.")
    return [
        hour * HOUR + minute * MINUTE
        for hour in _numbers(hours, 24)
        for minute in _numbers(minutes, 60)
    ]


def _numbers(field: str, end: int) -> list[int]:
    if field.startswith("*"):
        return list(range(0, end, int(field.removeprefix("*").removeprefix("/") or 1)))
    return [int(number) for number in field.split(",")]


def bills(runs: Iterable[Run], auto_suspend: float) -> dict[str, Bill]:
    """Each warehouse's bill of a day, which the same day precedes and follows.

    Its first burst may be the rest of one that began before midnight.

    Args:
        runs: The day's runs, at their seconds of the day.
        auto_suspend: The idle seconds after which a warehouse suspends.
    """
    uses: dict[str, list[Use]] = {}
    for run in runs:
        for name, of_run in run.uses.items():
            uses.setdefault(name, []).extend(of_run)
    return {name: _second_day(of_day, auto_suspend) for name, of_day in sorted(uses.items())}


def _second_day(uses: list[Use], auto_suspend: float) -> Bill:
    two = [*uses, *((begin + DAY, end + DAY) for begin, end in uses)]
    return bill_of(two, auto_suspend) - bill_of(uses, auto_suspend)


@dataclass(frozen=True)
class Schedule:
    """The recorded runs of the project, and when each DAG starts.

    Attributes:
        sources: The sources' DAGs, which start together.
        publication: The DAG that starts when the last source has ended, if one has changed.
        crons: By DAG, the cron expression that starts it; the publication's too.
        quiet: By DAG, its run when no source changed.
        changed: The same when every source changed.
        reloaded: The sources that are loaded again although their rows are the same.
    """

    sources: tuple[str, ...]
    publication: str
    crons: Mapping[str, str]
    quiet: Mapping[str, Run]
    changed: Mapping[str, Run]
    reloaded: tuple[str, ...] = ()

    def day(self, changed: Iterable[int] = (), reloads: Iterable[int] = ()) -> list[Run]:
        """The runs of a day, each at its second.

        Args:
            changed: The hours in which every source changes.
            reloads: The hours in which only `reloaded` ones run completely.
        """
        full = dict.fromkeys(changed, self.sources)
        full = {**dict.fromkeys(reloads, self.reloaded), **full}
        runs: list[Run] = []
        for dag, expression in self.crons.items():
            for at in starts(expression):
                is_full = dag in full.get(int(at // HOUR), ())
                runs.append((self.changed if is_full else self.quiet)[dag].at(at))
        for hour, sources in full.items():
            ends = [
                at + self.changed[dag].seconds
                for dag in sources
                for at in starts(self.crons[dag])
                if int(at // HOUR) == hour
            ]
            runs.append(self.changed[self.publication].at(max(ends)))
        return runs
