"""How a published blob is served: with the content type that a web page expects."""

from airflow.providers.microsoft.azure.hooks.wasb import WasbHook
from airflow.sdk import XComArg, task
from azure.storage.blob import ContentSettings

from include.publishing.names import PUBLIC_CONTAINER, PUBLISHED_FILE

STORAGE_CONNECTION = "azure_storage"
JSON = ContentSettings(content_type="application/json")


def serve_as_json() -> XComArg:
    """A task `serve_as_json` that gives the published file the content type of JSON.

    Snowflake unloads to Azure as a plain stream of bytes and offers no option for it.
    """

    @task(task_id="serve_as_json")
    def serve() -> None:
        account = WasbHook(wasb_conn_id=STORAGE_CONNECTION).get_conn()
        account.get_blob_client(PUBLIC_CONTAINER, PUBLISHED_FILE).set_http_headers(JSON)

    return serve()
