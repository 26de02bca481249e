"""Every statement that the tool can send: none deletes, replaces or overwrites anything."""

import ast
import re
from pathlib import Path

import pytest

import tools.cutover
from tests.tools.cutover.old_account import OldAccount

# `history` only inserts into this project's snapshots, and has tests of its own.
FILES = [
    file
    for file in sorted(Path(tools.cutover.__file__).parent.glob("*.py"))
    if not file.stem.startswith(("history", "compare"))
]
FORBIDDEN = re.compile(
    r"\b(DROP|TRUNCATE|DELETE|UPDATE|INSERT|MERGE|OVERWRITE|REPLACE|UNDROP|SWAP"
    r"|COPY INTO|PUT|REMOVE|CREATE|EXECUTE|UNSET|REVOKE CURRENT)\b"
)


def texts(file: Path) -> list[str]:
    """The strings of a module, without its documentation."""
    tree = ast.parse(file.read_text())
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in documents
    ]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_no_module_has_a_statement_that_deletes_or_replaces(file: Path) -> None:
    assert [text for text in texts(file) if FORBIDDEN.search(text)] == []


def test_one_place_sends_statements() -> None:
    calls = [
        file.name
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("execute", "executemany", "_run")
    ]
    # `Account.send` keeps and calls what the login gives it.
    assert calls == ["account.py", "account.py", "login.py"]


def test_whatever_is_sent_in_a_whole_handover_is_a_rename_a_transfer_or_a_revoked_future_grant(
    old: OldAccount,
) -> None:
    for command in ("rename", "future-grants"):
        assert old.run(command, "--apply") == 0
    old.apply_terraform()
    assert old.run("fivetran", "--apply") == 0
    assert old.run("future-grants", "--all", "--apply") == 0

    shapes = {re.sub(r'"[^"]*"(\."[^"]*")*', "<name>", statement) for statement in old.sent}

    assert {re.sub(r"(REVOKE) .* (ON FUTURE) .* (IN)", r"\1 … \2 … \3", one) for one in shapes} == {
        "ALTER SCHEMA <name> RENAME TO <name>",
        "ALTER STAGE <name> RENAME TO <name>",
        "ALTER ROLE <name> RENAME TO <name>",
        "ALTER WAREHOUSE <name> RENAME TO <name>",
        "REVOKE … ON FUTURE … IN DATABASE <name> FROM ROLE <name>",
        "GRANT OWNERSHIP ON SCHEMA <name> TO ROLE <name> COPY CURRENT GRANTS",
        "GRANT OWNERSHIP ON TABLE <name> TO ROLE <name> COPY CURRENT GRANTS",
    }
