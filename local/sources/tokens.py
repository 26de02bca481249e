"""A `where` clause in pieces: numbers, texts, names and signs."""

import re
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign><>|!=|>=|<=|[=<>(),]))"
)


class WhereError(ValueError):
    """The clause is not of the form that this server understands."""


class Token(NamedTuple):
    """One piece: its kind (number, text, name, sign or end) and what it says."""

    kind: str
    text: str


def tokens(clause: str) -> list[Token]:
    """The clause's pieces and one that marks its end; doubled quotes in a text are one.

    Raises:
        WhereError: Something in it is none of these.
    """
    found: list[Token] = []
    position, clause = 0, clause.rstrip()
    while position < len(clause):
        match = _TOKEN.match(clause, position)
        if match is None or match.lastgroup is None:
            raise WhereError(f"cannot read {clause[position:]!r}")
        found.append(Token(match.lastgroup, match[match.lastgroup].replace("''", "'")))
        position = match.end()
    return [*found, Token("end", "")]
