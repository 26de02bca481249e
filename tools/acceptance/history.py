"""The history tables: a row that is written again replaces itself, with every value as it was."""

from datetime import UTC, datetime
from typing import Any

from include.history_tables import HistoryTable, timestamp
from include.incidents.incident_log import INCIDENT_LOG
from include.publishing.history import PUBLISHED_METRICS
from tools.acceptance.outcomes import expect
from tools.acceptance.trial import Trial

# After midnight in UTC, and the day before in California.
AT = datetime(2026, 11, 20, 3, 15, 0, 123_456, UTC)
_TEXT = 'it\'s "100 %" — é\\'


def history(trial: Trial) -> str:
    """`history`: published metrics and incidents are written, and written again, by TRANSFORMER."""
    for table, rows, changed in ((PUBLISHED_METRICS, *_metrics()), (INCIDENT_LOG, *_incidents())):
        table.merge(lambda: trial.account.connect("TRANSFORMER"), rows)
        _compare(trial, table, rows)
        table.merge(lambda: trial.account.connect("TRANSFORMER"), changed)
        _compare(trial, table, changed)
    return "PUBLISHED_METRICS and INCIDENT_LOG: two rows each, written twice."


def _metrics() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    words = ("count", "permits issued", "daily")

    def rows(value: float) -> list[tuple[object, ...]]:
        return [
            ("acceptance-1", timestamp(AT), "a", value, *words, timestamp(AT)),
            ("acceptance-1", timestamp(AT), "b", 12345678.25, *words, timestamp(AT)),
        ]

    return rows(9668.0), rows(0.0)


def _incidents() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    def rows(closed: str | None) -> list[tuple[object, ...]]:
        return [
            _incident("acceptance-1", closed_at=closed, error=_TEXT),
            _incident("acceptance-2", closed_at=None, error=None),
        ]

    return rows(None), rows(timestamp(AT))


def _incident(name: str, *, closed_at: str | None, error: str | None) -> tuple[object, ...]:
    values: dict[str, object] = dict.fromkeys(INCIDENT_LOG.columns)
    values |= dict.fromkeys(("EVENT", "INCIDENT", "KIND", "SEVERITY", "DAG"), "acceptance")
    values |= {"EVENT_ID": name, "RUNS": 2, "ERROR": error, "CLOSED_AT": closed_at}
    values |= dict.fromkeys(("HAPPENED_AT", "OPENED_AT"), timestamp(AT))
    return tuple(values.values())


def _compare(trial: Trial, table: HistoryTable, rows: list[tuple[object, ...]]) -> None:
    names = ", ".join(table.columns)
    key = ", ".join(table.key)
    found = trial.account.run(
        "TRANSFORMER",
        f"SELECT {names} FROM {table.full_name} ORDER BY {key}",  # noqa: S608
    )
    wrong = [
        f"{name} is {_plain(now)!r}, not {_plain(was)!r}"
        for old, new in zip(rows, found, strict=False)
        for name, was, now in zip(table.columns, old, new, strict=True)
        if _plain(was) != _plain(now)
    ]
    expect(len(found) == len(rows), f"{table.name} has {len(found)} rows, not {len(rows)}.")
    expect(not wrong, f"{table.name}: {'; '.join(wrong[:3])}.")


def _plain(value: Any) -> object:
    """A value as text or number, so that a time that was sent as text equals the one received."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value if value is None or isinstance(value, str) else float(value)
