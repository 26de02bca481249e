"""Grants: those of Terraform's plan and no others, and no foreign owner of what is new."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from include import warehouse
from tools.acceptance.account import full_role
from tools.acceptance.outcomes import CheckFailedError, NotPermittedError, expect
from tools.acceptance.trial import MISSING, Trial
from tools.planned_grants import planned_grants

# Snowflake's number for a missing privilege.
REFUSED: Final = (*MISSING, 3001)
_KIND = re.compile(
    r"(DATABASE|WAREHOUSE|SCHEMA|RESOURCE MONITOR|STAGE|FILE FORMAT|INTEGRATION|VIEW|TABLE) (\S+)"
)
_PLURAL = re.compile(r"(?:ALL|FUTURE) (.+)S IN (?:DATABASE|SCHEMA) (\S+)")

# A privilege, the kind of object in the words of SHOW GRANTS, and its name.
Granted = tuple[str, str, str]


def grants(trial: Trial, role: str) -> str:
    """`grants`: a functional role and its access roles have exactly the plan's grants."""
    planned = planned_grants(warehouse.environment())
    own = full_role(role)
    roles = [own, *(one for one, parents in planned["roles"].items() if own in parents)]
    wrong: list[str] = []
    for one in roles:
        shown = _shown(trial, role, one)
        direct = set(_direct(planned, one))
        wrong += [f"{one} lacks {_words(grant)}" for grant in sorted(direct - shown)]
        wrong += [
            f"{one} has {_words(grant)}, which is not in the plan"
            for grant in sorted(shown - direct)
            if not _is_planned(planned, one, grant)
        ]
    public = [
        f"PUBLIC has {_words(grant)}"
        for grant in sorted(_shown(trial, role, "PUBLIC"))
        if _is_of_project(grant[2])
    ]
    expect(
        not wrong + public, f"{'; '.join(wrong + public)}. Compare with `terraform plan`; apply it."
    )
    return f"{', '.join(roles)}: as in Terraform's plan."


def _shown(trial: Trial, role: str, of: str) -> set[Granted]:
    """What SHOW GRANTS lists for a role.

    https://docs.snowflake.com/en/sql-reference/sql/show-grants
    """
    from snowflake.connector.errors import ProgrammingError

    try:
        rows = trial.account.table(role, f"SHOW GRANTS TO ROLE {of}")
    except ProgrammingError as error:
        if error.errno in REFUSED:
            raise NotPermittedError(f"{role} may not list the grants to {of}.") from error
        raise
    return {
        (row["privilege"], row["granted_on"].replace(" ", "_"), row["name"].replace('"', ""))
        for row in rows
    }


def _direct(planned: dict[str, Any], role: str) -> Iterator[Granted]:
    """The planned grants on single objects, and the roles that a role inherits."""
    for on, privileges in planned["grants"].get(role, {}).items():
        if named := _KIND.fullmatch(on):
            for privilege in privileges.split(", "):
                yield privilege, named[1].replace(" ", "_"), named[2]
    for one, parents in planned["roles"].items():
        if role in parents:
            yield "USAGE", "ROLE", one


def _is_planned(planned: dict[str, Any], role: str, grant: Granted) -> bool:
    """True for a grant on one of the objects that a grant on all or on future ones is for."""
    privilege, kind, name = grant
    # A role owns what it has made; `future_ownership` looks for what it should own and does not.
    if privilege == "OWNERSHIP":
        return _is_of_project(name) and kind not in ("DATABASE", "ROLE", "WAREHOUSE")
    for on, privileges in planned["grants"].get(role, {}).items():
        if (
            (plural := _PLURAL.fullmatch(on))
            and plural[1].replace(" ", "_") == kind
            and name.startswith(f"{plural[2]}.")
            and privilege in privileges.split(", ")
        ):
            return True
    return False


def _is_of_project(name: str) -> bool:
    suffix = f"_DDRC_{warehouse.environment()}"
    return suffix in name.replace('"', "").split(".", 1)[0]


def _words(grant: Granted) -> str:
    privilege, kind, name = grant
    return f"{privilege} on {kind.lower().replace('_', ' ')} {name}"


def future_ownership(trial: Trial) -> str:
    """`future_ownership`: the role that makes an object owns it.

    An earlier project's grant of OWNERSHIP on future objects takes each new schema, table and view
    from its maker, who then may not fill it.
    """
    from snowflake.connector.errors import ProgrammingError

    transform = f"{warehouse.database('TRANSFORM')}.{trial.prefix}_OWNERS"
    analytics = f"{warehouse.database('ANALYTICS')}.{trial.prefix}_OWNERS"
    table = f"{warehouse.database('RAW')}.LOADING.{trial.prefix}_OWNERS"
    made = {
        "LOADER": [("TABLE", table, "(A INT)")],
        "TRANSFORMER": [
            ("SCHEMA", transform, ""),
            ("VIEW", f"{transform}.V", "AS SELECT 1 AS A"),
            ("SCHEMA", analytics, ""),
            ("TABLE", f"{analytics}.T", "(A INT)"),
        ],
        "FIVETRAN": [
            ("SCHEMA", f"{trial.fivetran_schema}_OWNERS", ""),
            ("TABLE", f"{trial.fivetran_schema}_OWNERS.T", "(A INT)"),
        ],
    }
    lost, tried, untried = [], 0, []
    for role, objects in made.items():
        if not trial.account.may_log_in(role):
            untried.append(role)
            continue
        for kind, name, rest in objects:
            try:
                trial.account.run(role, f"CREATE {kind} {name} {rest}")
            except ProgrammingError as error:
                if error.errno not in REFUSED:
                    raise
                # Within a schema that its maker does not own.
                lost.append(f"{role} may not make the {kind.lower()} {name}")
        owned = _shown(trial, role, full_role(role))
        lost += [
            f"{role} does not own the {kind.lower()} {name} that it has made"
            for kind, name, _ in objects
            if ("OWNERSHIP", kind, name) not in owned
        ]
        tried += len(objects)
    if lost:
        raise CheckFailedError(
            f"{'; '.join(lost)}. Revoke the grants of OWNERSHIP on future objects, as"
            " docs/cutover.md says."
        )
    expect(tried, "No role could log in.")
    without = f" Not tried, for lack of a login: {', '.join(untried)}." if untried else ""
    return f"{tried} new objects belong to the roles that made them.{without}"
