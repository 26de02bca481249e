"""Import blocks for what exists, so that `terraform plan` adopts it instead of failing.

The ids' forms are those of the providers' pages, under Import, for example
https://github.com/snowflakedb/terraform-provider-snowflake/blob/main/docs/resources/schema.md#import
and, for Azure, the Resource Manager's ids, as the containers are made through that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from include.loaders.raw.identifiers import quoted
from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, VERSIONS_CONTAINER
from tools.cutover.account import Account
from tools.cutover.names import Names

# Terraform would change these under the earlier project, or the loads would be refused.
_NEVER = ("SCHEMA", "STAGE")
_CONTAINERS = (CANDIDATES_CONTAINER, PUBLIC_CONTAINER, VERSIONS_CONTAINER)


@dataclass(frozen=True)
class Import:
    """One resource.

    Attributes:
        kind: The kind of object in Snowflake, for example `ROLE`; empty for Azure's.
        address: The resource's address in the configuration.
        id: Its id for the provider.
    """

    kind: str
    address: str
    id: str

    def block(self) -> str:
        """The block as Terraform reads it."""
        escaped = self.id.replace("\\", "\\\\").replace('"', '\\"')
        return f'import {{\n  to = {self.address}\n  id = "{escaped}"\n}}'


def lines(found: Iterable[Import], earlier: set[str]) -> Iterator[str]:
    """The blocks, line by line, with a comment for each object of the earlier project.

    Args:
        found: What exists.
        earlier: The kinds and the names of the objects that `rename` would rename.
    """
    yield "# Written by `python -m tools.cutover imports`. Remove this file after the apply."
    for one in found:
        yield ""
        if f"{one.kind} {one.id}" not in earlier:
            yield one.block()
        elif one.kind in _NEVER:
            yield f"# {one.kind} {one.id} is the earlier project's, which needs it: `rename` first."
        else:
            yield f"# {one.kind} {one.id} is the earlier project's, and its grants would stay."
            yield "# With `rename`, Terraform makes a new one instead."
            yield one.block()


def find(account: Account, names: Names) -> Iterator[Import]:
    """The objects in Snowflake that have the names of Terraform's resources."""
    databases = _names(account, "DATABASES", names)
    for kind, name in names.databases.items():
        if name in databases:
            yield Import(
                "DATABASE", f'module.warehouse.snowflake_database.this["{kind}"]', quoted(name)
            )
    raw = names.databases["RAW"]
    if raw in databases:
        schemas = {one["name"] for one in account.within("SCHEMAS", raw)}
        for schema in ("LOADING", *names.loaded_schemas):
            if schema in schemas:
                address = f'module.warehouse.snowflake_schema.raw["{schema}"]'
                yield Import("SCHEMA", address, quoted(raw, schema))
    yield from _roles_and_users(account, names)
    warehouses = _names(account, "WAREHOUSES", names)
    for kind, name in names.warehouses.items():
        if name in warehouses:
            yield Import(
                "WAREHOUSE", f'module.warehouse.snowflake_warehouse.this["{kind}"]', quoted(name)
            )
    for kind, name, address in (
        ("RESOURCE MONITORS", names.monitor, "warehouse.snowflake_resource_monitor.this"),
        (
            "NETWORK POLICIES",
            names.network_policy,
            "warehouse.snowflake_network_policy.services[0]",
        ),
        ("INTEGRATIONS", names.integration, "marts_stage.snowflake_storage_integration_azure.this"),
    ):
        if name in _names(account, kind, names):
            yield Import(kind.removesuffix("S"), f"module.{address}", quoted(name))
    if names.databases["ANALYTICS"] in databases:
        yield from _in_public(account, names.databases["ANALYTICS"])


def find_azure(names: Names, subscription: str, storage_account: str) -> Iterator[Import]:
    """The resources of a storage account that exists; the role assignments have random ids.

    Args:
        names: This project's names.
        subscription: The subscription's id.
        storage_account: The storage account's name.
    """
    group = f"/subscriptions/{subscription}/resourceGroups/rg-ddrc-{names.environment.lower()}"
    account = f"{group}/providers/Microsoft.Storage/storageAccounts/{storage_account}"
    yield Import("", "module.marts_stage.azurerm_resource_group.this", group)
    yield Import("", "module.marts_stage.azurerm_storage_account.this", account)
    for name in _CONTAINERS:
        yield Import(
            "",
            f'module.marts_stage.azurerm_storage_container.this["{name}"]',
            f"{account}/blobServices/default/containers/{name}",
        )
    yield Import(
        "",
        "module.marts_stage.azurerm_storage_management_policy.this",
        f"{account}/managementPolicies/default",
    )


def _roles_and_users(account: Account, names: Names) -> Iterator[Import]:
    existing = _names(account, "ROLES", names)
    for name in names.roles:
        if name in existing:
            kind = "functional" if name.endswith(names.suffix) else "access"
            key = name.replace(f"_{names.suffix}", "")
            address = f'module.warehouse.snowflake_account_role.{kind}["{key}"]'
            yield Import("ROLE", address, quoted(name))
    existing = _names(account, "USERS", names)
    for name in names.users:
        if name in existing:
            key = name.removesuffix(f"_{names.suffix}")
            yield Import(
                "USER", f'module.warehouse.snowflake_service_user.this["{key}"]', quoted(name)
            )


def _in_public(account: Account, database: str) -> Iterator[Import]:
    for kind, name, address in (
        ("STAGES", "AZURE_STAGE_DDRC", "marts_stage.snowflake_stage_external_azure.this"),
        ("STAGES", "RELEASED_DDRC", "marts_stage.snowflake_stage_external_azure.released"),
        ("FILE FORMATS", "JSON_DDRC", "marts_stage.snowflake_file_format_json.this"),
        ("FILE FORMATS", "JSON_RELEASED_DDRC", "marts_stage.snowflake_file_format_json.released"),
        ("VIEWS", "QUERY_HISTORY", "warehouse.snowflake_view.query_history"),
    ):
        if name in {one["name"] for one in account.within(kind, database, "PUBLIC")}:
            yield Import(
                kind.removesuffix("S"), f"module.{address}", quoted(database, "PUBLIC", name)
            )


def _names(account: Account, kind: str, names: Names) -> set[str]:
    return {one["name"] for one in account.named(kind, names.suffix)}
