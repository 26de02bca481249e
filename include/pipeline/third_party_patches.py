"""Private and undocumented APIs of other packages that the pipeline depends on.

A test fails when one of them is no longer needed (tests/pipeline/test_third_party_patches.py).
"""

from pathlib import Path
from typing import Any

from airflow.providers.openlineage.api import is_openlineage_active
from airflow.sdk import Context
from cosmos.settings import cache_dir


def skip_dbt_lineage(context: Context) -> None:
    """Have a dbt task skip its lineage if OpenLineage is off; a task's `pre_execute`.

    Cosmos 1.15 has dbt write, and then parses, the files for OpenLineage whether or not lineage is
    on: 0.05 to 0.3 s of processor time for each task. It has no option to leave that out. No
    upstream issue is known; astronomer/astronomer-cosmos#622, which honoured
    `OPENLINEAGE_DISABLED`, was closed unmerged.
    """
    if not is_openlineage_active():
        task: Any = context["task"]
        task._get_dbt_local_artifact_processor = lambda: None
        task.dbt_cmd_global_flags = [*task.dbt_cmd_global_flags, "--no-write-json"]


def cosmos_cache(name: str) -> Path:
    """A folder of Cosmos's cache, for an operator outside of a task group.

    Cosmos 1.15 gives the operators of a task group a folder for dbt's parsed project, and a single
    operator none. The setting `cache_dir` is documented; its module `cosmos.settings` is not. No
    upstream issue is known.
    """
    return Path(cache_dir, name)


def lineage_account(account: str) -> str:
    """A Snowflake account's name in OpenLineage's events.

    dbt's events name it by this undocumented function of openlineage-integration-common. The
    public `openlineage.client.naming.dataset.Snowflake` takes an organization and an account name,
    but no account locator. No upstream issue is known.
    """
    from openlineage.common.provider.snowflake import fix_account_name

    name: str = fix_account_name(account)
    return name
