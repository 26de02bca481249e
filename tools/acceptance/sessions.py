"""Logins and sessions: each user has its own role, UTC, its warehouse and no secondary roles."""

import json

from include import warehouse
from tools.acceptance.account import USERS, WAREHOUSES, full_role
from tools.acceptance.outcomes import expect
from tools.acceptance.trial import Trial

# The parameters of a session, as Terraform sets them for its users, or as Snowflake has them by
# default: https://docs.snowflake.com/en/sql-reference/parameters
PARAMETERS = {
    "TIMEZONE": "UTC",
    "PREVENT_UNLOAD_TO_INTERNAL_STAGES": "true",
    "AUTOCOMMIT": "true",
}


def log_in(trial: Trial, role: str) -> str:
    """`logins`: a user logs in with its key, and has its role and no other user's name."""
    [(user, current)] = trial.account.run(role, "SELECT CURRENT_USER(), CURRENT_ROLE()")
    expect(current == full_role(role), f"{user} has the role {current}, not {full_role(role)}.")
    if role in USERS:
        wanted = full_role(USERS[role])
        expect(user == wanted, f"{role} logs in as {user}; Terraform's user is {wanted}.")
    return f"{user} as {current}."


def session(trial: Trial, role: str) -> str:
    """`session`: a session begins with the parameters and the warehouse that Terraform sets."""
    shown = {row["key"]: row["value"] for row in trial.account.table(role, "SHOW PARAMETERS")}
    # People's users are not Terraform's.
    wanted = PARAMETERS if role in USERS else {}
    wrong = [
        f"{name} is {shown.get(name)}, not {value}"
        for name, value in wanted.items()
        if str(shown.get(name, "")).lower() != value.lower()
    ]
    [(compute,)] = trial.account.run(role, "SELECT CURRENT_WAREHOUSE()")
    [(secondary,)] = trial.account.run(role, "SELECT CURRENT_SECONDARY_ROLES()")
    default = warehouse.compute(WAREHOUSES[role])
    if compute != default:
        wrong.append(f"the warehouse is {compute}, not {default}")
    if role in USERS and (others := json.loads(secondary or "{}").get("roles")):
        wrong.append(f"secondary roles are active: {others}")
    expect(not wrong, f"{role}: {'; '.join(wrong)}. Apply Terraform, or correct the connection.")
    return f"{compute}, {', '.join(f'{name} {value}' for name, value in wanted.items())}."
