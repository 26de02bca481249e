"""`imports`: blocks with which Terraform adopts what exists, and the marks of what it has made."""

import os
import re
import shutil
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
from tf.gen import tfplugin_pb2 as messages

from tests.terraform import provider_server
from tests.terraform.running import SCHEMAS, VARIABLES, Terraform, copy_configuration
from tests.tools.cutover.old_account import AIRTABLE, EPA, RAW, OldAccount
from tools.cutover import imports
from tools.cutover.names import Names, is_terraforms

PRD = "environments/prd"
UUID = "00000000-0000-0000-0000-000000000000"
Capture = pytest.CaptureFixture[str]


class ImportingProvider(provider_server.Provider):
    """A provider that imports every id, with nothing but the id in its state."""

    def ImportResourceState(self, request: Any, context: Any) -> Any:
        block = self._resources[request.type_name]["block"]
        names = block.get("attributes", {})
        nested: dict[str, object] = {
            name: None if one["nesting_mode"] in ("single", "group", "map") else []
            for name, one in block.get("block_types", {}).items()
        }
        state = {**dict.fromkeys(names), **nested, "id": request.id}
        imported = messages.ImportResourceState.ImportedResource(
            type_name=request.type_name,
            state=messages.DynamicValue(msgpack=msgpack.packb(state)),
        )
        return messages.ImportResourceState.Response(imported_resources=[imported])


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """The configuration of production, and providers that import."""
    if not shutil.which("terraform"):
        assert not os.environ.get("CI"), "CI needs Terraform 1.11 or newer on its PATH"
        pytest.skip("terraform is not installed")
    folder = copy_configuration(tmp_path_factory.mktemp("terraform") / "copy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider_server, "Provider", ImportingProvider)
        with provider_server.serve(SCHEMAS) as attached:
            quiet = {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
            opened = Terraform(folder, {**attached, **quiet})
            opened.init(PRD)
            yield opened


def everything() -> list[imports.Import]:
    """The import of each resource that can have one, in an account that has them all."""
    names = Names("PRD")

    class Everything:
        def named(self, kind: str, pattern: str) -> list[dict[str, str]]:
            of = {
                "DATABASES": list(names.databases.values()),
                "ROLES": names.roles,
                "USERS": names.users,
                "WAREHOUSES": list(names.warehouses.values()),
                "RESOURCE MONITORS": [names.monitor],
                "NETWORK POLICIES": [names.network_policy],
                "INTEGRATIONS": [names.integration],
            }
            return [{"name": one} for one in of[kind]]

        def within(self, kind: str, *place: str) -> list[dict[str, str]]:
            of = {
                "SCHEMAS": ["LOADING", *names.loaded_schemas],
                "STAGES": ["AZURE_STAGE_DDRC", "RELEASED_DDRC"],
                "FILE FORMATS": ["JSON_DDRC", "JSON_RELEASED_DDRC"],
                "VIEWS": ["QUERY_HISTORY"],
            }
            return [{"name": one} for one in of[kind]]

    found = list(imports.find(Everything(), names))  # type: ignore[arg-type]
    account = str(VARIABLES["storage_account"])
    return [*found, *imports.find_azure(names, UUID, account)]


def test_terraform_adopts_every_resource_that_has_a_name_and_makes_none_of_them(
    terraform: Terraform,
) -> None:
    found = everything()
    file = terraform.folder / PRD / "imports.tf"
    file.write_text("\n".join(imports.lines(found, set())))

    changes = terraform.show_plan(PRD)["resource_changes"]

    adopted = {
        one["address"]: one["change"]["importing"]["id"]
        for one in changes
        if "importing" in one["change"]
    }
    assert adopted == {one.address: one.id for one in found}
    made = {one["type"] for one in changes if one["address"] not in adopted}
    # GRANT may be repeated; the ids of role assignments are random.
    assert made == {
        "snowflake_grant_account_role",
        "snowflake_grant_privileges_to_account_role",
        "azurerm_role_assignment",
    }


def test_what_terraform_makes_is_known_by_its_comment(terraform: Terraform) -> None:
    (terraform.folder / PRD / "imports.tf").unlink(missing_ok=True)
    kinds = {
        "snowflake_account_role",
        "snowflake_service_user",
        "snowflake_warehouse",
        "snowflake_stage_external_azure",
        "snowflake_storage_integration_azure",
    }

    planned = [one for one in terraform.plan(PRD) if one.type in kinds]

    assert {one.type for one in planned} == kinds
    assert [one.address for one in planned if not is_terraforms(one.values["comment"])] == []


@pytest.mark.parametrize(
    "comment", ["", None, "READ access to RAW_DDRC_PRD", "Permissions to load data", "x"]
)
def test_another_comment_is_not_terraforms(comment: str | None) -> None:
    assert not is_terraforms(comment)


def test_after_the_renames_only_the_databases_are_left_to_adopt(
    old: OldAccount, capsys: Capture
) -> None:
    old.run("rename", "--apply")
    capsys.readouterr()

    assert old.run("imports") == 0

    printed = capsys.readouterr().out
    assert re.findall(r"to = (.*)", printed) == [
        f'module.warehouse.snowflake_database.this["{kind}"]'
        for kind in ("RAW", "TRANSFORM", "ANALYTICS")
    ]
    assert r'id = "\"RAW_DDRC_PRD\""' in printed


def test_a_schema_with_the_old_tables_and_the_old_stage_are_never_adopted(
    old: OldAccount, capsys: Capture
) -> None:
    assert old.run("imports") == 0

    printed = capsys.readouterr().out
    assert (
        f'# SCHEMA "{RAW}"."{EPA}" is the earlier project\'s, which needs it: `rename`' in printed
    )
    assert 'to = module.warehouse.snowflake_account_role.functional["LOADER"]' in printed
    assert not re.search(rf"^ *(to|id) = .*({EPA}|{AIRTABLE}|AZURE_STAGE)", printed, re.MULTILINE)


def test_the_azure_ids_are_the_resource_managers() -> None:
    found = {one.address: one.id for one in imports.find_azure(Names("PRD"), "S", "stddrc")}

    group = "/subscriptions/S/resourceGroups/rg-ddrc-prd"
    account = f"{group}/providers/Microsoft.Storage/storageAccounts/stddrc"
    assert found["module.marts_stage.azurerm_storage_account.this"] == account
    assert (
        found['module.marts_stage.azurerm_storage_container.this["versions"]']
        == f"{account}/blobServices/default/containers/versions"
    )
    assert found["module.marts_stage.azurerm_resource_group.this"] == group
