"""Checks of the Snowflake connections: each logs in as its own user, role and warehouse."""

from __future__ import annotations

from contextlib import closing
from typing import Any, Final

from include import connections, warehouse
from include.pipeline.credits import read_credits
from tools.acceptance.account import USERS, WAREHOUSES, full_role
from tools.acceptance.outcomes import expect
from tools.preflight.deployment import Deployment

# The role of each connection, and the database in which its statements begin.
ROLES: Final[dict[str, tuple[str, warehouse.Database]]] = {
    connections.LOADER: ("LOADER", "RAW"),
    connections.TRANSFORMER: ("TRANSFORMER", "TRANSFORM"),
    connections.REPORTER: ("REPORTER", "ANALYTICS"),
}
# Not the pipeline's app: what that costs is counted by its tag.
_TAG = '{"app":"ddrc-preflight"}'
# If the role may not use the connection's warehouse or database, the session begins without it, and
# the function returns null. The statement needs no warehouse:
# https://docs.snowflake.com/en/sql-reference/functions/current_warehouse
_SESSION = "SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_DATABASE()"


def snowflake(deployment: Deployment, name: str) -> str:
    """`snowflake`: a connection logs in as its user, with its role, warehouse and database."""
    deployment.connection(name)
    role, database = ROLES[name]
    with closing(_connect(name)) as session, session.cursor() as cursor:
        found = cursor.execute(_SESSION).fetchone()
    wanted = (
        full_role(USERS[role]),
        full_role(role),
        warehouse.compute(WAREHOUSES[role]),
        warehouse.database(database),
    )
    wrong = [
        f"its {what} is {has or 'none'}, not {needs}"
        for what, has, needs in zip(
            ("user", "role", "warehouse", "database"), found, wanted, strict=True
        )
        if str(has or "").upper() != needs
    ]
    expect(not wrong, f"{name} logs in, but {'; '.join(wrong)}.")
    return f"{wanted[0]} as {wanted[1]}."


def credits_quota(deployment: Deployment, _: str) -> str:
    """`credits`: the resource monitor exists, has a quota, and is seen by the watch's role."""
    month = read_credits(lambda: _connect(connections.TRANSFORMER), warehouse.resource_monitor())
    expect(
        month.used < month.quota,
        f"The month's quota of {month.monitor} is reached: {month.used:.1f} of {month.quota:g}"
        " credits are used, so every warehouse stops.",
    )
    return f"{month.used:.1f} of {month.quota:g} credits are used."


def _connect(name: str) -> Any:
    from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook

    hook = SnowflakeHook(snowflake_conn_id=name, session_parameters={"QUERY_TAG": _TAG})
    return hook.get_conn()
