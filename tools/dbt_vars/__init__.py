"""dbt's `var` for the SQL linter: it renders the project's macros with the declared values."""

from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

_PROJECT = Path(__file__).resolve().parents[2] / "include" / "transform" / "dbt_project.yml"
_VARS: dict[str, Any] = yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["vars"]


def var(name: str) -> Any:
    """Return a variable of `dbt_project.yml`.

    Raises:
        KeyError: The project declares no such variable.
    """
    return _VARS[name]
