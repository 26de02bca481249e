"""The dbt project: its folder, its manifest and its variables."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

PROJECT = Path(__file__).parent / "transform"
# dbt's parsed project: `make manifest`, or the build of the image, writes it.
MANIFEST = PROJECT / "target" / "manifest.json"


@cache
def project_variables() -> Mapping[str, Any]:
    """The `vars` of `dbt_project.yml`."""
    variables: Mapping[str, Any] = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    return variables
