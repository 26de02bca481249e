"""Edits of SQL, of the properties of dbt's models, and of Terraform's configuration."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import yaml  # type: ignore[import-untyped]

from tools.mutants.edits import Edit, without_each

_Rule = tuple[str, str | Callable[[re.Match[str]], str]]


def _increase(found: re.Match[str]) -> str:
    return str(float(found[0]) + 1) if "." in found[0] else str(int(found[0]) + 1)


def _flip(found: re.Match[str]) -> str:
    return "false" if found[0] == "true" else "true"


# Not mutated: comments, calls of macros, and types.
_SQL_SKIPPED = re.compile(
    r"--[^\n]*|\{#.*?#\}|\{\{.*?\}\}|::\w+(?:\([\d, ]+\))?"
    r"|\{%-?\s*(?:macro|test|endmacro|endtest|for|endfor|else|endif)\b.*?%\}|\border by\b",
    re.DOTALL,
)
_SQL: list[_Rule] = [
    (r"(?<=\s)<=(?=\s)", "<"),
    (r"(?<=\s)<(?=\s)", "<="),
    (r"(?<=\s)>=(?=\s)", ">"),
    (r"(?<=\s)>(?=\s)", ">="),
    (r"(?<=\s)=(?=\s)", "!="),
    (r"(?<=\s)(?:!=|<>)(?=\s)", "="),
    (r"\bis null\b", "is not null"),
    (r"\bis not null\b", "is null"),
    (r"(?<!is )\bnot\s+", ""),
    (r"\band\b", "or"),
    (r"\bor\b", "and"),
    (r"\bdesc\b", "asc"),
    (r"\basc\b", "desc"),
    (r"\bnulls last\b", "nulls first"),
    (r"\bdistinct\s+", ""),
    (r"\bmin\(", "max("),
    (r"\bmax\(", "min("),
    (r"\bunion all\b", "except"),
    (r"\bleft join\b", "inner join"),
    (r"\binner join\b", "left join"),
    (r"(?<![\w.'])\d+(?:\.\d+)?(?![\w'])", _increase),
    (r"\b(?:true|false)\b", _flip),
    (r"'[^'\n]+'", "''"),
]
_SQL_CONDITION = re.compile(
    r"^[ ]*(?:(?P<first>where|having|qualify)|and|or)[ ](?P<rest>.+)", re.MULTILINE
)
_SQL_LIST = re.compile(r"\bin \((?P<items>[^()]*)\)")
# A call with at most three levels of calls inside.
_INNER = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_SQL_CLEANING = re.compile(
    r"\b(?=(?P<call>(?:trim|nullif|coalesce|upper|lower|round|greatest|least)"
    rf"\((?P<first>(?:[^(),]|{_INNER})+)(?:,(?:[^()]|{_INNER})*)?\)))"
)


def sql_edits(source: str) -> Iterator[Edit]:
    """Each single edit of a query or a macro."""
    text = _blank(_SQL_SKIPPED, source)
    yield from _by_rules(_SQL, text)
    for found in _SQL_CONDITION.finditer(text):
        if _is_balanced(found[0]):
            whole = found.span("rest") if found["first"] else found.span()
            yield Edit(*whole, "true" if found["first"] else "")
    for found in _SQL_LIST.finditer(text):
        yield from without_each(_spans(r"'[^']*'|\w+", text, *found.span("items")))
    for found in _SQL_CLEANING.finditer(text):
        yield Edit(*found.span("call"), source[slice(*found.span("first"))])


# Properties whose entries are dropped one by one, and those whose values are changed too.
_YAML_LISTS = {"data_tests", "constraints", "values", "check_cols"}
_YAML_SETTINGS = {"config", "arguments", "limits", "change_limits"}
_YAML: list[_Rule] = [(r"^(?:true|false)$", _flip), (r"^\d+(?:\.\d+)?$", _increase)]


def yaml_edits(source: str) -> Iterator[Edit]:
    """Each data test, constraint, limit or setting dropped or changed."""
    yield from _yaml_edits(yaml.compose(source), source, is_setting=False)


def _yaml_edits(node: Any, source: str, *, is_setting: bool) -> Iterator[Edit]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "unit_tests":
                continue
            inside = is_setting or key.value in _YAML_SETTINGS
            if key.value in _YAML_LISTS | _YAML_SETTINGS and not isinstance(value, yaml.ScalarNode):
                is_map = isinstance(value, yaml.MappingNode)
                entries = value.value if is_map else [(item, item) for item in value.value]
                spans = [_yaml_span(first, last, source) for first, last in entries]
                whole = Edit(*_yaml_span(key, value, source), "")
                yield from without_each(spans) if len(spans) > 1 else [whole]
            yield from _yaml_edits(value, source, is_setting=inside)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _yaml_edits(item, source, is_setting=is_setting)
    elif is_setting and node.style is None:
        start = node.start_mark.index
        for edit in _by_rules(_YAML, node.value):
            yield Edit(start + edit.start, start + edit.end, edit.text)


def _yaml_span(first: Any, last: Any, source: str) -> tuple[int, int]:
    # The mark of a block's end is where the next one begins.
    start, end = first.start_mark.index, last.end_mark.index
    return start, start + len(source[start:end].rstrip())


_HCL_TEXT = r"(?:description|error_message|comment|source|provider|type)"
_HCL_ATTRIBUTE = re.compile(rf"^[ ]*(?!{_HCL_TEXT}\b)[\w\"-]+\s*=\s*\S.*", re.MULTILINE)
_HCL_BLOCK = re.compile(r"^(?P<indent>[ ]+)\w+ \{\n(?:.*\n)*?(?P=indent)\}$", re.MULTILINE)
_HCL_LIST = re.compile(r"(?<![\w\]])\[(?P<items>\s*\"[^\[\]{}]*)\]")
_HCL_MOCK = re.compile(r"^mock_\w+ [^\n]*\{\n(?:.*\n)*?\}$", re.MULTILINE)
_HCL: list[_Rule] = [
    (r"==", "!="),
    (r"!=", "=="),
    (r"&&", "||"),
    (r"\|\|", "&&"),
    (r"\b(?:true|false)\b", _flip),
    (r"(?<![\w.-])\d+(?![\w.-])", _increase),
]


def hcl_edits(source: str) -> Iterator[Edit]:
    """Each single edit of a file of Terraform's configuration."""
    text = _blank(re.compile(r"#[^\n]*"), source)
    yield from _by_rules(_HCL, _blank(re.compile(r"\"[^\"\n]*\""), text))
    for pattern in (_HCL_ATTRIBUTE, _HCL_BLOCK):
        yield from (
            Edit(*found.span(), "") for found in pattern.finditer(text) if _is_balanced(found[0])
        )
    for found in _HCL_LIST.finditer(text):
        yield from without_each(_spans(r"\"[^\"]*\"", text, *found.span("items")))


