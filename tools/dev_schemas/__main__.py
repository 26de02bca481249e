"""The command line: builds, drops, or drops what is unused."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from include import connections, warehouse
from include.masking import mask_secrets
from include.times import utc_now
from tools.acceptance.account import Account, variable_of
from tools.dev_schemas.build import TAG, build
from tools.dev_schemas.schemas import (
    PREFIX,
    UNUSED_AFTER,
    Schema,
    by_prefix,
    drop,
    find_schemas,
    is_protected,
    unused,
)

DONE, FAILED, WRONG_USE = 0, 1, 2
LOGIN = variable_of(connections.TRANSFORMER)


def main(arguments: Sequence[str], clock: Callable[[], datetime] = utc_now) -> int:
    """Run the command.

    Args:
        arguments: The command line's arguments.
        clock: Returns the current time, in UTC.

    Returns:
        0 if it did what it should, 1 if something could not be dropped, 2 for wrong use; of
        `build`, dbt's own exit code.
    """
    options = _parser().parse_args(arguments)
    try:
        wrong = _wrong_use(options)
    except warehouse.UnknownEnvironmentError as error:
        wrong = str(error)
    if wrong:
        print(wrong, file=sys.stderr)
        return WRONG_USE
    if options.command == "build":
        return build(options.dbt)
    account = Account(TAG)
    try:
        schemas = find_schemas(account)
        if options.command == "drop":
            prefix = options.prefix.upper()
            chosen = {prefix: by_prefix(schemas).get(prefix, [])}
        else:
            chosen = unused(schemas, clock(), [_own_prefix(), *map(str.upper, options.keep)])
        return _drop(account, chosen, really=not options.dry_run)
    except FileNotFoundError as error:
        print(f"{error.filename} does not exist; make it with: make manifest", file=sys.stderr)
        return FAILED
    except Exception as error:
        text = mask_secrets(" ".join(str(error).split()))[:300]
        print(f"The schemas could not be listed: {text}", file=sys.stderr)
        return FAILED
    finally:
        account.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.dev_schemas",
        description="Build, drop and expire schemas in the development account (docs/deploy.md).",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    built = commands.add_parser(
        "build", help="build and test the dbt project in the schemas of DDRC_SCHEMA_PREFIX"
    )
    built.add_argument("dbt", nargs="*", help="after --, more arguments of dbt build")
    dropped = commands.add_parser("drop", help="drop the schemas of a prefix")
    dropped.add_argument("prefix", metavar="PREFIX", help="a value of DDRC_SCHEMA_PREFIX")
    expired = commands.add_parser(
        "expire", help=f"drop the schemas that were not built for {UNUSED_AFTER.days} days"
    )
    expired.add_argument(
        "--keep", action="append", default=[], metavar="PREFIX", help="never drop this prefix"
    )
    for each in (dropped, expired):
        each.add_argument("--dry-run", action="store_true", help="only list what would be dropped")
    return parser


def _wrong_use(options: argparse.Namespace) -> str:
    """A sentence about what is wrong with the use; empty if nothing is."""
    prefix = getattr(options, "prefix", "").upper()
    wrong: Mapping[str, object] = {
        "This tool works in DEV only: set DDRC_ENV to DEV.": warehouse.environment() != "DEV",
        f"There is no login: set {LOGIN}, as docs/secrets.md says.": not os.environ.get(LOGIN),
        f"{prefix} belongs to the deployment or to Snowflake: it is never dropped.": (
            options.command == "drop" and is_protected(prefix)
        ),
        f"{prefix!r} is not a prefix: letters, digits and underscores.": (
            options.command == "drop" and not PREFIX.fullmatch(prefix)
        ),
        "Set DDRC_SCHEMA_PREFIX to your name or the pull request's, PR_<number>: without it the"
        " build would replace the deployment's own tables.": (
            options.command == "build" and is_protected(_own_prefix())
        ),
    }
    return next((text for text, applies in wrong.items() if applies), "")


def _own_prefix() -> str:
    return warehouse.schema_prefix().rstrip("_")


def _drop(account: Account, chosen: Mapping[str, list[Schema]], *, really: bool) -> int:
    left: list[str] = []
    for prefix, group in chosen.items():
        names = ", ".join(f"{one.database}.{one.name}" for one in group) or "nothing"
        when = f", last built {max(one.built_at for one in group):%Y-%m-%d}" if group else ""
        print(f"{prefix}{when}: {'dropping' if really else 'would drop'} {names}", flush=True)
        if really:
            left += drop(account, group)
    if not chosen:
        print(f"No schemas are unused for {UNUSED_AFTER.days} days.")
    for each in left:
        print(mask_secrets(each), file=sys.stderr)
    return FAILED if left else DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
