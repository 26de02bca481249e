"""Names in the warehouse, and the ids of connections, in each environment."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from airflow.providers.microsoft.azure.hooks.wasb import WasbHook

from include import connections, storage, warehouse
from include.publishing.azure_store import AzureStore
from include.warehouse import UnknownEnvironmentError

Setting = Callable[..., None]


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Setting:
    """Set the environment's name and the prefix of its schemas; `None` sets nothing."""

    def set_names(environment: str | None, prefix: str | None = None) -> None:
        for name, value in (("DDRC_ENV", environment), ("DDRC_SCHEMA_PREFIX", prefix)):
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return set_names


@pytest.mark.parametrize(
    ("environment", "prefix", "names"),
    [
        (None, None, ("DEV", "DEVELOPER_")),
        ("dev", "ana", ("DEV", "ANA_")),
        ("PRD", "ANA", ("PRD", "")),
    ],
)
def test_every_name_belongs_to_the_environment(
    environment: str | None, prefix: str | None, names: tuple[str, str], deployed: Setting
) -> None:
    deployed(environment, prefix)
    name, schemas = names
    assert (warehouse.environment(), warehouse.schema_prefix()) == names
    assert [warehouse.database(each) for each in warehouse.DATABASES] == [
        f"RAW_DDRC_{name}",
        f"TRANSFORM_DDRC_{name}",
        f"ANALYTICS_DDRC_{name}",
    ]
    assert warehouse.metrics_table("epa_metrics") == (
        f"ANALYTICS_DDRC_{name}.{schemas}METRICS.EPA_METRICS"
    )
    assert warehouse.history_schema() == f"ANALYTICS_DDRC_{name}.{schemas}HISTORY"
    assert warehouse.stage() == f"ANALYTICS_DDRC_{name}.PUBLIC.AZURE_STAGE_DDRC"


def test_another_environment_is_refused(deployed: Setting) -> None:
    deployed("prod")
    with pytest.raises(UnknownEnvironmentError) as raised:
        warehouse.stage()
    assert str(raised.value) == "DDRC_ENV is 'PROD'; set it to one of DEV, PRD."


@pytest.mark.parametrize(
    ("schema", "port", "url"),
    [
        (None, None, "https://example.gov"),
        ("", 0, "https://example.gov"),
        ("http", 8080, "http://example.gov:8080"),
        (None, 8443, "https://example.gov:8443"),
    ],
)
def test_a_connections_address_is_https_by_default(
    schema: str | None, port: int | None, url: str
) -> None:
    address = SimpleNamespace(host="example.gov", schema=schema, port=port)
    assert connections.base_url(address) == url


def test_the_ids_of_connections_are_those_of_the_deployment() -> None:
    """The deployment stores its secrets under these names: docs/secrets.md."""
    assert {name: value for name, value in vars(connections).items() if name.isupper()} == {
        "LOADER": "snowflake_loader",
        "TRANSFORMER": "snowflake_transformer",
        "REPORTER": "snowflake_reporter",
        "FIVETRAN": "fivetran",
        "STORAGE": "azure_storage",
        "SLACK": "slack_incidents",
        "GITHUB": "github",
        "AIRFLOW_API": "airflow_api",
    }
    assert connections.source_connection("epa") == "source_epa"


def test_the_storage_account_is_that_of_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    service = SimpleNamespace(account_name="ddrc")
    opened: list[str] = []

    def connect(hook: WasbHook) -> SimpleNamespace:
        opened.append(hook.conn_id)
        return service

    monkeypatch.setattr(WasbHook, "get_conn", connect)
    store = storage.open_store()
    assert isinstance(store, AzureStore)
    assert store.account == "ddrc"
    assert opened == ["azure_storage"]
