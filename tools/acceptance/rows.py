"""The rows that the loads write: Pasadena's permits, with a value of every type that is hard."""

import struct
from datetime import date, datetime

import pyarrow as pa

SCHEMA = pa.schema(
    {
        "PERMIT_NUMBER": pa.string(),
        "ID": pa.int64(),
        "PMPERMITID": pa.string(),
        "PARCEL_NUMBER": pa.string(),
        "ADDRESS": pa.string(),
        "CITY": pa.string(),
        "STATE": pa.string(),
        "ZIPCODE": pa.string(),
        "PERMIT_STATUS": pa.string(),
        "WORK_CLASS": pa.string(),
        "PERMIT_TYPE": pa.string(),
        "DESCRIPTION": pa.string(),
        "COUNCIL_DISTRICT": pa.string(),
        "SHAPE__AREA": pa.float64(),
        "SHAPE__LENGTH": pa.float64(),
        "GEOMETRY": pa.binary(),
        # Not Pasadena's.
        "SEEN_AT": pa.timestamp("us"),
        "SEEN_ON": pa.date32(),
        "IS_OPEN": pa.bool_(),
        "CONTENT": pa.binary(),
    }
)
LEAST, GREATEST = -(2**63), 2**63 - 1
MOMENT = datetime.fromisoformat("2026-11-20T10:30:59.123457")
# Not UTF-8, and with a zero byte.
BYTES = b"\x00\xff\xfe\x80binary\x00"
STATUSES = ("In Review", "Issued", "Issued", "Withdrawn")


def permits(statuses: tuple[str, ...] = STATUSES) -> pa.RecordBatch:
    """Permits `A-1` and on, one for each status; the last one has nothing but nulls."""
    rows = [_row(number, status) for number, status in enumerate(statuses, start=1)]
    return pa.RecordBatch.from_pylist(rows, SCHEMA)


def _row(number: int, status: str) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(SCHEMA.names)
    row |= {"PERMIT_NUMBER": f"A-{number}", "PERMIT_STATUS": status}
    if status == "Withdrawn":
        return row
    return row | {
        "ID": (LEAST, GREATEST)[number % 2],
        "PMPERMITID": "é — ' \" \\ \t",
        "ADDRESS": f"{number} Main St",
        "CITY": "",
        "SHAPE__AREA": 0.1 + number,
        "GEOMETRY": _square(float(number)),
        "SEEN_AT": MOMENT,
        "SEEN_ON": date(1969, 12, 31),
        "IS_OPEN": number % 2 == 0,
        "CONTENT": BYTES,
    }


def _square(at: float) -> bytes:
    """A polygon as well-known binary, little-endian."""
    corners = [(at, at), (at + 1, at), (at + 1, at + 1), (at, at + 1), (at, at)]
    points = b"".join(struct.pack("<2d", *corner) for corner in corners)
    return struct.pack("<BIII", 1, 3, 1, len(corners)) + points
