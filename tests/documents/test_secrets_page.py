"""The page on secrets: each connection as JSON that Airflow parses, with the vault's names."""

import json
import re
from typing import Any

import pytest
from airflow.providers.microsoft.azure.secrets.key_vault import AzureKeyVaultBackend
from airflow.sdk import Connection

from include import connections
from local.home import REPOSITORY

PAGE = (REPOSITORY / "docs" / "secrets.md").read_text()


def documented() -> dict[str, dict[str, Any]]:
    """Read the connections' JSON from the page, by connection id."""
    found = re.search(r"<!-- connections -->\n```json\n(.+?)\n```", PAGE, re.DOTALL)
    assert found
    by_id: dict[str, dict[str, Any]] = {}
    for line in found[1].splitlines():
        by_id |= json.loads(line)
    return by_id


def listed() -> set[str]:
    """Read the connection ids from the page's table."""
    table = PAGE.partition("| connection | role | used by |")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `([\w<>]+)` \|", table, re.MULTILINE))


def test_the_table_and_the_json_have_the_connections_of_the_code() -> None:
    ids = {value for name, value in vars(connections).items() if name.isupper()}
    ids.add(connections.source_connection("<name>"))

    assert {name.replace("source_usace", "source_<name>") for name in documented()} == ids
    assert listed() == ids


@pytest.mark.parametrize("name", documented())
def test_airflow_parses_the_json(name: str) -> None:
    value = documented()[name]

    read = Connection.from_json(json.dumps(value), conn_id=name)

    assert read.conn_type == value["conn_type"]
    assert read.password == value.get("password")
    assert read.extra_dejson == value.get("extra", {})


def test_the_example_file_has_the_same_connections_with_the_same_keys() -> None:
    example = (REPOSITORY / ".env.example").read_text()
    shapes = {
        name.lower(): json.loads(value)
        for name, value in re.findall(r"^(?:# )?AIRFLOW_CONN_(\w+)=(.+)$", example, re.MULTILINE)
    }

    assert shapes
    for name, shape in shapes.items():
        page = documented()[name]
        assert set(shape) == set(page), name
        assert set(shape.get("extra", {})) == set(page.get("extra", {})), name


def test_the_backend_accepts_the_vaults_configuration() -> None:
    path = re.search(r"^AIRFLOW__SECRETS__BACKEND=(.+)$", PAGE, re.MULTILINE)
    options = re.search(r"^AIRFLOW__SECRETS__BACKEND_KWARGS=(.+)$", PAGE, re.MULTILINE)
    assert path
    assert options
    assert path[1] == f"{AzureKeyVaultBackend.__module__}.{AzureKeyVaultBackend.__qualname__}"

    backend = AzureKeyVaultBackend(**json.loads(options[1]))

    name = backend.build_path(str(backend.connections_prefix), "snowflake_loader", backend.sep)
    assert f"`{name}`" in PAGE
    variable = backend.build_path(str(backend.variables_prefix), "incident_repository", backend.sep)
    assert f"`{variable}`" in PAGE
    assert backend.config_prefix is None
