"""Tables that another project has made under our names: they hold the only history of 2025."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from include.loaders import PermanentError
from tests.loaders.interference import temporary_objects
from tests.loaders.warehouse import Warehouse, patient

# The columns of the earlier project's tables: those that decide what a load would do.
EPA = '"OBJECTID" NUMBER, "Address" TEXT, "_LOAD_DATE" DATE, "_LAST_EDIT_DATE" NUMBER'
MALIBU = '"projectNumber" TEXT, "lat" TEXT, "_LOAD_DATE" DATE, "_LOADED_AT" TIMESTAMP_LTZ'
USACE = '"OBJECTID" NUMBER, "apn" TEXT, "_LOAD_DATE" DATE, "_LOADED_AT" TIMESTAMP_LTZ'
# One whose types a load would accept: with an accepted drop, nothing else would save its rows.
SAME_TYPES = '"OBJECTID" NUMBER, "_LOADED_AT" TIMESTAMP_NTZ, "_LOAD_DATE" DATE'
SHAPES = {"epa": EPA, "malibu": MALIBU, "usace": USACE, "of the same types": SAME_TYPES}
ROWS = 40

shapes = pytest.mark.parametrize("columns", SHAPES.values(), ids=SHAPES)


def make_earlier_table(warehouse: Warehouse, columns: str) -> str:
    """A table with more rows than the layer has; returns its qualified name."""
    schema = f'{warehouse.database}."{warehouse.table.schema}"'
    table = f'{schema}."{warehouse.table.name}"'
    warehouse.run(f"CREATE TABLE {table} ({columns})")
    first = columns.split(maxsplit=1)[0]
    for number in range(ROWS):
        warehouse.run(f"INSERT INTO {table} ({first}) VALUES ({number})")
    return table


def refused(load: Callable[[], Any]) -> str:
    """The message of a load that is refused for good."""
    with pytest.raises(PermanentError) as error:
        load()
    return str(error.value)


@shapes
def test_a_load_leaves_a_table_of_another_project_as_it_is_whatever_drop_is_accepted(
    columns: str, warehouse: Warehouse
) -> None:
    table = make_earlier_table(warehouse, columns)
    before = warehouse.run(f"SELECT * FROM {table}"), warehouse.columns()

    options = replace(patient(), accept_drop="The daily copies are not needed any more")
    message = refused(lambda: warehouse.load(options))

    assert (warehouse.run(f"SELECT * FROM {table}"), warehouse.columns()) == before
    assert temporary_objects(warehouse) == []
    name = f"{warehouse.database}.{warehouse.table.schema}.{warehouse.table.name}"
    assert f"{name} was not made by this loader" in message
    assert "docs/cutover.md" in message
    [(outcome, *_)] = warehouse.log()
    assert outcome != "loaded"


def test_a_view_under_the_name_of_a_raw_table_is_left_as_it_is(
    warehouse: Warehouse,
) -> None:
    schema = f'{warehouse.database}."{warehouse.table.schema}"'
    warehouse.run(f'CREATE VIEW {schema}."{warehouse.table.name}" AS SELECT 1 AS OBJECTID')

    assert "was not made by this loader" in refused(warehouse.load)

    assert warehouse.rows("OBJECTID") == [(1,)]
