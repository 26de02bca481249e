"""The dbt project as Airflow tasks: one task for each model, with the model's tests."""

from collections.abc import Callable
from pathlib import Path

from airflow.sdk import Context
from cosmos import (
    DbtTaskGroup,
    ExecutionConfig,
    InvocationMode,
    LoadMode,
    ProfileConfig,
    ProjectConfig,
    RenderConfig,
    TestBehavior,
)
from cosmos.operators.local import DbtSourceLocalOperator
from cosmos.profiles import SnowflakePrivateKeyPemProfileMapping

from include import connections, warehouse
from include.pipeline.change_detection import mark_write
from include.pipeline.data_warnings import WarningReporter
from include.pipeline.third_party_patches import cosmos_cache, skip_dbt_lineage
from include.query_tags import ALL_SOURCES, query_tag, source_of
from include.storage import open_store
from include.transform_project import MANIFEST, PROJECT, dbt_environment

# dbt renders it: Cosmos sets the variable to the DAG that runs dbt.
RUNNING_DAG = "{{ env_var('AIRFLOW_CTX_DAG_ID') }}"


class ManifestMissingError(FileNotFoundError):
    """The dbt manifest does not exist yet."""


def transform(tag: str, *, upstream: bool = False) -> DbtTaskGroup:
    """A task group `transform` of the dbt models with a tag.

    The tasks are made from the manifest, which `make manifest` or the image's build has written, so
    that parsing a DAG never starts dbt. Each task runs `dbt build` for one model: if the model's
    tests fail, the models that depend on it do not run.

    Args:
        tag: The dbt tag.
        upstream: Also build and test the models that they depend on.

    Raises:
        ManifestMissingError: There is no manifest.
    """
    if not MANIFEST.exists():
        raise ManifestMissingError(f"{MANIFEST} does not exist; make it with: make manifest")
    return DbtTaskGroup(
        group_id="transform",
        project_config=ProjectConfig(
            dbt_project_path=PROJECT,
            manifest_path=MANIFEST,
            install_dbt_deps=False,
            # Unit tests check the code, not the data: `make test` runs them.
            env_vars={"DBT_EXCLUDE_RESOURCE_TYPES": "unit_test", **dbt_environment()},
        ),
        profile_config=profile_config(source_of(tag)),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            select=[f"{'+' if upstream else ''}tag:{tag}"],
            test_behavior=TestBehavior.BUILD,
            emit_datasets=False,
        ),
        execution_config=ExecutionConfig(invocation_mode=InvocationMode.DBT_RUNNER),
        operator_args={
            "pre_execute": _before_model(source_of(tag)),
            # Models that are built with others upstream are those of other DAGs, which report them.
            **({} if upstream else WarningReporter(tag).operator_args()),
        },
    )


def _before_model(source: str) -> Callable[[Context], None]:
    """The `pre_execute` of a model's task: notes that a source's tables are about to change."""

    def before_model(context: Context) -> None:
        skip_dbt_lineage(context)
        if source != ALL_SOURCES:
            mark_write(open_store(), source, context["run_id"])

    return before_model


def check_freshness(source: str) -> DbtSourceLocalOperator:
    """A task that fails if a source's raw tables were last loaded longer ago than declared."""
    return DbtSourceLocalOperator(
        task_id=source,
        project_dir=str(PROJECT),
        profile_config=profile_config(source),
        select=[f"source:{source}"],
        invocation_mode=InvocationMode.DBT_RUNNER,
        install_deps=False,
        cache_dir=freshness_cache(source),
        # Cosmos caches the parsed project only with a manifest, and this command writes none.
        manifest_filepath=str(MANIFEST),
        env=dbt_environment(),
        pre_execute=skip_dbt_lineage,
    )


def freshness_cache(source: str) -> Path:
    """The cache of dbt's parsed project for a source's freshness check.

    Each source has its own, as dbt parses everything again for a profile with another query tag.
    """
    return cosmos_cache(f"check_freshness__{source}")


def profile_config(source: str) -> ProfileConfig:
    """The dbt profile that Cosmos makes from the connection `snowflake_transformer`.

    Args:
        source: The source in the query tag, beside the DAG. The tag has neither task nor run,
            because dbt parses the whole project again when the profile changes.
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
