"""The roles, users and grants of Terraform's plan for an empty account."""

import json
from functools import cache
from pathlib import Path
from typing import Any

# Written by `python -m tests.terraform.grants --write`; a test keeps the file equal to the plan.
PLAN = Path(__file__).parents[1] / "local" / "snowflake" / "grants.json"


@cache
def planned_grants(environment: str) -> dict[str, Any]:
    """The plan of an environment, `DEV` or `PRD`.

    Returns:
        `users` by name, `roles` with the roles that each is granted to, and `grants`: by role and
        object, the privileges in one text, for example `"INSERT, SELECT"`.
    """
    found: dict[str, Any] = json.loads(PLAN.read_text().replace("<ENV>", environment))
    return found
