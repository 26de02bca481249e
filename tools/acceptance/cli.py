"""The command line: runs the checks, removes what they made, and writes the report."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from include import warehouse
from include.masking import mask_secrets
from include.times import utc_now
from tools.acceptance.account import AUDITOR, CONNECTIONS, Account, variable_of
from tools.acceptance.outcomes import CheckFailedError, NotPermittedError, Outcome, Status, summary
from tools.acceptance.report import line, markdown
from tools.acceptance.trial import PREFIX, Trial, a_trial, clean, new_token

PASSED, FAILED, WRONG_USE = 0, 1, 2
_TOKEN = re.compile(r"[0-9A-F]{8}")


class StoppedError(BaseException):
    """Somebody has ended the run, with Ctrl-C or SIGTERM."""


def main(arguments: Sequence[str]) -> int:
    """Run the command.

    Args:
        arguments: The command line's arguments.

    Returns:
        0 if nothing failed, 1 if a check failed or something was left behind, 2 for wrong use.
    """
    options = _parser().parse_args(arguments)
    if options.list:
        from tools.acceptance.checks import CHECKS

        print("\n".join(f"{check.id:<18} {check.about}" for check in CHECKS))
        return PASSED
    try:
        wrong = _wrong_use(options)
    except warehouse.UnknownEnvironmentError as error:
        wrong = str(error)
    if wrong:
        print(wrong, file=sys.stderr)
        return WRONG_USE
    if options.clean:
        return _clean_all()
    if options.credits:
        return _credits(options.credits)
    return _run(options.only or [], Path(options.report) if options.report else None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.acceptance",
        description="Check a development account before the first deployment: logins, grants,"
        " loads, dbt, unloads and what each role must be refused. Takes about ten minutes and"
        " removes what it makes. docs/acceptance.md says what it needs.",
    )
    parser.add_argument(
        "--only", action="append", metavar="CHECK", help="run this check and those that it needs"
    )
    parser.add_argument("--list", action="store_true", help="list the checks")
    parser.add_argument(
        "--report", metavar="FILE", help="the report; acceptance-TOKEN.md here by default"
    )
    parser.add_argument(
        "--clean", action="store_true", help="remove what killed runs have left, and end"
    )
    parser.add_argument(
        "--credits", metavar="TOKEN", help="read the credits of an earlier run, and end"
    )
    return parser


def _wrong_use(options: argparse.Namespace) -> str:
    """What is wrong with the use; empty if nothing is."""
    names = [*CONNECTIONS.values(), f"snowflake_{AUDITOR.lower()}"]
    logins = [name for name in names if os.environ.get(variable_of(name))]
    unknown = _unknown(options.only or [])
    wrong = {
        f"There is no check {unknown}; --list shows them all.": unknown,
        "The acceptance runs in DEV only: set DDRC_ENV to DEV.": warehouse.environment() != "DEV",
        f"{options.credits!r} is not a token, eight hexadecimal digits.": (
            options.credits and not _TOKEN.fullmatch(options.credits)
        ),
        "There is no Snowflake connection in the environment: set at least"
        f" {variable_of(CONNECTIONS['LOADER'])}, as docs/acceptance.md says.": not logins,
        f"The report cannot be written to {options.report}.": (
            options.report and not Path(options.report).parent.is_dir()
        ),
    }
    return next((text for text, applies in wrong.items() if applies), "")


def _unknown(only: Sequence[str]) -> str:
    """The first of these names that is not a check's; empty if there is none."""
    if not only:
        return ""
    from tools.acceptance.checks import IDS

    return next((name for name in only if name not in IDS), "")


def _run(only: Sequence[str], report: Path | None) -> int:
    from tools.acceptance.checks import chosen, run_checks

    token, began = new_token(), utc_now()
    file = report or Path(f"acceptance-{token}.md")
    outcomes: list[Outcome] = []
    left: list[str] = []
    print(f"Acceptance {token} of {warehouse.environment()}", flush=True)
    with a_trial(token) as trial, _stoppable() as finishing:
        try:
            for outcome in run_checks(trial, chosen(only)):
                outcomes.append(outcome)
                print(line(outcome), flush=True)
        except StoppedError as error:
            print(f"Stopped by {error}; removing what was made.", flush=True)
            left.append(f"The run was stopped by {error} before its end.")
        finally:
            finishing()
            left += [mask_secrets(each) for each in _remove(trial)]
            file.write_text(markdown(token, warehouse.environment(), began, outcomes, left))
    for each in left:
        print(f"Not removed: {each}" if "stopped by" not in each else each, flush=True)
    print(f"{summary(outcomes)}. The report is {file}.")
    failed = left or any(outcome.status is Status.FAIL for outcome in outcomes)
    return FAILED if failed else PASSED


def _remove(trial: Trial) -> list[str]:
    # The sessions of the checks may be broken, or in a transaction.
    trial.account.close()
    return clean(trial.account, trial.prefix, trial.candidates)


@contextmanager
def _stoppable() -> Iterator[Callable[[], None]]:
    """Ctrl-C and SIGTERM end the checks, and neither ends the removal after them."""

    def stop(number: int, _frame: FrameType | None) -> None:
        raise StoppedError(signal.Signals(number).name)

    def finish() -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield finish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _clean_all() -> int:
    account = Account("accept_clean")
    try:
        left = clean(account, PREFIX, [])
    finally:
        account.close()
    for each in left:
        print(f"Not removed: {mask_secrets(each)}", file=sys.stderr)
    if not left:
        print(f"Nothing is left that begins with {PREFIX}_.")
    return FAILED if left else PASSED


def _credits(token: str) -> int:
    from tools.acceptance.metering import read_bursts

    account = Account(f"accept_{token}")
    try:
        print(read_bursts(account, token))
    except NotPermittedError as error:
        print(f"{Status.NOT_PERMITTED.value}: {error}")
        return FAILED
    except CheckFailedError as error:
        print(f"{Status.FAIL.value}: {error}")
        return FAILED
    except Exception as error:
        print(f"{Status.FAIL.value}: {mask_secrets(' '.join(str(error).split()))}")
        return FAILED
    finally:
        account.close()
    return PASSED
