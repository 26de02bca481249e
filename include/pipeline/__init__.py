"""The pieces that the DAG files chain.

The one place where Airflow, the loaders, dbt and the unload meet.
"""

from include.pipeline.changes import skip_unless_edited
from include.pipeline.defaults import HOURLY, ON_ANY_SOURCE
from include.pipeline.forms import ACCEPTS_DROP, SKIPS_UNEDITED
from include.pipeline.load import load_layer, load_list
from include.pipeline.serve import serve_as_json
from include.pipeline.sync import sync_connector
from include.pipeline.transform import transform
from include.pipeline.unload import unload_source, unload_summary

__all__ = [
    "ACCEPTS_DROP",
    "HOURLY",
    "ON_ANY_SOURCE",
    "SKIPS_UNEDITED",
    "load_layer",
    "load_list",
    "serve_as_json",
    "skip_unless_edited",
    "sync_connector",
    "transform",
    "unload_source",
    "unload_summary",
]
