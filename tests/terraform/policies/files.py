"""What the files declare: providers, states, validations, and what an apply may destroy or move."""

import re
from collections.abc import Iterator

from tests.terraform.hcl import Block

Files = dict[str, Block]
ENVIRONMENTS = ("dev", "prd")
# What holds data, or is the way to it.
DATA = (
    "azurerm_storage_account",
    "azurerm_storage_container",
    "snowflake_database",
    "snowflake_schema",
)
# How Terraform itself logs in to Snowflake: by names in variables, its secret by the environment.
PROVIDER_SETTINGS = {
    "snowflake": {
        "account_name": "var.snowflake_account",
        "authenticator": "var.snowflake_authenticator",
        "organization_name": "var.snowflake_organization",
        "user": "var.snowflake_user",
    },
    "azurerm": {"storage_use_azuread": "true", "subscription_id": "var.subscription_id"},
}
ALIASES = ("accountadmin", "securityadmin", "sysadmin", "useradmin")
BACKEND = {"resource_group_name", "storage_account_name", "container_name", "key"}
# Each file's variables whose values Terraform checks before a plan.
VALIDATED = {
    "modules/warehouse/variables.tf": {
        "environment": 1,
        "time_travel_days": 1,
        "monthly_credits": 1,
        "public_keys": 2,
        "allowed_addresses": 1,
    },
    "modules/marts_stage/variables.tf": {
        "environment": 1,
        "storage_account": 1,
        "replication": 1,
        "undelete_days": 1,
        "candidate_days": 1,
        "page_origins": 1,
        "tenant_id": 1,
    },
    **{
        f"environments/{name}/variables.tf": {"subscription_id": 1, "snowflake_authenticator": 1}
        for name in ENVIRONMENTS
    },
}


def check_destroy(files: Files) -> Iterator[str]:
    """An apply cannot destroy what holds data, ignores no difference and runs no program."""
    for name, file in files.items():
        for resource in file.of_type("resource"):
            at = f"{name}: {resource.name}"
            lifecycles = [*resource.of_type("lifecycle")]
            kept = any(one.get("prevent_destroy") == "true" for one in lifecycles)
            if resource.labels[0] in DATA and not kept:
                yield f"{at}: an apply may destroy it"
            for one in lifecycles:
                for attribute in one.attributes:
                    if attribute.name != "prevent_destroy":
                        yield f"{at}: has {attribute.name}"
            for one in resource.of_type("provisioner", "connection"):
                yield f"{at}: has a {one.type}"


def check_blocks(files: Files) -> Iterator[str]:
    """Nothing is moved, imported, forgotten or read from the account unless a policy is changed."""
    known = ("terraform", "provider", "variable", "locals", "module", "resource", "output")
    for name, file in files.items():
        for block in file.blocks:
            if block.type not in known:
                yield f"{name}: {block.name}: no policy knows such a block"


def check_providers(files: Files) -> Iterator[str]:
    """Each alias acts with the role of its name, and no file holds a secret of a login."""
    for name in ENVIRONMENTS:
        file = files.get(f"environments/{name}/providers.tf", Block(""))
        found = {}
        for provider in file.of_type("provider"):
            kind = provider.labels[0]
            alias = (provider.get("alias") or "").strip('"')
            at = f"environments/{name}/providers.tf: {kind} {alias}".rstrip()
            settings = {one.name: one.expression for one in provider.attributes}
            role = settings.pop("role", None)
            settings.pop("alias", None)
            if settings.pop("preview_features_enabled", None) and alias != "sysadmin":
                yield f"{at}: enables preview features"
            if settings != PROVIDER_SETTINGS.get(kind):
                yield f"{at}: has other settings than {sorted(PROVIDER_SETTINGS.get(kind, ()))}"
            if kind == "snowflake" and role != f'"{alias.upper() or "PUBLIC"}"':
                yield f"{at}: acts with the role {role}"
            if any(inner.attributes or inner.blocks for inner in provider.blocks):
                yield f"{at}: changes the provider's features"
            found[alias] = kind
        if found.keys() != {"", *ALIASES}:
            yield f"environments/{name}/providers.tf: the aliases are not {ALIASES}"
        for module in files.get(f"environments/{name}/main.tf", Block("")).of_type("module"):
            passed = module.get("providers") or ""
            for inner, outer in re.findall(r"([\w.]+) = ([\w.]+)", passed):
                if inner != outer:
                    yield f"environments/{name}/main.tf: {module.name} gets {outer} as {inner}"


def check_states(files: Files) -> Iterator[str]:
    """Each environment has a state of its own, which only an Entra identity can read."""
    keys = set()
    for name in ENVIRONMENTS:
        at = f"environments/{name}/backend"
        backends = [
            backend
            for terraform in files.get(f"{at}.tf", Block("")).of_type("terraform")
            for backend in terraform.of_type("backend")
        ]
        settings = [
            {one.name: one.expression for one in backend.attributes} for backend in backends
        ]
        if [backend.labels for backend in backends] != [("azurerm",)] or settings != [
            {"use_azuread_auth": "true"}
        ]:
            yield f"{at}.tf: the backend is not azurerm with use_azuread_auth alone"
        example = files.get(f"{at}.hcl.example", Block(""))
        if {one.name for one in example.attributes} != BACKEND:
            yield f"{at}.hcl.example: sets other values than {sorted(BACKEND)}"
        key = example.get("key") or ""
        if name not in key:
            yield f"{at}.hcl.example: the key {key} does not name {name}"
        if key in keys:
            yield f"{at}.hcl.example: the key {key} is another environment's state"
        keys.add(key)


def check_variables(files: Files) -> Iterator[str]:
    """What a person types is checked, has a type, and is described."""
    for name, file in files.items():
        validated = VALIDATED.get(name, {})
        variables = {one.labels[0]: one for one in file.of_type("variable")}
        for variable, least in validated.items():
            found = [*variables.get(variable, Block("")).of_type("validation")]
            if len(found) < least or any(one.get("condition") == "true" for one in found):
                yield f"{name}: the variable {variable} is not checked"
        for block in file.of_type("variable", "output"):
            if not re.fullmatch(r'".+\."', block.get("description") or ""):
                yield f"{name}: {block.name} is not described"
            if block.type == "variable" and not block.get("type"):
                yield f"{name}: {block.name} has no type"


def check_versions(files: Files) -> Iterator[str]:
    """An environment pins its providers exactly, from their publishers."""
    for name in ENVIRONMENTS:
        at = f"environments/{name}/versions.tf"
        required = {
            one.name: one.expression
            for terraform in files.get(at, Block("")).of_type("terraform")
            for providers in terraform.of_type("required_providers")
            for one in providers.attributes
        }
        for provider, publisher in (("azurerm", "hashicorp"), ("snowflake", "snowflakedb")):
            pinned = rf'\{{ source = "{publisher}/{provider}" version = "\d+\.\d+\.\d+" \}}'
            if not re.fullmatch(pinned, required.get(provider, "")):
                yield f"{at}: {provider} is not pinned exactly"


POLICIES = (
    check_destroy,
    check_blocks,
    check_providers,
    check_states,
    check_variables,
    check_versions,
)
