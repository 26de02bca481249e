"""`CREATE`, `ALTER`, `DROP`, `SHOW` and `USE` of warehouses and resource monitors.

https://docs.snowflake.com/en/sql-reference/ddl-virtual-warehouse
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from fakesnow.expr import normalise_ident
from sqlglot import Expr, exp

from local.snowflake.account import Session
from local.snowflake.errors import compilation_error, unsupported
from local.snowflake.monitors import COLUMNS as MONITOR_COLUMNS
from local.snowflake.monitors import Monitor
from local.snowflake.privileges import is_visible, may_use_warehouse
from local.snowflake.show_rows import is_like, now, rows_query
from local.snowflake.sql import SUCCESS, status
from local.snowflake.warehouses import SIZES, Warehouse

# https://docs.snowflake.com/en/sql-reference/sql/show-warehouses
COLUMNS = (
    "name", "state", "type", "size", "running", "queued", "is_default", "is_current",
    "auto_suspend", "auto_resume", "created_on", "owner", "comment", "resource_monitor",
)  # fmt: skip
_NAME = r"(?P<name>\"[^\"]+\"|\w+)"
_DEFINE = re.compile(
    r"\s*(?P<verb>CREATE|ALTER|DROP)\s+(?P<replace>OR\s+REPLACE\s+)?"
    r"(?P<kind>WAREHOUSE|RESOURCE\s+MONITOR)\s+(?P<exists>IF\s+(?:NOT\s+)?EXISTS\s+)?"
    rf"{_NAME}(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_SHOW = re.compile(
    r"\s*SHOW\s+(?P<kind>WAREHOUSES|RESOURCE\s+MONITORS)(?:\s+LIKE\s+'(?P<like>[^']*)')?\s*;?\s*$",
    re.IGNORECASE,
)
_PROPERTY = re.compile(
    r"(\w+)\s*=\s*('(?:[^']|'')*'|\"[^\"]*\"|\((?:[^)]*)\)|[\w.-]+)\s*,?\s*", re.DOTALL
)
_TRIGGER = re.compile(
    r"ON\s+(\d+)\s+PERCENT\s+DO\s+(SUSPEND_IMMEDIATE|SUSPEND|NOTIFY)\s*", re.IGNORECASE
)
_SIZE = {name.replace("-", "").upper(): name for name in SIZES} | {
    name.upper(): name for name in SIZES
}
# Accepted without an effect here: they tune what one small warehouse does not have.
_WITHOUT_EFFECT = {
    "WAREHOUSE_TYPE", "MAX_CLUSTER_COUNT", "MIN_CLUSTER_COUNT", "SCALING_POLICY",
    "STATEMENT_TIMEOUT_IN_SECONDS", "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "INITIALLY_SUSPENDED",
    "MAX_CONCURRENCY_LEVEL", "ENABLE_QUERY_ACCELERATION", "QUERY_ACCELERATION_MAX_SCALE_FACTOR",
}  # fmt: skip


def define_or_show(session: Session, command: str) -> str | None:
    """Run a statement about warehouses or monitors; returns `None` for any other statement.

    Raises:
        ProgrammingError: The object exists already, does not exist or has no such property.
    """
    if found := _SHOW.match(command):
        show = _show_warehouses if _kind(found) == "WAREHOUSES" else _show_monitors
        return show(session, found["like"] or "%")
    if (found := _DEFINE.match(command)) is None:
        return None
    verb, is_warehouse = found["verb"].upper(), _kind(found) == "WAREHOUSE"
    name, warehouses = normalise_ident(found["name"]), session.account.warehouses
    kind = "Warehouse" if is_warehouse else "Resource monitor"
    with warehouses.lock:
        exists = name in (warehouses.by_name if is_warehouse else warehouses.monitors)
        if verb != "CREATE" and not exists:
            if found["exists"]:
                return SUCCESS
            raise compilation_error(f"{kind} '{name}' does not exist or not authorized.")
        if verb == "CREATE" and exists and not found["replace"]:
            if found["exists"]:
                return status(f"{name} already exists, statement succeeded.")
            raise compilation_error(f"Object '{name}' already exists.", 2002, "42710")
        change = _warehouse if is_warehouse else _monitor
        result = change(session, verb, name, found["rest"].strip().rstrip(";"))
        warehouses.save()
        return result


def use(session: Session, expression: Expr) -> str | None:
    """`USE WAREHOUSE`; returns `None` for any other statement.

    Raises:
        ProgrammingError: There is no such warehouse, or the session's role may not use it.
    """
    kind = expression.args.get("kind") if isinstance(expression, exp.Use) else None
    if not isinstance(kind, exp.Var) or kind.name.upper() != "WAREHOUSE":
        return None
    name = normalise_ident(expression.this.sql(dialect="snowflake"))
    if not may_use_warehouse(session, name):
        raise compilation_error("Object does not exist, or operation cannot be performed.", 2043)
    session.identity.warehouse = name
    return SUCCESS


def _kind(found: re.Match[str]) -> str:
    return " ".join(found["kind"].upper().split())


def _warehouse(session: Session, verb: str, name: str, rest: str) -> str:
    warehouses = session.account.warehouses
    if verb == "DROP":
        warehouses.drop(name)
        return status(f"{name} successfully dropped.")
    if verb == "ALTER":
        word = rest.split(maxsplit=1)[0].upper() if rest else ""
        if word == "RESUME":
            warehouses.resume(name)
        elif word == "SUSPEND":
            warehouses.suspend(name)
        elif word == "SET":
            _set(warehouses.find(name), rest[len("SET") :])
        elif word == "UNSET" and rest.upper().split()[1:] == ["RESOURCE_MONITOR"]:
            warehouses.find(name).monitor = ""
        else:
            raise unsupported(f"ALTER WAREHOUSE {rest}")
        return SUCCESS
    if name in warehouses.by_name:
        warehouses.drop(name)
    made = Warehouse(name, owner=session.identity.role, created_on=now())
    _set(made, re.sub(r"^WITH\b", "", rest, flags=re.IGNORECASE))
    if made.monitor and made.monitor not in warehouses.monitors:
        missing = f"Resource monitor '{made.monitor}' does not exist or not authorized."
        raise compilation_error(missing)
    warehouses.by_name[name] = made
    # Documented: started unless INITIALLY_SUSPENDED, and in use in the session at once.
    if not re.search(r"INITIALLY_SUSPENDED\s*=\s*'?TRUE", rest, re.IGNORECASE):
        made.meter.resume(warehouses.now())
    session.identity.warehouse = name
    return status(f"Warehouse {name} successfully created.")


def _set(warehouse: Warehouse, text: str) -> None:
    for key, value in _properties(text):
        match key:
            case "WAREHOUSE_SIZE":
                if (size := _SIZE.get(value.upper())) is None:
                    raise unsupported(f"WAREHOUSE_SIZE = {value}")
                warehouse.size = size
            case "AUTO_SUSPEND":
                seconds = None if value.upper() == "NULL" else float(value)
                warehouse.auto_suspend = warehouse.meter.auto_suspend = seconds or None
            case "AUTO_RESUME":
                warehouse.auto_resume = value.upper() == "TRUE"
            case "RESOURCE_MONITOR":
                warehouse.monitor = "" if value.upper() == "NULL" else normalise_ident(value)
            case "COMMENT":
                warehouse.comment = value
            case _ if key not in _WITHOUT_EFFECT:
                raise compilation_error(f"invalid property '{key}' for 'WAREHOUSE'", 1420, "42601")


def _monitor(session: Session, verb: str, name: str, rest: str) -> str:
    monitors = session.account.warehouses.monitors
    if verb == "DROP":
        del monitors[name]
        for one in session.account.warehouses.by_name.values():
            one.monitor = "" if one.monitor == name else one.monitor
        return status(f"{name} successfully dropped.")
    at = now()
    old = monitors[name] if verb == "ALTER" else None
    made = old or Monitor(name, start_time=at, created_on=at, owner=session.identity.role)
    made = replace(made)
    triggers = [(int(at), action.upper()) for at, action in _TRIGGER.findall(rest)]
    if triggers:
        by_action = {action: at for at, action in triggers}
        made.notify_at = [at for at, action in triggers if action == "NOTIFY"]
        made.suspend_at = by_action.get("SUSPEND", 0)
        made.suspend_immediately_at = by_action.get("SUSPEND_IMMEDIATE", 0)
    rest = re.sub(r"\bTRIGGERS\b", "", _TRIGGER.sub("", rest), flags=re.IGNORECASE)
    for key, value in _properties(re.sub(r"^\s*(WITH|SET)\b", "", rest, flags=re.IGNORECASE)):
        match key:
            case "CREDIT_QUOTA":
                made.quota = None if value.upper() == "NULL" else float(value)
            case "FREQUENCY":
                made.frequency = value.upper()
            case "START_TIMESTAMP":
                made.start_time = at if value.upper() == "IMMEDIATELY" else value
            case "END_TIMESTAMP":
                made.end_time = "" if value.upper() == "NULL" else value
            case "NOTIFY_USERS":
                made.notify_users = ", ".join(re.findall(r"\w+", value))
            case "COMMENT":
                made.comment = value
            case _:
                text = f"invalid property '{key}' for 'RESOURCE_MONITOR'"
                raise compilation_error(text, 1420, "42601")
    monitors[name] = made
    return SUCCESS if old else status(f"Resource monitor {name} successfully created.")


def _properties(text: str) -> Iterable[tuple[str, str]]:
    at = 0
    text = text.strip()
    while at < len(text):
        if (found := _PROPERTY.match(text, at)) is None:
            raise compilation_error(
                f"syntax error line 1 at position {at} unexpected '{text[at:].split()[0]}'.",
                1003,
                "42000",
            )
        value = found[2]
        yield found[1].upper(), value[1:-1].replace("''", "'") if value[0] == "'" else value
        at = found.end()


def _show_warehouses(session: Session, like: str) -> str:
    warehouses = session.account.warehouses
    with warehouses.lock:
        current = warehouses.now()
        rows = [
            (
                one.name,
                "SUSPENDED" if one.meter.is_suspended(current) else "STARTED",
                "STANDARD",
                one.size,
                one.meter.running,
                0,
                "N",
                "Y" if one.name == session.identity.warehouse else "N",
                None if one.auto_suspend is None else int(one.auto_suspend),
                str(one.auto_resume).lower(),
                one.created_on,
                one.owner,
                one.comment,
                one.monitor or "null",
            )
            for _, one in sorted(warehouses.by_name.items())
            if is_like(one.name, like) and is_visible(session, "WAREHOUSE", (one.name,))
        ]
    return rows_query(COLUMNS, rows, {"running", "queued", "auto_suspend"})


def _show_monitors(session: Session, like: str) -> str:
    warehouses = session.account.warehouses
    with warehouses.lock:
        assigned = {one.monitor for one in warehouses.by_name.values()}
        rows = [
            one.row(warehouses.used(one), "WAREHOUSE" if one.name in assigned else None)
            for _, one in sorted(warehouses.monitors.items())
            if is_like(one.name, like) and is_visible(session, "RESOURCE MONITOR", (one.name,))
        ]
    return rows_query(MONITOR_COLUMNS, rows)
