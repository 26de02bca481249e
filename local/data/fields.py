"""The fields of the three ArcGIS layers, as each service declares them.

Every field is (name, ArcGIS type without its prefix, length); only text, dates and global ids have
a length. A MapServer also lists its geometry as a field, without an attribute; a FeatureServer does
not.
"""

from typing import Any, Final

FieldSpec = tuple[str, str, int | None]

EPA_FIELDS: Final[tuple[FieldSpec, ...]] = (
    ("OBJECTID", "OID", None),
    ("GlobalID", "GlobalID", 38),
    ("APN", "String", 20),
    ("Address", "String", 255),
    ("AssessmentDate", "Date", 8),
    ("FireName", "String", 50),
    ("LandUse", "String", 50),
    ("PublicStatus", "String", 100),
    ("Shape__Area", "Double", None),
    ("Shape__Length", "Double", None),
)

USACE_FIELDS: Final[tuple[FieldSpec, ...]] = (
    ("OBJECTID", "OID", None),
    ("Shape", "Geometry", None),
    ("ma", "String", 50),
    ("apn", "String", 50),
    ("apn_coincident_list", "String", 500),
    ("address", "String", 255),
    ("event_sub_name", "String", 50),
    ("epa_status", "String", 50),
    ("roe_status", "String", 50),
    ("roe_details", "String", 50),
    ("roe_received", "Date", 8),
    ("roe_submitted", "Date", 8),
    ("roe_approved", "Date", 8),
    ("roe_withdrawn", "Date", 8),
    ("roe_returned_complete", "Date", 8),
    ("roe_returned_ineligible", "Date", 8),
    ("roe_returned_withdrawn", "Date", 8),
    ("hsa_status", "String", 50),
    ("hsa_report_received", "Date", 8),
    ("hsa_report_approved", "Date", 8),
    ("pcr_status", "String", 50),
    ("pcr_received", "Date", 8),
    ("pcr_approved", "Date", 8),
    ("pcr_delivery", "Date", 8),
    ("fso_pkg_status", "String", 50),
    ("fso_pkg_received", "Date", 8),
    ("fso_pkg_returned", "Date", 8),
    ("fso_pkg_approved", "Date", 8),
    ("hhm_removal_status", "String", 50),
    ("GDB_FROM_DATE", "Date", 8),
    ("GDB_TO_DATE", "Date", 8),
)

PASADENA_FIELDS: Final[tuple[FieldSpec, ...]] = (
    ("ID", "OID", None),
    ("PMPERMITID", "String", 36),
    ("PERMIT_NUMBER", "String", 50),
    ("PARCEL_NUMBER", "String", 50),
    ("ADDRESS", "String", 255),
    ("CITY", "String", 50),
    ("STATE", "String", 2),
    ("ZIPCODE", "String", 10),
    ("PERMIT_STATUS", "String", 50),
    ("WORK_CLASS", "String", 100),
    ("PERMIT_TYPE", "String", 100),
    ("DESCRIPTION", "String", 4000),
    ("COUNCIL_DISTRICT", "String", 10),
    ("Shape__Area", "Double", None),
    ("Shape__Length", "Double", None),
)


def declared(spec: FieldSpec, *, hosted: bool) -> dict[str, Any]:
    """A field as a layer's metadata declares it; a hosted layer declares more."""
    name, kind, length = spec
    field: dict[str, Any] = {"name": name, "type": f"esriFieldType{kind}", "alias": name}
    if length is not None:
        field["length"] = length
    if hosted:
        field["sqlType"] = "sqlTypeOther"
        field["nullable"] = kind not in ("OID", "GlobalID")
        field["editable"] = kind not in ("OID", "GlobalID") and not name.startswith("Shape__")
    field["domain"] = None
    if hosted:
        field["defaultValue"] = None
    return field
