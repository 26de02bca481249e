"""Interference with a load's session between two statements, and what a load leaves behind."""

from collections.abc import Callable
from typing import Any

from tests.loaders.warehouse import Warehouse


def interfere(connection: Any, at: Callable[[str], bool], action: Callable[[], None]) -> None:
    """Call `action` before a session's first statement for which `at` is true."""
    new_cursor, actions = connection.cursor, [action]

    def cursor() -> Any:
        made = new_cursor()
        execute = made.execute

        def run(sql: str, *values: Any, **options: Any) -> Any:
            if actions and at(sql):
                actions.pop()()
            return execute(sql, *values, **options)

        made.execute = run
        return made

    connection.cursor = cursor


def temporary_objects(warehouse: Warehouse) -> list[Any]:
    """The temporary tables and stages that loads have left in the table's schema."""
    schema = f'{warehouse.database}."{warehouse.table.schema}"'
    tables = warehouse.run(f"SHOW TABLES IN SCHEMA {schema}")
    stages = warehouse.run(f"SHOW STAGES IN SCHEMA {schema}")
    return [row for row in tables + stages if "LOAD_" in str(row)]
