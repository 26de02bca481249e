"""A metric whose released value tests change, without a load."""

import json
from datetime import datetime, timedelta

from azure.storage.blob import ContentSettings

from include.publishing.names import PUBLIC_CONTAINER, source_file
from local.azurite import client
from local.cloud import Cloud

METRIC = "malibu_building_permits_issued"


def set_value(cloud: Cloud, value: float) -> None:
    """Release another value of the metric on this cloud, one second newer."""
    with client(cloud.url("blob")) as service:
        blob = service.get_blob_client(PUBLIC_CONTAINER, source_file("malibu"))
        found = blob.download_blob()
        metrics = json.loads(found.readall())
        [metric] = [one for one in metrics if one["METRIC_NAME"] == METRIC]
        newer = datetime.fromisoformat(metric["LAST_UPDATED"]) + timedelta(seconds=1)
        metric["METRIC_VALUE"] = value
        metric["LAST_UPDATED"] = newer.isoformat(timespec="milliseconds")
        blob.upload_blob(
            json.dumps(metrics).encode(),
            overwrite=True,
            metadata=found.properties.metadata,
            content_settings=ContentSettings(content_type="application/json"),
        )
