"""The part of Fivetran's REST API, version 1, that Airflow's provider calls.

Every path of a connector exists under `/v1/connectors`, which the provider calls, and under
`/v1/connections`, the newer name; each with and without a slash at its end.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.faults import UnknownFaultError
from local.fivetran import bodies
from local.fivetran.authentication import BasicAuthentication
from local.fivetran.connection_api import AsyncHandler, ConnectionApi
from local.fivetran.connectors import CONNECTORS, GROUP_ID
from local.fivetran.extract import DataError, read_extract
from local.fivetran.rate_limit import REQUESTS, RateLimit
from local.fivetran.records import Records
from local.fivetran.syncs import Syncs
from local.fivetran.warehouse import Destination

Handler = Callable[[Request], JSONResponse]


def create_app(
    *,
    data: Path,
    faults: Path,
    state: Path,
    api_key: str,
    api_secret: str,
    destination: Destination,
    sync_seconds: float,
    rescheduled_seconds: float = 60,
    hourly_requests: int = REQUESTS,
) -> Starlette:
    """The API as an ASGI app.

    Args:
        data: The laptop's data folder.
        faults: The faults file; it may be missing.
        state: The file of the connectors' state.
        api_key: The user of HTTP basic authentication.
        api_secret: Its password.
        destination: The warehouse that syncs write to.
        sync_seconds: The time that a sync takes before it writes its rows.
        rescheduled_seconds: How far ahead the fault `rescheduled` reschedules a sync.
        hourly_requests: The number of requests that the account may send in any hour.

    Raises:
        DataError: The data folder is malformed.
        RecordsError: The state file is malformed.
    """
    for connector in CONNECTORS.values():
        read_extract(data, connector)
    records = Records(state, CONNECTORS)
    syncs = Syncs(
        destination,
        records,
        data,
        faults,
        seconds=sync_seconds,
        rescheduled_seconds=rescheduled_seconds,
    )
    api = ConnectionApi(records, syncs, data, faults)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(syncs.stop)

    routes = [
        *_route("/health", "GET", _constant({"status": "ok"})),
        *_account_routes(api, destination),
        *(route for noun in ("connector", "connection") for route in _connector_routes(api, noun)),
    ]
    return Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[
            Middleware(BasicAuthentication, api_key=api_key, api_secret=api_secret),
            Middleware(RateLimit, requests=hourly_requests),
        ],
        exception_handlers=dict.fromkeys(
            (HTTPException, DataError, UnknownFaultError, Exception), _failed
        ),
    )


def _account_routes(api: ConnectionApi, destination: Destination) -> Iterator[Route]:
    where = bodies.destination(destination.host, destination.port, destination.database)

    def all_connectors(request: Request) -> JSONResponse:
        details = [api.details(connector) for connector in CONNECTORS.values()]
        return JSONResponse(bodies.page(details))

    yield from _route("/v1/users", "GET", _constant(bodies.page([bodies.user()])))
    yield from _route("/v1/groups", "GET", _constant(bodies.page([bodies.group()])))
    yield from _route(
        "/v1/groups/{id}", "GET", _of_group(_constant(bodies.success(bodies.group())))
    )
    yield from _route("/v1/destinations/{id}", "GET", _of_group(_constant(bodies.success(where))))
    for plural in ("connectors", "connections"):
        yield from _route(f"/v1/groups/{{id}}/{plural}", "GET", _of_group(all_connectors))
    yield from _route("/v1/connections", "GET", all_connectors)


def _connector_routes(api: ConnectionApi, noun: str) -> Iterator[Route]:
    one = f"/v1/{noun}s/{{id}}"
    calls = [
        (one, "GET", api.read),
        (one, "PATCH", api.modify),
        (f"{one}/sync", "POST", api.sync),
        (f"{one}/force", "POST", api.force),
        (f"{one}/resync", "POST", api.resync),
        (f"{one}/test", "POST", api.test),
        (f"{one}/schemas", "GET", api.schemas),
        (f"/v1/metadata/{noun}s/{{id}}/tables", "GET", api.tables),
        (f"/v1/metadata/{noun}s/{{id}}/columns", "GET", api.columns),
    ]
    for path, method, call in calls:
        yield from _route(path, method, api.handler(call, noun))


def _route(path: str, method: str, handler: Handler | AsyncHandler) -> Iterator[Route]:
    yield Route(path, handler, methods=[method])
    yield Route(f"{path}/", handler, methods=[method])


def _constant(body: dict[str, Any]) -> Handler:
    def handle(request: Request) -> JSONResponse:
        return JSONResponse(body)

    return handle


def _of_group(handler: Handler) -> Handler:
    def handle(request: Request) -> JSONResponse:
        group_id = request.path_params["id"]
        if group_id == GROUP_ID:
            return handler(request)
        refusal = bodies.error("NotFound_Group", f"Group with id '{group_id}' does not exist.")
        return JSONResponse(refusal, status_code=404)

    return handle


def _failed(request: Request, error: Exception) -> JSONResponse:
    """The error for an unknown path or method, or for a fault of this server."""
    if isinstance(error, HTTPException):
        code = error.detail.title().replace(" ", "")
        body = bodies.error(code, f"{error.detail}: {request.method} {request.url.path}")
        return JSONResponse(body, status_code=error.status_code)
    return JSONResponse(bodies.error("InternalServerError", str(error)), status_code=500)
