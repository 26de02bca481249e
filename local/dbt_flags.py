"""Spares each dbt process a search that only a line of its log is made of."""

from dbt_common.behavior_flags import BehaviorFlagRendered


def name_their_source() -> None:
    """Tell dbt where its adapter's behaviour flags come from, in this process and its forks.

    For each of its flags it searches the whole stack, and all modules for each frame: a third of a
    short task's processor time.
    """
    BehaviorFlagRendered._default_source = staticmethod(  # type: ignore[method-assign]
        lambda: "dbt.adapters.snowflake.impl"
    )
