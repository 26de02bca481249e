"""Databases, schemas and the view of the account's statements."""

import re
from collections.abc import Iterator

from include.sources import LOADED, SOURCES
from include.warehouse import DATABASES
from tests.terraform.policies.planned import Planned

# Days of time travel (docs/deploy.md); more than one needs Snowflake's Enterprise edition.
TIME_TRAVEL = {"DEV": 1, "PRD": 7}
SHOWN = [
    "start_time",
    "query_tag",
    "warehouse_name",
    "execution_status",
    "total_elapsed_time",
    "bytes_scanned",
]


def check_databases(planned: Planned) -> Iterator[str]:
    """There are three databases, with the time travel of their environment."""
    wanted = {f"{kind}_{planned.suffix}" for kind in DATABASES}
    if planned.names("snowflake_database") != wanted:
        yield f"snowflake_database: the databases are not {sorted(wanted)}"
    days = TIME_TRAVEL[planned.environment]
    for database in planned.of_type("snowflake_database"):
        if database.values.get("data_retention_time_in_days") != days:
            yield f"{database.address}: does not have {days} days of time travel"


def check_schemas(planned: Planned) -> Iterator[str]:
    """RAW has the schemas of the loaders' tables, and the one of the log of loads."""
    wanted = {part.table.schema for source in LOADED for part in SOURCES[source].parts}
    if planned.names("snowflake_schema") != wanted | {"LOADING"}:
        yield f"snowflake_schema: the schemas are not LOADING and {sorted(wanted)}"
    for schema in planned.of_type("snowflake_schema"):
        if schema.values["database"] != f"RAW_{planned.suffix}":
            yield f"{schema.address}: is in {schema.values['database']}"


def check_view(planned: Planned) -> Iterator[str]:
    """The view of the account's statements is secure, and shows no text of one."""
    views = [*planned.of_type("snowflake_view")]
    if len(views) != 1:
        yield "snowflake_view: there is not exactly one"
    for view in views:
        values, at = view.values, view.address
        statement = values["statement"].lower()
        if values["is_secure"] != "true":
            yield f"{at}: is not secure"
        if values["copy_grants"] is not True:
            yield f"{at}: loses its grants when it is replaced"
        name = f"{values['database']}.{values['schema']}.{values['name']}"
        if name != f"ANALYTICS_{planned.suffix}.PUBLIC.QUERY_HISTORY":
            yield f"{at}: has the name {name}, which the dashboard does not read"
        columns = re.findall(r"\S+", statement.partition("select")[2].partition("from")[0])
        if other := {column.strip(",") for column in columns} - set(SHOWN):
            yield f"{at}: shows {sorted(other)} of the account's statements"
        if not re.search(
            r"\bwhere startswith\(query_tag, '\{'\) and .*app::varchar = 'ddrc'", statement
        ):
            yield f"{at}: shows the statements of other applications"


POLICIES = (check_databases, check_schemas, check_view)
