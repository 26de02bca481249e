"""The schemas that dbt has made in the development account: their prefix, age and removal."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from include import warehouse
from include.loaders.raw.identifiers import quoted
from include.transform_project import MANIFEST
from tools.acceptance.account import Account, full_role

MAKER: Final = "TRANSFORMER"
DATABASES: Final[tuple[warehouse.Database, ...]] = ("TRANSFORM", "ANALYTICS")
# Nothing that was built in the last month is unused.
UNUSED_AFTER: Final = timedelta(days=30)
# The second is the prefix of the deployment, whose DDRC_SCHEMA_PREFIX is not set.
PROTECTED: Final = frozenset({"PUBLIC", "DEVELOPER", "INFORMATION_SCHEMA"})
PREFIX: Final = re.compile(r"[A-Z][A-Z0-9_]*")
# The prefixes that are known by their form: pull requests, and what the acceptance makes.
_KNOWN = re.compile(r"(PR_[0-9]+|ACCEPT_[0-9A-F]{8})(?:_.*)?")


@dataclass(frozen=True)
class Schema:
    """A schema that TRANSFORMER owns.

    Attributes:
        database: Its database.
        name: Its name.
        built_at: When it, or the newest of its tables and views, was made or changed; in UTC.
        prefix: The value of `DDRC_SCHEMA_PREFIX` that it was made with.
    """

    database: str
    name: str
    built_at: datetime
    prefix: str


def prefix_of(name: str, customs: Iterable[str]) -> str:
    """The value of `DDRC_SCHEMA_PREFIX` that a schema was made with.

    Args:
        name: The schema's name. `generate_schema_name` makes `<prefix>` and `<prefix>_<custom>`.
        customs: The custom names in the dbt project. A name with none of them is a prefix itself.
    """
    if known := _KNOWN.fullmatch(name):
        return known[1]
    ends = sorted((f"_{custom.upper()}" for custom in customs), key=len, reverse=True)
    end = next((one for one in ends if name.endswith(one) and name != one), "")
    return name.removesuffix(end)


def custom_schemas(manifest: Path = MANIFEST) -> set[str]:
    """The custom schemas in the dbt project, for example `metrics`.

    Raises:
        FileNotFoundError: The manifest does not exist.
    """
    nodes = json.loads(manifest.read_bytes())["nodes"].values()
    return {custom for node in nodes if (custom := node["config"].get("schema"))}


def is_protected(prefix: str, keep: Iterable[str] = ()) -> bool:
    """True for a prefix that is never dropped; also if a protected one begins it."""
    return any(prefix == one or prefix.startswith(f"{one}_") for one in (*PROTECTED, *keep) if one)


def find_schemas(account: Account) -> list[Schema]:
    """Every schema that TRANSFORMER owns in the environment's databases.

    Raises:
        FileNotFoundError: dbt's manifest does not exist.
        NotPermittedError: There is no connection for TRANSFORMER.
        snowflake.connector.errors.Error: The login or a statement is refused.
    """
    customs = custom_schemas()
    found = []
    for kind in DATABASES:
        database = warehouse.database(kind)
        shown = account.table(MAKER, f"SHOW SCHEMAS IN DATABASE {quoted(database)}")
        # Also changed by Snowflake's own maintenance: too young is the safe side.
        # https://docs.snowflake.com/en/sql-reference/info-schema/tables
        changes = account.run(
            MAKER,
            "SELECT TABLE_SCHEMA, MAX(LAST_ALTERED)"  # noqa: S608
            f" FROM {quoted(database)}.INFORMATION_SCHEMA.TABLES GROUP BY TABLE_SCHEMA",
        )
        newest: Mapping[str, datetime] = {name: at for name, at in changes if at}
        found += [
            Schema(
                database,
                name,
                _latest(row["created_on"], newest.get(name)),
                prefix_of(name, customs),
            )
            for row in shown
            if (name := row["name"]) not in PROTECTED and row["owner"] == full_role(MAKER)
        ]
    return found


def by_prefix(schemas: Iterable[Schema]) -> dict[str, list[Schema]]:
    """Schemas by their prefix, sorted."""
    grouped: dict[str, list[Schema]] = {}
    for schema in sorted(schemas, key=lambda one: (one.prefix, one.database, one.name)):
        grouped.setdefault(schema.prefix, []).append(schema)
    return grouped


def unused(
    schemas: Iterable[Schema], now: datetime, keep: Sequence[str]
) -> dict[str, list[Schema]]:
    """The schemas of each prefix that nobody has built in for a month.

    Args:
        schemas: All schemas. One that was built lately saves the others of its prefix.
        now: The current time, in UTC.
        keep: Prefixes that stay whatever their age.
    """
    return {
        prefix: group
        for prefix, group in by_prefix(schemas).items()
        if not is_protected(prefix, keep)
        and now - max(one.built_at for one in group) > UNUSED_AFTER
    }


def drop(account: Account, schemas: Iterable[Schema]) -> list[str]:
    """Drop schemas with all that is in them.

    Returns:
        A sentence for each one that could not be dropped.
    """
    from snowflake.connector.errors import Error

    left = []
    for schema in schemas:
        name = quoted(schema.database, schema.name)
        try:
            account.run(MAKER, f"DROP SCHEMA IF EXISTS {name}")
        except Error as error:
            left.append(f"{name} could not be dropped: {' '.join(str(error).split())[:300]}")
    return left


def _latest(*times: datetime | None) -> datetime:
    known = [one if one.tzinfo else one.replace(tzinfo=UTC) for one in times if one]
    return max(known).astimezone(UTC)
