"""The page on secrets and `.env.example`: connections that Airflow parses, and the vault."""

import json
import re
from typing import Any

import pytest
from airflow.providers.microsoft.azure.secrets.key_vault import AzureKeyVaultBackend
from airflow.sdk import Connection

from include import connections
from include.sources import SYNCED
from local.home import REPOSITORY
from tests.documents.pages import find_files

PAGE = (REPOSITORY / "docs" / "secrets.md").read_text()
DEPLOY = (REPOSITORY / "docs" / "deploy.md").read_text()
EXAMPLE = (REPOSITORY / ".env.example").read_text()
# What a person replaces: the example file leaves it blank.
FILLED_IN = ("…", "ORGANIZATION-ACCOUNT", "APPLICATION-ID", "TENANT-ID", "API-KEY")


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


def fields(connection: dict[str, Any]) -> dict[str, str]:
    """A connection's values by the path of their keys, with blanks for what a person fills in."""
    flat: dict[str, str] = {}
    for key, value in connection.items():
        nested = fields(value) if isinstance(value, dict) else {"": str(value)}
        flat |= {f"{key} {below}".strip(): text for below, text in nested.items()}
    return {key: "" if text in FILLED_IN else text for key, text in flat.items()}


def test_the_example_file_has_every_connection_with_the_pages_values() -> None:
    example = {
        name.lower(): fields(json.loads(value))
        for name, value in re.findall(r"^(?:# )?AIRFLOW_CONN_(\w+)=(.+)$", EXAMPLE, re.MULTILINE)
    }

    assert example == {name: fields(value) for name, value in documented().items()}


@pytest.mark.parametrize(
    "name", ["snowflake_loader", "snowflake_transformer", "snowflake_reporter"]
)
def test_terraform_grants_the_role_its_documented_warehouse_and_user(name: str) -> None:
    terraform = REPOSITORY / "terraform" / "modules" / "warehouse"
    roles = (terraform / "functional_roles.tf").read_text()
    extra = documented()[name]["extra"]
    role = extra["role"].removesuffix("_DDRC_DEV")

    granted = re.search(rf"^    {role} = \{{.*?warehouses = \[(.+?)\]", roles, re.M | re.DOTALL)

    assert granted
    assert f'"{extra["warehouse"].removesuffix("_XS_DDRC_DEV")}"' in granted[1]
    login = documented()[name]["login"].removesuffix("_DDRC_DEV")
    users = (terraform / "users.tf").read_text()
    assert re.search(rf'^    {login} +=.*\brole = "{role}"', users, re.M)


def test_the_example_file_has_every_variable_of_the_settings() -> None:
    table = DEPLOY.partition("## Settings")[2].partition("\n\n| env")[0].partition("\n\n`DDRC")[0]
    listed = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    example = set(re.findall(r"^AIRFLOW_VAR_(\w+)=", EXAMPLE, re.MULTILINE))

    of_fivetran = {f"fivetran_connector_{source}" for source in SYNCED}
    assert {name.lower() for name in example} == listed | of_fivetran


def test_the_settings_and_the_example_file_have_the_codes_defaults() -> None:
    documented = dict(re.findall(r"^\| `(DDRC_\w+)` \| (\d+) \|", DEPLOY, re.MULTILINE))
    read = re.compile(r'environ\.get\("(DDRC_\w+)", "(\d+)"\)')
    code = dict(
        found
        for file in find_files(REPOSITORY, "include/*.py")
        for found in read.findall(file.read_text())
    )
    values = dict(re.findall(r"^(DDRC_\w+)=(\d+)$", EXAMPLE, re.MULTILINE))

    assert documented == code
    assert values
    assert values.items() <= code.items()
    for value in values.values():
        assert re.search(rf"^# .*[( ]{value}\)", EXAMPLE, re.MULTILINE), value


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
