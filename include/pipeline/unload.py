"""Unloads: Snowflake itself writes the candidates, with `COPY INTO` an external stage."""

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException

from include import connections, warehouse
from include.pipeline.lineage import Table, datasets
from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, source_file
from include.publishing.store import Place
from include.query_tags import ALL_SOURCES, query_tag, source_of
from include.sources import COMPUTED, ENTERED

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage

log = structlog.get_logger(__name__)

SQL = Path(__file__).parent.parent / "publishing"


class UnloadOperator(SQLExecuteQueryOperator):
    """Runs an unload, and logs what it wrote."""

    def __init__(self, *, model: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model = model

    def execute(self, context: Context) -> Any:
        """Run the statement; its only result row counts rows and bytes.

        Raises:
            AirflowFailException: The mart has no rows, so nothing was written.
        """
        self._need_rows()
        began = monotonic()
        result = super().execute(context)  # type: ignore[no-untyped-call]
        rows, _, size = result[0]
        log.info(
            "unloaded",
            source=_source(self.model),
            table=warehouse.metrics_table(self.model),
            rows=rows,
            bytes=size,
            seconds=round(monotonic() - began, 3),
        )
        return result

    def _need_rows(self) -> None:
        # Snowflake answers it without a warehouse. COPY INTO would succeed and write no file.
        table = warehouse.metrics_table(self.model)
        [rows] = self.get_db_hook().get_first(f"select count(*) from {table}")  # noqa: S608
        if not rows:
            raise AirflowFailException(
                f"{table} has no rows, so nothing was written and the last released values stay."
                " Find out what emptied the mart, then clear the task that builds it."
            )

    def get_openlineage_facets_on_start(self) -> "OperatorLineage[Any, Any]":
        """The mart and the candidate; the provider's SQL parser takes the stage for a table.

        The summary is made of released files. dbt's events leave them out, because a stage is not a
        relation of dbt's.
        """
        from airflow.providers.openlineage.extractors import OperatorLineage

        is_summary = _source(self.model) == ALL_SOURCES
        released = (*COMPUTED, *ENTERED) if is_summary else ()
        return OperatorLineage(
            inputs=datasets(
                [
                    *(Place(PUBLIC_CONTAINER, source_file(name)) for name in released),
                    Table(warehouse.metrics_table(self.model)),
                ]
            ),
            outputs=datasets([Place(CANDIDATES_CONTAINER, self.model)]),
        )

    def get_openlineage_facets_on_complete(self, _: object) -> "OperatorLineage[Any, Any]":
        """The same as at the start."""
        return self.get_openlineage_facets_on_start()


def unload(model: str) -> UnloadOperator:
    """A task `unload` that writes a metrics mart to a candidate of the run.

    The candidate is private: nothing that the warehouse writes is public before its audit.
    """
    tag = query_tag("{{ ti.dag_id }}", _source(model), task="{{ ti.task_id }}", run="{{ run_id }}")
    return UnloadOperator(
        task_id="unload",
        model=model,
        conn_id=connections.REPORTER,
        sql=(SQL / "unload_metrics.sql").read_text(),
        params={
            "location": f"@{warehouse.stage()}/{model}",
            "table": warehouse.metrics_table(model),
        },
        hook_params={"session_parameters": {"QUERY_TAG": tag}},
    )


def _source(model: str) -> str:
    return source_of(model.removesuffix("_metrics"))
