"""The emulator's web application: Snowflake's protocol, a health check and the query history."""

import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import anyio.to_thread
from fakesnow import server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.snowflake import login
from local.snowflake.account import Account
from local.snowflake.error_texts import in_snowflakes_words
from local.snowflake.query_ids import begin_statement

# A statement that waits for a lock occupies a thread; the COMMIT that releases it needs another.
THREADS = 400
LOG = logging.getLogger(__name__)
# The end of fakesnow's answer to a failed statement.
_FAILED = b'"success":false}'
# fakesnow raises the connector's errors, which begin with what a client adds.
_HEADING = re.compile(r"^\d{6,} \(\w+\): (?:None: )?")


def make_app(account: Account) -> Starlette:
    """The application that serves an account, and closes the account when it ends."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        account.close()

    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/health", _health),
            Route("/emulator/statements", _statements),
            Route("/emulator/warehouses", _warehouses),
            Route("/emulator/credits", _set_credits, methods=["POST"]),
            Route("/session/v1/login-request", login.log_in, methods=["POST"]),
            Route("/session", login.end, methods=["POST"]),
            Route("/session/heartbeat", login.end, methods=["POST"]),
            Route("/queries/v1/query-request", _query, methods=["POST"]),
            Route("/queries/v1/abort-request", _accept, methods=["POST"]),
            Route("/telemetry/send", _accept, methods=["POST"]),
            Route("/fs_bucket/{path:path}", server.bucket_upload, methods=["PUT"]),
            Route("/monitoring/queries/{sfqid}", server.monitoring_query, methods=["GET"]),
        ],
    )
    app.state.account = account
    return app


async def _health(request: Request) -> JSONResponse:
    """The readiness and the databases' names."""
    account: Account = request.app.state.account
    return JSONResponse({"status": "ready", "databases": account.engine.databases()})


async def _statements(request: Request) -> JSONResponse:
    """The statements after the number in `?since=`; without it, all recorded ones."""
    account: Account = request.app.state.account
    since = int(request.query_params.get("since", 0))
    return JSONResponse({"statements": account.history.since(since)})


async def _warehouses(request: Request) -> JSONResponse:
    """Each warehouse's meter: resumes, busy, idle and billed seconds, and credits."""
    account: Account = request.app.state.account
    return JSONResponse({"warehouses": account.warehouses.report()})


async def _set_credits(request: Request) -> JSONResponse:
    """Set what resource monitors have used: `{"used": 45, "monitor": "DDRC_DEV"}`, or all."""
    account: Account = request.app.state.account
    wanted = await request.json()
    monitors = account.warehouses.monitors
    names = [wanted["monitor"]] if "monitor" in wanted else list(monitors)
    if unknown := [name for name in names if name not in monitors]:
        return JSONResponse({"unknown": unknown}, HTTPStatus.NOT_FOUND)
    for name in names:
        account.warehouses.set_used(name, float(wanted["used"]))
    return JSONResponse({"monitors": names})


async def _query(request: Request) -> Response:
    """fakesnow's response to a statement, without a status that clients retry for ever."""
    query_id = begin_statement()
    try:
        answer: Response = await server.query_request(request)
    except Exception as error:
        LOG.exception("a statement could not be answered")
        text = f"The emulator could not answer: {type(error).__name__}: {error}"
        return _failure("000002", "0A000", text, query_id)
    content = bytes(answer.body)
    if answer.status_code == HTTPStatus.OK and not content.endswith(_FAILED):
        return answer
    failure = json.loads(content)
    sqlstate = (failure["data"] or {}).get("sqlState", "0A000")
    return _failure(failure["code"], sqlstate, failure["message"], query_id)


def _failure(code: str, sqlstate: str, message: str, query_id: str) -> JSONResponse:
    """The answer to a failed statement; clients put its number, SQLSTATE and id before the text."""
    data = {"errorCode": code, "sqlState": sqlstate, "queryId": query_id}
    text = _HEADING.sub("", message)
    # fakesnow parses a statement before this package sees it.
    if words := in_snowflakes_words(text):
        code, text = f"{words.number:06d}", words.text
        data.update(errorCode=code, sqlState=words.sqlstate)
    return JSONResponse({"data": data, "code": code, "message": text, "success": False})


async def _accept(_: Request) -> JSONResponse:
    return JSONResponse({"success": True, "code": None, "message": None, "data": None})
