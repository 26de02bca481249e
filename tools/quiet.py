"""Commands that print a table or a report, and nothing else."""

import logging
import os


def quieten(*names: str) -> None:
    """Silence Airflow's log, and the loggers of these names, for the whole process.

    Airflow reads the environment at its first import, so this comes before it.
    """
    os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"
    for name in ("airflow", *names):
        logging.getLogger(name).setLevel(logging.CRITICAL)
