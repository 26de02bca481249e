"""The storage account: what is public, who may write, what is deleted and when."""

import re
from collections.abc import Iterator
from typing import Any

from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, VERSIONS_CONTAINER
from tests.terraform.policies.planned import Planned
from tests.terraform.running import VARIABLES

CONTAINERS = {
    PUBLIC_CONTAINER: "blob",
    CANDIDATES_CONTAINER: "private",
    VERSIONS_CONTAINER: "private",
}
# The least days for which a deleted or overwritten blob can be restored, and a candidate's days.
UNDELETE = {"DEV": 7, "PRD": 90}
CANDIDATE = {"DEV": (7, 30), "PRD": (30, 90)}
REPLICATION = {"DEV": {"LRS", "ZRS", "GRS", "GZRS"}, "PRD": {"GRS", "GZRS"}}
# What must expire, by the action of a rule and the prefix of its blobs.
EXPIRING = {
    f"base_blob {CANDIDATES_CONTAINER}/": "candidates never expire",
    f"version {CANDIDATES_CONTAINER}/": "copies of overwritten candidates never expire",
    f"version {PUBLIC_CONTAINER}/": "copies of overwritten public files never expire",
}
GROUP = "azurerm_resource_group"
WRITER, READER = "Storage Blob Data Contributor", "Storage Blob Data Reader"
DELEGATOR = "Storage Blob Delegator"
# What each attribute must be, and what it means if it is not.
ACCOUNT: dict[str, tuple[Any, str]] = {
    "shared_access_key_enabled": (False, "has shared keys, but names no user of them"),
    "https_traffic_only_enabled": (True, "can be read without TLS"),
    "local_user_enabled": (False, "has local users"),
    "cross_tenant_replication_enabled": (False, "can be replicated into another tenant"),
    "default_to_oauth_authentication": (True, "does not use Entra identities by default"),
    "allow_nested_items_to_be_public": (True, "refuses the public page"),
    "account_tier": ("Standard", "cannot hold a lifecycle policy for blobs"),
}


def check_account(planned: Planned) -> Iterator[str]:
    """The account has a valid name, TLS, a second region in PRD, no shared keys."""
    accounts = [*planned.of_type("azurerm_storage_account")]
    if len(accounts) != 1:
        yield "azurerm_storage_account: there is not exactly one"
    for account in accounts:
        values, at = account.values, account.address
        if not re.fullmatch(r"[a-z0-9]{3,24}", values["name"]):
            yield f"{at}: has the name {values['name']}, which Azure refuses"
        if values["min_tls_version"] not in ("TLS1_2", "TLS1_3"):
            yield f"{at}: accepts {values['min_tls_version']}"
        for name, (right, problem) in ACCOUNT.items():
            if values[name] != right:
                yield f"{at}: {problem}"
        if values["account_replication_type"] not in REPLICATION[planned.environment]:
            yield f"{at}: is not replicated into a second region"
        groups = {(one.values["name"], one.values["location"]) for one in planned.of_type(GROUP)}
        name = f"rg-ddrc-{planned.environment.lower()}"
        place = (values["resource_group_name"], values["location"])
        if groups != {place} or place[0] != name or not place[1]:
            yield f"{at}: is not in the resource group {name} and its region"
    for one in planned.of_type("azurerm_storage_container", "azurerm_storage_management_policy"):
        if [one.values["storage_account_id"]] != [each.values["id"] for each in accounts]:
            yield f"{one.address}: is not of the storage account"


def check_blobs(planned: Planned) -> Iterator[str]:
    """Overwritten and deleted blobs and containers can be restored; the page may read."""
    days = UNDELETE[planned.environment]
    for account in planned.of_type("azurerm_storage_account"):
        at = account.address
        [blobs] = account.values["blob_properties"] or [{}]
        if not blobs.get("versioning_enabled"):
            yield f"{at}: cannot restore overwritten blobs"
        for kind in ("delete_retention_policy", "container_delete_retention_policy"):
            [kept] = blobs.get(kind) or [{"days": 0}]
            if (kept["days"] or 0) < days:
                yield f"{at}: {kind} is less than {days} days"
        rules = blobs.get("cors_rule") or []
        methods = [set(rule["allowed_methods"]) for rule in rules]
        if any(found - {"GET", "HEAD", "OPTIONS"} for found in methods):
            yield f"{at}: lets pages do more than read"
        if not any(
            "GET" in rule["allowed_methods"]
            and rule["allowed_origins"] == VARIABLES["page_origins"]
            and {"ETag", "Last-Modified"} <= set(rule["exposed_headers"])
            for rule in rules
        ):
            yield f"{at}: has no CORS rule with which the page in page_origins reads the file"


