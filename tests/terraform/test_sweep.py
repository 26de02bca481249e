"""Each attribute, block and resource with a generated mistake: the golden plan shows every one.

The policies refuse most of them too. `NOT_JUDGED` lists those that only the golden plan shows,
because another value could be right: names of rules, descriptions, tags, numbers within limits.
"""

import os
import random
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.declared import file_lines
from tests.terraform.golden import plan_lines, resource_lines
from tests.terraform.hcl import parse
from tests.terraform.policies import violations
from tests.terraform.running import TERRAFORM, Resource, Terraform, copy_configuration
from tests.terraform.sweep import (
    edit_resources,
    local_edits,
    planned_changes,
    written_changes,
)

ROOT = "environments/dev"
FILES = sorted(
    file
    for pattern in ("*.tf", "*.example")
    for file in TERRAFORM.rglob(pattern)
    if ".terraform" not in file.parts
)
# A literal of a local value can be anywhere in the plan, so each needs a plan of its own. All of
# them take four minutes: LITERALS=all.
LITERALS = [
    (file.relative_to(TERRAFORM), name, text)
    for file in FILES
    if "environments/prd" not in str(file)
    for name, text in local_edits(file.read_text())
]
SAMPLE = LITERALS if os.environ.get("LITERALS") == "all" else random.Random(25).sample(LITERALS, 12)
# The changes of a value that no policy refuses, by the resource's type and the attribute.
NOT_JUDGED = {
    "azurerm_resource_group tags.environment": "changed dropped",
    "azurerm_resource_group tags.project": "changed dropped",
    "azurerm_role_assignment description": "changed dropped exchanged",
    "azurerm_storage_account blob_properties.container_delete_retention_policy.days": "changed",
    "azurerm_storage_account blob_properties.cors_rule.allowed_headers": "changed dropped emptied",
    "azurerm_storage_account blob_properties.cors_rule.exposed_headers": "changed",
    "azurerm_storage_account blob_properties.cors_rule.max_age_in_seconds": "changed dropped",
    "azurerm_storage_account blob_properties.delete_retention_policy.days": "changed",
    "azurerm_storage_account tags.environment": "changed dropped",
    "azurerm_storage_account tags.project": "changed dropped",
    "azurerm_storage_management_policy rule.actions.base_blob"
    ".delete_after_days_since_modification_greater_than": "changed",
    "azurerm_storage_management_policy rule.actions.version"
    ".delete_after_days_since_creation": "changed",
    "azurerm_storage_management_policy rule.name": "changed dropped",
    "snowflake_account_role comment": "exchanged",
    "snowflake_database comment": "exchanged",
    "snowflake_file_format_json comment": "exchanged",
    "snowflake_resource_monitor credit_quota": "changed",
    "snowflake_service_user comment": "exchanged",
    "snowflake_stage_external_azure comment": "exchanged",
    "snowflake_view statement": "changed",
    "snowflake_warehouse comment": "exchanged",
    "snowflake_warehouse statement_queued_timeout_in_seconds": "changed",
}


def test_the_golden_plan_shows_each_changed_value(planned: dict[str, list[Resource]]) -> None:
    changes = [*planned_changes(planned["dev"])]
    unseen = [
        (change.before.address, change.path, change.kind)
        for change in changes
        if change.after and resource_lines(change.after) == resource_lines(change.before)
    ]

    assert unseen == []
    assert len(changes) > 10 * len(planned["dev"])


def test_the_policies_refuse_each_changed_value_but_those_that_are_listed(
    planned: dict[str, list[Resource]],
) -> None:
    dev, accepted = planned["dev"], dict[str, set[str]]()
    for change in planned_changes(dev):
        changed = [change.after if one is change.before else one for one in dev]
        if not next(violations([one for one in changed if one], "DEV"), None):
            place = f"{change.before.type} {change.path}".rstrip()
            accepted.setdefault(place, set()).add(change.kind)

    assert {place: " ".join(sorted(kinds)) for place, kinds in accepted.items()} == NOT_JUDGED


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(TERRAFORM)))
def test_the_golden_file_of_declarations_shows_each_change(file: Path) -> None:
    text = file.read_text()
    before = {*file_lines("file", parse(text))}

    unseen = [
        name
        for name, changed in written_changes(text)
        if {*file_lines("file", parse(changed))} == before
    ]
    assert unseen == []


@pytest.mark.parametrize("kind", ["changed", "dropped", "blocks", "inner blocks"])
def test_a_plan_shows_each_edit_of_a_resource(
    kind: str, named: Terraform, plans: dict[str, Any], tmp_path: Path
) -> None:
    copy = Terraform(copy_configuration(tmp_path / "copy"), named.environment)
    edited = []
    for file in sorted(copy.folder.glob("modules/*/*.tf")):
        text, made = edit_resources(file.read_text(), kind)
        file.write_text(text)
        edited += [(f"module.{file.parent.name}.{address}", path) for address, path in made]
    copy.init(ROOT)

    before, after = plan_lines(plans["dev"]), plan_lines(copy.show_plan(ROOT))

    assert len(edited) >= 9
    assert [one for one in edited if _lines(before, *one) & _lines(after, *one)] == []
    unset = [one for one in edited if not _lines(before, *one)]
    # The second key of a rotation; what is empty says nothing.
    assert {path for _, path in unset} <= {"rsa_public_key_2"}


@pytest.mark.parametrize(
    ("file", "text"),
    [(file, text) for file, _, text in SAMPLE],
    ids=[name for _, name, _ in SAMPLE],
)
def test_a_changed_literal_is_refused_or_shown(
    file: Path, text: str, named: Terraform, plans: dict[str, Any], tmp_path: Path
) -> None:
    copy = Terraform(copy_configuration(tmp_path / "copy"), named.environment)
    (copy.folder / file).write_text(text)

    try:
        copy.init(ROOT)
        after = plan_lines(copy.show_plan(ROOT))
    except ValueError:  # Terraform's own refusal.
        return
    assert after != plan_lines(plans["dev"])


def _lines(lines: list[str], address: str, path: str) -> set[str]:
    """The lines of one attribute or block of a resource's instances."""
    found = set()
    for line in lines:
        at, _, attribute = line.partition("\t")
        name = attribute.partition(" = ")[0].replace("[0]", "").replace("[1]", "")
        if at.partition("[")[0] == address and (
            name == path or name.startswith((f"{path}.", f"{path}["))
        ):
            found.add(line)
    return found
