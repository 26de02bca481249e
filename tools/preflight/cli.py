"""The command line: reads the settings, runs the checks and prints the table."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

PASSED, FAILED, WRONG_USE = 0, 1, 2
_SETTING = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")


class SettingsFileError(ValueError):
    """The file of settings cannot be read; the message says where."""


def main(arguments: Sequence[str]) -> int:
    """Run the command.

    Args:
        arguments: The command line's arguments.

    Returns:
        0 if every check passed, 1 if one failed or could not be tried, 2 for wrong use.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.env_file:
            os.environ.update(read_settings(Path(options.env_file)))
    except SettingsFileError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    # Airflow reads the environment at its first import.
    from tools.acceptance.outcomes import summary
    from tools.preflight.checks import CHECKS, IDS, chosen, run_checks
    from tools.preflight.deployment import Deployment
    from tools.preflight.table import header, row

    if options.list:
        print("\n".join(f"{check.id:<15} {check.about}" for check in CHECKS))
        return PASSED
    if unknown := [name for name in options.only or [] if name not in IDS]:
        print(f"There is no check {unknown[0]!r}; --list shows them all.", file=sys.stderr)
        return WRONG_USE
    _load_plugins()
    outcomes = []
    print(header(), flush=True)
    for check, outcome in run_checks(Deployment(), chosen(options.only or [])):
        outcomes.append(outcome)
        print(row(check, outcome), flush=True)
    print(f"\n{summary(outcomes)}.")
    return PASSED if all(one.status.value == "PASS" for one in outcomes) else FAILED


def read_settings(file: Path) -> dict[str, str]:
    """The settings in a file of lines `NAME=value`, as Docker and the Astro CLI read `.env`.

    Raises:
        SettingsFileError: The file cannot be read, or a line is not a setting.
    """
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsFileError(f"{file} cannot be read: {type(error).__name__}.") from error
    settings = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _SETTING.fullmatch(line.strip())
        if found is None:
            # Not the line: it may be a secret.
            raise SettingsFileError(f"Line {number} of {file} is not NAME=value.")
        settings[found[1]] = _unquoted(found[2].strip())
    return settings


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if is_quoted else value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.preflight",
        description="Check a deployment's configuration: each connection and Variable, each DAG,"
        " the public address and the heartbeat. It sends no message, starts no run, and deletes"
        " the small files that it writes. docs/preflight.md says what it needs.",
    )
    parser.add_argument(
        "--env-file", metavar="FILE", help="lines NAME=value to read first, for example .env"
    )
    parser.add_argument(
        "--only", action="append", metavar="CHECK", help="run this check and the one that it needs"
    )
    parser.add_argument("--list", action="store_true", help="list the checks")
    return parser


def _load_plugins() -> None:
    """As a worker does: a plugin may lead a hook to another address."""
    from airflow.plugins_manager import ensure_plugins_loaded

    ensure_plugins_loaded()
