"""The whole planned configuration as text, which a person reviews like code.

`python -m tests.terraform.golden --write` writes the files in `golden/`; it needs Terraform.
Without the option, it compares. The files:

- `dev.txt` and `prd.txt`: every attribute that each resource sets, the provider's configuration
  that makes it, and the outputs. What no line names is unset, so whoever sets it adds a line.
- `defaults.txt`: the lines of dev.txt that change if every optional variable has its default.
- `declared.txt`: what no plan shows (declared.py).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.terraform.declared import declared_lines
from tests.terraform.provider_server import serve
from tests.terraform.running import (
    OPTIONAL,
    SCHEMAS,
    TERRAFORM,
    Resource,
    Terraform,
    configured_modules,
    copy_configuration,
    offline,
    planned_resources,
    resource_schemas,
)

GOLDEN = Path(__file__).parent / "golden"
COMMAND = ".local/venv/bin/python -m tests.terraform.golden --write"
ENVIRONMENTS = ("dev", "prd")
_SHOWN_CHANGES = 40
Lines = list[str]


def show_plans(terraform: Terraform) -> dict[str, dict[str, Any]]:
    """The plans that the files show, from a copy of the configuration with named objects."""
    for name in ENVIRONMENTS:
        terraform.init(f"environments/{name}")
    return {
        **{name: terraform.show_plan(f"environments/{name}") for name in ENVIRONMENTS},
        "defaults": terraform.show_plan("environments/dev", **dict.fromkeys(OPTIONAL)),
    }


def golden_files(plans: dict[str, dict[str, Any]], declared: Path = TERRAFORM) -> dict[str, Lines]:
    """Make the content of each file.

    Args:
        plans: The plans of `show_plans`.
        declared: The folder of the files as they are written; a plan's copy has no backends.
    """
    dev, prd, defaults = (plan_lines(plans[name]) for name in (*ENVIRONMENTS, "defaults"))
    return {
        "dev.txt": dev,
        "prd.txt": prd,
        "defaults.txt": [
            f"{address}\t{line[0]} {attribute}"
            for line in changes(dev, defaults)
            for address, _, attribute in [line[1:].partition("\t")]
        ],
        "declared.txt": declared_lines(declared),
    }


def plan_lines(shown: dict[str, Any]) -> Lines:
    """A plan as sorted lines: each an address, a tab and one attribute."""
    lines = []
    for name, output in shown["planned_values"].get("outputs", {}).items():
        sensitive = " (sensitive)" if output["sensitive"] else ""
        for path, value in _leaves(output.get("value"), ""):
            lines.append(f"output.{name}\tvalue{path}{sensitive} = {value}")
    for resource in planned_resources(shown):
        lines += resource_lines(resource)
    for address, module in configured_modules(shown["configuration"]["root_module"]):
        for one in module.get("resources", []):
            configured = f"{address}.{one['address']}" if address else one["address"]
            for needed in one.get("depends_on", []):
                lines.append(f"{configured}\tdepends_on = {needed}")
    return sorted(lines)


def resource_lines(resource: Resource) -> Lines:
    """A resource as lines: the provider's configuration that makes it, and what it sets."""
    return [
        f"{resource.address}\tprovider = {resource.provider}",
        *(
            f"{resource.address}\t{path} = {value}"
            for path, value in _set_values(resource.values, resource_schemas()[resource.type], "")
        ),
    ]


def _set_values(
    values: dict[str, Any], block: dict[str, Any], path: str
) -> Iterator[tuple[str, str]]:
    """The attributes that a block sets, and those of the blocks in it, each with its path."""
    for name, attribute in block.get("attributes", {}).items():
        only_provider = attribute.get("computed") and not attribute.get("optional")
        if not only_provider and name != "id" and values.get(name) is not None:
            yield from _leaves(values[name], f"{path}{name}")
    for name, nested in block.get("block_types", {}).items():
        inner = values.get(name) or []
        inner = inner if isinstance(inner, list) else [inner]
        for index, one in enumerate(inner):
            at = f"{path}{name}[{index}]" if len(inner) > 1 else f"{path}{name}"
            found = [*_set_values(one, nested["block"], f"{at}.")]
            yield from found or [(at, "{}")]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from _leaves(one, f"{path}.{name}")
    elif isinstance(value, str) and "\n" in value:
        for number, line in enumerate(value.splitlines(), 1):
            yield f"{path}[{number:02}]", json.dumps(line, ensure_ascii=False)
    else:
        yield path, json.dumps(value, ensure_ascii=False)


def changes(before: Lines, after: Lines) -> Lines:
    """The lines that differ, sorted by address: `-` is before a lost one, `+` before a new one."""
    lost, new = set(before) - set(after), set(after) - set(before)
    found = [*((line, "-") for line in lost), *((line, "+") for line in new)]
    return [sign + line for line, sign in sorted(found)]


def differences(files: dict[str, Lines], folder: Path | None = None) -> str:
    """Describe how the files' content differs from the reviewed one; empty if it does not."""
    found = []
    for name, lines in files.items():
        if changed := changes(read((folder or GOLDEN) / name), lines):
            found.append(f"{name}:")
            found += [line.replace("\t", ": ") for line in changed[:_SHOWN_CHANGES]]
            if len(changed) > _SHOWN_CHANGES:
                found.append(f"… and {len(changed) - _SHOWN_CHANGES} more lines")
    if not found:
        return ""
    accept = f"If each change is intended, run {COMMAND} and have the difference reviewed."
    return "\n".join(["Terraform's plan differs from tests/terraform/golden/", *found, accept])


def read(file: Path) -> Lines:
    """The lines of a file that `write` has written; none if there is no such file."""
    lines, address = [], ""
    for line in file.read_text().splitlines() if file.exists() else []:
        if line.startswith("  "):
            lines.append(f"{address}\t{line[2:]}")
        elif not line.startswith("#"):
            address = line
    return lines


def write(lines: Lines, file: Path) -> None:
    """Write lines, grouped: each address once, its attributes indented below it."""
    grouped, heading = [f"# Written by {COMMAND}: review it like code."], ""
    for line in lines:
        address, _, attribute = line.partition("\t")
        if address != heading:
            grouped.append(address)
            heading = address
        grouped.append(f"  {attribute}")
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(grouped) + "\n")


def main() -> int:
    """Write the files, or compare them with the plans."""
    parser = argparse.ArgumentParser(
        prog=COMMAND.rpartition(" ")[0],
        description="Compare Terraform's plans with the reviewed ones in tests/terraform/golden.",
    )
    parser.add_argument("--write", action="store_true", help="write the files instead")
    accepted = parser.parse_args().write
    with tempfile.TemporaryDirectory() as folder, serve(SCHEMAS, named=True) as attached:
        terraform = Terraform(copy_configuration(Path(folder, "copy")), offline(attached))
        files = golden_files(show_plans(terraform))
    if accepted:
        for name, lines in files.items():
            write(lines, GOLDEN / name)
    elif found := differences(files):
        sys.stderr.write(f"{found}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
