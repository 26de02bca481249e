"""Which files of tests run a line: the tests that concern a mutant there."""

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from coverage import Coverage

from tools.mutants.edits import Mutant

# Several files of tests may share a fixture, which runs in the first of them.
_SHARED = ("session", "package")
_SHARED_BY_ANY = "*"


class Tracer:
    """A plugin of pytest: notes the file of tests that runs while a line does.

    Args:
        folder: The checkout.
        code: The paths of the Python files whose lines are noted.
    """

    def __init__(self, folder: Path, code: Sequence[str]) -> None:
        self._folder = folder
        paths = [str(folder / path) for path in code]
        self._coverage = Coverage(data_file=None, config_file=False, include=paths, messages=False)
        self._test = ""
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Called for each test."""
        self._switch(str(item.path.relative_to(self._folder)))
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Iterator[None]:
        """Called for each fixture that is made."""
        test = self._test
        if fixturedef.scope in _SHARED:
            self._switch(_SHARED_BY_ANY)
        try:
            return (yield)
        finally:
            self._switch(test)

    def save(self, file: Path) -> None:
        """Write what was noted, for `read_lines`."""
        self._coverage.stop()
        data = self._coverage.get_data()
        found = {
            str(Path(path).relative_to(self._folder)): data.contexts_by_lineno(path)
            for path in data.measured_files()
        }
        file.write_text(json.dumps(found))

    def _switch(self, test: str) -> None:
        if test != self._test:
            self._coverage.switch_context(test)
            self._test = test


class Lines:
    """What a tracer has noted.

    Args:
        tests: For each file of code and each of its lines, the files of tests that run it.
    """

    def __init__(self, tests: Mapping[str, Mapping[int, Sequence[str]]] | None = None) -> None:
        self._tests = tests or {}

    def concerned(self, mutant: Mutant) -> set[str]:
        """The files of tests that run the changed statement.

        Returns:
            Their paths; none if it may concern any test: it runs when its file is imported, in a
            fixture that several files share or in another process, or is not Python.
        """
        lines = self._tests.get(mutant.path)
        if not lines:
            return set()
        found = {test for line in _statement(mutant) for test in lines.get(line, ())}
        return set() if _SHARED_BY_ANY in found else found - {""}


def read_lines(file: Path) -> Lines:
    """Read what a tracer has saved."""
    found = json.loads(file.read_text())
    return Lines(
        {path: {int(line): tests for line, tests in lines.items()} for path, lines in found.items()}
    )


def _statement(mutant: Mutant) -> range:
    """The lines of the smallest statement around the changed line."""
    statements = (node for node in ast.walk(ast.parse(mutant.source)) if isinstance(node, ast.stmt))
    around = [range(node.lineno, (node.end_lineno or node.lineno) + 1) for node in statements]
    line = mutant.line
    return min((each for each in around if line in each), key=len, default=range(line, line + 1))
