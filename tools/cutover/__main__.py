"""Hands over from the earlier project in the same Snowflake account, one step at a time.

Every command is dry: it prints what it would do, each step as the statement itself. `--apply` does
it. Nothing is ever deleted or replaced. docs/cutover.md has the order.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from include.warehouse import ENVIRONMENTS
from tools.cutover import fivetran, future_grants, imports, listing, login, rename
from tools.cutover.account import Account, CutoverError
from tools.cutover.names import Names
from tools.cutover.steps import carry_out

DONE, FAILED, WRONG_USE = 0, 1, 2
# Commands with a `main(arguments) -> int` of their own.
_OTHERS = {
    "compare": "compare the metrics with the file that the page reads today",
    "history": "import the old daily copies into the snapshots",
}


def main(
    arguments: Sequence[str],
    environment: Mapping[str, str] = os.environ,
    connect: login.Connect = login.log_in,
) -> int:
    """Run one command.

    Args:
        arguments: The command line's arguments.
        environment: The administrator's login, and `DDRC_ENV`.
        connect: Opens the account.

    Returns:
        0 if all is well, 1 if a step failed, 2 for wrong use.
    """
    if arguments and arguments[0] in _OTHERS:
        code: int = import_module(f"tools.cutover.{arguments[0]}").main(arguments[1:])
        return code
    try:
        options = _parser(environment).parse_args(arguments)
    except SystemExit as ended:
        return WRONG_USE if ended.code else DONE
    if options.command in _OTHERS:
        print(f"Write {options.command} first, before its options.", file=sys.stderr)
        return WRONG_USE
    if options.environment not in ENVIRONMENTS:
        print(f"Set DDRC_ENV, or --environment, to {' or '.join(ENVIRONMENTS)}.", file=sys.stderr)
        return WRONG_USE
    try:
        with connect(environment) as account:
            _run(options, account, Names(options.environment))
    except CutoverError as error:
        print(error, file=sys.stderr)
        return FAILED
    return DONE


def _run(options: argparse.Namespace, account: Account, names: Names) -> None:
    if options.command == "list":
        for line in listing.lines(account, names):
            print(line)
    elif options.command == "imports":
        found = list(imports.find(account, names))
        if options.azure_subscription and options.storage_account:
            found += imports.find_azure(names, options.azure_subscription, options.storage_account)
        for line in imports.lines(found, rename.plan(account, names).changes):
            print(line)
    elif options.command == "rename":
        plan = rename.plan(account, names, options.only or rename.KINDS)
        carry_out(account, plan, apply=options.apply, show=print)
    elif options.command == "fivetran":
        carry_out(account, fivetran.plan(account, names), apply=options.apply, show=print)
    else:
        plan = future_grants.plan(account, names, every=options.all)
        carry_out(account, plan, apply=options.apply, show=print)


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.cutover", description=__doc__)
    parser.add_argument(
        "--environment",
        default=environment.get("DDRC_ENV", ""),
        type=str.upper,
        help="DEV or PRD; DDRC_ENV by default",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="list what exists under this project's names; read only")
    writes = commands.add_parser("imports", help="print Terraform's import blocks for what exists")
    writes.add_argument("--azure-subscription", default="", help="the subscription's id, if the")
    writes.add_argument("--storage-account", default="", help="storage account exists already")
    renames = commands.add_parser("rename", help="rename what has this project's names to _LEGACY")
    renames.add_argument("--only", action="append", choices=rename.KINDS, help="one kind of object")
    gives = commands.add_parser("fivetran", help="give Fivetran's schemas and tables to its role")
    revokes = commands.add_parser("future-grants", help="revoke the old future grants of ownership")
    revokes.add_argument("--all", action="store_true", help="and every other old future grant")
    for command in (renames, gives, revokes):
        command.add_argument("--apply", action="store_true", help="do it; without it, only print")
    for name, text in _OTHERS.items():
        commands.add_parser(name, help=text, add_help=False)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
