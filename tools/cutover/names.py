"""The names that this project's Terraform and dbt give to objects of the account."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

from include import warehouse
from include.sources import LOADED, SOURCES, SYNCED
from tools.planned_grants import planned_grants

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "terraform" / "modules"
# The suffix of an earlier object whose name this project needs.
LEGACY = "_LEGACY"
# dbt's schemas in ANALYTICS; those in TRANSFORM have the sources' names.
MART_SCHEMAS = ("HISTORY", "METRICS", "PAGE_FEEDBACK", "PARCELS", "PERMITS")
_COMMENTS = re.compile(r"\b(?:comment|may)\s*=\s*\"([^\"]*)\"")
_PLACE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True)
class Names:
    """The names in one environment, `DEV` or `PRD`."""

    environment: str

    @property
    def suffix(self) -> str:
        """The end of the names, for example `DDRC_PRD`."""
        return f"DDRC_{self.environment}"

    @property
    def databases(self) -> dict[str, str]:
        """The databases by kind."""
        return {kind: f"{kind}_{self.suffix}" for kind in warehouse.DATABASES}

    @property
    def warehouses(self) -> dict[str, str]:
        """The warehouses by kind."""
        return {kind: f"{kind}_XS_{self.suffix}" for kind in get_args(warehouse.Compute)}

    @property
    def monitor(self) -> str:
        """The resource monitor."""
        return self.suffix

    @property
    def integration(self) -> str:
        """The storage integration."""
        return f"AZURE_{self.suffix}"

    @property
    def network_policy(self) -> str:
        """The network policy of the service users."""
        return f"SERVICES_{self.suffix}"

    @property
    def fivetran_role(self) -> str:
        """The role that owns Fivetran's schemas."""
        return f"FIVETRAN_{self.suffix}"

    @property
    def roles(self) -> list[str]:
        """The roles of Terraform's plan."""
        return sorted(self._plan()["roles"])

    @property
    def users(self) -> list[str]:
        """The users of Terraform's plan."""
        return sorted(self._plan()["users"])

    @property
    def loaded_schemas(self) -> list[str]:
        """The schemas of RAW that the loaders fill."""
        return sorted({part.table.schema for name in LOADED for part in SOURCES[name].parts})

    @property
    def synced_schemas(self) -> list[str]:
        """The schemas of RAW that Fivetran fills."""
        return sorted({part.table.schema for name in SYNCED for part in SOURCES[name].parts})

    def dbt_schemas(self, kind: str) -> list[str]:
        """The schemas that dbt makes in TRANSFORM or ANALYTICS."""
        # As include.warehouse.schema_prefix, for this environment.
        developer = os.environ.get("DDRC_SCHEMA_PREFIX", "DEVELOPER").upper()
        prefix = "" if self.environment == "PRD" else f"{developer}_"
        names = [one.upper() for one in SOURCES] if kind == "TRANSFORM" else MART_SCHEMAS
        return [f"{prefix}{name}" for name in names]

    def future_grants(self) -> set[tuple[str, str, str]]:
        """The grants on future objects in Terraform's plan: role, `FUTURE … IN …`, privilege."""
        return {
            (role, on, privilege)
            for role, grants in self._plan()["grants"].items()
            for on, privileges in grants.items()
            if on.startswith("FUTURE ")
            for privilege in privileges.split(", ")
        }

    def _plan(self) -> dict[str, Any]:
        return planned_grants(self.environment)


def is_terraforms(comment: str | None) -> bool:
    """True for a comment that Terraform writes: the object is not the earlier project's."""
    return any(pattern.fullmatch(comment or "") for pattern in _comments())


@cache
def _comments() -> list[re.Pattern[str]]:
    texts = [
        text
        for file in sorted(MODULES.glob("*/*.tf"))
        for text in _COMMENTS.findall(file.read_text())
        # A reference alone says nothing; the text that it refers to is found, too.
        if len(_PLACE.sub("", text)) > len(" of")
    ]
    return [re.compile(".*".join(re.escape(part) for part in _PLACE.split(text))) for text in texts]
