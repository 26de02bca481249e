"""dbt's parsed project for every DAG before its first task: each would parse in full otherwise.

dbt takes a parsed project up again only where it was parsed with the same profile. The laptop's
connection is known when its cloud runs; the DAGs' profiles differ in the query tag, and the project
is the same. Cosmos keeps one for each DAG: they are put where it looks.
"""

import os
import pprint
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from dbt.adapters.factory import get_adapter_by_type
from dbt.cli.main import dbtRunner
from dbt.contracts.files import FileHash
from dbt.contracts.graph.manifest import Manifest
from dbt_common.clients.jinja import template_cache

from include.pipeline.transform import PROJECT, freshness_cache, profile_config
from include.query_tags import query_tag, source_of
from include.sources import SOURCES
from local import dbt_flags
from local.home import REPOSITORY

FILE = "partial_parse.msgpack"


def parse_for_every_dag() -> None:
    """Parse once, in this process, and leave the result to every DAG.

    What dbt works out once in a process, half of a short task's time, its forks then need not: the
    macros are compiled here too. A result that dbt does not take up costs time only: it parses in
    full then, as in production.
    """
    dbt_flags.name_their_source()
    with patch.dict(os.environ):
        _parse()


def _parse() -> None:
    first, *others = _tags()
    with TemporaryDirectory() as target:
        manifest = _parsed_for(first, target)
        if manifest is None:
            return
        for macro in manifest.macros.values():
            template_cache.get_node_template(macro)
        parsed = (Path(target) / FILE).read_bytes()
    credentials = get_adapter_by_type("snowflake").config.credentials
    hashed = profile_hash(credentials, first)
    for tag in (first, *others):
        _leave(parsed.replace(hashed, profile_hash(credentials, tag)), tag)


@dataclass(frozen=True)
class Tag:
    """What a DAG's tasks tell the warehouse, and where Cosmos keeps what they parsed."""

    dag: str
    source: str
    cache: str


def _tags() -> list[Tag]:
    dags = [file.stem for file in (REPOSITORY / "dags").glob("*.py")]
    return [
        *(Tag(dag, source_of(dag), f"{dag}__transform") for dag in dags),
        *(Tag("check_freshness", source, freshness_cache(source).name) for source in SOURCES),
    ]


def _parsed_for(tag: Tag, target: str) -> Manifest | None:
    config = profile_config(tag.source)
    with config.ensure_profile() as (profile, settings):
        os.environ.update(settings, AIRFLOW_CTX_DAG_ID=tag.dag)
        words = ["--quiet", "parse", "--project-dir", str(PROJECT), "--target-path", target]
        words += ["--profiles-dir", str(profile.parent), "--log-path", target]
        words += ["--profile", str(config.profile_name), "--target", str(config.target_name)]
        result: Manifest | None = dbtRunner().invoke(words).result
        return result


def profile_hash(credentials: Any, tag: Tag) -> bytes:
    """dbt's hash of a profile, as `ManifestLoader.build_manifest_state_check` makes it."""
    tagged = replace(credentials, query_tag=query_tag(tag.dag, tag.source))
    known = pprint.pformat(sorted(tagged.connection_info()))
    return str(FileHash.from_contents(known).checksum).encode()


def _leave(parsed: bytes, tag: Tag) -> None:
    folder = Path(os.environ["AIRFLOW__COSMOS__CACHE_DIR"]) / tag.cache / "target"
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{FILE}.part"
    part.write_bytes(parsed)
    part.replace(folder / FILE)
