"""The grants of a plan, as the emulated Snowflake reads them from `local/snowflake/grants.json`.

`python -m tests.terraform.grants --write` writes the file; it needs Terraform. Without the option,
it compares.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from local.home import REPOSITORY
from local.snowflake.grants import ENVIRONMENT, FILE
from tests.terraform.provider_server import serve
from tests.terraform.running import (
    GRANT,
    ROLE_GRANT,
    SCHEMAS,
    Resource,
    Terraform,
    copy_configuration,
    offline,
    planned_resources,
)


def planned_grants(shown: dict[str, Any], environment: str) -> dict[str, Any]:
    """The users, roles and grants of a plan, without the environment in their names.

    Args:
        shown: A plan whose objects have names, as `terraform show -json` prints it.
        environment: `DEV` or `PRD`.

    Raises:
        ValueError: A grant is of an unknown kind, or on an unknown object.
    """
    users, parents = _users(shown), defaultdict(list)
    grants: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for resource in planned_resources(shown):
        values = resource.values
        if resource.type == ROLE_GRANT:
            if values["parent_role_name"]:
                parents[values["role_name"]].append(values["parent_role_name"])
        elif resource.type == GRANT:
            on = _on(resource)
            grants[values["account_role_name"]][on] |= set(values["privileges"])
        elif resource.type.startswith("snowflake_grant"):
            raise ValueError(f"{resource.address}: the emulator does not know such a grant")
    found = {
        "users": users,
        "roles": {role: sorted(of) for role, of in parents.items()},
        "grants": {
            role: {on: ", ".join(sorted(privileges)) for on, privileges in of.items()}
            for role, of in grants.items()
        },
    }
    text = json.dumps(found, sort_keys=True).replace(f"DDRC_{environment}", f"DDRC_{ENVIRONMENT}")
    return dict(json.loads(text))


def _users(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each user's roles, default role and default warehouse."""
    users: dict[str, dict[str, Any]] = {}
    for resource in planned_resources(shown):
        values = resource.values
        if resource.type == "snowflake_service_user":
            user = users.setdefault(values["name"], {"roles": []})
            user["default_role"] = values["default_role"]
            user["default_warehouse"] = values["default_warehouse"]
        elif resource.type == ROLE_GRANT and values["user_name"]:
            user = users.setdefault(values["user_name"], {"roles": []})
            user["roles"] = sorted([*user["roles"], values["role_name"]])
    return users


def _on(resource: Resource) -> str:
    """The object of a grant, as the statement GRANT words it."""
    values = resource.values
    if values.get("on_account"):
        return "ACCOUNT"
    for on in values["on_account_object"] or []:
        return f"{on['object_type']} {_plain(on['object_name'])}"
    for on in values["on_schema"] or []:
        for key in ("all_schemas_in_database", "future_schemas_in_database"):
            if on[key]:
                return f"{key.partition('_')[0].upper()} SCHEMAS IN DATABASE {_plain(on[key])}"
        return f"SCHEMA {_plain(on['schema_name'])}"
    for on in values["on_schema_object"] or []:
        for which in ("all", "future"):
            for place in on[which] or []:
                kind = "DATABASE" if place["in_database"] else "SCHEMA"
                name = _plain(place["in_database"] or place["in_schema"])
                return f"{which.upper()} {place['object_type_plural']} IN {kind} {name}"
        return f"{on['object_type']} {_plain(on['object_name'])}"
    raise ValueError(f"{resource.address}: a grant on nothing")


def _plain(name: str) -> str:
    return name.replace('"', "")


def main() -> int:
    """Write the file, or compare it with the plan of DEV."""
    parser = argparse.ArgumentParser(prog="python -m tests.terraform.grants", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the file")
    write = parser.parse_args().write
    with tempfile.TemporaryDirectory() as folder, serve(SCHEMAS, named=True) as attached:
        terraform = Terraform(copy_configuration(Path(folder, "copy")), offline(attached))
        terraform.init("environments/dev")
        found = planned_grants(terraform.show_plan("environments/dev"), "DEV")
    text = json.dumps(found, indent=2, sort_keys=True) + "\n"
    if write:
        FILE.write_text(text)
    elif FILE.read_text() != text:
        sys.stderr.write(
            f"{FILE.relative_to(REPOSITORY)} differs from Terraform's plan: "
            "run .local/venv/bin/python -m tests.terraform.grants --write\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
