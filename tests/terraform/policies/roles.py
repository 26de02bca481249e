"""Who holds roles, and what each role may do in the end."""

from collections.abc import Iterator

from tests.terraform.policies.planned import Planned
from tests.terraform.role_reach import ALLOWED, role_privileges
from tests.terraform.running import ROLE_GRANT

# Each service user's one role.
HOLDERS = {
    "AIRFLOW_LOADER": "LOADER",
    "AIRFLOW_TRANSFORMER": "TRANSFORMER",
    "AIRFLOW_REPORTER": "REPORTER",
    "FIVETRAN": "FIVETRAN",
    "DASHBOARD": "DASHBOARD",
}
# The only role of Snowflake's own that holds roles of this project.
ADMINISTRATOR = "SYSADMIN"


def check_members(planned: Planned) -> Iterator[str]:
    """A role is granted to one user or one role of this plan, or a functional one to SYSADMIN."""
    own = planned.names("snowflake_account_role")
    functional = _functional(planned)
    for grant in planned.of_type(ROLE_GRANT):
        role, user, parent = (
            grant.values[name] for name in ("role_name", "user_name", "parent_role_name")
        )
        if role not in own:
            yield f"{grant.address}: grants {role}, which is not a role of this project"
        if bool(user) == bool(parent):
            yield f"{grant.address}: is not to exactly one user or role"
        elif parent == ADMINISTRATOR and role not in functional:
            yield f"{grant.address}: grants {role} to {parent}, though it is not a functional role"
        elif parent and parent not in own | {ADMINISTRATOR}:
            yield f"{grant.address}: grants {role} to {parent}"


def check_holders(planned: Planned) -> Iterator[str]:
    """Each service user holds its one role, and no other user holds any."""
    grants = [one.values for one in planned.of_type(ROLE_GRANT)]
    held = {(one["user_name"], one["role_name"]) for one in grants if one["user_name"]}
    wanted = {
        (f"{user}_{planned.suffix}", f"{role}_{planned.suffix}") for user, role in HOLDERS.items()
    }
    for user, role in sorted(held - wanted):
        yield f"{ROLE_GRANT}: the user {user} holds {role}"
    for user, role in sorted(wanted - held):
        yield f"{ROLE_GRANT}: the user {user} does not hold {role}"


def check_hierarchy(planned: Planned) -> Iterator[str]:
    """SYSADMIN holds each functional role, and none of them holds another."""
    functional = _functional(planned)
    edges = {
        (one.values["parent_role_name"], one.values["role_name"])
        for one in planned.of_type(ROLE_GRANT)
    }
    for role in sorted(functional):
        if (ADMINISTRATOR, role) not in edges:
            yield f"{ROLE_GRANT}: SYSADMIN does not hold {role}, so it cannot see what it owns"
    for parent, role in sorted((one for one in edges if one[0] and one[1]), key=str):
        if parent in functional and role in functional:
            yield f"{ROLE_GRANT}: {parent} holds {role}"


def check_reach(planned: Planned) -> Iterator[str]:
    """A functional role has the privileges that its tasks need, and no others."""
    for role, allowed in ALLOWED.items():
        found = role_privileges(planned.resources, role, planned.suffix)
        for place in sorted(found.keys() | allowed.keys()):
            has, needs = found.get(place, set()), allowed.get(place, set())
            if has - needs:
                yield f"role {role}: has {', '.join(sorted(has - needs))} on {place}"
            if needs - has:
                yield f"role {role}: lacks {', '.join(sorted(needs - has))} on {place}"


def _functional(planned: Planned) -> set[str]:
    return {f"{role}_{planned.suffix}" for role in ALLOWED}


POLICIES = (check_members, check_holders, check_hierarchy, check_reach)
