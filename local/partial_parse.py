"""Gives every DAG a parsed dbt project before its first task, which would parse in full otherwise.

dbt reuses a parsed project only with the profile that it was parsed with. The DAGs' profiles differ
in their query tag only, so one parse serves all of them, with another hash of the profile in each
copy. The copies go into the folders where Cosmos stores the parsed project of each DAG.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from dbt.adapters.factory import get_adapter_by_type
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.clients.jinja import template_cache

from include.pipeline.transform import freshness_cache, profile_config
from include.query_tags import query_tag, source_of
from include.sources import SOURCES
from include.transform_project import PROJECT, dbt_environment
from local.home import REPOSITORY
from local.third_party_patches import profile_hash, skip_search_for_flags_source

FILE = "partial_parse.msgpack"


def parse_for_every_dag() -> None:
    """Parse once, in this process, and write a copy of the result for every DAG.

    The macros are compiled here too, and the code that reads a parsed project is generated: dbt
    does both once in a process and its forks, which is more than half of a short task's time. A
    copy that dbt rejects costs time only: dbt then parses in full, as in production.
    """
    skip_search_for_flags_source()
    with patch.dict(os.environ):
        _parse()


def _parse() -> None:
    first, *others = _caches()
    with TemporaryDirectory() as target:
        manifest = _parse_for(first, target)
        if manifest is None:
            return
        for macro in manifest.macros.values():
            template_cache.get_node_template(macro)
        parsed = (Path(target) / FILE).read_bytes()
        # Only for the code that dbt generates at the first reading.
        Manifest.from_msgpack(parsed)
    credentials = get_adapter_by_type("snowflake").config.credentials
    parsed_with = profile_hash(credentials, first.query_tag)
    for cache in (first, *others):
        _write(parsed.replace(parsed_with, profile_hash(credentials, cache.query_tag)), cache)


@dataclass(frozen=True)
class Cache:
    """The parsed project of one DAG's tasks. `folder` is its name in Cosmos's cache."""

    dag: str
    source: str
    folder: str

    @property
    def query_tag(self) -> str:
        """The query tag of the tasks' profile."""
        return query_tag(self.dag, self.source)


def _caches() -> list[Cache]:
    dags = [file.stem for file in (REPOSITORY / "dags").glob("*.py")]
    return [
        *(Cache(dag, source_of(dag), f"{dag}__transform") for dag in dags),
        *(Cache("check_freshness", source, freshness_cache(source).name) for source in SOURCES),
    ]


def _parse_for(cache: Cache, target: str) -> Manifest | None:
    config = profile_config(cache.source)
    with config.ensure_profile() as (profile, settings):
        os.environ.update(settings, AIRFLOW_CTX_DAG_ID=cache.dag, **dbt_environment())
        words = ["--quiet", "parse", "--project-dir", str(PROJECT), "--target-path", target]
        words += ["--profiles-dir", str(profile.parent), "--log-path", target]
        words += ["--profile", str(config.profile_name), "--target", str(config.target_name)]
        result: Manifest | None = dbtRunner().invoke(words).result
        return result


def _write(parsed: bytes, cache: Cache) -> None:
    folder = Path(os.environ["AIRFLOW__COSMOS__CACHE_DIR"]) / cache.folder / "target"
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{FILE}.part"
    part.write_bytes(parsed)
    part.replace(folder / FILE)
