"""A source's DAG and the tasks that its file chains, each made for that source."""

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.sdk import DAG, XComArg
from airflow.sdk.bases.sensor import BaseSensorOperator
from cosmos import DbtTaskGroup

from include.pipeline.defaults import HOURLY
from include.pipeline.load import load_layer, load_lists, skip_unless_changed, skip_unless_edited
from include.pipeline.params import params_of
from include.pipeline.release import release_source
from include.pipeline.sync import sync_connector
from include.pipeline.transform import transform
from include.pipeline.unload import unload
from include.sources import Source


class SourceTasks:
    """Makes the tasks of one source, inside its DAG.

    Attributes:
        source: The source.
    """

    def __init__(self, source: Source) -> None:
        self.source = source

    def skip_unless_edited(self) -> XComArg:
        """A task `look_for_edits` that skips the rest unless the layer was edited."""
        return skip_unless_edited(self.source)

    def skip_unless_changed(self) -> XComArg:
        """A task `look_for_changes` that skips the rest unless one of the lists has changed."""
        return skip_unless_changed(self.source)

    def load(self) -> list[XComArg]:
        """The tasks that fill the raw tables: `load` for a layer, `load_<list>` for each list."""
        if self.source.lists:
            return load_lists(self.source)
        return [load_layer(self.source)]

    def sync(self) -> BaseSensorOperator:
        """The tasks `sync` and `wait_for_sync`, in which Fivetran fills the raw table."""
        return sync_connector(self.source)

    def transform(self) -> DbtTaskGroup:
        """A task group `transform` that builds and tests the dbt models with the source's tag."""
        return transform(self.source.name)

    def unload(self) -> SQLExecuteQueryOperator:
        """A task `unload` that writes the source's metrics to a candidate."""
        return unload(self.source.mart)

    def release(self) -> XComArg:
        """A task `release` that replaces the source's own file and updates its asset."""
        return release_source(self.source)


@contextmanager
def source_dag(source: Source, doc_md: str | None) -> Iterator[SourceTasks]:
    """The hourly DAG of a source, which bears the source's name.

    Args:
        source: The source.
        doc_md: The DAG's documentation for those who respond to a failure, in Markdown.

    Yields:
        The source's tasks, to chain inside the `with` block.
    """
    params = params_of(source)
    with DAG(source.name, doc_md=doc_md, tags=["source", source.kind], params=params, **HOURLY):
        yield SourceTasks(source)
