"""dbt's `var`, `env_var` and `model`, with which the SQL linter renders the project's macros."""

from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

_PROJECT = Path(__file__).resolve().parents[2] / "include" / "transform" / "dbt_project.yml"
_VARS: dict[str, Any] = yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["vars"]

# A mart with a definition; the linter does not read the models' YAML.
_METRIC = {"name": "a_metric", "unit_label": "things", "type": "count", "frequency": "daily"}
model: dict[str, Any] = {"config": {"meta": {"metrics": [_METRIC]}}}


def var(name: str) -> Any:
    """Return a variable of `dbt_project.yml`.

    Raises:
        KeyError: The project declares no such variable.
    """
    return _VARS[name]


def env_var(_name: str, default: str = "") -> str:
    """Return the default, so that the linter needs no environment."""
    return default
