"""Sources into raw tables, completely or not at all. Knows nothing of the scheduler."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
from include.loaders.options import LoadOptions, Origin
from include.loaders.report import LoadReport

if TYPE_CHECKING:
    from include.loaders.arcgis.metadata import LayerInfo
    from include.loaders.loading import (
        hash_json_list,
        load_arcgis,
        load_json_list,
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
    "PermanentError",
    "QueryRefusedError",
    "SchemaError",
    "TokenError",
    "TransientError",
    "hash_json_list",
    "load_arcgis",
    "load_json_list",
    "read_layer_info",
]

# They bring geometry, Arrow and cryptography along, half a second of imports: whoever only names
# an error or an option does not pay for them.
_WHERE = {
    "LayerInfo": "include.loaders.arcgis.metadata",
    "hash_json_list": "include.loaders.loading",
    "load_arcgis": "include.loaders.loading",
    "load_json_list": "include.loaders.loading",
    "read_layer_info": "include.loaders.loading",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