def check_containers(planned: Planned) -> Iterator[str]:
    """One container is public: its files can be read but not listed. The others are private."""
    if planned.names("azurerm_storage_container") != CONTAINERS.keys():
        yield f"azurerm_storage_container: the containers are not {sorted(CONTAINERS)}"
    for container in planned.of_type("azurerm_storage_container"):
        expected = CONTAINERS.get(container.values["name"], "private")
        if container.values["container_access_type"] != expected:
            kind = container.values["container_access_type"]
            yield f"{container.address}: is {kind}, not {expected}"


def check_role_assignments(planned: Planned) -> Iterator[str]:
    """Airflow writes the containers; Snowflake writes candidates and reads what is public."""
    airflow, snowflake = VARIABLES["airflow_principal_id"], VARIABLES["snowflake_principal_id"]
    container = "azurerm_storage_container {}: id".format
    wanted = {
        (airflow, DELEGATOR, f"azurerm_storage_account {VARIABLES['storage_account']}: id"),
        *((airflow, WRITER, container(name)) for name in CONTAINERS),
        (snowflake, WRITER, container(CANDIDATES_CONTAINER)),
        (snowflake, READER, container(PUBLIC_CONTAINER)),
    }
    found = set()
    for one in planned.of_type("azurerm_role_assignment"):
        names = ("principal_id", "role_definition_name", "scope")
        holder, role, scope = (one.values[name] for name in names)
        found.add((holder, role, scope))
        if (holder, role, scope) not in wanted:
            yield f"{one.address}: grants {role} on {scope} to {holder}"
        if one.values["principal_type"] != "ServicePrincipal":
            yield f"{one.address}: is not to a service principal"
    for holder, role, scope in sorted(wanted - found):
        yield f"azurerm_role_assignment: {holder} does not have {role} on {scope}"


def check_lifecycle(planned: Planned) -> Iterator[str]:
    """Only candidates expire, and copies of what was overwritten; published versions never do.

    https://learn.microsoft.com/en-us/azure/storage/blobs/lifecycle-management-policy-structure
    """
    expiring: set[str] = set()
    for policy in planned.of_type("azurerm_storage_management_policy"):
        for rule in policy.values["rule"]:
            at = f"{policy.address}: the rule {rule['name']}"
            [filters] = rule["filters"] or [{}]
            prefixes = filters.get("prefix_match") or [""]
            if filters.get("blob_types") != ["blockBlob"]:
                yield f"{at} is not for block blobs"
            if other := set(prefixes) - {f"{name}/" for name in CONTAINERS}:
                yield f"{at} is for {sorted(other)}, not for a whole container"
            for kind, days in _actions(rule):
                yield from (f"{at} {one}" for one in _wrong(kind, days, prefixes, planned))
                if rule["enabled"]:
                    expiring |= {f"{kind} {prefix}" for prefix in prefixes}
    for name, problem in EXPIRING.items():
        if name not in expiring:
            yield f"azurerm_storage_management_policy: {problem}"


def _actions(rule: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """What a rule does: to `base_blob`, `version` or `snapshot`, after how many days."""
    for actions in rule["actions"]:
        for kind, blocks in actions.items():
            for block in blocks or []:
                yield from ((kind, days) for days in block.values() if days is not None)


def _wrong(kind: str, days: int, prefixes: list[str], planned: Planned) -> Iterator[str]:
    least, most = CANDIDATE[planned.environment]
    if any(_reaches(one, VERSIONS_CONTAINER) for one in prefixes):
        yield "deletes published versions"
    if kind == "base_blob" and any(_reaches(one, PUBLIC_CONTAINER) for one in prefixes):
        yield "deletes public files"
    if kind == "base_blob" and not least <= days <= most:
        yield f"deletes after {days} days"
    if kind != "base_blob" and days < UNDELETE[planned.environment]:
        yield f"deletes copies after {days} days"


def _reaches(prefix: str, container: str) -> bool:
    """Whether a prefix of a rule matches files of a container."""
    inside = f"{container}/"
    return inside.startswith(prefix) or prefix.startswith(inside)


POLICIES = (
    check_account,
    check_blobs,
    check_containers,
    check_role_assignments,
    check_lifecycle,
)
