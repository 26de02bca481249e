"""The metadata that each of the three ArcGIS layers responds with to `?f=json`.

Shapes follow ArcGIS's REST reference for a hosted feature layer and for a map service's
layer. Both store web mercator (102100). The map service is the older kind: smaller pages, no
`editingInfo`, no unique id, and its geometry is listed among the fields.
"""

from typing import Any, Final

from local.data.fields import EPA_FIELDS, PASADENA_FIELDS, USACE_FIELDS, declared

Json = dict[str, Any]
Box = tuple[float, float, float, float]

WEB_MERCATOR: Final[Json] = {"wkid": 102100, "latestWkid": 3857}


def _queries(*, hosted: bool) -> Json:
    common = {
        "useStandardizedQueries": True,
        "supportsPagination": True,
        "supportsOrderBy": True,
        "supportsStatistics": True,
        "supportsDistinct": False,
        "supportsSqlExpression": False,
        "supportsQueryWithResultType": False,
    }
    return {**common, "supportsPaginationOnAggregatedQueries": True} if hosted else common


def _layer(
    name: str, box: Box, *, page: int, version: float, display: str, oid: str = "OBJECTID"
) -> Json:
    xmin, ymin, xmax, ymax = box
    return {
        "currentVersion": version,
        "id": 0,
        "name": name,
        "type": "Feature Layer",
        "description": "",
        "geometryType": "esriGeometryPolygon",
        "copyrightText": "",
        "minScale": 0,
        "maxScale": 0,
        "defaultVisibility": True,
        "extent": {
            "xmin": xmin,
            "ymin": ymin,
            "xmax": xmax,
            "ymax": ymax,
            "spatialReference": WEB_MERCATOR,
        },
        "hasAttachments": False,
        "hasM": False,
        "hasZ": False,
        "displayField": display,
        "objectIdField": oid,
        "relationships": [],
        "maxRecordCount": page,
        "supportedQueryFormats": "JSON, geoJSON",
    }


def _hosted(layer: Json, *, edited_ms: int, global_id: str) -> Json:
    return {
        **layer,
        "uniqueIdField": {"name": layer["objectIdField"], "isSystemMaintained": True},
        "globalIdField": global_id,
        "spatialReference": WEB_MERCATOR,
        "hasStaticData": False,
        "capabilities": "Query",
        "standardMaxRecordCount": layer["maxRecordCount"],
        "geometryProperties": {
            "shapeAreaFieldName": "Shape__Area",
            "shapeLengthFieldName": "Shape__Length",
            "units": "esriMeters",
        },
        "editingInfo": {
            "lastEditDate": edited_ms,
            "schemaLastEditDate": edited_ms,
            "dataLastEditDate": edited_ms,
        },
        "advancedQueryCapabilities": _queries(hosted=True),
    }


def epa_layer(box: Box, edited_ms: int) -> Json:
    """EPA's hosted layer: pages of 2,000; `box` is (xmin, ymin, xmax, ymax) in web mercator."""
    layer = _layer("PublicStatusNightly", box, page=2000, version=12.1, display="APN")
    fields = [declared(spec, hosted=True) for spec in EPA_FIELDS]
    return {**_hosted(layer, edited_ms=edited_ms, global_id="GlobalID"), "fields": fields}


def pasadena_layer(box: Box, edited_ms: int) -> Json:
    """Pasadena's hosted layer: pages of 2,000, the object id `ID`, no global id."""
    name = "Eaton_Fire_Rebuild_Permits"
    layer = _layer(name, box, page=2000, version=12.1, display="PERMIT_NUMBER", oid="ID")
    fields = [declared(spec, hosted=True) for spec in PASADENA_FIELDS]
    return {**_hosted(layer, edited_ms=edited_ms, global_id=""), "fields": fields}


def usace_layer(box: Box) -> Json:
    """USACE's map service layer: pages of 1,000, no time of the last edit."""
    layer = _layer("Debris Parcels Public", box, page=1000, version=10.91, display="apn")
    return {
        **layer,
        "definitionExpression": "",
        "parentLayer": None,
        "subLayers": [],
        "capabilities": "Map,Query,Data",
        "supportsStatistics": True,
        "supportsAdvancedQueries": True,
        "hasGeometryProperties": False,
        "sourceSpatialReference": WEB_MERCATOR,
        "advancedQueryCapabilities": _queries(hosted=False),
        "fields": [declared(spec, hosted=False) for spec in USACE_FIELDS],
    }
