"""The warehouses' bill of a day without changes and of one with twelve hours of changes.

On a laptop's cloud of its own, runs every scheduled DAG twice: when every source changed, and when
none did. The emulator records which statements needed a warehouse, when and for how long. Those are
laid out over a day by the DAGs' schedules, and billed by the emulator's meter.
"""

import argparse
import logging
import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bench import page
from bench.day import Run, Schedule, bills
from bench.warehouse import laptop, statements
from include.sources import SOURCES, SYNCED
from local import airflow_server
from local.cloud import Cloud
from local.home import REPOSITORY
from local.snowflake.meter import SUSPEND_LAG_SECONDS, Bill

PUBLICATION = "publish_metrics"
# They query Airflow's API, which does not run here, and never the warehouse.
SKIPPED_TASKS = "watch_dags|delete_old_rows"
AUTO_SUSPEND_SECONDS = 60.0
CREDITS_AN_HOUR = 1.0
# Hours of an office day in California, in UTC: 8 a.m. to 8 p.m. in winter.
CHANGED_HOURS = range(12)
# Sources without an edit time are loaded again after 20 hours: twice in this day.
RELOADED = ("usace", "malibu")
RELOAD_HOURS = (3, 23)
# A sensor sees the end of a sync up to this much later: DDRC_POLL_SECONDS in production.
POLL_SECONDS = 10.0
QUIET, CHANGED = "without a change", "with twelve hours of changes"
LIMITS = {QUIET: 0.7, CHANGED: 1.6}
MARGIN = 0.4
DAYS = 31


