"""The storage account of this environment."""

from include import connections
from include.publishing.store import Store


def open_store() -> Store:
    """Open the storage account of the connection `azure_storage`."""
    from airflow.providers.microsoft.azure.hooks.wasb import WasbHook

    from include.publishing.azure_store import AzureStore

    return AzureStore(WasbHook(wasb_conn_id=connections.STORAGE).get_conn())
