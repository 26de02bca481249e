"""dbt's warnings: the rows of failed tests of severity `warn`, reported after each model.

dbt announces each test's result as an event, so the files that `skip_dbt_lineage` switches off are
not needed. A test's compiled SQL is in dbt's target folder while Cosmos calls its callback.
"""

import json
import logging
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from airflow.sdk import Context

from include import connections
from include.incidents.data_warnings import Finding, describe_row, report_findings
from include.pipeline.snowflake import snowflake_hook
from include.storage import open_store
from include.times import utc_now
from include.transform_project import MANIFEST

log = logging.getLogger(__name__)

MOST_ROWS = 100
_ENDED = ("pass", "warn")


class _Result(NamedTuple):
    test: str
    status: str
    file: str


class WarningReporter:
    """Reports the warnings of the models of one task group.

    Args:
        source: The source's name, or the dbt tag of other models.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._results: list[_Result] = []

    def operator_args(self) -> dict[str, Any]:
        """The arguments of the task group's operators."""
        return {"callback": self.report, "dbt_runner_callbacks": [self.collect]}

    def collect(self, event: Any) -> None:
        """Note the result of a test; dbt calls it for each of its events."""
        if event.info.name == "LogTestResult":
            data = event.data
            file = Path(data.node_info.node_path).name
            self._results.append(_Result(data.name, data.status, file))

    def report(self, project: str, context: Context) -> None:
        """Report what the tests have found; Cosmos calls it after dbt. An error is only logged.

        Args:
            project: The project's folder, with dbt's target folder.
            context: The task's context.
        """
        results, self._results = self._results, []
        ended = [result for result in results if result.status in _ENDED]
        if not ended:
            return
        try:
            findings = {result.test: list[Finding]() for result in ended}
            if warned := [result for result in ended if result.status == "warn"]:
                findings |= _read_findings(Path(project), warned)
            report_findings(open_store(), self._source, findings, _descriptions, utc_now())
        except Exception:
            log.exception("The data warnings of %s could not be reported", context["ti"].task_id)


def _read_findings(project: Path, warned: list[_Result]) -> dict[str, list[Finding]]:
    """The rows of each test that warned, in one session."""
    declared = _descriptions()
    with (
        closing(snowflake_hook(connections.TRANSFORMER).get_conn()) as connection,
        connection.cursor() as cursor,
    ):
        return {
            result.test: [
                describe_row(declared.get(result.test) or result.test, row)
                for row in _read_rows(cursor, project, result.file)
            ]
            for result in warned
        }


def _read_rows(cursor: Any, project: Path, file: str) -> list[dict[str, object]]:
    [compiled] = (project / "target" / "compiled").rglob(file)
    # The order keeps the rows the same while there are more than are read.
    cursor.execute(f"SELECT * FROM (\n{compiled.read_text()}\n) ORDER BY 1 LIMIT {MOST_ROWS}")  # noqa: S608
    names = [column.name.lower() for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _descriptions() -> dict[str, str]:
    """The description of each node of the project, by name; the tests are among them."""
    nodes = json.loads(MANIFEST.read_bytes())["nodes"].values()
    return {node["name"]: node["description"] for node in nodes}
