"""Adds the entries of a new source to existing files."""

from collections.abc import Callable, Mapping
from pathlib import Path

from local.new_source.insertions import (
    add_to_json_object,
    add_to_python,
    add_to_terraform_list,
    add_to_yaml,
    insert_before_python,
)
from local.new_source.request import NewSource, NewSourceError

MARTS = "include/transform/models/marts/metrics"


def edit_files(new: NewSource, root: Path) -> dict[str, str]:
    """Render the new content of each file, by its path below the checkout.

    Raises:
        NewSourceError: The place for an entry was not found in a file.
    """
    made = {}
    for path, edit in _edits(new).items():
        try:
            made[path] = edit((root / path).read_text(encoding="utf-8"))
        except (NewSourceError, OSError, ValueError) as error:
            raise NewSourceError(
                f"{path} has no place for an entry of {new.name}: {error}. Nothing was written."
                " Fix the file, or local/new_source/edits.py, which searches for the place."
            ) from error
    return made


def _edits(new: NewSource) -> Mapping[str, Callable[[str], str]]:
    name, metric = new.name, f"{new.name}_records"
    # The template's layer declares this time. For a source without one it is that of the load.
    edited = "2026-11-21T23:05:00.000Z" if new.kind == "arcgis" else None
    expected = {"value": None, "unit": "FILL_IN", "last_updated": edited}
    common: dict[str, Callable[[str], str]] = {
        "include/sources/__init__.py": lambda text: _registered(text, new),
        "include/transform/dbt_project.yml": lambda text: _described(text, name),
        f"{MARTS}/_metrics__models.yml": lambda text: add_to_yaml(text, ["models"], _mart(name)),
        f"{MARTS}/_ddrc__unit_tests.yml": lambda text: _given(text, name),
        "tests/counting.py": lambda text: _counted(text, new),
        "tests/data/small/expected.json": lambda text: add_to_json_object(
            text, {metric: {**expected, "type": "count", "frequency": "daily"}}
        ),
        "tests/data/small/EXPECTED.md": lambda text: f"{text.rstrip()}\n\n{_explained(name)}",
    }
    if new.is_loaded:
        return common | {
            "terraform/modules/warehouse/variables.tf": lambda text: add_to_terraform_list(
                text, "raw_schemas", new.constant
            )
        }
    variable = f"fivetran_connector_{name}"
    return common | {
        "airflow_settings.yaml": lambda text: add_to_yaml(
            text,
            ["airflow", "variables"],
            f"- variable_name: {variable}\n  variable_value: dummy_connector_id",
            at=0,
        ),
        ".env.example": lambda text: _example(text, f"AIRFLOW_VAR_{variable.upper()}="),
    }


def _registered(text: str, new: NewSource) -> str:
    line = f"from include.sources.{new.name} import {new.constant}\n"
    first = "from include.sources."
    imported = text.replace(first, f"{line}{first}", 1)
    exported = add_to_python(imported, "__all__", f'"{new.constant}"')
    return add_to_python(exported, "PARTS", f'"{new.name}": {new.parts}')


def _described(text: str, name: str) -> str:
    models = add_to_yaml(
        text, ["models", "ddrc", "staging"], f"{name}:\n  +schema: {name}\n  +tags: [{name}]"
    )
    metric = (
        f"{name}:\n  - name: {name}_records\n    unit_label: FILL_IN\n"
        "    type: count\n    frequency: daily"
    )
    return add_to_yaml(models, ["vars", "metric_definitions"], metric)


def _mart(name: str) -> str:
    return (
        f"- name: {name}_metrics\n"
        f'  description: "FILL_IN: what is counted from {name}\'s rows."\n'
        "  config:\n"
        f"    tags: [{name}]\n"
        "    contract: {enforced: true}\n"
        "  columns: *metric_columns\n"
        "  data_tests:\n"
        "    - holds_declared_metrics:\n"
        f"        arguments: {{source_name: {name}}}\n"
    )


def _given(text: str, name: str) -> str:
    """Both unit tests of the summary have to name every mart that it reads."""
    entry = f"- {{input: ref('{name}_metrics'), format: sql, rows: *nothing}}"
    for test in (0, 1):
        text = add_to_yaml(text, ["unit_tests", test, "given"], entry)
    return text


def _counted(text: str, new: NewSource) -> str:
    rule = (
        f"def _{new.name}(data: Path) -> dict[str, int]:\n"
        "    # FILL_IN: the rules, in Python, as the source's owner words them.\n"
        f'    return {{"{new.name}_records": len(rows_in(data / "{new.rows_file}"))}}\n'
    )
    return add_to_python(
        insert_before_python(text, "COUNTERS", rule), "COUNTERS", f'"{new.name}": _{new.name}'
    )


def _explained(name: str) -> str:
    return (
        f"## {name}: `{name}_records` = FILL_IN\n\n"
        "| row | counts | why |\n|---|---|---|\n"
        "| FILL_IN: each row | yes or no | the clause of the rule that it is there for |\n"
    )


def _example(text: str, line: str) -> str:
    lines = text.splitlines(keepends=True)
    last = max((n for n, one in enumerate(lines) if "FIVETRAN_CONNECTOR" in one), default=-1)
    if last < 0:
        raise NewSourceError("no line names a Fivetran connector")
    return "".join([*lines[: last + 1], f"{line}\n", *lines[last + 1 :]])
