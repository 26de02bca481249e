"""What Terraform's files declare and no plan shows.

Variables with their types, defaults and validations; providers, and which a module receives;
the backend and its examples; lifecycles, counts and other meta-arguments; which attribute refers to
what; outputs of modules; and blocks that change what an apply does, such as `moved` and `import`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.terraform.hcl import Block, read_folder

META = ("provider", "count", "for_each", "depends_on")
META_BLOCKS = ("lifecycle", "provisioner", "connection")
_REFERENCE = re.compile(r"\b(?:(?:snowflake|azurerm)_\w+|local|module)\.\w+")


def declared_lines(folder: Path) -> list[str]:
    """The declarations below a folder as sorted lines: each an address, a tab and one attribute.

    What both environments declare has the address `environments/*`.
    """
    lines = {line for name, file in read_folder(folder).items() for line in file_lines(name, file)}
    return sorted({_common(line, lines) for line in lines})


def _common(line: str, lines: set[str]) -> str:
    found = re.match(r"environments/(?:dev|prd)/", line)
    rest = line[found.end() :] if found else ""
    both = all(f"environments/{name}/{rest}" in lines for name in ("dev", "prd"))
    return f"environments/*/{rest}" if found and both else line


def file_lines(name: str, file: Block) -> Iterator[str]:
    """The declarations of one file, each an address, a tab and one attribute."""
    for attribute in file.attributes:
        yield f"{name}\t{attribute.name} = {attribute.expression}"
    for block in file.blocks:
        address = f"{name} {_name(block)}"
        if block.type == "locals":
            continue
        if block.type == "resource":
            yield from _resource_lines(address, block)
        else:
            yield from _lines(address, "", block)


def _name(block: Block) -> str:
    """A block's name; a provider's configurations differ in their alias only."""
    alias = block.get("alias") if block.type == "provider" else None
    return f"{block.name}.{alias.strip(chr(34))}" if alias else block.name


def _resource_lines(address: str, resource: Block) -> Iterator[str]:
    for attribute in resource.attributes:
        if attribute.name in META:
            yield f"{address}\t{attribute.name} = {attribute.expression}"
    for block in resource.of_type(*META_BLOCKS):
        yield from _lines(address, f"{block.type}.", block)
    for path, expression in _expressions(resource, ""):
        if referred := sorted(set(_REFERENCE.findall(expression))):
            yield f"{address}\t{path} refers to {', '.join(referred)}"


def _expressions(block: Block, path: str) -> Iterator[tuple[str, str]]:
    """The expressions of a resource that are not meta-arguments, each with its path."""
    for attribute in block.attributes:
        if path or attribute.name not in META:
            yield f"{path}{attribute.name}", attribute.expression
    for inner in block.blocks:
        if path or inner.type not in META_BLOCKS:
            yield from _expressions(inner, f"{path}{inner.type}.")


def _lines(address: str, path: str, block: Block) -> Iterator[str]:
    if not block.attributes and not block.blocks:
        yield f"{address}\t{path}{{}}"
    for attribute in block.attributes:
        expression = attribute.expression.replace("\n", "\\n")
        yield f"{address}\t{path}{attribute.name} = {expression}"
    seen: dict[str, int] = {}
    for inner in block.blocks:
        seen[inner.name] = seen.get(inner.name, 0) + 1
        number = f"[{seen[inner.name]}]" if seen[inner.name] > 1 else ""
        yield from _lines(address, f"{path}{inner.name}{number}.", inner)
