"""The schemas that dbt creates are those that the tasks read; nothing here starts dbt."""

import os
from typing import Any

import jinja2
import pytest

from include import warehouse
from include.transform_project import PROJECT

MACRO = PROJECT / "macros" / "generate_schema_name.sql"


class CompilerError(Exception):
    """What dbt raises for a project."""


class Exceptions:
    """dbt's `exceptions`."""

    def raise_compiler_error(self, message: str) -> None:
        raise CompilerError(message)


def schema_of(custom: str | None) -> str:
    """The schema that dbt creates for a model with this `schema`."""
    template = jinja2.Environment().from_string(
        MACRO.read_text(), {"env_var": os.environ.get, "exceptions": Exceptions()}
    )
    module: Any = template.module
    return str(module.generate_schema_name(custom, None)).strip()


@pytest.mark.parametrize("prefix", [None, "ana"])
@pytest.mark.parametrize("environment", [None, "dev", "PRD"])
def test_a_schema_of_dbt_has_the_name_that_tasks_read(
    environment: str | None, prefix: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("DDRC_ENV", environment), ("DDRC_SCHEMA_PREFIX", prefix)):
        monkeypatch.delenv(name, raising=False)
        if value:
            monkeypatch.setenv(name, value)

    assert schema_of("metrics") == f"{warehouse.schema_prefix()}METRICS"
    assert schema_of(None) == (warehouse.schema_prefix().removesuffix("_") or "PUBLIC")


def test_another_environment_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DDRC_ENV", "prod")
    with pytest.raises(CompilerError, match=r"^DDRC_ENV is 'PROD'; set it to DEV or PRD\.$"):
        schema_of("metrics")
