"""Something that happens to a load's session between two statements, and what is left of it."""

from collections.abc import Callable
from typing import Any

from tests.loaders.warehouse import Warehouse


def interfere(connection: Any, at: Callable[[str], bool], how: Callable[[], None]) -> None:
    """Do something before a session's first statement for which `at` is true."""
    cursors, left = connection.cursor, [how]

    def cursor() -> Any:
        made = cursors()
        execute = made.execute

        def run(sql: str, *values: Any, **options: Any) -> Any:
            if left and at(sql):
                left.pop()()
            return execute(sql, *values, **options)

        made.execute = run
        return made

    connection.cursor = cursor


def temporary_things(warehouse: Warehouse) -> list[Any]:
    """What loads leave beside the table, in its schema."""
    schema = f'{warehouse.database}."{warehouse.table.schema}"'
    tables = warehouse.run(f"SHOW TABLES IN SCHEMA {schema}")
    stages = warehouse.run(f"SHOW STAGES IN SCHEMA {schema}")
    return [one for one in tables + stages if "LOAD_" in str(one)]
