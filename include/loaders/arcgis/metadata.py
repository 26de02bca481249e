"""A layer's metadata: its fields, its shapes, its paging and its last edit.

Format: https://developers.arcgis.com/rest/services-reference/enterprise/layer-feature-service/
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from include.loaders.arcgis.declarations import Declarations
from include.loaders.columns import Column
from include.loaders.errors import PermanentError, SchemaError
from include.loaders.excerpts import LENGTH, short_repr
from include.loaders.geometry.esri_json import KINDS
from include.loaders.values import text
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
# ArcGIS Server holds the number in 32 bits.
HIGHEST_CAP = 2**31 - 1
FEATURE_LAYER, GROUP_LAYER = "Feature Layer", "Group Layer"


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
        edited_at: The declared last edit, in UTC; `None` if the layer declares none, or none that
            is a time.
        count: The number of rows; `None` if it was not requested or the layer does not give it.
        can_order: False if the layer declares that it cannot order its rows.
        notes: The declarations that cannot be read and are not used, one sentence each.
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
    can_order: bool = True
    notes: tuple[str, ...] = ()


def parse_metadata(source: str, url: str, answer: Any) -> LayerInfo:
    """Parse a layer's metadata; the result has no count yet.

    A declaration that only helps to read the layer (its cap, its paging, its last edit) is not
    used if it cannot be read, and noted. One that says what the rows are must be readable.

    Args:
        source: The source's name, for messages.
        url: The layer's address.
        answer: The JSON that the address answers.

    Raises:
        PermanentError: The address is not a layer that can be queried.
        SchemaError: The layer has fields or shapes that this loader does not know.
    """
    fields = _fields(source, url, answer)
    declared = Declarations(answer)
    allowed = declared.words("capabilities")
    if allowed and "query" not in map(str.casefold, allowed):
        reason = f"the layer does not allow queries, only {','.join(allowed)[:LENGTH]}"
        raise PermanentError(source, reason, url)
    advanced = declared.within("advancedQueryCapabilities")
    can_page = advanced.flag("supportsPagination")
    can_order = advanced.flag("supportsOrderBy")
    columns = _columns(fields)
    return LayerInfo(
        source=source,
        url=url,
        columns=columns,
        object_id=_object_id(source, url, answer.get("objectIdField"), fields, columns),
        geometry_type=_geometry_type(source, url, answer),
        page_cap=declared.number("maxRecordCount", HIGHEST_CAP) or DEFAULT_CAP,
        can_page=can_page is True and can_order is not False,
        can_order=can_order is not False,
        edited_at=declared.within("editingInfo").time("lastEditDate"),
        notes=tuple(declared.notes),
    )


def parse_edit_date(source: str, url: str, answer: Any) -> datetime | None:
    """The declared last edit, in UTC; `None` if the layer declares none, or none that is a time.

    Args:
        source: The source's name, for messages.
        url: The layer's address.
        answer: The layer's metadata.

    Raises:
        PermanentError: The answer is not a layer's metadata.
    """
    if not isinstance(answer, dict):
        raise PermanentError(
            source, f"the layer's metadata are not an object but {short_repr(answer)}", url
        )
    return Declarations(answer).within("editingInfo").time("lastEditDate")


def _fields(source: str, url: str, answer: Any) -> list[dict[str, Any]]:
    """The declared fields, each with a name and a type.

    Raises:
        PermanentError: The address is not a layer.
        SchemaError: A field cannot be read.
    """
    fields = answer.get("fields") if isinstance(answer, dict) else None
    if not isinstance(fields, list) or not fields:
        reason = (
            "the address is not an ArcGIS layer: its answer has no `fields`; a layer's own "
            "address ends in a number"
        )
        if isinstance(answer, dict) and answer.get("type") == GROUP_LAYER:
            reason = (
                "the address is a group of layers, which has no rows of its own; use the address "
                "of one of its layers"
            )
        raise PermanentError(source, reason, url)
    for position, field in enumerate(fields):
        if not isinstance(field, dict):
            reason = f"`fields[{position}]` is {short_repr(field)}, which is not a field"
            raise SchemaError(source, reason, url)
        name, kind = field.get("name"), field.get("type")
        # Half of a surrogate pair is text in JSON, but nowhere else.
        if not isinstance(name, str) or not name or text(name) != name:
            reason = f"`fields[{position}]` has the name {short_repr(name)}, which is not text"
            raise SchemaError(source, reason, url)
        if not isinstance(kind, str) or kind not in {*FIELD_TYPES, *NOT_READ}:
            reason = f"the field {short_repr(name)} has the unknown type {short_repr(kind)}"
            raise SchemaError(source, reason, url)
    name, count = Counter(field["name"] for field in fields).most_common(1)[0]
    if count > 1:
        raise SchemaError(source, f"{count} fields have the name {short_repr(name)}", url)
    return fields


def _columns(fields: list[dict[str, Any]]) -> tuple[Column, ...]:
    return tuple(
        Column(field["name"], FIELD_TYPES[field["type"]])
        for field in fields
        if field["type"] not in NOT_READ
    )


def _object_id(
    source: str, url: str, declared: Any, fields: list[dict[str, Any]], columns: tuple[Column, ...]
) -> str:
    """The object-id field; old servers mark it only by its type."""
    names = [column.name for column in columns]
    if isinstance(declared, str):
        if declared in names:
            return declared
        for name in names:
            if name.casefold() == declared.casefold():
                return name
    for field in fields:
        if field["type"] == OBJECT_ID_TYPE:
            return str(field["name"])
    raise SchemaError(source, "the layer has no object-id field to read it by", url)


def _geometry_type(source: str, url: str, answer: dict[str, Any]) -> str | None:
    """Esri's name for the kind of shapes; `None` for a table.

    Raises:
        SchemaError: The layer has shapes, but not of a kind that can be read.
    """
    kind = answer.get("geometryType")
    if isinstance(kind, str) and kind in KINDS:
        return kind
    if kind is not None and kind != "":
        shown = kind[:LENGTH] if isinstance(kind, str) else short_repr(kind)
        raise SchemaError(source, f"shapes of type {shown} are not supported", url)
    # A layer that has lost the member must not be loaded without its shapes.
    if answer.get("type") == FEATURE_LAYER:
        raise SchemaError(source, "a layer with shapes declares no `geometryType`", url)
    return None
