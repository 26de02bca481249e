"""The dbt project, run in this process against an emulated warehouse."""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import snowflake.connector
from dbt.cli.main import EventMsg, dbtRunner

from include.sources import RawTable
from tests.transform.raw_tables import Row, statements

PROJECT: Final = Path(__file__).parents[2] / "include" / "transform"
STAGING_DATABASE: Final = "TRANSFORM_DDRC_DEV"
MARTS_DATABASE: Final = "ANALYTICS_DDRC_DEV"


@dataclass(frozen=True)
class Outcome:
    """What one dbt command came to.

    `statuses` are by node name, for example `{"epa_metrics": "success"}`; `warnings` are the
    messages that dbt gave beyond the results of tests.
    """

    success: bool
    statuses: dict[str, str]
    warnings: list[str]
    result: Any

    def named(self, *statuses: str) -> set[str]:
        """The nodes that ended with one of the statuses."""
        return {name for name, status in self.statuses.items() if status in statuses}

    def messages(self) -> str:
        """What dbt says of the nodes that failed."""
        failed = (each for each in self.result.results if each.status in ("error", "fail"))
        return "\n".join(f"{each.node.name}: {each.message}" for each in failed)


def by_name(rows: Sequence[Row]) -> dict[str, tuple[float, str]]:
    """The rows of a metrics mart as `{name: (value, last updated in ISO 8601)}`."""
    return {
        row["METRIC_NAME"]: (float(row["METRIC_VALUE"]), row["LAST_UPDATED"].isoformat())
        for row in rows
    }


class Project:
    """The dbt project in one folder, with a target folder of its own."""

    def __init__(
        self, target: Path, environment: Mapping[str, str], folder: Path = PROJECT
    ) -> None:
        self.folder = folder
        self.target = target
        self.environment = dict(environment)

    def surroundings(self) -> AbstractContextManager[Any]:
        """The environment variables that dbt and the connector read."""
        return patch.dict(os.environ, self.environment)

    def dbt(self, *arguments: str) -> Outcome:
        """Run a dbt command, for example `dbt("build", "--select", "tag:epa")`."""
        warnings: list[str] = []

        def listen(event: EventMsg) -> None:
            if event.info.level == "warn" and not event.info.name.startswith("LogTestResult"):
                warnings.append(f"{event.info.name}: {event.info.msg}")

        with self.surroundings():
            result = dbtRunner(callbacks=[listen]).invoke([*arguments, *self._options()])
        nodes = getattr(result.result, "results", [])
        statuses = {node.node.name: str(node.status) for node in nodes}
        if result.exception is not None:
            raise result.exception
        return Outcome(result.success, statuses, warnings, result.result)

    def load(self, table: RawTable, rows: Sequence[Row]) -> None:
        """Replace a raw table's rows."""
        self.execute(*statements(table, rows))

    def execute(self, *sql: str) -> list[dict[str, Any]]:
        """Run statements in one session; the last one's rows."""
        with (
            self.surroundings(),
            snowflake.connector.connect(
                account="local",
                user="TESTS",
                password="any",
                host=self.environment["SNOWFLAKE_HOST"],
                port=int(self.environment["SNOWFLAKE_PORT"]),
                database=MARTS_DATABASE,
            ) as connection,
            connection.cursor(snowflake.connector.DictCursor) as cursor,
        ):
            for statement in sql:
                cursor.execute(statement)
            return list(cursor.fetchall())

    def mart(self, model: str, schema: str = "METRICS") -> list[dict[str, Any]]:
        """The rows of a mart, with upper-case keys."""
        return self.execute(f"SELECT * FROM {MARTS_DATABASE}.DEVELOPER_{schema}.{model}")

    def metrics(self, model: str) -> dict[str, tuple[float, str]]:
        """A metrics mart as `{name: (value, last updated in ISO 8601)}`."""
        return by_name(self.mart(model))

    def _options(self) -> list[str]:
        return [
            "--project-dir", str(self.folder),
            "--profiles-dir", str(self.folder),
            "--target-path", str(self.target),
            "--log-path", str(self.target / "logs"),
            "--quiet",
            "--no-write-json",
        ]  # fmt: skip
