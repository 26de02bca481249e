"""Runs the dbt project in this process, against the session's emulated warehouse."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from dbt.cli.main import EventMsg, dbtRunner
from dbt.contracts.graph.manifest import Manifest
from snowflake.connector import DictCursor

from include.sources import RawTable
from include.transform_project import PROJECT, dbt_environment
from local import provision
from local.cloud import Cloud
from local.ports import HOST
from tests.transform.raw_tables import Row, statements

# Whole DAGs run in DEV: the two environments have no database in common.
ENVIRONMENT: Final = "PRD"
RAW_DATABASE: Final = f"RAW_DDRC_{ENVIRONMENT}"
STAGING_DATABASE: Final = f"TRANSFORM_DDRC_{ENVIRONMENT}"
MARTS_DATABASE: Final = f"ANALYTICS_DDRC_{ENVIRONMENT}"
NO_UNIT_TESTS: Final = ("--exclude-resource-type", "unit_test")


@dataclass(frozen=True)
class Outcome:
    """The outcome of one dbt command.

    Attributes:
        success: True if dbt reports success.
        statuses: Each node's status by its name, for example `{"epa_metrics": "success"}`.
        warnings: dbt's warnings, except the results of tests.
        result: dbt's own result: the manifest for `parse`, otherwise the nodes' results.
    """

    success: bool
    statuses: dict[str, str]
    warnings: list[str]
    result: Any

    def named(self, *statuses: str) -> set[str]:
        """The nodes that ended with one of the statuses."""
        return {name for name, status in self.statuses.items() if status in statuses}

    def messages(self) -> str:
        """dbt's messages about the failed nodes."""
        failed = (node for node in self.result.results if node.status in ("error", "fail"))
        return "\n".join(f"{node.node.name}: {node.message}" for node in failed)

    def message(self, *names: str) -> str:
        """dbt's messages about nodes, for a unit test the rows that differ."""
        chosen = (node for node in self.result.results if node.node.name in names)
        return "\n".join(f"{node.node.name}: {node.message}" for node in chosen if node.message)


def by_name(rows: Sequence[Row]) -> dict[str, tuple[float, str]]:
    """The rows of a metrics mart as `{name: (value, last updated in ISO 8601)}`."""
    return {
        row["METRIC_NAME"]: (float(row["METRIC_VALUE"]), row["LAST_UPDATED"].isoformat())
        for row in rows
    }


class Project:
    """The dbt project with a target folder and an environment of its own.

    Attributes:
        cloud: The emulated cloud.
        target: The folder for dbt's output.
        manifest: The parsed project; with `None` each command parses it again.
    """

    def __init__(
        self,
        cloud: Cloud,
        target: Path,
        variables: Mapping[str, str] | None = None,
        manifest: Manifest | None = None,
    ) -> None:
        self.cloud = cloud
        self.target = target
        self.manifest = manifest
        self._environment = {
            **dbt_environment(),
            "DDRC_ENV": ENVIRONMENT,
            "SNOWFLAKE_HOST": HOST,
            "SNOWFLAKE_PORT": str(cloud.ports.snowflake),
            "SNOWFLAKE_USER": f"AIRFLOW_TRANSFORMER_DDRC_{ENVIRONMENT}",
            "SNOWFLAKE_PRIVATE_KEY": cloud.credentials.private_key_pem,
            **(variables or {}),
        }

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Set the environment variables that dbt and include/warehouse.py read."""
        with patch.dict(os.environ, self._environment):
            # A DAG that ran in this process may have left it: dbt would run no unit test.
            os.environ.pop("DBT_EXCLUDE_RESOURCE_TYPES", None)
            yield

    def dbt(self, *arguments: str) -> Outcome:
        """Run a dbt command, for example `dbt("build", "--select", "tag:epa")`."""
        warnings: list[str] = []

        def listen(event: EventMsg) -> None:
            if event.info.level == "warn" and not event.info.name.startswith(
                ("LogTestResult", "RunResult")
            ):
                warnings.append(f"{event.info.name}: {event.info.msg}")

        with self.environment():
            runner = dbtRunner(manifest=self.manifest, callbacks=[listen])
            result = runner.invoke([*arguments, *self._options()])
        nodes = getattr(result.result, "results", [])
        statuses = {node.node.name: str(node.status) for node in nodes}
        if result.exception is not None:
            raise result.exception
        return Outcome(result.success, statuses, warnings, result.result)

    def rewritten(self, model: str, rewrite: Callable[[str], str]) -> "Project":
        """The same project with different SQL in one model."""
        assert self.manifest is not None
        manifest = self.manifest.deepcopy()
        node = manifest.nodes[f"model.ddrc.{model}"]
        node.raw_code = rewrite(node.raw_code)
        return Project(self.cloud, self.target, self._environment, manifest)

    def load(self, world: Mapping[RawTable, Sequence[Row]]) -> None:
        """Replace the rows of raw tables."""
        with self.environment():
            sql = [each for table, rows in world.items() for each in statements(table, rows)]
        self.execute(*sql)

    def execute(self, *sql: str) -> list[dict[str, Any]]:
        """Run statements in one session and return the rows of the last one."""
        with provision.connect(self.cloud) as connection, connection.cursor(DictCursor) as cursor:
            for statement in sql:
                cursor.execute(statement)
            return list(cursor.fetchall())

    def execute_as_dbt(self, *sql: str) -> None:
        """Run statements as dbt's role, which owns what they create."""
        use = f"USE ROLE TRANSFORMER_DDRC_{ENVIRONMENT}"
        self.execute(use, f"USE WAREHOUSE TRANSFORMING_XS_DDRC_{ENVIRONMENT}", *sql)

    def mart(self, model: str, schema: str = "METRICS") -> list[dict[str, Any]]:
        """The rows of a mart, with upper-case keys."""
        return self.execute(f"SELECT * FROM {MARTS_DATABASE}.{schema}.{model}")

    def metrics(self, model: str) -> dict[str, tuple[float, str]]:
        """A metrics mart as `{name: (value, last updated in ISO 8601)}`."""
        return by_name(self.mart(model))

    def _options(self) -> list[str]:
        return [
            "--project-dir", str(PROJECT),
            "--profiles-dir", str(PROJECT),
            "--target-path", str(self.target),
            "--log-path", str(self.target / "logs"),
            "--log-level-file", "none",
            "--threads", "2",
            "--quiet",
            "--no-use-colors",
            "--no-write-json",
            "--no-version-check",
        ]  # fmt: skip
