"""Execution of one statement: Snowflake's guarantees around fakesnow's own execution."""

from __future__ import annotations

import re
from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any

import duckdb
import pyarrow as pa
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.dialect import parse_one
from fakesnow.rowtype import describe_as_rowtype
from sqlglot import Expr, exp

from local.snowflake import (
    account_usage,
    databases,
    errors,
    fakesnow_patches,
    grant_ownership,
    metering,
    open_transactions,
    privileges,
    renames,
    roles,
    show_grants,
    show_objects,
    stage_files,
    stage_statements,
    tables,
    translate,
    user_parameters,
    warehouse_statements,
)
from local.snowflake.account import Session
from local.snowflake.classify import Effect, Kind, classify, is_unload
from local.snowflake.history import Statement
from local.snowflake.sql import SUCCESS
from local.snowflake.unload import unload
from local.snowflake.warehouse_needs import on_warehouse

# Values for a statement's placeholders, by position or by name.
Params = Sequence[object] | dict[str, object] | None

ATTEMPTS = 8
# sqlglot parses only the first word of some statements, so their text is matched.
BY_TEXT = (
    databases.create_or_drop,
    renames.rename,
    warehouse_statements.define_or_show,
    user_parameters.alter_or_show,
    show_grants.show,
    show_objects.show,
    grant_ownership.run,
    open_transactions.show_or_abort,
    roles.accept,
    tables.comment_on_columns,
    stage_statements.drop_or_remove,
)
BY_TREE = (warehouse_statements.use, roles.use, databases.use, tables.comment, tables.swap)
_START = re.compile(r"^\s*START\s+TRANSACTION\b.*$", re.IGNORECASE | re.DOTALL)


class Cursor(FakeSnowflakeCursor):  # type: ignore[misc]  # fakesnow carries no types
    """fakesnow's cursor, for one statement of a session."""

    _described: list[tuple[Any, ...]]

    @property
    def session(self) -> Session:
        """The session that runs the statement."""
        session: Session = self._conn
        return session

    def execute(self, command: str, params: Params = None, *_: object, **kwargs: Any) -> Cursor:
        """Run one statement and record it in the history.

        Args:
            command: The statement's SQL.
            params: Values for the placeholders, by position or by name; also `binding_params`.

        Raises:
            ProgrammingError: Whatever fails, with a message as Snowflake words it.
        """
        session = self.session
        params = kwargs.get("binding_params") or params
        bound = list(params) if isinstance(params, tuple) else params
        with session.lock, session.record(command) as statement:
            session.last_active = monotonic()
            try:
                self._run_and_describe(command, bound, statement)
                # fakesnow's server does this next, and responds with 500 to a type it cannot send.
                describe_as_rowtype(self._described)
                statement.query_id, statement.rows = self.sfqid, self.rowcount
            except Exception as error:
                raise errors.as_snowflake_error(error) from error
            finally:
                session.last_active = monotonic()
        return self

    def query(self, expression: Expr) -> tuple[pa.Table, list[str]]:
        """Run a query within the current statement; its rows and its columns' DuckDB types."""
        inner = Cursor(conn=self.session, duck_conn=self.session.connection)
        inner._run(expression, None)
        return inner._arrow_table, [row[1] for row in inner._described]

    def _describe_last_sql(self) -> list[tuple[Any, ...]]:
        # fakesnow's server calls this from another thread, when the session may be busy again.
        return self._described

    def _execute(self, transformed: Expr, params: Params = None) -> None:
        super()._execute(transformed, params)
        connection = self.session.connection
        if transformed.args.get("result_scan_sfqid"):
            # A stored result, for which nothing was run.
            described = connection.execute(f"DESCRIBE {self._last_sql}", self._last_params)
            self._described = described.fetchall()
            return
        # What `DESCRIBE` answers, without planning the statement a second time.
        self._described = [
            (name, str(kind), "YES", None, None, None) for name, kind, *_ in connection.description
        ]

    def _run_and_describe(self, command: str, params: Params, statement: Statement) -> None:
        session = self.session
        command = _START.sub("BEGIN", stage_statements.quote_put(self._inline_variables(command)))
        expression = parse_one(command)
        effect = classify(expression, session.database, session.schema)
        privileges.check(session, command, expression)
        # Running a statement rewrites its tree.
        defined = expression.copy() if effect.kind is Kind.DEFINITION else None
        with on_warehouse(session, statement, expression, params):
            self._run_in_transaction(command, expression, effect, params)
        session.record_change(effect)
        if defined is not None:
            privileges.record(session, command, defined)
            place = (session.database or "", session.schema or "")
            session.account.described.record(session.identity.role, command, place)

    def _run_in_transaction(
        self, command: str, expression: Expr, effect: Effect, params: Params
    ) -> None:
        session = self.session
        for attempt in range(1, ATTEMPTS + 1):
            autocommitted = not session.transaction.open
            try:
                timeout = float(session.parameters.get("LOCK_TIMEOUT"))
                with session.transaction.statement(effect, timeout):
                    self._answer(command, expression, effect.kind, params)
                return
            except duckdb.Error as error:
                if not (autocommitted and errors.is_conflict(error) and attempt < ATTEMPTS):
                    raise
                sleep(0.01 * 2**attempt)
                # The failed attempt has rewritten the tree.
                expression = parse_one(command)

    def _answer(self, command: str, expression: Expr, kind: Kind, params: Params) -> None:
        result = self._own_statement(command, expression, kind)
        if result is not None:
            self._execute(exp.maybe_parse(result, dialect="duckdb"))
            return
        self._run(expression, params)

    def _own_statement(self, command: str, expression: Expr, kind: Kind) -> str | None:
        """Run a statement that fakesnow does not support; its result as SQL, `None` for another."""
        session = self.session
        if kind is Kind.SESSION:
            session.alter(re.split(r"\bSESSION\b", command, maxsplit=1, flags=re.IGNORECASE)[1])
            return SUCCESS
        if kind in (Kind.BEGIN, Kind.COMMIT, Kind.ROLLBACK):
            return SUCCESS
        if isinstance(expression, exp.Copy) and is_unload(expression):
            stage_statements.resolve_stages(session, expression)
            return unload(session, expression, self.query)
        for by_text in BY_TEXT:
            if (result := by_text(session, command)) is not None:
                return result
        for by_tree in BY_TREE:
            if (result := by_tree(session, expression)) is not None:
                return result
        return None

    def _run(self, expression: Expr, params: Params) -> None:
        session = self.session
        stage_statements.resolve_stages(session, expression)
        stage_files.replace_stages(session, expression)
        tables.make_permanent(session, expression)
        account_usage.provide(session, expression)
        metering.provide(session, expression)
        fakesnow_patches.name_source_columns(expression)
        self.check_db_and_schema(expression)
        with (
            fakesnow_patches.load_in_target_database(session, expression),
            fakesnow_patches.merge_in_target_database(session, expression),
        ):
            for part in self._transform_explode(expression):
                translated = self._transform(part, params)
                has_placeholder = translated.find(exp.Placeholder) is not None
                with fakesnow_patches.require_columns(session, part, translated):
                    self._execute(translated, params if has_placeholder else None)

    def _transform(self, expression: Expr, params: Params) -> Expr:
        # A copy, because the caller needs the statement as it was received.
        copy = roles.replace_context_functions(self.session, expression.copy())
        translated = super()._transform(translate.before(copy), params)
        stage_files.store_file_format(self.session, expression, translated)
        return translate.after(translated)
