"""A layer's metadata: its fields, its shapes, its paging and its last edit.

Format: https://developers.arcgis.com/rest/services-reference/enterprise/layer-feature-service/
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from include.loaders.columns import EARLIEST, LATEST, Column
from include.loaders.errors import PermanentError, SchemaError
from include.loaders.geometry.shapes import KINDS
from include.sources import FieldType

OBJECT_ID_TYPE = "esriFieldTypeOID"
# https://developers.arcgis.com/rest/services-reference/enterprise/field/
FIELD_TYPES: dict[str, FieldType] = {
    OBJECT_ID_TYPE: "integer",
    "esriFieldTypeSmallInteger": "integer",
    "esriFieldTypeInteger": "integer",
    "esriFieldTypeBigInteger": "integer",
    "esriFieldTypeSingle": "number",
    "esriFieldTypeDouble": "number",
    "esriFieldTypeString": "text",
    "esriFieldTypeGUID": "text",
    "esriFieldTypeGlobalID": "text",
    "esriFieldTypeXML": "text",
    "esriFieldTypeTimeOnly": "text",
    "esriFieldTypeDate": "timestamp",
    "esriFieldTypeTimestampOffset": "timestamp",
    "esriFieldTypeDateOnly": "date",
}
# The shape is read as geometry; pictures and attachments are not read at all.
NOT_READ = {"esriFieldTypeGeometry", "esriFieldTypeBlob", "esriFieldTypeRaster"}
# The most rows that ArcGIS Server answers if its metadata does not declare a number.
DEFAULT_CAP = 1000


@dataclass(frozen=True)
class LayerInfo:
    """A layer's declared structure and state.

    Attributes:
        source: The source's name.
        url: The layer's address at its origin.
        columns: The layer's fields without shapes and pictures, in the layer's order.
        object_id: The name of the field that numbers the rows.
        geometry_type: Esri's name for the kind of shapes; `None` for a table without shapes.
        page_cap: The most rows that the layer declares to answer at once.
        can_page: True if the layer declares that it can skip rows, in a stable order.
        edited_at: The declared last edit, in UTC; `None` if the layer declares none.
        count: The number of rows; `None` if it was not requested or the layer does not give it.
    """

    source: str
    url: str
    columns: tuple[Column, ...]
    object_id: str
    geometry_type: str | None
    page_cap: int
    can_page: bool
    edited_at: datetime | None
    count: int | None = None


def parse_metadata(source: str, url: str, answer: Any) -> LayerInfo:
    """Parse a layer's metadata; the result has no count yet.

    Args:
        source: The source's name, for messages.
        url: The layer's address.
        answer: The JSON that the address answers.

    Raises:
        PermanentError: The address is not a layer that can be queried.
        SchemaError: The layer has fields or shapes that this loader does not know.
    """
    fields = answer.get("fields") if isinstance(answer, dict) else None
    if not isinstance(fields, list) or not fields:
        reason = (
            "the address is not an ArcGIS layer: its answer has no `fields`; a layer's own "
            "address ends in a number"
        )
        raise PermanentError(source, reason, url)
    capabilities = answer.get("capabilities")
    if capabilities and "query" not in str(capabilities).lower():
        raise PermanentError(source, f"the layer does not allow queries, only {capabilities}", url)
    geometry_type = answer.get("geometryType") or None
    if geometry_type is not None and geometry_type not in KINDS:
        raise SchemaError(source, f"shapes of type {geometry_type} are not supported", url)
    advanced = answer.get("advancedQueryCapabilities") or {}
    cap = answer.get("maxRecordCount")
    return LayerInfo(
        source=source,
        url=url,
        columns=_columns(source, url, fields),
        object_id=_object_id(source, url, answer, fields),
        geometry_type=geometry_type,
        page_cap=cap if isinstance(cap, int) and cap > 0 else DEFAULT_CAP,
        can_page=bool(advanced.get("supportsPagination"))
        and advanced.get("supportsOrderBy") is not False,
        edited_at=parse_edit_date(source, url, answer),
    )


def parse_edit_date(source: str, url: str, answer: Any) -> datetime | None:
    """The declared last edit, in UTC; `None` if the layer declares none.

    Args:
        source: The source's name, for messages.
        url: The layer's address.
        answer: The layer's metadata.

    Raises:
        SchemaError: The declared edit is not a time.
    """
    milliseconds = (answer.get("editingInfo") or {}).get("lastEditDate")
    if milliseconds is None:
        return None
    if not isinstance(milliseconds, int) or not EARLIEST <= milliseconds <= LATEST:
        raise SchemaError(source, f"lastEditDate is {milliseconds!r}, which is not a time", url)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def _columns(source: str, url: str, fields: list[Any]) -> tuple[Column, ...]:
    columns = []
    for field in fields:
        name, kind = str(field.get("name")), field.get("type")
        if kind in NOT_READ:
            continue
        if kind not in FIELD_TYPES:
            raise SchemaError(source, f"the field {name!r} has the unknown type {kind!r}", url)
        columns.append(Column(name, FIELD_TYPES[kind]))
    return tuple(columns)


def _object_id(source: str, url: str, answer: dict[str, Any], fields: list[Any]) -> str:
    """The object-id field; old servers mark it only by its type."""
    names = [str(field.get("name")) for field in fields]
    typed = [str(field.get("name")) for field in fields if field.get("type") == OBJECT_ID_TYPE]
    declared = str(answer.get("objectIdField") or "")
    by_folded = {name.casefold(): name for name in names}
    found = by_folded.get(declared.casefold()) or (typed[0] if typed else None)
    if found is None:
        raise SchemaError(source, "the layer has no object-id field to read it by", url)
    return found
