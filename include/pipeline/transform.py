"""The dbt project as Airflow tasks: one task a model, its tests included."""

from pathlib import Path

from cosmos import (
    DbtTaskGroup,
    ExecutionConfig,
    ExecutionMode,
    InvocationMode,
    LoadMode,
    ProfileConfig,
    ProjectConfig,
    RenderConfig,
    TestBehavior,
)
from cosmos.operators.local import DbtSourceLocalOperator
from cosmos.profiles import SnowflakePrivateKeyPemProfileMapping
from cosmos.settings import cache_dir

from include import connections, warehouse
from include.pipeline.lineage import skip_dbts_lineage
from include.query_tags import query_tag, source_of

PROJECT = Path(__file__).parent.parent / "transform"
MANIFEST = PROJECT / "target" / "manifest.json"
# The DAG that runs dbt, as Cosmos tells it by environment.
RUNNING_DAG = "{{ env_var('AIRFLOW_CTX_DAG_ID') }}"


class ManifestMissingError(FileNotFoundError):
    """The dbt manifest, from which the tasks are drawn, was not made yet."""


def transform(tag: str, *, upstream: bool = False) -> DbtTaskGroup:
    """A task group `transform` of the dbt models with this tag.

    Args:
        upstream: Also build, and test, what they are made from.

    The tasks are drawn from the manifest that `make manifest` (or the image's build) left,
    so that parsing a DAG never starts dbt. Each task runs `dbt build` for one model: a
    model whose tests fail stops what is built upon it.

    Raises:
        ManifestMissingError: there is no manifest.
    """
    if not MANIFEST.exists():
        raise ManifestMissingError(f"{MANIFEST} does not exist; make it with: make manifest")
    return DbtTaskGroup(
        group_id="transform",
        project_config=ProjectConfig(
            dbt_project_path=PROJECT,
            manifest_path=MANIFEST,
            install_dbt_deps=False,
            # Unit tests judge the code, not the data: they run in `make test`.
            env_vars={"DBT_EXCLUDE_RESOURCE_TYPES": "unit_test"},
        ),
        profile_config=profile_config(source_of(tag)),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            select=[f"{'+' if upstream else ''}tag:{tag}"],
            test_behavior=TestBehavior.BUILD,
            emit_datasets=False,
        ),
        execution_config=ExecutionConfig(
            execution_mode=ExecutionMode.LOCAL, invocation_mode=InvocationMode.DBT_RUNNER
        ),
        operator_args={"pre_execute": skip_dbts_lineage},
    )


def check_freshness(source: str) -> DbtSourceLocalOperator:
    """A task that fails if a source's raw tables were not loaded for longer than declared.

    It keeps dbt's parsed project, as Cosmos does for a task group: one for each source, as the
    profile's query tag is the source's own.
    """
    return DbtSourceLocalOperator(
        task_id=source,
        project_dir=str(PROJECT),
        profile_config=profile_config(source),
        select=[f"source:{source}"],
        invocation_mode=InvocationMode.DBT_RUNNER,
        install_deps=False,
        cache_dir=freshness_cache(source),
        # Cosmos keeps it with the parsed project, and this command of dbt's writes none.
        manifest_filepath=str(MANIFEST),
        pre_execute=skip_dbts_lineage,
    )


def freshness_cache(source: str) -> Path:
    """Where a source's check of freshness keeps dbt's parsed project."""
    return Path(cache_dir, f"check_freshness__{source}")


def profile_config(source: str) -> ProfileConfig:
    """The profile that Cosmos makes for dbt from the connection `snowflake_transformer`.

    Args:
        source: What the statements are for, as their query tag tells it beside the DAG. Neither
            task nor run is in the tag: dbt parses the whole project anew when the profile changes.
    """
    return ProfileConfig(
        profile_name="ddrc",
        target_name=warehouse.environment().lower(),
        profile_mapping=SnowflakePrivateKeyPemProfileMapping(
            conn_id=connections.TRANSFORMER,
            profile_args={
                "schema": warehouse.schema_prefix().rstrip("_") or "PUBLIC",
                "query_tag": query_tag(RUNNING_DAG, source),
            },
        ),
    )
