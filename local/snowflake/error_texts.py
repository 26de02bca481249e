"""DuckDB's and the parser's errors, with Snowflake's number, SQLSTATE and words for the same.

The numbers and texts are those of Snowflake's documentation and of public issues that quote them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_COMPILATION = "SQL compilation error:\n"
# Snowflake's storage bytes of a number by its digits.
_BYTES = ((2, 1), (4, 2), (9, 4), (18, 8))


@dataclass(frozen=True)
class Known:
    """An error that both have.

    Attributes:
        pattern: Matches the beginning of DuckDB's text.
        number: Snowflake's number.
        sqlstate: Its SQLSTATE.
        text: Its text; `{0}` and so on are the pattern's groups.
        groups: Converts the groups first.
    """

    pattern: re.Pattern[str]
    number: int
    sqlstate: str
    text: str
    groups: Callable[[tuple[str, ...]], tuple[str, ...]] = lambda groups: groups


def _known(
    pattern: str,
    number: int,
    sqlstate: str,
    text: str,
    groups: Callable[[tuple[str, ...]], tuple[str, ...]] = lambda groups: groups,
) -> Known:
    return Known(re.compile(pattern, re.DOTALL), number, sqlstate, text, groups)


def _upper(groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(group.upper() for group in groups)


def _sized(groups: tuple[str, ...]) -> tuple[str, ...]:
    """A value and a number's digits and scale, with the bytes that Snowflake names."""
    value, digits, scale = groups
    size = next((size for most, size in _BYTES if int(digits) <= most), 16)
    return (value, digits, scale, str(size))


def _typed(groups: tuple[str, ...]) -> tuple[str, ...]:
    """A function's name and the types of its arguments."""
    name, types = groups
    return (name.upper(), types.replace("BIGINT", "NUMBER(38,0)").replace("DOUBLE", "FLOAT"))


_QUOTED = r"[\"'](.*?)[\"']"
_NUMBER = r"(?:U?(?:TINY|SMALL|BIG|HUGE)?INT\w*|DEC\w*(?:\(\d+,\d+\))?|DOU\w*|FLO\w*)"

