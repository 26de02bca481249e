"""Names in the warehouse: quoted, unique, and refused if no column can have them."""

import pytest

from include.loaders import SchemaError
from include.loaders.raw.identifiers import column_names, quoted


@pytest.mark.parametrize(
    ("parts", "identifier"),
    [
        (("RAW", "S", "T"), '"RAW"."S"."T"'),
        (('a"b',), '"a""b"'),
        (("x" * 255,), '"' + "x" * 255 + '"'),
    ],
)
def test_an_identifier_is_quoted(parts: tuple[str, ...], identifier: str) -> None:
    assert quoted(*parts) == identifier


@pytest.mark.parametrize("part", ["", "x" * 256, "line\nbreak", "bell\x07"])
def test_a_part_that_no_identifier_can_have_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match="cannot be a name in the warehouse") as failure:
        quoted("RAW", part)
    assert str(failure.value) == f"{part!r} cannot be a name in the warehouse"


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        (["Status", "two words"], ["STATUS", "TWO WORDS"]),
        (["Shape__Area", "SHAPE.STLength()"], ["SHAPE__AREA", "SHAPE__LENGTH"]),
        (["shape_area"], ["SHAPE__AREA"]),
        (["Shape.STArea()"], ["SHAPE__AREA"]),
        (["SHAPE_Area", "Shape__Area"], ["SHAPE_AREA", "SHAPE__AREA"]),
        (["Shape__Area", "SHAPE_Area"], ["SHAPE__AREA", "SHAPE_AREA"]),
        (["SHAPE_Area", "SHAPE.Area"], ["SHAPE__AREA", "SHAPE.AREA"]),
        (["Shape_Areas", "My_Shape_Area"], ["SHAPE_AREAS", "MY_SHAPE_AREA"]),
        ([], []),
    ],
)
def test_a_field_has_its_column(fields: list[str], columns: list[str]) -> None:
    assert column_names("epa", iter(fields)) == dict(zip(fields, columns, strict=True))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (["a", "b\n"], "the field name 'B\\n' cannot be a name in the warehouse"),
        (["geometry"], "the field 'geometry' has the name of a column that every load adds"),
        (["_loaded_at"], "the field '_loaded_at' has the name of a column that every load adds"),
        (
            ["_Source_Edited_At"],
            "the field '_Source_Edited_At' has the name of a column that every load adds",
        ),
        (["_LOAD_ID"], "the field '_LOAD_ID' has the name of a column that every load adds"),
        (["x", "a", "A"], "the fields 'a' and 'A' are one column, A"),
    ],
)
def test_fields_without_a_column_of_their_own_are_refused(fields: list[str], reason: str) -> None:
    with pytest.raises(SchemaError) as failure:
        column_names("epa", fields)
    assert str(failure.value) == f"epa: {reason}."
