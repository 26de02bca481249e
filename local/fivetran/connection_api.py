"""The API's calls on one connector: its details, its settings, its syncs."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from local.faults import fault_of
from local.fivetran import bodies, catalogue
from local.fivetran.connectors import CONNECTORS, PACKED, UNPACKED, Connector
from local.fivetran.extract import read_declared
from local.fivetran.records import Records
from local.fivetran.syncs import Syncs

Answer = tuple[int, dict[str, Any]]
Body = dict[str, Any]
AsyncHandler = Callable[[Request], Awaitable[JSONResponse]]

# https://fivetran.com/docs/rest-api/api-reference/connections/modify-connection
_ALLOWED: dict[str, Callable[[Any], bool]] = {
    "schedule_type": lambda value: value in ("auto", "manual"),
    "paused": lambda value: isinstance(value, bool),
    "is_historical_sync": lambda value: isinstance(value, bool),
    "sync_frequency": lambda value: value in (1, 5, 15, 30, 60, 120, 180, 360, 480, 720, 1440),
    "sync_mode": lambda value: value in (PACKED, UNPACKED),
}


@dataclass(frozen=True)
class ConnectionApi:
    """The calls on one connector.

    A call takes the connector, the request's JSON body and the noun of its path (`connector` or
    `connection`), and returns an HTTP status and a JSON body.
    """

    records: Records
    syncs: Syncs
    data: Path
    faults: Path

    def handler(self, call: Callable[[Connector, Body, str], Answer], noun: str) -> AsyncHandler:
        """A request handler that finds the connector of the path and makes the call."""

        async def handle(request: Request) -> JSONResponse:
            connector = CONNECTORS.get(request.path_params["id"])
            if connector is None:
                unknown = bodies.unknown_connector(request.path_params["id"], noun)
                return JSONResponse(unknown, status_code=404)
            if fault_of(self.faults, connector.source) == "error-500":
                broken = bodies.error("InternalServerError", "The fault error-500 is set.")
                return JSONResponse(broken, status_code=500)
            try:
                body = json.loads(await request.body() or b"{}")
            except ValueError:
                body = None
            if not isinstance(body, dict):
                refusal = bodies.error("BadRequest", "The request's body is not a JSON object.")
                return JSONResponse(refusal, status_code=400)
            # In a thread: pausing waits for a sync to leave the warehouse.
            status, content = await run_in_threadpool(call, connector, body, noun)
            return JSONResponse(content, status_code=status)

        return handle

    def details(self, connector: Connector) -> dict[str, Any]:
        """The connector's details and status."""
        return bodies.connection(
            connector,
            self.records[connector.id],
            read_declared(self.data, connector),
            syncing=self.syncs.is_syncing(connector.id),
            broken=fault_of(self.faults, connector.source) == "broken",
        )

    def read(self, connector: Connector, body: Body, noun: str) -> Answer:
        """GET …/{id}."""
        return 200, bodies.success(self.details(connector))

    def modify(self, connector: Connector, body: Body, noun: str) -> Answer:
        """PATCH …/{id}; pausing stops a running sync, another pack mode re-syncs every row."""
        changes = {name: value for name, value in body.items() if name != "run_setup_tests"}
        if connector.has_pack_mode and set(changes.get("config") or ()) == {"sync_mode"}:
            changes |= {**changes.pop("config"), "is_historical_sync": True}
        for name, value in changes.items():
            if name not in _ALLOWED or not _ALLOWED[name](value):
                return 400, bodies.error("InvalidInput", f"{name} cannot be set to {value!r}.")
        self.records.update(connector.id, **changes)
        if changes.get("paused"):
            self.syncs.stop(connector.id)
        message = f"{noun.capitalize()} has been updated"
        return 200, bodies.success(self.details(connector), message)

    def test(self, connector: Connector, body: Body, noun: str) -> Answer:
        """POST …/{id}/test."""
        details = bodies.setup_tests(self.details(connector))
        return 200, bodies.success(details, "Setup tests were completed")

    def sync(self, connector: Connector, body: Body, noun: str) -> Answer:
        """POST …/{id}/sync; `{"force": true}` restarts a running sync."""
        if self.records[connector.id].paused:
            return 409, bodies.error("Conflict", f"The {noun} '{connector.id}' is paused.")
        self.syncs.start(connector, force=body.get("force") is True)
        message = f"Sync has been successfully triggered for {noun} with id '{connector.id}'"
        return 200, bodies.success(message=message)

    def force(self, connector: Connector, body: Body, noun: str) -> Answer:
        """POST …/{id}/force: the older path of a forced sync, which the provider uses."""
        return self.sync(connector, {"force": True}, noun)

    def resync(self, connector: Connector, body: Body, noun: str) -> Answer:
        """POST …/{id}/resync: every row counts as new; refused while a sync is running.

        A paused connector does it when it next syncs. A `scope` has no effect: it can only name the
        connector's one table.
        """
        if self.syncs.is_syncing(connector.id):
            return 409, bodies.error("Conflict", f"The {noun} '{connector.id}' is syncing.")
        self.records.update(connector.id, is_historical_sync=True)
        if not self.records[connector.id].paused:
            self.syncs.start(connector, force=False)
        return 200, bodies.success(message="Re-sync has been triggered successfully")

    def schemas(self, connector: Connector, body: Body, noun: str) -> Answer:
        """GET …/{id}/schemas."""
        declared = read_declared(self.data, connector)
        return 200, bodies.success(catalogue.schema_config(connector, declared))

    def tables(self, connector: Connector, body: Body, noun: str) -> Answer:
        """GET /v1/metadata/…/{id}/tables."""
        return 200, bodies.page(catalogue.tables(connector, read_declared(self.data, connector)))

    def columns(self, connector: Connector, body: Body, noun: str) -> Answer:
        """GET /v1/metadata/…/{id}/columns."""
        return 200, bodies.page(catalogue.columns(connector, read_declared(self.data, connector)))
