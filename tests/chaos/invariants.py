"""What has to hold at every moment, whatever befalls the tasks."""

from dataclasses import dataclass, field
from datetime import datetime

from snowflake.connector.cursor import SnowflakeCursor

from include.publishing.audit import check_candidate
from include.publishing.change_limits import declared_limits
from include.publishing.contract import ContractError, Metric, parse
from include.publishing.holds import current_hold
from include.publishing.names import PUBLIC_CONTAINER, source_file
from include.publishing.store import Place, Store, Stored
from include.publishing.versions import PUBLISHED, Version
from include.sources import SOURCES
from local import provision
from local.cloud import Cloud
from tests.chaos.clock import Clock
from tests.chaos.simulated_operators import People
from tests.chaos.simulated_sources import Truth, World
from tests.counting import COUNTERS
from tests.small_data import raw_files

RESTORED = "restored: "
FIVETRAN = ("airtable", "page_feedback")


@dataclass
class Invariants:
    """Looks at what anyone can see, and tells what may not be.

    Attributes:
        versions: How many versions were seen at the public address.
    """

    cloud: Cloud
    store: Store
    clock: Clock
    world: World
    people: People
    versions: int = 0
    _served: Stored | None = None
    _values: dict[str, int] = field(default_factory=dict)
    _tables: dict[str, int] = field(default_factory=dict)

    def of_the_public_file(self) -> list[str]:
        """What is wrong with the served version and how it came there."""
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
        wrong = self._values_of(metrics, may_go_back=version.reason.startswith(RESTORED))
        if before is not None and not version.reason.startswith(RESTORED):
            wrong += self._against(before, served, metrics)
        return wrong

    def of_a_source(self, source: str) -> list[str]:
        """What is wrong with a source's own file and with its raw tables."""
        stored = self.store.read(Place(PUBLIC_CONTAINER, source_file(source)))
        wrong = [] if stored is None else self._file(source, stored)
        with provision.connect(self.cloud) as connection, connection.cursor() as cursor:
            halves = [self._half(cursor, source, table) for table in raw_files(source)]
        return wrong + [half for half in halves if half]

    def _file(self, source: str, stored: Stored) -> list[str]:
        try:
            metrics = parse(stored.content, self.clock.moment)
        except ContractError as error:
            return [f"sources/{source}.json: {error}"]
        values = {metric.name: metric.value for metric in metrics}
        if source in COUNTERS and values not in self.world.truths[source]:
            return [f"sources/{source}.json never was true: {values}"]
        return []

    def _half(self, cursor: SnowflakeCursor, source: str, table: str) -> str | None:
        """A reader never sees half a load: the rows are those of one complete state."""
        name = f"RAW_DDRC_DEV.{table}"
        schema, relation = table.split(".")
        exists = (
            "SELECT COUNT(*) FROM RAW_DDRC_DEV.INFORMATION_SCHEMA.TABLES"
            f" WHERE TABLE_SCHEMA = '{schema}' AND TABLE_NAME = '{relation}'"
        )
        if cursor.execute(exists).fetchone() == (0,):
            return f"{table} is gone" if table in self._tables else None
        # Fivetran's rows carry no load.
        loads = "COUNT(DISTINCT _LOAD_ID)" if source not in FIVETRAN else "1"
        count, loads_in_it = cursor.execute(f"SELECT COUNT(*), {loads} FROM {name}").fetchone()
        known = [state[table] for state in self.world.rows[source]]
        since = self._tables.get(table, 0)
        if count == 0 and table not in self._tables:
            return None
        if loads_in_it > 1 or count not in known[since:]:
            return f"{table} has {count} rows of {loads_in_it} loads; complete were {known[since:]}"
        self._tables[table] = known.index(count, since)
        return None

    def _values_of(self, metrics: list[Metric], *, may_go_back: bool) -> list[str]:
        """Each source's values are those of one moment, and no older than the ones before."""
        values = {metric.name: metric.value for metric in metrics}
        wrong = []
        for source in SOURCES:
            truths = self.world.truths[source]
            names = set(truths[0]) & set(values)
            first = 0 if may_go_back else self._values.get(source, 0)
            shown: Truth = {name: values[name] for name in names}
            if source not in COUNTERS:
                continue
            if not names or shown.keys() != truths[0].keys():
                if source in self._values:
                    wrong.append(f"Metrics of {source} are gone: {sorted(shown)} are left")
            elif shown not in truths[first:]:
                wrong.append(f"The values of {source} never were true since {first}: {shown}")
            else:
                self._values[source] = truths.index(shown, first)
        return wrong

    def _against(self, before: Stored, served: Stored, metrics: list[Metric]) -> list[str]:
        """The version after another one passes the audit, or somebody approved it."""
        now = self.clock.moment
        try:
            verdict = check_candidate(served.content, before.content, declared_limits(), now)
        except ContractError as error:
            return [f"The audit refuses it: {error}"]
        approved = self.people.approved.get(served.sha256, frozenset())
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
