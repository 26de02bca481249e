"""The part of SQL that this server understands in `where`.

Comparisons of a field with a number or a text, `IN`, `BETWEEN`, `IS [NOT] NULL`, joined by `AND`,
`OR` and parentheses. A comparison with null is false.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign><>|!=|>=|<=|[=<>(),]))"
)


Row = Mapping[str, Any]
Predicate = Callable[[Row], bool]
_Value = Callable[[Row], Any]

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class WhereError(ValueError):
    """The clause is not of the form that this server understands."""


class _Token(NamedTuple):
    """One piece of a clause: its kind (number, text, name, sign or end) and its text."""

    kind: str
    text: str


def parse_where(clause: str, fields: Mapping[str, str]) -> Predicate:
    """Parse a clause into a predicate of a row's attributes.

    Args:
        clause: The client's text.
        fields: The layer's field names by their lower-case form.

    Raises:
        WhereError: The syntax is not understood, or the layer does not have a field.
    """
    parser = _Parser(clause, fields)
    predicate = parser.either()
    parser.expect("")
    return predicate


def _tokens(clause: str) -> list[_Token]:
    found: list[_Token] = []
    position, clause = 0, clause.rstrip()
    while position < len(clause):
        match = _TOKEN.match(clause, position)
        if match is None or match.lastgroup is None:
            raise WhereError(f"cannot read {clause[position:]!r}")
        found.append(_Token(match.lastgroup, match[match.lastgroup].replace("''", "'")))
        position = match.end()
    return [*found, _Token("end", "")]


class _Parser:
    def __init__(self, clause: str, fields: Mapping[str, str]) -> None:
        self.fields = fields
        self.tokens = _tokens(clause)

    def takes(self, *words: str) -> str | None:
        kind, text = self.tokens[0]
        if kind == "text" or text.upper() not in words:
            return None
        self.tokens.pop(0)
        return text.upper()

    def expect(self, word: str) -> None:
        if self.takes(word) is None:
            raise WhereError(f"{word or 'the end'} belongs where {self.tokens[0][1]!r} is")

    def either(self) -> Predicate:
        return self.joined("OR", self.both, any)

    def both(self) -> Predicate:
        return self.joined("AND", self.comparison, all)

    def joined(
        self, word: str, part: Callable[[], Predicate], join: Callable[[Iterable[bool]], bool]
    ) -> Predicate:
        parts = [part()]
        while self.takes(word):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        return lambda row: join(predicate(row) for predicate in parts)

    def comparison(self) -> Predicate:
        if self.takes("("):
            inner = self.either()
            self.expect(")")
            return inner
        left = self.value()
        if self.takes("IS"):
            wanted = self.takes("NOT") is None
            self.expect("NULL")
            return lambda row: (left(row) is None) is wanted
        if self.takes("IN"):
            return self.membership(left)
        if self.takes("BETWEEN"):
            low = self.value()
            self.expect("AND")
            above, below = _compared(">=", left, low), _compared("<=", left, self.value())
            return lambda row: above(row) and below(row)
        sign = self.takes(*_COMPARE)
        if sign is None:
            raise WhereError(f"a comparison belongs where {self.tokens[0][1]!r} is")
        return _compared(sign, left, self.value())

    def membership(self, left: _Value) -> Predicate:
        self.expect("(")
        members = [self.literal()]
        while self.takes(","):
            members.append(self.literal())
        self.expect(")")
        chosen = frozenset(members)
        return lambda row: left(row) in chosen

    def value(self) -> _Value:
        kind, text = self.tokens[0]
        if kind == "name" and text.lower() in self.fields:
            self.tokens.pop(0)
            field = self.fields[text.lower()]
            return lambda row: row.get(field)
        literal = self.literal()
        return lambda _row: literal

    def literal(self) -> int | float | str:
        kind, text = self.tokens[0]
        if kind not in ("number", "text"):
            raise WhereError(f"{text!r} is neither a field nor a value")
        self.tokens.pop(0)
        if kind == "text":
            return text
        return float(text) if "." in text else int(text)


def _compared(sign: str, left: _Value, right: _Value) -> Predicate:
    compare = _COMPARE[sign]

    def holds(row: Row) -> bool:
        one, other = left(row), right(row)
        if one is None or other is None or isinstance(one, str) is not isinstance(other, str):
            return False
        return compare(one, other)

    return holds