KNOWN: tuple[Known, ...] = (
    # sqlglot's syntax errors.
    _known(
        r".{1,400}?\. Line (\d+), Col: (\d+)\.",
        1003, "42000", _COMPILATION + "syntax error line {0} at position {1}.",
    ),
    # Objects and columns. The first that matches is taken.
    _known(
        r"Catalog Error: \w+ Function with name \"?([^\"\s]+)\"? does not exist",
        2140, "42601", _COMPILATION + "Unknown function {0}", _upper,
    ),
    _known(
        r"Catalog Error: \w+ with name \"?([^\"\s]+)\"? does not exist",
        2003, "42S02", _COMPILATION + "Object '{0}' does not exist or not authorized.",
    ),
    _known(
        r"Catalog Error: SET schema: No catalog",
        2043, "02000",
        _COMPILATION + "Object does not exist, or operation cannot be performed.",
    ),
    _known(
        r"Catalog Error: Column with name \"(.+?)\" already exists",
        2025, "42S21", _COMPILATION + "duplicate column name '{0}'",
    ),
    _known(
        r"Catalog Error: \w+ with name \"(.+?)\" already exists",
        2002, "42710", _COMPILATION + "Object '{0}' already exists.",
    ),
    _known(
        r"Catalog Error: Could not rename \".+?\" to \"(.+?)\": another entry",
        2002, "42710", _COMPILATION + "Object '{0}' already exists.",
    ),
    _known(
        r"Catalog Error: Existing object (.+?) is of type",
        2002, "42710", _COMPILATION + "Object '{0}' already exists.",
    ),
    _known(
        r"Binder Error: Referenced (?:column|table) \"([^\"]+)\" (?:was )?not found",
        904, "42000", _COMPILATION + "invalid identifier '{0}'",
    ),
    _known(
        r"Binder Error: Table \".+?\" does not have a column (?:with name|named) \"([^\"]+)\"",
        904, "42000", _COMPILATION + "invalid identifier '{0}'",
    ),
    _known(
        r"Binder Error: Ambiguous reference to column name \"([^\"]+)\"",
        2028, "42601", _COMPILATION + "ambiguous column name '{0}'",
    ),
    _known(
        r"Binder Error: column \"([^\"]+)\" must appear in the GROUP BY",
        979, "42601", _COMPILATION + "[{0}] is not a valid group by expression",
    ),
    _known(
        r"Binder Error: table \".+?\" has (\d+) columns but (\d+) values were supplied",
        2020, "21S01",
        _COMPILATION + "Insert value list does not match column list expecting {0} but got {1}",
    ),
    _known(
        r"Binder Error: Set operations can only apply to expressions with the same number",
        1789, "42601",
        _COMPILATION + "invalid number of result columns for set operator input branches",
    ),
    _known(
        r"Binder Error: No function matches the given name and argument types '(.+?)\((.*?)\)'",
        1044, "42P13",
        _COMPILATION + "Invalid argument types for function '{0}': ({1})", _typed,
    ),
    # Values.
    _known(
        r"Conversion Error: Could not (?:convert|cast) string '([^']*)' to BOOL",
        100037, "22018", "Boolean value '{0}' is not recognized",
    ),
    _known(
        r"Conversion Error: Could not (?:convert|cast) string [\"'](\s*[+-]?[\d.]+(?:e\d+)?\s*)"
        rf"[\"'] to {_NUMBER}",
        100039, "22003", "Numeric value '{0}' is out of range",
    ),
    _known(
        rf"Conversion Error: Could not (?:convert|cast) string {_QUOTED} to {_NUMBER}",
        100038, "22018", "Numeric value '{0}' is not recognized",
    ),
    _known(
        r"Conversion Error: (?:Could not cast value|Casting value) \"?([^\"\s]+)\"? to"
        r"(?: type)? DECIMAL\((\d+),(\d+)\)",
        100046, "22003",
        "Number out of representable range: type FIXED[SB{3}]({1},{2}){{nullable}}, value {0}",
        _sized,
    ),
    _known(
        r"Conversion Error: (?:date field value out of range|invalid date field format): "
        rf"{_QUOTED}",
        100040, "22007", "Date '{0}' is not recognized",
    ),
    _known(
        r"Conversion Error: (?:timestamp field value out of range|invalid timestamp field format"
        rf"|timestamp[^:]*): {_QUOTED}",
        100035, "22007", "Timestamp '{0}' is not recognized",
    ),
    _known(
        rf"Invalid Input Error: Could not parse string {_QUOTED} according to format",
        100035, "22007", "Timestamp '{0}' is not recognized",
    ),
    _known(
        rf"Conversion Error: time field value out of range: {_QUOTED}",
        100108, "22007", "Time '{0}' is not recognized",
    ),
    _known(
        r"(?:Invalid Input|Out of Range) Error: Division by zero",
        100051, "22012", "Division by zero",
    ),
    _known(
        r"Out of Range Error: (.+?)[.!]?$",
        100046, "22003", "Number out of representable range: {0}",
    ),
    _known(
        r"Invalid Input Error: Malformed JSON[^:]*: (.+?)\.? *(?:Input:.*)?$",
        100069, "22P02", "Error parsing JSON: {0}",
    ),
    _known(
        r"Invalid Input Error: More than one row returned by a subquery",
        90150, "22000", "Single-row subquery returns more than one row.",
    ),
)  # fmt: skip
# DuckDB's name of a class of errors, before its text.
_CLASS = re.compile(r"^(?P<of>[A-Z][\w-]*(?: [A-Za-z-]+){0,3}) Error: ")
_COMPILED = ("Binder", "Catalog", "Parser", "Syntax")


@dataclass(frozen=True)
class Words:
    """An error as Snowflake words it: its number, SQLSTATE and text."""

    number: int
    sqlstate: str
    text: str


def in_snowflakes_words(text: str) -> Words | None:
    """Snowflake's words for a text of DuckDB's; `None` if the text is not DuckDB's.

    Without a known equivalent, the text stays but for DuckDB's class of errors.

    Args:
        text: An error's text.
    """
    for known in KNOWN:
        if found := known.pattern.match(text):
            groups = known.groups(tuple(group or "" for group in found.groups()))
            return Words(known.number, known.sqlstate, known.text.format(*groups))
    if (found := _CLASS.match(text)) is None:
        return None
    rest = text[found.end() :].split("\n", maxsplit=1)[0]
    if found["of"] in _COMPILED:
        return Words(1003, "42000", _COMPILATION + rest)
    return Words(100183, "22000", rest)
