"""A metric whose value tests write into its mart, without a load."""

from include.warehouse import metrics_table
from local import provision
from local.cloud import Cloud

METRIC = "malibu_building_permits_issued"


def set_value(cloud: Cloud, value: float) -> None:
    """Write another value of the metric into the mart of this cloud, one second newer."""
    table = metrics_table("malibu_metrics")
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET METRIC_VALUE = %s, LAST_UPDATED ="
            " LAST_UPDATED + INTERVAL '1 second' WHERE METRIC_NAME = %s",
            (value, METRIC),
        )
