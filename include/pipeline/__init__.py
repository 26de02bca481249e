"""The pieces that the DAG files chain.

The one place where Airflow, the loaders, dbt and the unload meet.
"""

from include.pipeline.defaults import HOURLY, ON_ANY_SOURCE
from include.pipeline.load import load_layer, load_list
from include.pipeline.serve import serve_as_json
from include.pipeline.sync import sync_connector
from include.pipeline.transform import transform
from include.pipeline.unload import unload_source, unload_summary

__all__ = [
    "HOURLY",
    "ON_ANY_SOURCE",
    "load_layer",
    "load_list",
    "serve_as_json",
    "sync_connector",
    "transform",
    "unload_source",
    "unload_summary",
]
