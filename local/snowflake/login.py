"""The login request and the end of a session, as Snowflake's clients send them."""

import gzip
import json
from typing import Any

from fakesnow.expr import normalise_ident
from fakesnow.server import to_token
from fakesnow.transforms import SERVER_VERSION
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from local.snowflake.account import Account
from local.snowflake.identity import Identity, Login

HEARTBEAT_SECONDS = 3600


async def log_in(request: Request) -> JSONResponse:
    """Open a session. Every key and password is accepted, because nothing here is secret."""
    account: Account = request.app.state.account
    token, session = await run_in_threadpool(account.log_in, _login(request, await _body(request)))
    parameters = {
        **session.parameters.items(),
        "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY": HEARTBEAT_SECONDS,
        # Rows are bound inline; 0 prevents clients from staging large batches.
        "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD": 0,
    }
    return JSONResponse(
        {
            "success": True,
            "data": {
                "token": token,
                # Clients only end a session if they received a master token.
                "masterToken": token,
                "sessionId": session.number,
                "serverVersion": SERVER_VERSION,
                "parameters": [{"name": name, "value": of} for name, of in parameters.items()],
                "sessionInfo": {
                    "databaseName": session.database,
                    "schemaName": session.schema,
                    "warehouseName": session.identity.warehouse or None,
                    "roleName": session.identity.role or None,
                },
            },
        }
    )


async def end(request: Request) -> JSONResponse:
    """Respond to a heartbeat, or end the session if the request has `delete=true`."""
    account: Account = request.app.state.account
    token = to_token(request)
    known = token in account.sessions
    if request.query_params.get("delete"):
        await run_in_threadpool(account.log_out, token)
    message = None if known else "User must login again to access the service."
    code = None if known else "390104"
    return JSONResponse({"data": None, "code": code, "message": message, "success": known})


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        raw = gzip.decompress(raw)
    data: dict[str, Any] = json.loads(raw)["data"]
    return data


def _login(request: Request, data: dict[str, Any]) -> Login:
    def named(parameter: str) -> str:
        value = request.query_params.get(parameter)
        return normalise_ident(value) if value else ""

    return Login(
        identity=Identity(
            user=str(data.get("LOGIN_NAME") or "").upper(),
            account=str(data.get("ACCOUNT_NAME") or "").upper(),
            role=named("roleName"),
            warehouse=named("warehouse"),
        ),
        database=named("databaseName") or None,
        schema=named("schemaName") or None,
        parameters={
            name.upper(): value for name, value in (data.get("SESSION_PARAMETERS") or {}).items()
        },
    )
