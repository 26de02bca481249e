"""The part of SQL that a client may send as `where`.

Comparisons of a field with a number or a text, `IN`, `BETWEEN`, `IS [NOT] NULL`, joined by
`AND`, `OR` and parentheses. Null compares as false, as in SQL. Nothing else is understood.
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Row = Mapping[str, Any]
Predicate = Callable[[Row], bool]
_Value = Callable[[Row], Any]

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign><>|!=|>=|<=|[=<>(),]))"
)
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


def parse_where(clause: str, fields: Mapping[str, str]) -> Predicate:
    """What a clause asks of a row's attributes.

    Args:
        clause: The client's text.
        fields: The layer's field names by their lower-case form.

    Raises:
        WhereError: A syntax that is not understood, or a field that the layer does not have.
    """
    parser = _Parser(clause, fields)
    predicate = parser.either()
    parser.expect("")
    return predicate


class _Parser:
    def __init__(self, clause: str, fields: Mapping[str, str]) -> None:
        self.fields = fields
        self.tokens: list[tuple[str, str]] = []
        position, clause = 0, clause.rstrip()
        while position < len(clause):
            match = _TOKEN.match(clause, position)
            if match is None or match.lastgroup is None:
                raise WhereError(f"cannot read {clause[position:]!r}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()
        self.tokens.append(("end", ""))

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
        parts = [self.both()]
        while self.takes("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def both(self) -> Predicate:
        parts = [self.comparison()]
        while self.takes("AND"):
            parts.append(self.comparison())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

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
            return _all_of(_compared(">=", left, low), _compared("<=", left, self.value()))
        sign = self.takes(*_COMPARE)
        if sign is None:
            raise WhereError(f"a comparison belongs where {self.tokens[0][1]!r} is")
        return _compared(sign, left, self.value())

    def membership(self, left: _Value) -> Predicate:
        self.expect("(")
        members = [self.value()({})]
        while self.takes(","):
            members.append(self.value()({}))
        self.expect(")")
        chosen = frozenset(members)
        return lambda row: left(row) in chosen

    def value(self) -> _Value:
        kind, text = self.tokens.pop(0)
        if kind == "number":
            number = float(text) if "." in text else int(text)
            return lambda _row: number
        if kind == "text":
            literal = text.replace("''", "'")
            return lambda _row: literal
        if kind == "name" and text.lower() in self.fields:
            field = self.fields[text.lower()]
            return lambda row: row.get(field)
        raise WhereError(f"{text!r} is no field and no value")


def _all_of(first: Predicate, second: Predicate) -> Predicate:
    return lambda row: first(row) and second(row)


def _compared(sign: str, left: _Value, right: _Value) -> Predicate:
    compare = _COMPARE[sign]

    def holds(row: Row) -> bool:
        one, other = left(row), right(row)
        if one is None or other is None or isinstance(one, str) is not isinstance(other, str):
            return False
        return compare(one, other)

    return holds
