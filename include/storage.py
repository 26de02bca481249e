"""The storage account of this environment, and the time of day."""

from datetime import UTC, datetime

from include.publishing.store import Store

STORAGE_CONNECTION = "azure_storage"


def our_store() -> Store:
    """The storage account that the connection `azure_storage` names."""
    from airflow.providers.microsoft.azure.hooks.wasb import WasbHook

    from include.publishing.azure_store import AzureStore

    return AzureStore(WasbHook(wasb_conn_id=STORAGE_CONNECTION).get_conn())


def utc_now() -> datetime:
    """The time of day, in UTC."""
    return datetime.now(UTC)
