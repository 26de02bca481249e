"""The account's warehouses and resource monitors: they resume, suspend, bill and refuse."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from snowflake.connector.errors import Error, ProgrammingError

from local.snowflake.errors import compilation_error, is_compilation_error
from local.snowflake.meter import Meter
from local.snowflake.monitors import Monitor

# Credits an hour by size. https://docs.snowflake.com/en/user-guide/warehouses-overview
SIZES = {"X-Small": 1, "Small": 2, "Medium": 4, "Large": 8, "X-Large": 16}
AUTO_SUSPEND_SECONDS = 600.0


@dataclass
class Warehouse:
    """A warehouse as it is defined, with its meter.

    Attributes:
        size: A key of `SIZES`.
        auto_suspend: Idle seconds until it suspends; `None` for never.
        monitor: The name of its resource monitor, or an empty string.
    """

    name: str
    size: str = "X-Small"
    auto_suspend: float | None = AUTO_SUSPEND_SECONDS
    auto_resume: bool = True
    monitor: str = ""
    owner: str = ""
    comment: str = ""
    created_on: str = ""
    meter: Meter = field(default_factory=lambda: Meter(AUTO_SUSPEND_SECONDS), repr=False)

    def credits(self, now: float) -> float:
        """The credits that it has used until now."""
        return self.meter.bill(now).credits(SIZES[self.size])


# The attributes that are stored.
_STORED = [one.name for one in fields(Warehouse) if one.name != "meter"]


class Warehouses:
    """The warehouses and monitors of an account, by name.

    Attributes:
        by_name: The warehouses.
        monitors: The resource monitors.
        lock: Held while one of them is read and changed.
        now: The present time in seconds.
    """

    def __init__(self, file: Path | None = None, now: Callable[[], float] = time.time) -> None:
        """Read the definitions of an earlier run.

        Args:
            file: Where definitions and used credits are stored; `None` stores nothing.
            now: The clock.
        """
        self.by_name: dict[str, Warehouse] = {}
        self.monitors: dict[str, Monitor] = {}
        self.lock = RLock()
        self.now = now
        self._file = file
        if file is not None and file.exists():
            stored = json.loads(file.read_text())
            self.monitors = {one["name"]: Monitor(**one) for one in stored["monitors"]}
            for one in stored["warehouses"]:
                self.by_name[one["name"]] = Warehouse(**one, meter=Meter(one["auto_suspend"]))

    def save(self) -> None:
        """Store the definitions, and the used credits in the monitors."""
        if self._file is None:
            return
        with self.lock:
            stored = {
                "monitors": [
                    {**asdict(one), "spent": self.used(one)} for one in self.monitors.values()
                ],
                "warehouses": [
                    {name: getattr(one, name) for name in _STORED} for one in self.by_name.values()
                ],
            }
            self._file.write_text(json.dumps(stored, indent=1))

    def find(self, name: str) -> Warehouse:
        """The warehouse of a name.

        Raises:
            ProgrammingError: There is none.
        """
        if (found := self.by_name.get(name)) is None:
            raise compilation_error(f"Warehouse '{name}' does not exist or not authorized.")
        return found

    def drop(self, name: str) -> None:
        """Drop a warehouse; its monitor keeps the credits that it has used."""
        with self.lock:
            dropped = self.find(name)
            if monitor := self.monitors.get(dropped.monitor):
                monitor.spent += dropped.credits(self.now())
            del self.by_name[name]

    def used(self, monitor: Monitor) -> float:
        """The credits that a monitor's warehouses have used this month, or `set_used` has set."""
        now = self.now()
        metered = (one.credits(now) for one in self.by_name.values() if one.monitor == monitor.name)
        return monitor.used(sum(metered), f"{datetime.fromtimestamp(now, UTC):%Y-%m}")

    def set_used(self, name: str, used: float) -> None:
        """Set the credits that a monitor has used until now.

        Raises:
            KeyError: There is no such monitor.
        """
        with self.lock:
            monitor = self.monitors[name]
            monitor.spent += used - self.used(monitor)

    @contextmanager
    def statement(self, name: str) -> Iterator[None]:
        """Run a statement that needs a warehouse: resume it, and meter the statement.

        A statement that does not compile leaves a suspended warehouse suspended.

        Args:
            name: The session's warehouse, or an empty string.

        Raises:
            ProgrammingError: The session has no warehouse, or this one does not resume.
        """
        with self.lock:
            warehouse = self._resumable(name)
            warehouse.meter.begin(self.now())
        end = warehouse.meter.end
        try:
            yield
        except Exception as error:
            if is_compilation_error(error):
                end = warehouse.meter.cancel
            raise
        finally:
            with self.lock:
                end(self.now())

    def resume(self, name: str) -> None:
        """`ALTER WAREHOUSE … RESUME`.

        Raises:
            ProgrammingError: It is not suspended, or its monitor's quota is reached.
        """
        warehouse, now = self.find(name), self.now()
        if not warehouse.meter.is_suspended(now):
            raise _invalid_state(name, "resumed", 90063)
        self._check_quota(warehouse)
        warehouse.meter.resume(now)

    def suspend(self, name: str) -> None:
        """`ALTER WAREHOUSE … SUSPEND`.

        Raises:
            ProgrammingError: It is suspended already.
        """
        warehouse, now = self.find(name), self.now()
        if warehouse.meter.is_suspended(now):
            raise _invalid_state(name, "suspended", 90064)
        warehouse.meter.suspend(now)

    def report(self) -> dict[str, dict[str, float | str]]:
        """Each warehouse's state, bill and credits until now, by name."""
        with self.lock:
            now = self.now()
            return {
                name: {
                    "state": "SUSPENDED" if one.meter.is_suspended(now) else "STARTED",
                    **asdict(one.meter.bill(now)),
                    "credits": one.credits(now),
                }
                for name, one in sorted(self.by_name.items())
            }

    def _resumable(self, name: str) -> Warehouse:
        warehouse = self.by_name.get(name)
        if warehouse is None:
            raise _no_warehouse()
        self._check_quota(warehouse)
        if warehouse.meter.is_suspended(self.now()) and not warehouse.auto_resume:
            raise _no_warehouse()
        return warehouse

    def _check_quota(self, warehouse: Warehouse) -> None:
        monitor = self.monitors.get(warehouse.monitor)
        if monitor is None or not monitor.suspends_at(self.used(monitor)):
            return
        warehouse.meter.suspend(self.now())
        raise ProgrammingError(
            msg=f"Warehouse '{warehouse.name}' cannot be resumed because resource monitor"
            f" '{monitor.name}' has exceeded its quota.",
            errno=90073,
            sqlstate="22000",
        )


def _no_warehouse() -> Error:
    return ProgrammingError(
        msg="No active warehouse selected in the current session.  Select an active warehouse with"
        " the 'use warehouse' command.",
        errno=606,
        sqlstate="57P03",
    )


def _invalid_state(name: str, done: str, number: int) -> Error:
    text = f"Invalid state. Warehouse '{name}' cannot be {done}."
    return ProgrammingError(msg=text, errno=number, sqlstate="22000")
