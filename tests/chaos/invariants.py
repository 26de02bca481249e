"""Conditions that have to hold at every moment, whatever faults the tasks have."""

from dataclasses import dataclass, field
from datetime import datetime

from snowflake.connector.cursor import SnowflakeCursor

from include.publishing.audit import check_candidate
from include.publishing.change_limits import declared_limits
from include.publishing.contract import ContractError, Metric, parse
from include.publishing.holds import current_hold
from include.publishing.names import PUBLIC_CONTAINER, source_file
from include.publishing.reconcile import read_publishing
from include.publishing.store import Place, Store, Stored
from include.publishing.versions import PUBLISHED, Version
from include.sources import COMPUTED, SOURCES
from local import provision
from local.cloud import Cloud
from tests.chaos.simulated_operators import SimulatedOperators
from tests.chaos.simulated_sources import Metrics, SimulatedSources
from tests.scheduling.clock import Clock
from tests.small_data import raw_files

RESTORED = "restored: "


@dataclass
class Invariants:
    """Checks the public files and the raw tables.

    Attributes:
        cloud: The laptop's cloud.
        store: Its storage account.
        clock: The simulated clock.
        simulated_sources: The sources, with the metrics of each of their states.
        operators: The operators, with the changes that they approved.
        versions: The number of published versions so far.
    """

    cloud: Cloud
    store: Store
    clock: Clock
    simulated_sources: SimulatedSources
    operators: SimulatedOperators
    versions: int = 0
    _served: Stored | None = None
    # The last published state of each source and the last loaded state of each table, by number.
    _values: dict[str, int] = field(default_factory=dict)
    _tables: dict[str, int] = field(default_factory=dict)

    def check_public_file(self) -> list[str]:
        """Check the published version against its metadata, the sources and the version before."""
        served, before = self.store.read(PUBLISHED), self._served
        if served is None:
            return [] if before is None else ["The public file is gone"]
        if before is not None and served.etag == before.etag:
            return []
        self._served = served
        self.versions += 1
        try:
            metrics = parse(served.content, self.clock.moment)
        except ContractError as error:
            return [str(error)]
        version = Version.from_metadata(served.metadata)
        if version is None or version.sha256 != served.sha256:
            return ["The public file is not what was promoted"]
        restored = version.reason.startswith(RESTORED)
        wrong = self._check_values(metrics, may_go_back=restored)
        if before is not None and not restored:
            wrong += self._check_change(before, served, metrics)
        return wrong

    def check_reconciled(self) -> list[str]:
        """Check that what is released is public, unless a person stops it or is asked."""
        state = read_publishing(self.store, self.clock.moment)
        asking = {question.run.id for question in self.operators.questions()}
        is_asking = state.last_review is not None and state.last_review.run in asking
        if state.comparison.is_public or state.stopped_by(self.clock.moment, is_asking=is_asking):
            return []
        names = [one.name for one in state.comparison.unpublished]
        return [f"Released, not public, and nothing stops it: {names}{state.comparison.broken}"]

    def check_source(self, source: str) -> list[str]:
        """Check a source's released file and its raw tables."""
        stored = self.store.read(Place(PUBLIC_CONTAINER, source_file(source)))
        wrong = [] if stored is None else self._check_file(source, stored)
        with provision.connect(self.cloud) as connection, connection.cursor() as cursor:
            tables = [self._check_table(cursor, source, table) for table in raw_files(source)]
        return wrong + [problem for problem in tables if problem]

    def _check_file(self, source: str, stored: Stored) -> list[str]:
        try:
            metrics = parse(stored.content, self.clock.moment)
        except ContractError as error:
            return [f"sources/{source}.json: {error}"]
        unknown = self.simulated_sources.unknown
        values = {metric.name: metric.value for metric in metrics if metric.name not in unknown}
        if source in COMPUTED and values not in self.simulated_sources.expected_metrics[source]:
            return [f"sources/{source}.json was never correct: {values}"]
        return []

    def _check_table(self, cursor: SnowflakeCursor, source: str, table: str) -> str | None:
        """Check that the rows are those of one complete state: nobody sees half a load."""
        name = f"RAW_DDRC_DEV.{table}"
        schema, relation = table.split(".")
        exists = (
            "SELECT COUNT(*) FROM RAW_DDRC_DEV.INFORMATION_SCHEMA.TABLES"
            f" WHERE TABLE_SCHEMA = '{schema}' AND TABLE_NAME = '{relation}'"
        )
        if cursor.execute(exists).fetchone() == (0,):
            return f"{table} is gone" if table in self._tables else None
        # Fivetran's rows have no load id.
        loads = "COUNT(DISTINCT _LOAD_ID)" if not SOURCES[source].is_synced else "1"
        count, loads_in_it = cursor.execute(f"SELECT COUNT(*), {loads} FROM {name}").fetchone()
        known = [state[table] for state in self.simulated_sources.row_counts[source]]
        since = self._tables.get(table, 0)
        if count == 0 and table not in self._tables:
            return None
        if loads_in_it > 1 or count not in known[since:]:
            return (
                f"{table} has {count} rows of {loads_in_it} loads; expected one of {known[since:]}"
            )
        self._tables[table] = known.index(count, since)
        return None

    def _check_values(self, metrics: list[Metric], *, may_go_back: bool) -> list[str]:
        """Check that each source's values are of one of its states, not older than before."""
        values = {metric.name: metric.value for metric in metrics}
        wrong = []
        for source in COMPUTED:
            expected = self.simulated_sources.expected_metrics[source]
            names = set(expected[0]) & set(values)
            first = 0 if may_go_back else self._values.get(source, 0)
            published: Metrics = {name: values[name] for name in names}
            if not names or published.keys() != expected[0].keys():
                if source in self._values:
                    wrong.append(f"Metrics of {source} are gone: {sorted(published)} are left")
            elif published not in expected[first:]:
                wrong.append(f"No state of {source} since {first} had the values {published}")
            else:
                self._values[source] = expected.index(published, first)
        return wrong

    def _check_change(self, before: Stored, served: Stored, metrics: list[Metric]) -> list[str]:
        """Check that the version passes the audit against the one before, or was approved."""
        now = self.clock.moment
        try:
            verdict = check_candidate(served.content, before.content, declared_limits(), now)
        except ContractError as error:
            return [f"The published version is invalid: {error}"]
        approved = self.operators.approved.get(served.sha256, frozenset())
        wrong = [f"Published although {hold}"] if (hold := current_hold(self.store)) else []
        wrong += [
            f"Suspicious, and nobody approved it: {one}"
            for one in verdict.suspicious
            if one.metric not in approved
        ]
        last = _times(parse(before.content, now))
        return wrong + [
            f"LAST_UPDATED of {metric.name} went back to {metric.last_updated}"
            for metric in metrics
            if metric.updated_at < last.get(metric.name, metric.updated_at)
        ]


def _times(metrics: list[Metric]) -> dict[str, datetime]:
    return {metric.name: metric.updated_at for metric in metrics}
