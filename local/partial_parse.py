"""dbt's parsed project for every DAG before its first task: each would parse in full otherwise.

dbt takes a parsed project up again only where it was parsed with the same connection; the laptop's
is known when its cloud runs. Cosmos keeps one for each DAG: they are put where it looks.
"""

import multiprocessing
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from dbt.cli.main import dbtRunner

from include.pipeline.transform import PROJECT, profile_config
from local.home import REPOSITORY

FILE = "partial_parse.msgpack"


def parse_for_every_dag() -> None:
    """Parse once, in a process of its own, and leave the result to every DAG.

    A result that dbt does not take up costs time only: it parses in full then, as in production.
    """
    process = multiprocessing.get_context("fork").Process(target=_parse)
    process.start()
    process.join()


def _parse() -> None:
    config = profile_config()
    with config.ensure_profile() as (profile, settings), TemporaryDirectory() as target:
        os.environ.update(settings)
        words = ["--quiet", "parse", "--project-dir", str(PROJECT), "--target-path", target]
        words += ["--profiles-dir", str(profile.parent), "--log-path", target]
        words += ["--profile", str(config.profile_name), "--target", str(config.target_name)]
        if dbtRunner().invoke(words).success:
            for dag in (REPOSITORY / "dags").glob("*.py"):
                _leave(Path(target) / FILE, dag.stem)


def _leave(parsed: Path, dag: str) -> None:
    folder = Path(os.environ["AIRFLOW__COSMOS__CACHE_DIR"]) / f"{dag}__transform" / "target"
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{FILE}.part"
    shutil.copyfile(parsed, part)
    part.replace(folder / FILE)
