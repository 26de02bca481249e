"""Reads the structure of Terraform's files: blocks, and attributes with their expressions as text.

Terraform itself checks the syntax before these tests read a file, so this parser is small: it knows
strings, heredocs, comments and brackets, and nothing of what an expression means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_SPACE = re.compile(r"(?:\s+|(?:#|//)[^\n]*|/\*.*?\*/)+", re.S)
_NAME = re.compile(r'[\w-]+|"(?:[^"\\]|\\.)*"')
_HEREDOC = re.compile(r"<<-?(\w+)\n(?:.*\n)*?\s*\1\b")
_COMMENT = re.compile(r"(?:#|//)[^\n]*|/\*.*?\*/", re.S)
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Attribute:
    """One `name = expression`, and where it is in its file's text."""

    name: str
    expression: str
    start: int
    end: int


@dataclass
class Block:
    """A block: its type, its labels and its body. A file is a block without a type."""

    type: str
    labels: tuple[str, ...] = ()
    attributes: list[Attribute] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    start: int = 0
    end: int = 0

    @property
    def name(self) -> str:
        """The type and the labels, as references to the block spell them."""
        return ".".join((self.type, *self.labels))

    def of_type(self, *types: str) -> Iterator[Block]:
        """The blocks of these types in this block's body."""
        return (block for block in self.blocks if block.type in types)

    def get(self, name: str) -> str | None:
        """An attribute's expression; `None` if the block does not set it."""
        return next((one.expression for one in self.attributes if one.name == name), None)

    def walk(self) -> Iterator[Block]:
        """This block and every block within it."""
        yield self
        for block in self.blocks:
            yield from block.walk()


def read_folder(folder: Path) -> dict[str, Block]:
    """Read every configuration file below a folder; the files that Terraform makes are left out."""
    files = (
        file
        for pattern in ("*.tf", "*.hcl.example", "*.tfvars.example")
        for file in folder.rglob(pattern)
        if ".terraform" not in file.parts
    )
    return {str(file.relative_to(folder)): parse(file.read_text()) for file in sorted(files)}


def parse(text: str) -> Block:
    """Parse a file.

    Raises:
        ValueError: The text is not a sequence of attributes and blocks.
    """
    block, position = _body(text, 0, Block(type=""))
    if position < len(text):
        raise ValueError(f"unexpected text: {text[position : position + 40]!r}")
    return block


def _body(text: str, position: int, block: Block) -> tuple[Block, int]:
    while True:
        position = _skip(text, position)
        if position >= len(text) or text[position] == "}":
            return block, position
        start, names = position, []
        while found := _NAME.match(text, position):
            names.append(found[0].strip('"'))
            position = _skip(text, found.end())
        if not names or position >= len(text) or text[position] not in "={":
            raise ValueError(f"unexpected text: {text[start : start + 40]!r}")
        if text[position] == "=":
            begin = _skip(text, position + 1)
            position = end_of_expression(text, begin)
            expression = one_line(text[begin:position])
            block.attributes.append(Attribute(names[0], expression, start, position))
        else:
            inner = Block(names[0], tuple(names[1:]), start=start)
            _, position = _body(text, position + 1, inner)
            position += 1
            inner.end = position
            block.blocks.append(inner)


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def end_of_expression(text: str, position: int) -> int:
    """The position after an expression: the line's end, unless a bracket or a heredoc is open."""
    depth = 0
    while position < len(text):
        character = text[position]
        if found := _HEREDOC.match(text, position):
            position = found.end()
        elif character == '"':
            position = end_of_string(text, position)
        elif depth == 0 and (character in "\n#" or text.startswith("//", position)):
            break
        elif found := _COMMENT.match(text, position):
            position = found.end()
        else:
            depth += (character in _OPENING) - (character in _CLOSING)
            if depth < 0:
                break
            position += 1
    return position - len(text[:position]) + len(text[:position].rstrip(" "))


def end_of_string(text: str, position: int) -> int:
    """The position after a quoted string, whose interpolations may have strings of their own."""
    position += 1
    while text[position] != '"':
        if text.startswith("${", position):
            depth, position = 1, position + 2
            while depth:
                if text[position] == '"':
                    position = end_of_string(text, position)
                    continue
                depth += (text[position] == "{") - (text[position] == "}")
                position += 1
        else:
            position += 2 if text[position] == "\\" else 1
    return position + 1


def one_line(expression: str) -> str:
    """An expression without its comments and line breaks; a heredoc keeps its lines."""
    if _HEREDOC.search(expression):
        return "\n".join(line.strip() for line in expression.strip().splitlines())
    parts, position = [], 0
    while position < len(expression):
        if expression[position] == '"':
            end = end_of_string(expression, position)
            parts.append(expression[position:end])
        elif found := _SPACE.match(expression, position):
            end = found.end()
            parts.append(" ")
        else:
            end = position + 1
            parts.append(expression[position])
        position = end
    return "".join(parts).strip()