class Recorder:
    """Runs DAGs on a cloud, and records their statements.

    Attributes:
        runs: Each DAG's run.
        statements: Each DAG's statements, without Fivetran's own.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.runs: dict[str, Run] = {}
        self.statements: dict[str, list[dict[str, Any]]] = {}

    def run(self, dag: str) -> None:
        """Run a DAG in this process.

        Raises:
            RuntimeError: The run failed.
        """
        last = statements(self._cloud)[-1]["number"]
        began = time.time()
        state = _load(dag).test(mark_success_pattern=SKIPPED_TASKS).state
        if state != "success":
            raise RuntimeError(f"{dag} ended as {state}")
        seconds = time.time() - began
        sent = statements(self._cloud, last)
        self.runs[dag] = as_run(sent, began, seconds, POLL_SECONDS if dag in SYNCED else 0.0)
        self.statements[dag] = [one for one in sent if not _is_fivetran(one)]


def as_run(
    statements: Sequence[Mapping[str, Any]], began: float, seconds: float, poll: float
) -> Run:
    """A run by its statements.

    Args:
        statements: The emulator's record of what was sent while it ran.
        began: When it began, in seconds since 1970.
        seconds: Its duration.
        poll: The seconds after Fivetran's last statement in which the sensor still waits.
    """
    uses: dict[str, list[tuple[float, float]]] = {}
    for one in statements:
        if one["used_warehouse"]:
            begin = datetime.fromisoformat(one["started_at"]).timestamp() - began
            begin += 0.0 if _is_fivetran(one) else poll
            uses.setdefault(one["used_warehouse"], []).append((begin, begin + one["seconds"]))
    return Run(seconds + poll, {name: tuple(of_run) for name, of_run in uses.items()})


def crons() -> dict[str, str]:
    """By DAG, the cron expression of each scheduled DAG."""
    found = {}
    for file in sorted((REPOSITORY / "dags").glob("*.py")):
        timetable = _load(file.stem).timetable
        timetable = getattr(timetable, "timetable", timetable)
        if expression := getattr(timetable, "expression", ""):
            found[file.stem] = str(expression)
    return found


def _load(dag: str) -> Any:
    # Airflow reads its settings when it is first imported.
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(REPOSITORY / "dags" / f"{dag}.py")).dags[dag]


def _is_fivetran(statement: Mapping[str, Any]) -> bool:
    return str(statement["user"]).startswith("FIVETRAN")


def record() -> tuple[Schedule, Recorder, Recorder]:
    """Run everything when all sources changed, and again when none did."""
    with laptop() as made:
        os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"
        airflow_server.make_database(made)
        expressions = crons()
        others = [dag for dag in expressions if dag not in (*SOURCES, PUBLICATION)]
        passes = changed, quiet = Recorder(made), Recorder(made)
        for recorder in passes:
            for dag in (*SOURCES, PUBLICATION, *others):
                recorder.run(dag)
    schedule = Schedule(
        sources=tuple(SOURCES),
        publication=PUBLICATION,
        crons=expressions,
        quiet=quiet.runs,
        changed=changed.runs,
        reloaded=RELOADED,
    )
    return schedule, changed, quiet


def bill_table(days: Mapping[str, Mapping[str, Bill]]) -> list[str]:
    """Each day's warehouses, and the sum of their credits."""
    lines = [
        "| a day | warehouse | bursts | busy, min | idle, min | credits |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for day, of_day in days.items():
        lines += [
            f"| {day} | {name} | {bill.resumes} | {bill.busy / 60:.1f} | {bill.idle / 60:.1f}"
            f" | {bill.credits(CREDITS_AN_HOUR):.2f} |"
            for name, bill in of_day.items()
        ]
        lines.append(f"| {day} | **all** | | | | **{total(of_day):.2f}** |")
    return lines


def total(day: Mapping[str, Bill]) -> float:
    """The credits of a day."""
    return sum(bill.credits(CREDITS_AN_HOUR) for bill in day.values())


def quota(credits_a_day: float) -> int:
    """The monthly quota for a bill: 31 days and the margin, rounded up to tens."""
    return math.ceil(credits_a_day * DAYS * (1 + MARGIN) / 10) * 10


def quota_table(days: Mapping[str, Mapping[str, Bill]]) -> list[str]:
    """Each environment's quota."""
    lines = [
        "| environment | every day is like | credits a day | margin | quota |",
        "|---|---|---:|---:|---:|",
    ]
    for environment, day in (("prd", CHANGED), ("dev", QUIET)):
        credits_a_day = total(days[day])
        lines.append(
            f"| {environment} | one {day} | {credits_a_day:.2f} | {MARGIN:.0%}".replace("%", " %")
            + f" | {quota(credits_a_day)} |"
        )
    return lines


def hour_table(changed: Recorder, quiet: Recorder) -> list[str]:
    """The sessions, the statements and the warehouses of runs."""
    lines = [
        "| what ran | sessions | statements | on a warehouse | warehouses |",
        "|---|---:|---:|---:|---|",
    ]
    refresh = (*SOURCES, PUBLICATION)
    what = {
        "every source changed, and a publication": (changed, refresh),
        "no source changed, and a publication by the clock": (quiet, refresh),
        **{f"`{dag}`": (quiet, (dag,)) for dag in quiet.runs if dag not in refresh},
    }
    for title, (recorder, dags) in what.items():
        sent = [one for dag in dags for one in recorder.statements[dag]]
        opened = len({one["session"] for one in sent})
        used = [one["used_warehouse"] for one in sent if one["used_warehouse"]]
        names = ", ".join(sorted({name.split("_")[0] for name in used})) or "none"
        lines.append(f"| {title} | {opened} | {len(sent)} | {len(used)} | {names} |")
    return lines


def problems_of(credits_a_day: Mapping[str, float], quiet: Mapping[str, Run]) -> list[str]:
    """What costs more than it should, one sentence each.

    Args:
        credits_a_day: The credits of each kind of day.
        quiet: The runs without a change, by DAG.
    """
    dear = [
        f"A day {day} costs {found:.2f} credits; the limit is {LIMITS[day]}."
        for day, found in credits_a_day.items()
        if found > LIMITS[day]
    ]
    hourly = (dag for dag in (*SOURCES, PUBLICATION, "watch_publication") if dag in quiet)
    woken = {(dag, name) for dag in hourly for name in quiet[dag].uses}
    return dear + [
        f"Without a change, {dag} wakes {name}; only Fivetran's LOADING may be awake."
        for dag, name in sorted(woken)
        if not name.startswith("LOADING_")
    ]


def main() -> int:
    """Measure, print and write.

    Returns:
        1 if a day costs more than its limit, or if a quiet hour wakes another warehouse than
        Fivetran's.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="the docs page to write the tables to")
    chosen = parser.parse_args()
    # The watch logs that Airflow's API, which does not run here, does not answer.
    logging.disable(logging.ERROR)
    schedule, changed, quiet = record()
    days = {
        QUIET: bills(schedule.day(reloads=RELOAD_HOURS), AUTO_SUSPEND_SECONDS),
        CHANGED: bills(schedule.day(changed=CHANGED_HOURS), AUTO_SUSPEND_SECONDS),
    }
    tables = {
        "bill": [
            *bill_table(days),
            "",
            f"A burst is billed until {AUTO_SUSPEND_SECONDS:.0f} idle seconds and"
            f" {SUSPEND_LAG_SECONDS:.0f} more have passed, for at least a minute. A statement takes"
            " as long as on the laptop.",
        ],
        "quota": quota_table(days),
        "quiet_hour": hour_table(changed, quiet),
    }
    for section, lines in tables.items():
        print("\n".join(lines), end="\n\n")
        if chosen.write:
            page.write(chosen.write, section, lines)
    problems = problems_of({day: total(of_day) for day, of_day in days.items()}, quiet.runs)
    print("\n".join(problems), file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
