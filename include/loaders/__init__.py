"""Loaders: sources into raw tables, completely or not at all. They run without Airflow."""

from importlib import import_module
from typing import TYPE_CHECKING

from include.loaders.errors import (
    CertificateError,
    CollapseError,
    IncompleteError,
    LoadError,
    OverloadedError,
    PermanentError,
    QueryRefusedError,
    SchemaError,
    TokenError,
    TransientError,
)
from include.loaders.options import LoadOptions, Origin
from include.loaders.report import LoadReport

if TYPE_CHECKING:
    from include.loaders.arcgis.metadata import LayerInfo
    from include.loaders.load import (
        hash_json_list,
        load_table,
        read_layer_info,
    )

__all__ = [
    "CertificateError",
    "CollapseError",
    "IncompleteError",
    "LayerInfo",
    "LoadError",
    "LoadOptions",
    "LoadReport",
    "Origin",
    "OverloadedError",
    "PermanentError",
    "QueryRefusedError",
    "SchemaError",
    "TokenError",
    "TransientError",
    "hash_json_list",
    "load_table",
    "read_layer_info",
]

# These import geometry, Arrow and cryptography, which takes half a second. Code that needs only an
# error or an option does not pay for it.
_IMPORTED_LATE = {
    "LayerInfo": "include.loaders.arcgis.metadata",
    "hash_json_list": "include.loaders.load",
    "load_table": "include.loaders.load",
    "read_layer_info": "include.loaders.load",
}


def __getattr__(name: str) -> object:
    if name not in _IMPORTED_LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_IMPORTED_LATE[name]), name)
