"""Sources into raw tables, completely or not at all. Knows nothing of the scheduler."""

from include.loaders.arcgis.metadata import LayerInfo
from include.loaders.errors import (
    CertificateError,
    CollapseError,
    IncompleteError,
    LoadError,
    PermanentError,
    QueryRefusedError,
    SchemaError,
    TokenError,
    TransientError,
)
from include.loaders.loading import load_arcgis, load_json_list, read_layer_info
from include.loaders.options import LoadOptions, Origin
from include.loaders.report import LoadReport

__all__ = [
    "CertificateError",
    "CollapseError",
    "IncompleteError",
    "LayerInfo",
    "LoadError",
    "LoadOptions",
    "LoadReport",
    "Origin",
    "PermanentError",
    "QueryRefusedError",
    "SchemaError",
    "TokenError",
    "TransientError",
    "load_arcgis",
    "load_json_list",
    "read_layer_info",
]
