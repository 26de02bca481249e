"""What changes in files that are there already: a source has an entry in each."""

from collections.abc import Callable, Mapping
from pathlib import Path

from local.new_source.asked import Asked, NewSourceError
from local.new_source.insertions import (
    before_python,
    into_json_object,
    into_python,
    into_terraform_list,
    into_yaml,
)

MARTS = "include/transform/models/marts/metrics"


def edits(new: Asked, root: Path) -> dict[str, str]:
    """The new contents of the files, by their path below the checkout.

    Raises:
        NewSourceError: A file is not as it has to be for its entry to find its place.
    """
    made = {}
    for path, edit in _edits(new).items():
        try:
            made[path] = edit((root / path).read_text(encoding="utf-8"))
        except (NewSourceError, OSError, ValueError) as error:
            raise NewSourceError(
                f"{path} has no place for an entry of {new.name}: {error}. Nothing was written."
                " Mend the file, or local/new_source/edits.py, which looks for the place."
            ) from error
    return made


def _edits(new: Asked) -> Mapping[str, Callable[[str], str]]:
    name, metric = new.name, f"{new.name}_records"
    # The time of the template's layer; where a source declares none, it is the load's.
    edited = "2026-11-21T23:05:00.000Z" if new.kind == "arcgis" else None
    expected = {"value": None, "unit": "FILL_IN", "last_updated": edited}
    common: dict[str, Callable[[str], str]] = {
        "include/sources/__init__.py": lambda text: _registered(text, new),
        "include/transform/dbt_project.yml": lambda text: _described(text, name),
        f"{MARTS}/_metrics__models.yml": lambda text: into_yaml(text, ["models"], _mart(name)),
        f"{MARTS}/_ddrc__unit_tests.yml": lambda text: _given(text, name),
        "tests/counting.py": lambda text: _counted(text, new),
        "tests/data/small/expected.json": lambda text: into_json_object(
            text, {metric: {**expected, "type": "count", "frequency": "daily"}}
        ),
        "tests/data/small/EXPECTED.md": lambda text: f"{text.rstrip()}\n\n{_explained(name)}",
    }
    if new.is_loaded:
        return common | {
            "terraform/modules/warehouse/variables.tf": lambda text: into_terraform_list(
                text, "raw_schemas", new.constant
            )
        }
    variable = f"fivetran_connector_{name}"
    return common | {
        "airflow_settings.yaml": lambda text: into_yaml(
            text,
            ["airflow", "variables"],
            f"- variable_name: {variable}\n  variable_value: dummy_connector_id",
            at=0,
        ),
        ".env.example": lambda text: _example(text, f"AIRFLOW_VAR_{variable.upper()}="),
    }


def _registered(text: str, new: Asked) -> str:
    line = f"from include.sources.{new.name} import {new.constant}\n"
    first = "from include.sources."
    imported = text.replace(first, f"{line}{first}", 1)
    exported = into_python(imported, "__all__", f'"{new.constant}"')
    return into_python(exported, "PARTS", f'"{new.name}": {new.parts}')


def _described(text: str, name: str) -> str:
    models = into_yaml(
        text, ["models", "ddrc", "staging"], f"{name}:\n  +schema: {name}\n  +tags: [{name}]"
    )
    metric = (
        f"{name}:\n  - name: {name}_records\n    unit_label: FILL_IN\n"
        "    type: count\n    frequency: daily"
    )
    return into_yaml(models, ["vars", "metric_definitions"], metric)


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
    """Both tests of the summary name every mart that it reads."""
    entry = f"- {{input: ref('{name}_metrics'), format: sql, rows: *nothing}}"
    for test in (0, 1):
        text = into_yaml(text, ["unit_tests", test, "given"], entry)
    return text


def _counted(text: str, new: Asked) -> str:
    rule = (
        f"def _{new.name}(data: Path) -> dict[str, int]:\n"
        "    # FILL_IN: the rules, in Python, as the source's owner words them.\n"
        f'    return {{"{new.name}_records": len(rows_in(data / "{new.rows_file}"))}}\n'
    )
    return into_python(
        before_python(text, "COUNTERS", rule), "COUNTERS", f'"{new.name}": _{new.name}'
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
