"""The names of warehouses, databases, schemas and tables in the environment of this process.

`DDRC_ENV` is `DEV` or `PRD`. In `DEV`, the schemas that dbt creates begin with the developer's
prefix, `DDRC_SCHEMA_PREFIX`. dbt reads the same two variables.
"""

import os
from typing import Final, Literal

Database = Literal["RAW", "TRANSFORM", "ANALYTICS"]
Compute = Literal["LOADING", "TRANSFORMING", "REPORTING"]

DATABASES: Final[tuple[Database, ...]] = ("RAW", "TRANSFORM", "ANALYTICS")
ENVIRONMENTS = ("DEV", "PRD")


class UnknownEnvironmentError(ValueError):
    """`DDRC_ENV` is not an environment of this project."""


def environment() -> str:
    """The environment's name, `DEV` or `PRD`.

    Raises:
        UnknownEnvironmentError: `DDRC_ENV` has another value.
    """
    name = os.environ.get("DDRC_ENV", "DEV").upper()
    if name not in ENVIRONMENTS:
        raise UnknownEnvironmentError(
            f"DDRC_ENV is {name!r}; set it to one of {', '.join(ENVIRONMENTS)}."
        )
    return name


def schema_prefix() -> str:
    """The prefix of a developer's schemas; empty in `PRD`."""
    if environment() == "PRD":
        return ""
    return os.environ.get("DDRC_SCHEMA_PREFIX", "DEVELOPER").upper() + "_"


def compute(kind: Compute) -> str:
    """A warehouse's name, for example `LOADING_XS_DDRC_DEV`."""
    return f"{kind}_XS_DDRC_{environment()}"


def resource_monitor() -> str:
    """The resource monitor of the environment's warehouses, for example `DDRC_PRD`."""
    return f"DDRC_{environment()}"


def database(kind: Database) -> str:
    """A database's name, for example `RAW_DDRC_DEV`."""
    return f"{kind}_DDRC_{environment()}"


def metrics_table(model: str) -> str:
    """A metrics mart's qualified name, for example `ANALYTICS_DDRC_PRD.METRICS.EPA_METRICS`."""
    return f"{database('ANALYTICS')}.{schema_prefix()}METRICS.{model.upper()}"


def history_schema() -> str:
    """The schema of published metrics and incidents, for example `ANALYTICS_DDRC_PRD.HISTORY`."""
    return f"{database('ANALYTICS')}.{schema_prefix()}HISTORY"


def stage() -> str:
    """The external stage, a private container, that metrics are unloaded to."""
    return f"{database('ANALYTICS')}.PUBLIC.AZURE_STAGE_DDRC"


def released_stage() -> str:
    """The external stage that reads the sources' released files, which dbt queries."""
    return f"{database('ANALYTICS')}.PUBLIC.RELEASED_DDRC"
