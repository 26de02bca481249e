"""Runs syncs, each in a thread of its own, one at a time for each connector."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from include.times import utc_now
from local.faults import fault_of
from local.fivetran.connectors import CONNECTORS, Connector
from local.fivetran.extract import packed, read_extract
from local.fivetran.records import Records, RecordUpdate, format_time
from local.fivetran.statements import Sync
from local.fivetran.warehouse import Destination

LOG = logging.getLogger(__name__)

# The interval at which a stuck sync checks whether its fault is removed.
STUCK_SECONDS = 0.1
STOP_SECONDS = 10.0


class SyncFailedError(RuntimeError):
    """The faults file makes this sync fail."""


class SyncRescheduledError(RuntimeError):
    """The source accepts no more requests for now; the sync wrote no rows and has not failed."""


class SyncStoppedError(RuntimeError):
    """The sync was stopped; it writes no rows and records no end."""


@dataclass(eq=False)
class _Run:
    """A running sync."""

    connector: Connector
    historical: bool
    stopped: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


class Syncs:
    """The running syncs.

    Args:
        destination: The warehouse that rows are written to.
        records: The connectors' state, in which an end is recorded once the rows are committed.
        data: The laptop's data folder, which every sync reads again.
        faults: The faults file.
        seconds: The time that a sync takes before it writes its rows.
        rescheduled_seconds: How far ahead a sync is rescheduled.
    """

    def __init__(
        self,
        destination: Destination,
        records: Records,
        data: Path,
        faults: Path,
        *,
        seconds: float,
        rescheduled_seconds: float,
    ) -> None:
        self._destination = destination
        self._records = records
        self._data = data
        self._faults = faults
        self._seconds = seconds
        self._rescheduled = timedelta(seconds=rescheduled_seconds)
        self._lock = threading.Lock()
        self._running: dict[str, _Run] = {}
        self._landing = {connector_id: threading.Lock() for connector_id in CONNECTORS}

    def is_syncing(self, connector_id: str) -> bool:
        """True if a sync of this connector is running."""
        return connector_id in self._running

    def start(self, connector: Connector, *, force: bool) -> bool:
        """Start a sync; return whether one was started.

        While one is running, `force` stops it and starts another; without `force`, nothing happens
        (https://fivetran.com/docs/rest-api/api-reference/connections/sync-connection).
        """
        with self._lock:
            running = self._running.get(connector.id)
            if running and not force:
                return False
            if running:
                running.stopped.set()
            self._records.update(connector.id, rescheduled_for=None)
            run = _Run(connector, self._records[connector.id].is_historical_sync)
            run.thread = threading.Thread(target=self._run, args=(run,), name=connector.id)
            self._running[connector.id] = run
            run.thread.start()
            return True

    def stop(self, connector_id: str | None = None) -> None:
        """Stop one connector's sync, or all; wait until they have left the warehouse."""
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
            outcome: RecordUpdate = {
                "succeeded_at": self._records.end_time(name),
                "is_historical_sync": False,
            }
        except SyncStoppedError:
            LOG.info("%s: stopped", name)
            return
        except SyncRescheduledError:
            outcome = {"rescheduled_for": format_time(utc_now() + self._rescheduled)}
        # Like Fivetran, the server reports any error as a failed sync and keeps running.
        except Exception as error:
            LOG.exception("%s: failed: %s", name, error)
            outcome = {"failed_at": self._records.end_time(name)}
        with self._lock:
            if self._running.get(name) is not run:
                return
            self._records.update(name, **outcome)
            del self._running[name]
        LOG.info("%s: %s", name, outcome)

    def _read_and_land(self, run: _Run) -> None:
        self._wait(run, lambda: False, self._seconds)
        self._wait(run, lambda: self._fault(run) == "stuck", STUCK_SECONDS)
        if self._fault(run) == "rescheduled":
            raise SyncRescheduledError
        sync_mode = self._records[run.connector.id].sync_mode
        sync = Sync(
            database=self._destination.database,
            connector=run.connector,
            extract=packed(read_extract(self._data, run.connector), run.connector, sync_mode),
            synced_at=format_time(utc_now()),
            historical=run.historical,
        )

        def before_commit() -> None:
            if run.stopped.is_set():
                raise SyncStoppedError
            if (fault := self._fault(run)) in ("sync-failed", "broken"):
                raise SyncFailedError(f"{run.connector.source} has the fault {fault}.")

        self._destination.land(sync, before_commit)

    @staticmethod
    def _wait(run: _Run, repeat: Callable[[], bool], seconds: float) -> None:
        """Wait `seconds`, and again while `repeat` is true; raise at once when stopped."""
        while True:
            if run.stopped.wait(seconds):
                raise SyncStoppedError
            if not repeat():
                return

    def _fault(self, run: _Run) -> str | None:
        return fault_of(self._faults, run.connector.source)
