"""Adds entries to Python, YAML, JSON and Terraform files, at places found by their structure."""

import ast
import json
import re
from collections.abc import Sequence
from typing import Any

import yaml  # type: ignore[import-untyped]

from local.new_source.request import NewSourceError


def add_to_python(text: str, name: str, entry: str) -> str:
    """Add an entry at the end of a top-level dict or list.

    Args:
        text: The module.
        name: The name of the dict or list.
        entry: The entry, as Python source.

    Raises:
        NewSourceError: The module has no dict or list of this name.
    """
    for node in ast.parse(text).body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.Dict() as value):
                pass
            case ast.Assign(targets=[ast.Name(id=found)], value=ast.List() | ast.Dict() as value):
                pass
            case _:
                continue
        if found == name and value.end_lineno is not None:
            lines = text.splitlines(keepends=True)
            lines.insert(value.end_lineno - 1, f"    {entry},\n")
            return "".join(lines)
    raise NewSourceError(f"there is no list or dict {name}")


def insert_before_python(text: str, name: str, block: str) -> str:
    """Insert code before the declaration of a top-level name.

    Args:
        text: The module.
        name: The declared name.
        block: The code.

    Raises:
        NewSourceError: The module does not declare the name.
    """
    for node in ast.parse(text).body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(target, ast.Name) and target.id == name:
            lines = text.splitlines(keepends=True)
            lines.insert(node.lineno - 1, f"{block.strip()}\n\n\n")
            return "".join(lines)
    raise NewSourceError(f"there is no {name}")


def add_to_yaml(text: str, path: Sequence[str | int], block: str, *, at: int = -1) -> str:
    """Add an entry to the list or mapping at a path.

    Args:
        text: The document.
        path: The keys and indexes that lead to the list or mapping.
        block: The entry's lines, not indented.
        at: The index of the entry that it is inserted before; -1 is the last.

    Raises:
        NewSourceError: There is nothing at the path, or the result is not valid.
    """
    where = ".".join(map(str, path))
    node = yaml.compose(text)
    for step in path:
        match node:
            case yaml.SequenceNode(value=entries) if isinstance(step, int):
                node = entries[step] if step < len(entries) else None
            case yaml.MappingNode(value=pairs):
                node = next((value for key, value in pairs if key.value == step), None)
            case _:
                node = None
    if not isinstance(node, yaml.CollectionNode) or not node.value:
        raise NewSourceError(f"there is no {where}")
    is_list = isinstance(node, yaml.SequenceNode)
    mark = (node.value[at] if is_list else node.value[at][0]).start_mark
    # A list's entry begins at its dash.
    indent = " " * (mark.column - 2 if is_list else mark.column)
    lines = text.splitlines(keepends=True)
    added = "".join(f"{indent}{line}\n" if line else "\n" for line in block.split("\n"))
    lines.insert(_above_comments(lines, mark.line), added)
    made = "".join(lines)
    if len(_at(yaml.safe_load(made), path)) != len(_at(yaml.safe_load(text), path)) + 1:
        raise NewSourceError(f"{where} cannot be added to")
    return made


def add_to_json_object(text: str, entries: dict[str, Any]) -> str:
    """Add entries at the end of an object that has an entry on each line."""
    body = text.rstrip().removesuffix("}").rstrip()
    added = ",\n".join(
        f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items()
    )
    made = f"{body},\n{added}\n}}\n"
    json.loads(made)
    return made


def add_to_terraform_list(text: str, variable: str, value: str) -> str:
    """Add a value to the default of a variable that is a list, in alphabetical order.

    Args:
        text: The module's variables.
        variable: The variable's name.
        value: The value.

    Raises:
        NewSourceError: The variable is missing, or its default is not a list.
    """
    pattern = rf'(variable "{variable}" \{{[^}}]*?default\s*=\s*)(\[[^\]]*\])'
    found = re.search(pattern, text)
    if found is None:
        raise NewSourceError(f"there is no default of the variable {variable}")
    values = json.dumps(sorted({*json.loads(found[2]), value}))
    return text[: found.start(2)] + values + text[found.end(2) :]


def _above_comments(lines: list[str], line: int) -> int:
    while line and lines[line - 1].lstrip().startswith("#"):
        line -= 1
    return line


def _at(document: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        document = document[step]
    return document
