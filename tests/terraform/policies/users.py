"""Service users: a key of their own, one role, and where they may connect from."""

import re
from collections.abc import Iterator

from tests.terraform.policies.planned import Planned
from tests.terraform.policies.roles import HOLDERS
from tests.terraform.running import VARIABLES

# The first warehouse of each user's role.
WAREHOUSES = {
    "AIRFLOW_LOADER": "LOADING",
    "AIRFLOW_TRANSFORMER": "TRANSFORMING",
    "AIRFLOW_REPORTER": "TRANSFORMING",
    "FIVETRAN": "LOADING",
    "DASHBOARD": "REPORTING",
}


def check_keys(planned: Planned) -> Iterator[str]:
    """A user logs in with its own key: one line of base64 that no other user has."""
    holders: dict[str, str] = {}
    for user in planned.of_type("snowflake_service_user"):
        name = user.values["name"].removesuffix(f"_{planned.suffix}")
        if user.values["rsa_public_key"] is None:
            yield f"{user.address}: has no key"
        for which, variable in (("rsa_public_key", "current"), ("rsa_public_key_2", "next")):
            key = user.values[which]
            if key is not None and not re.fullmatch(r"[A-Za-z0-9+/]+=*", key):
                yield f"{user.address}: {which} is not one line of base64"
            if key is not None and key in holders:
                yield f"{user.address}: has the key of {holders[key]}"
            if key != VARIABLES["public_keys"].get(name, {}).get(variable):
                yield f"{user.address}: {which} is not the {variable} key of {name}"
            holders[key] = user.address


def check_sessions(planned: Planned) -> Iterator[str]:
    """A user works in UTC, with one role, its first warehouse, and cannot unload for itself."""
    users = {f"{user}_{planned.suffix}" for user in HOLDERS}
    if planned.names("snowflake_service_user") != users:
        yield f"snowflake_service_user: the users are not {sorted(users)}"
    for user in planned.of_type("snowflake_service_user"):
        values, at = user.values, user.address
        name = values["name"].removesuffix(f"_{planned.suffix}")
        if values.get("timezone") != "UTC":
            yield f"{at}: has the time zone {values.get('timezone')}, not UTC"
        if values.get("prevent_unload_to_internal_stages") is not True:
            yield f"{at}: may unload to a stage of its own"
        if values["default_secondary_roles_option"] != "NONE":
            yield f"{at}: acts with secondary roles"
        if values["default_role"] != f"{HOLDERS.get(name)}_{planned.suffix}":
            yield f"{at}: has the default role {values['default_role']}"
        if values["default_warehouse"] != f"{WAREHOUSES.get(name)}_XS_{planned.suffix}":
            yield f"{at}: has the default warehouse {values['default_warehouse']}"


def check_network(planned: Planned) -> Iterator[str]:
    """Every user connects from the addresses in `allowed_addresses` only."""
    policies = planned.names("snowflake_network_policy")
    for user in planned.of_type("snowflake_service_user"):
        if {user.values.get("network_policy")} != policies:
            yield f"{user.address}: does not have the network policy"
    for policy in planned.of_type("snowflake_network_policy"):
        if set(policy.values["allowed_ip_list"] or ()) != set(VARIABLES["allowed_addresses"]):
            yield f"{policy.address}: allows {policy.values['allowed_ip_list']}"


POLICIES = (check_keys, check_sessions, check_network)
