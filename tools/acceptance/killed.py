"""A load that kills its own process before a statement: `load_killed` runs this module.

It prints the number of its session first.
"""

import os
import sys
from pathlib import Path
from signal import SIGKILL

from tools.acceptance import loads, rows
from tools.acceptance.account import Account
from tools.acceptance.trial import Trial


def main(token: str, statement: str) -> None:
    """Load one row into a run's raw table; die before the statement that begins so."""
    account = Account(f"accept_{token}")
    trial = Trial(token, account, Path())

    def die(sql: str) -> None:
        if sql.startswith(statement):
            print(account.sessions[-1], flush=True)
            os.kill(os.getpid(), SIGKILL)

    loads.load_rows(trial, rows.permits(("Issued",)), f"{trial.prefix}_KILLED", before=die)


if __name__ == "__main__":
    main(*sys.argv[1:3])
