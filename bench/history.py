"""Measures what an hourly refresh reads while history grows from 1 to 365 days: it must not grow.

Starts a cloud of its own, loads every raw table once, and writes history as the pipeline would
have left it. Then counts the statements of one refresh (each source's dbt models and tests): the
rows of every table that they read, without credit for pruning, and their seconds. The summary reads
released files and no table.
"""

import argparse
import sys
from pathlib import Path

from bench import page
from bench.warehouse import build, cloud, rows_read, statements
from include import warehouse
from include.publishing.history import PUBLISHED_METRICS
from include.sources import LOADED
from local import provision
from local.cloud import Cloud

DAYS = (1, 30, 365)
# Changed rows a day in the largest layer, and metrics in a published version, 24 a day.
CHANGES, METRICS = 200, 34


def refresh(made: Cloud) -> tuple[int, float]:
    """Run one refresh; returns the rows that its statements read, and their seconds."""
    before = statements(made)[-1]["number"]
    build(made, "--select", *(f"tag:{source}" for source in LOADED))
    ran = [statement for statement in statements(made) if statement["number"] > before]
    return rows_read(made, ran), sum(statement["seconds"] for statement in ran)


def write_history(made: Cloud, days: int) -> int:
    """Write history as it would be after some days; returns its number of rows."""
    history = f"{warehouse.database('ANALYTICS')}.{warehouse.schema_prefix()}HISTORY"
    parcels = f"{history}.USACE_PARCELS_HISTORY"
    published = PUBLISHED_METRICS.full_name
    with provision.connect(made) as connection, connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {parcels} WHERE DBT_VALID_TO IS NOT NULL")
        columns = "* EXCLUDE (DBT_VALID_TO), DBT_UPDATED_AT AS DBT_VALID_TO"
        for _ in range(days // 30 or 1):
            rows = CHANGES * (30 if days >= 30 else 1)
            cursor.execute(
                f"INSERT INTO {parcels} SELECT {columns} FROM {parcels}"
                f" WHERE DBT_VALID_TO IS NULL LIMIT {rows}"
            )
        cursor.execute(
            f"CREATE OR REPLACE TABLE {published} AS SELECT SEQ4() AS SEQ"
            f" FROM TABLE(GENERATOR(ROWCOUNT => {days * 24 * METRICS}))"
        )
        cursor.execute(
            f"SELECT (SELECT COUNT(*) FROM {parcels}) + (SELECT COUNT(*) FROM {published})"
        )
        return int(next(iter(cursor))[0])


def main() -> int:
    """Measure, print and write; returns 1 if the rows grow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="the docs page to write the table to")
    chosen = parser.parse_args()
    lines = ["| days of history | rows of history | rows a refresh reads | its seconds |",
             "|---:|---:|---:|---:|"]  # fmt: skip
    read = []
    with cloud() as made:
        refresh(made)
        for days in DAYS:
            history_rows = write_history(made, days)
            rows, seconds = refresh(made)
            read.append((rows, seconds))
            lines.append(f"| {days} | {history_rows:,} | {rows:,} | {seconds:.2f} |")
    ratio = read[-1][0] / read[0][0], read[-1][1] / read[0][1]
    lines += [
        "",
        f"After {DAYS[-1]} days a refresh reads {ratio[0]:.2f} times the rows of the first day,",
        f"in {ratio[1]:.2f} times the seconds.",
    ]
    print("\n".join(lines))
    if chosen.write:
        page.write(chosen.write, "history", lines)
    return int(ratio[0] > 1.01)


if __name__ == "__main__":
    sys.exit(main())
