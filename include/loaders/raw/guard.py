"""The guard against collapse: far fewer rows than before are taken for a broken source."""

from include.loaders.errors import CollapseError
from include.sources import Expectations


def check_rows(
    source: str, rows: int, before: int, expects: Expectations, accepted: str | None
) -> str:
    """Refuse a load that is too small to be believed.

    Args:
        source: The source's name, for messages.
        rows: How many rows the new load has.
        before: How many the last good load had; 0 if there was none.
        expects: What the source's loads must bring.
        accepted: A person's reason to accept the drop.

    Returns:
        The accepted drop and the reason for it, if there is one; otherwise an empty string.

    Raises:
        CollapseError: The load is too small and nobody has accepted it.
    """
    if rows >= expects.rows and rows >= expects.share * before:
        return ""
    least = max(expects.rows, int(-(-expects.share * before // 1)))
    drop = f"{rows:,} rows after {before:,}; at least {least:,} were expected"
    if accepted:
        return f"accepted: {drop}. Reason: {accepted}"
    raise CollapseError(
        source, f"{drop}. The table is as it was; if the drop is real, accept it with a reason"
    )
