"""Runs syncs: one of a connector at a time, each in a thread of its own."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from local.faults import fault_of
from local.fivetran.connectors import CONNECTORS, Connector
from local.fivetran.extract import read_extract
from local.fivetran.records import Changes, Records, format_time
from local.fivetran.statements import Sync
from local.fivetran.warehouse import Destination

LOG = logging.getLogger(__name__)

# How often a stuck sync looks whether it is still to be stuck.
STUCK_SECONDS = 0.1
STOP_SECONDS = 10.0


class SyncFailedError(RuntimeError):
    """The faults file says that this sync fails."""


class SyncStoppedError(RuntimeError):
    """The sync was stopped from outside; it lands nothing and records nothing."""


@dataclass(eq=False)
class _Run:
    """One sync under way."""

    connector: Connector
    historical: bool
    stopped: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


class Syncs:
    """The syncs that are under way.

    Args:
        destination: Where rows land.
        records: Where an end is recorded, once the rows are committed.
        data: The laptop's data folder, read afresh by every sync.
        faults: The faults file.
        seconds: How long a sync reads before it lands its rows.
    """

    def __init__(
        self, destination: Destination, records: Records, data: Path, faults: Path, seconds: float
    ) -> None:
        self._destination = destination
        self._records = records
        self._data = data
        self._faults = faults
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: dict[str, _Run] = {}
        self._landing = {connector_id: threading.Lock() for connector_id in CONNECTORS}

    def is_syncing(self, connector_id: str) -> bool:
        """Whether a sync of this connector is under way."""
        return connector_id in self._running

    def start(self, connector: Connector, *, force: bool) -> bool:
        """Start a sync, and say whether one was started.

        While one is under way, `force` stops it and starts anew; without it, nothing happens
        (https://fivetran.com/docs/rest-api/api-reference/connections/sync-connection).
        """
        with self._lock:
            running = self._running.get(connector.id)
            if running and not force:
                return False
            if running:
                running.stopped.set()
            run = _Run(connector, self._records[connector.id].is_historical_sync)
            run.thread = threading.Thread(target=self._run, args=(run,), name=connector.id)
            self._running[connector.id] = run
            run.thread.start()
            return True

    def stop(self, connector_id: str | None = None) -> None:
        """Stop one connector's sync, or all, and wait until they have let go of the warehouse."""
        with self._lock:
            runs = [run for name, run in self._running.items() if connector_id in (None, name)]
            for run in runs:
                run.stopped.set()
                del self._running[run.connector.id]
        for run in runs:
            if run.thread:
                run.thread.join(STOP_SECONDS)

    def _run(self, run: _Run) -> None:
        name = run.connector.id
        LOG.info("%s: syncing", name)
        try:
            with self._landing[name]:
                self._read_and_land(run)
            outcome: Changes = {
                "succeeded_at": self._records.end_time(name),
                "is_historical_sync": False,
            }
        except SyncStoppedError:
            LOG.info("%s: stopped", name)
            return
        # Whatever went wrong, Fivetran's answer is a failed sync, and the server lives on.
        except Exception as error:
            LOG.exception("%s: failed: %s", name, error)
            outcome = {"failed_at": self._records.end_time(name)}
        with self._lock:
            if self._running.get(name) is not run:
                return
            self._records.change(name, **outcome)
            del self._running[name]
        LOG.info("%s: %s", name, outcome)

    def _read_and_land(self, run: _Run) -> None:
        self._wait(run, lambda: False, self._seconds)
        self._wait(run, lambda: self._fault(run) == "stuck", STUCK_SECONDS)
        sync = Sync(
            database=self._destination.database,
            connector=run.connector,
            extract=read_extract(self._data, run.connector),
            synced_at=format_time(datetime.now(UTC)),
            historical=run.historical,
        )

        def before_commit() -> None:
            if run.stopped.is_set():
                raise SyncStoppedError
            if self._fault(run) == "sync-failed":
                raise SyncFailedError(f"{run.connector.source} has the fault sync-failed.")

        self._destination.land(sync, before_commit)

    @staticmethod
    def _wait(run: _Run, go_on: Callable[[], bool], seconds: float) -> None:
        """Wait `seconds`, and again for as long as `go_on`; end at once when stopped."""
        while True:
            if run.stopped.wait(seconds):
                raise SyncStoppedError
            if not go_on():
                return

    def _fault(self, run: _Run) -> str | None:
        return fault_of(self._faults, run.connector.source)
