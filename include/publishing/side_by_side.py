"""The comparison of an earlier system's file with this pipeline's metrics, metric by metric.

A pure function of the two files. Until the switch, this pipeline's side is what it would publish;
then it is the public file.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from include.formats import number
from include.publishing.contract import ContractError, Metric, parse
from include.publishing.earlier import MISSING, EarlierFile, Row, excerpt, read_earlier
from include.publishing.names import PUBLIC_CONTAINER, PUBLISHED_FILE, source_file
from include.publishing.reconcile import Publishing
from include.publishing.released import wanted_metrics
from include.publishing.store import Place, Store
from include.sources import COMPUTED, ENTERED
from include.times import california_time

# What is compared, in the words of the table, and its key in both files.
FIELDS = {
    "value": "METRIC_VALUE",
    "time": "LAST_UPDATED",
    "unit": "METRIC_UNIT_LABEL",
    "type": "METRIC_TYPE",
    "frequency": "UPDATE_FREQUENCY",
}


class Result(StrEnum):
    """The result of one metric's comparison; the table has them in this order."""

    DIFFERS = "differs"
    ONLY_THERE = "only in the earlier file"
    ONLY_HERE = "only here"
    SAME = "same"


@dataclass(frozen=True)
class Compared:
    """One metric in both files.

    Attributes:
        name: The metric's name.
        earlier: Each field in the earlier file, as people read it; empty if it has no such metric.
        own: Each field in this pipeline's metrics; empty if there is no such metric.
        differing: The fields that differ.
    """

    name: str
    earlier: Mapping[str, str]
    own: Mapping[str, str]
    differing: tuple[str, ...] = ()

    @property
    def result(self) -> Result:
        """The result of the comparison."""
        if not self.own:
            return Result.ONLY_THERE
        if not self.earlier:
            return Result.ONLY_HERE
        return Result.DIFFERS if self.differing else Result.SAME


@dataclass(frozen=True)
class SideBySide:
    """The comparison of both files.

    Attributes:
        earlier: The earlier system's file.
        metrics: The compared metrics, those that differ first.
        is_public: Whether this pipeline's side is its public file, not what it would publish.
        problems: A sentence for each of this pipeline's files that breaks the contract.
    """

    earlier: EarlierFile
    metrics: tuple[Compared, ...] = ()
    is_public: bool = False
    problems: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """True if both files were read and say the same."""
        readable = not self.earlier.fault and not self.problems
        return readable and all(one.result is Result.SAME for one in self.metrics)

    @property
    def summary(self) -> str:
        """The numbers of metrics by result, in one line."""
        results = [one.result for one in self.metrics]
        if not results:
            return "There is nothing to compare"
        counts = {one: results.count(one) for one in Result if one in results}
        parts = [
            f"{count} {'differ' if one is Result.DIFFERS and count > 1 else one}"
            for one, count in counts.items()
        ]
        return f"{len(results)} metric{'s' * (len(results) > 1)}: {', '.join(parts)}"


def read_side_by_side(
    store: Store, state: Publishing, url: str, now: datetime, ignored: Collection[str] = ()
) -> SideBySide:
    """Read both files and compare them.

    Args:
        store: The storage account.
        state: The state of publishing.
        url: The address of the earlier system's file.
        now: The current time, in UTC.
        ignored: Fields of `FIELDS` whose differences do not count.

    Raises:
        AzureError: The storage account does not answer.
    """

    def read(place: Place) -> bytes | None:
        found = store.read(place)
        return found.content if found else None

    is_public = state.served is not None and not state.is_until_switch
    own, problems = own_metrics(read, now, is_public=is_public)
    return compare_with_earlier(
        read_earlier(url, now), own, is_public=is_public, problems=problems, ignored=ignored
    )


def compare_with_earlier(
    earlier: EarlierFile,
    own: Iterable[Metric],
    *,
    is_public: bool = False,
    problems: Sequence[str] = (),
    ignored: Collection[str] = (),
) -> SideBySide:
    """Compare the earlier system's file with this pipeline's metrics.

    Args:
        earlier: The earlier file.
        own: This pipeline's metrics.
        is_public: Whether they are public, not only released.
        problems: A sentence for each of this pipeline's files that breaks the contract.
        ignored: Fields of `FIELDS` whose differences do not count.
    """
    here: dict[str, Row] = {one.name: one.model_dump(by_alias=True) for one in own}
    # Without the earlier file, each metric would be said to be missing in it.
    names = () if earlier.fault else sorted(here.keys() | earlier.rows.keys())
    found = (_compare(name, earlier.rows.get(name), here.get(name), ignored) for name in names)
    order = list(Result)
    metrics = tuple(sorted(found, key=lambda one: order.index(one.result)))
    return SideBySide(earlier, metrics, is_public, tuple(problems))


def own_metrics(
    read: Callable[[Place], bytes | None], now: datetime, *, is_public: bool
) -> tuple[list[Metric], tuple[str, ...]]:
    """This pipeline's metrics: those that are public, or those that it would publish.

    Args:
        read: Reads a file's content; `None` if it does not exist.
        now: The current time, in UTC.
        is_public: Whether to read the public file; else the released files are read.

    Returns:
        The metrics, and a sentence for each file that breaks the contract.
    """
    if is_public:
        files = {"": PUBLISHED_FILE}
    else:
        files = {source: source_file(source) for source in (*ENTERED, *COMPUTED)}
    found: dict[str, list[Metric]] = {}
    problems = []
    for source, path in files.items():
        content = read(Place(PUBLIC_CONTAINER, path))
        try:
            if content is not None:
                found[source] = parse(content, now)
        except ContractError as error:
            problems.append(f"{path} breaks its contract: {error.violations[0]}.")
    if is_public:
        return found.get("", []), tuple(problems)
    return [metric for metric, _ in wanted_metrics(found).values()], tuple(problems)


def _compare(name: str, earlier: Row | None, own: Row | None, ignored: Collection[str]) -> Compared:
    there, here = _texts(earlier), _texts(own)
    differing = tuple(_differing(earlier, own, ignored)) if earlier and own else ()
    if "time" in differing and there["time"] == here["time"]:
        # They differ in their seconds or in their year.
        key = FIELDS["time"]
        there["time"], here["time"] = (excerpt(str(row[key])) for row in (earlier, own) if row)
    return Compared(excerpt(name), there, here, differing)


def _differing(earlier: Row, own: Row, ignored: Collection[str]) -> Iterator[str]:
    for field, key in FIELDS.items():
        there, here = earlier.get(key), own.get(key)
        if field == "time":
            # The same time may be written in several ways.
            there, here = _stamp(there), _stamp(here)
        if field not in ignored and there != here:
            yield field


def _texts(row: Row | None) -> dict[str, str]:
    return {field: _text(row.get(key), field) for field, key in FIELDS.items()} if row else {}


def _text(value: float | str | None, field: str) -> str:
    if value is None:
        return MISSING
    if not isinstance(value, str):
        return number(value)
    if field == "time" and (moment := _moment(value)):
        return california_time(moment)
    # A number that is written as a text looks like a number, and the page shows it otherwise.
    return f'"{excerpt(value)}"' if field == "value" else excerpt(value)


def _stamp(value: float | str | None) -> float | str | None:
    moment = _moment(value) if isinstance(value, str) else None
    return moment.isoformat() if moment else value


def _moment(text: str) -> datetime | None:
    """A time with a zone; `None` for any other text."""
    try:
        found = datetime.fromisoformat(text.strip())
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