def hcl_test_edits(source: str) -> Iterator[Edit]:
    """Each single edit of what a test of Terraform's configuration expects.

    Only conditions and values are changed: nothing can notice that an assertion is missing.
    """
    text = _blank(_HCL_MOCK, _blank(re.compile(r"#[^\n]*"), source))
    expected = _blank(re.compile(r"^(?![ ]*condition\b).*", re.MULTILINE), text)
    yield from _by_rules(_HCL, _blank(re.compile(r"\"[^\"\n]*\""), expected))
    for found in re.finditer(r"(?P<key>\[?)\"(?P<text>[^\"\n]+)\"", expected):
        if not found["key"] and "$" not in found["text"]:
            yield Edit(*found.span("text"), f"{found['text']}X")


def _by_rules(rules: Sequence[_Rule], text: str) -> Iterator[Edit]:
    for pattern, new in rules:
        for found in re.finditer(pattern, text):
            yield Edit(*found.span(), new if isinstance(new, str) else new(found))


def _blank(skipped: re.Pattern[str], source: str) -> str:
    return skipped.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)


def _spans(pattern: str, text: str, start: int, end: int) -> list[tuple[int, int]]:
    return [found.span() for found in re.compile(pattern).finditer(text, start, end)]


def _is_balanced(text: str) -> bool:
    return all(text.count(pair[0]) == text.count(pair[1]) for pair in ("()", "[]", "{}"))
