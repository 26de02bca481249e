"""Edits of Python: operators, constants, conditions, arguments, elements and statements."""

import ast
import re
from collections.abc import Iterator

from tools.mutants.edits import Edit, without_each

_COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
}
_ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: (r"\|", "&"),
}
_SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
_CLEANING = {"strip", "lstrip", "rstrip", "lower", "upper", "casefold", "title"}
_Placed = ast.expr | ast.stmt | ast.keyword
_NOT_CODE = {"annotation", "returns", "decorator_list"}


def python_edits(source: str) -> Iterator[Edit]:
    """Each single edit of a module."""
    places = _Places(source)
    for node in _nodes(ast.parse(source)):
        for kind in (_edits_of_expression, _edits_of_statement, _dropped_elements):
            yield from filter(places.is_valid, kind(node, places))


class _Places:
    """The nodes' positions in a text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._lines = source.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def _place(self, line: int, column: int) -> int:
        # The parser counts a line's bytes.
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def is_valid(self, edit: Edit) -> bool:
        """False for an edit that cuts a pair of parentheses, whose places the parser omits."""
        try:
            ast.parse(self.source[: edit.start] + edit.text + self.source[edit.end :])
        except SyntaxError:
            return False
        return True

    def span(self, node: _Placed) -> tuple[int, int]:
        """The first and the last position of a node."""
        return (
            self._place(node.lineno, node.col_offset),
            self._place(node.end_lineno or 0, node.end_col_offset or 0),
        )

    def replace(self, node: _Placed, text: str) -> Edit:
        """Replace a node."""
        return Edit(*self.span(node), text)

    def replace_between(
        self, left: ast.expr, right: ast.expr, old: str, new: str
    ) -> Iterator[Edit]:
        """Replace an operator between two nodes; `old` is its pattern."""
        start, end = self.span(left)[1], self.span(right)[0]
        for found in re.finditer(rf"(?<![\w/]){old}(?![\w/])", self.source[start:end]):
            yield Edit(start + found.start(), start + found.end(), new)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if name in _NOT_CODE or not isinstance(child, ast.AST) or _is_skipped(node, child):
                continue
            yield child
            # Until Python 3.12 the positions inside an f-string are wrong.
            if not isinstance(child, ast.JoinedStr):
                yield from _nodes(child)


def _is_skipped(parent: ast.AST, node: ast.AST) -> bool:
    """True for docstrings, imports, log lines, names of types, `is None` and abstract methods."""
    match parent, node:
        case (
            (_, ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom())
            | (_, ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="log")))))
            | (_, ast.If(test=ast.Name(id="TYPE_CHECKING")))
            | (_, ast.Assign(targets=[ast.Name(id="__all__")]))
            | (ast.Module(), ast.Assign(value=ast.Subscript() | ast.BinOp(op=ast.BitOr())))
            | (ast.Compare(), ast.Constant(value=None))
            | (_, ast.keyword(arg="strict"))
        ):
            return True
        case ast.FunctionDef(decorator_list=[ast.Name(id="abstractmethod")]), _:
            return True
        case ast.Call(func=ast.Name(id="cast" | "TypeVar"), args=[first, *_]), _:
            return node is first
    return False


def _edits_of_expression(node: ast.AST, places: _Places) -> Iterator[Edit]:
    match node:
        case ast.Compare():
            sides = [node.left, *node.comparators]
            for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
                yield from places.replace_between(left, right, *_COMPARISONS[type(operator)])
        case ast.BoolOp():
            old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for left, right in zip(node.values, node.values[1:], strict=False):
                yield from places.replace_between(left, right, old, new)
            yield from without_each([places.span(value) for value in node.values])
        case ast.BinOp() if type(node.op) in _ARITHMETIC:
            yield from places.replace_between(node.left, node.right, *_ARITHMETIC[type(node.op)])
        case ast.UnaryOp(op=ast.Not()):
            start, _ = places.span(node)
            yield Edit(start, start + len("not "), "")
        case ast.JoinedStr():
            yield places.replace(node, '""')
        case ast.Constant() if node.value is not ...:
            yield places.replace(node, _other_constant(node.value))
        case ast.IfExp():
            yield from _fixed_condition(node.test, places)
        case ast.comprehension():
            yield from (places.replace(condition, "True") for condition in node.ifs)
        case ast.Call(func=ast.Name(id=name)) if name in _SWAPPED:
            yield places.replace(node.func, _SWAPPED[name])
        case ast.Call(func=ast.Attribute(attr=name)) if name in _CLEANING:
            _, end = places.span(node)
            dot = places.source.rfind(".", 0, places.span(node.func)[1])
            yield Edit(dot, end, "")


def _edits_of_statement(node: ast.AST, places: _Places) -> Iterator[Edit]:
    match node:
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield places.replace(value, "None")
        case ast.Raise() | ast.Break() | ast.Return(value=None) | ast.Delete() | ast.AugAssign():
            yield places.replace(node, "pass")
        case ast.Expr(value=ast.Call()) | ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield places.replace(node, "pass")
        case ast.Continue():
            yield places.replace(node, "break")
        case ast.If():
            yield from _fixed_condition(node.test, places)
        case ast.While() if not isinstance(node.test, ast.Constant):
            yield places.replace(node.test, "False")
        case ast.ExceptHandler(type=ast.expr() as caught):
            yield places.replace(caught, "()")


def _fixed_condition(test: ast.expr, places: _Places) -> Iterator[Edit]:
    yield places.replace(test, "False")
    if not any(isinstance(each, ast.NamedExpr) for each in ast.walk(test)):
        yield places.replace(test, "True")


def _dropped_elements(node: ast.AST, places: _Places) -> Iterator[Edit]:
    match node:
        case ast.Tuple(ctx=ast.Load(), elts=[first, second]):
            (_, end), (start, last) = places.span(first), places.span(second)
            yield Edit(places.span(first)[0], last, places.source[start:last] + ",")
            yield Edit(end, last, ",")
        case ast.Tuple(ctx=ast.Load()) | ast.List(ctx=ast.Load()) | ast.Set():
            yield from without_each([places.span(each) for each in node.elts])
        case ast.Dict() if all(node.keys):
            pairs = zip(node.keys, node.values, strict=True)
            spans = [(places.span(key)[0], places.span(value)[1]) for key, value in pairs if key]
            yield from without_each(spans)
        case ast.Call():
            arguments: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
            arguments.sort(key=places.span)
            drops = without_each([places.span(each) for each in arguments])
            for argument, drop in zip(arguments, drops, strict=True):
                if isinstance(argument, ast.keyword) and argument.arg not in (None, "strict"):
                    yield drop


def _other_constant(value: object) -> str:
    match value:
        case bool():
            return str(not value)
        case int():
            return repr(value + 1)
        case float():
            return repr(value / 2 if value else 1.0)
        case bytes():
            return "b''" if value else "b'XX'"
        case str():
            return '""' if value else '"XX"'
    return '"XX"'
