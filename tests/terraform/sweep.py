"""Generated mistakes: each attribute, each block and each resource once.

They are made at three levels, of which the first two need no Terraform:

- `planned_changes`: in a plan, every value of every resource, for the golden plan and the policies;
- `written_changes`: in what the files declare and no plan shows, for `declared.txt`;
- `edit_resources`: in the files, for a real plan. An edit of one attribute does not hide that of
  another, so one plan shows every edit of a kind.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.terraform.declared import META, META_BLOCKS
from tests.terraform.hcl import Attribute, Block, end_of_string, parse
from tests.terraform.running import Resource, resource_schemas


@dataclass(frozen=True)
class Change:
    """One changed value of a planned resource.

    Attributes:
        kind: `dropped`, `changed` or `emptied`; or `exchanged` for another resource's value.
        path: The attribute; the numbers of blocks are left out.
        before: The resource.
        after: The resource with the change; `None` if it is deleted.
    """

    kind: str
    path: str
    before: Resource
    after: Resource | None


def planned_changes(resources: list[Resource]) -> Iterator[Change]:
    """Each change of one value in a plan, and each resource left out."""
    for one in resources:
        yield Change("deleted", "", one, None)
        yield Change("changed", "provider", one, replace(one, provider=f"{one.provider}_other"))
        siblings = [
            other for other in resources if other.type == one.type and other.address != one.address
        ]
        for at, value in _values(one.values, ()):
            for kind, other in _others(value, [_get(sibling.values, at) for sibling in siblings]):
                changed = copy.deepcopy(one.values)
                _set(changed, at, other)
                path = ".".join(step for step in at if isinstance(step, str))
                yield Change(kind, path, one, replace(one, values=changed))


def _values(value: Any, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Each value that is set, with its path: blocks and lists, and what is in blocks."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _values(one, (*at, name))
    elif value not in (None, [], {}) and not _made(at):
        yield at, value
        if isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, dict):
                    yield from _values(one, (*at, index))


def _made(at: tuple[str | int, ...]) -> bool:
    return at[0] in ("id", "fully_qualified_name", "describe_output")


def _others(value: Any, siblings: list[Any]) -> Iterator[tuple[str, Any]]:
    yield "dropped", [] if isinstance(value, list) and isinstance(value[0], dict) else None
    if isinstance(value, bool):
        yield "changed", not value
    elif isinstance(value, int):
        yield "changed", value + 1
        yield "changed", 0
    elif isinstance(value, str):
        yield "changed", f"{value}X"
        exchanged = sorted({one for one in siblings if isinstance(one, str)} - {value})
        yield from (("exchanged", one) for one in exchanged[:1])
    elif not isinstance(value[0], dict):
        yield "emptied", []
        yield "changed", [*value, value[0] + 1 if isinstance(value[0], int) else f"{value[0]}X"]
        if len(value) > 1:
            yield "changed", value[1:]


def _get(values: Any, at: tuple[str | int, ...]) -> Any:
    for step in at:
        try:
            values = values[step]
        except (IndexError, KeyError, TypeError):
            return None
    return values


def _set(values: Any, at: tuple[str | int, ...], new: Any) -> None:
    *path, last = at
    _get(values, tuple(path))[last] = new


def written_changes(text: str) -> Iterator[tuple[str, str]]:
    """A file with one attribute or block changed that no plan shows, and what was changed."""
    for block, attribute in _written(parse(text)):
        if attribute is None:
            yield f"{block.name} dropped", text[: block.start] + text[block.end :]
        else:
            name = f"{block.name}.{attribute.name}"
            yield f"{name} dropped", text[: attribute.start] + text[attribute.end :]
            inside = attribute.end - 1 if text[attribute.end - 1] in '"]})' else attribute.end
            yield f"{name} changed", text[:inside] + "0" + text[inside:]


def _written(file: Block) -> Iterator[tuple[Block, Attribute | None]]:
    yield from ((file, attribute) for attribute in file.attributes)
    for block in file.blocks:
        if block.type == "locals":
            continue
        if block.type == "resource":
            yield from ((block, one) for one in block.attributes if one.name in META)
            inner = [*block.of_type(*META_BLOCKS)]
        else:
            yield block, None
            yield from ((block, one) for one in block.attributes)
            inner = block.blocks
        for outer in inner:
            for one in outer.walk():
                yield one, None
                yield from ((one, attribute) for attribute in one.attributes)


def edit_resources(text: str, kind: str) -> tuple[str, list[tuple[str, str]]]:
    """Edit every attribute or block of a file's resources that allows it.

    Args:
        text: A file of a module.
        kind: `changed` or `dropped` for attributes; `blocks` or `inner blocks` for blocks that are
            dropped.

    Returns:
        The new text, and the address and path of each edit.
    """
    edits: list[tuple[int, int, str]] = []
    made = []
    for resource in parse(text).of_type("resource"):
        schema = resource_schemas()[resource.labels[0]]
        for path, one, described in _parts(resource, schema, ""):
            new = _edit(one, described, kind if "." not in path else f"inner {kind}")
            if new is not None:
                edits.append((one.start, one.end, new))
                made.append((".".join(resource.labels), path))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text, made


def _parts(
    block: Block, schema: dict[str, Any], path: str
) -> Iterator[tuple[str, Attribute | Block, dict[str, Any]]]:
    for attribute in block.attributes:
        if described := schema.get("attributes", {}).get(attribute.name):
            yield f"{path}{attribute.name}", attribute, described
    for inner in block.blocks:
        if nested := schema.get("block_types", {}).get(inner.type):
            yield f"{path}{inner.type}", inner, nested
            yield from _parts(inner, nested["block"], f"{path}{inner.type}.")


def _edit(one: Attribute | Block, described: dict[str, Any], kind: str) -> str | None:
    if isinstance(one, Block):
        wanted = kind == "blocks" or (kind == "inner inner blocks" and not one.blocks)
        return "" if wanted and not described.get("min_items") else None
    if kind.endswith("dropped"):
        return None if described.get("required") else ""
    if not kind.endswith("changed"):
        return None
    wrapped = _CHANGED[json.dumps(described["type"])]
    return f"{one.name} = {wrapped(one.expression)}"


# An expression of each type that has another value.
_CHANGED: dict[str, Callable[[str], str]] = {
    '"string"': lambda text: f'"${{try(coalesce({text}), "")}}X"' if "<<" not in text else '"X"',
    '"number"': lambda text: f"({text}) + 1",
    '"bool"': lambda text: f"!({text})",
    '["set", "string"]': lambda text: f'concat(tolist({text}), ["X"])',
    '["list", "string"]': lambda text: f'concat({text}, ["X"])',
    '["set", "number"]': lambda text: f"concat({text}, [1])",
    '["list", "number"]': lambda text: f"concat({text}, [1])",
    '["map", "string"]': lambda text: f'{{ for key, value in {text} : key => "${{value}}X" }}',
}


def local_edits(text: str) -> Iterator[tuple[str, str]]:
    """A file with one literal of its locals changed, and what was changed."""
    for block in parse(text).of_type("locals"):
        for attribute in block.attributes:
            for start, end, new in _literals(text, attribute):
                line = text[:start].count("\n") + 1
                name = f"{attribute.name}, line {line}: {text[start:end]!r} becomes {new!r}"
                yield name, text[:start] + new + text[end:]


_LITERAL = re.compile(r"#[^\n]*|\b(true|false)\b|(?<![\w.\"])(\d+)(?![\w.\"])")


def _literals(text: str, attribute: Attribute) -> Iterator[tuple[int, int, str]]:
    position = attribute.start
    while position < attribute.end:
        if text[position] == '"':
            end = end_of_string(text, position)
            if end - position > 2:  # An empty text is the default of a function.
                yield position, end, f'{text[position : end - 1]}X"'
            if text[end : end + 2] == ", ":
                yield position, end + 2, ""
            position = end
        elif found := _LITERAL.match(text, position):
            if found[1]:
                yield *found.span(), "false" if found[1] == "true" else "true"
            elif found[2]:
                yield *found.span(), str(int(found[2]) + 1)
            position = found.end()
        else:
            position += 1
