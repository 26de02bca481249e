"""The page on the first deployment: its steps work in their order, with the pinned versions."""

import re
import subprocess

import pytest

from local.home import REPOSITORY

PAGE = (REPOSITORY / "docs" / "deploy.md").read_text()
STEPS = PAGE.partition("\n## First time\n")[2].partition("\n### ")[0]
# What the steps write and nobody may commit, and a file in each folder of keys.
PRIVATE = (
    ".env",
    "keys/dev/fivetran.p8",
    "keys/prd/airflow_loader.p8",
    "terraform.p8",
    "airflow_loader.next.p8",
    *(
        f"terraform/environments/{environment}/{name}"
        for environment in ("dev", "prd")
        for name in ("backend.hcl", "plan", "terraform.tfvars")
    ),
)


def test_the_steps_are_numbered_from_1_and_named_as_other_pages_name_them() -> None:
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", STEPS, re.MULTILINE)]
    titles = dict(re.findall(r"^(\d+)\. .*?\*\*(?:\[)?(.+?)[\].*]", STEPS, re.MULTILINE))

    assert numbers == list(range(1, 16))
    assert titles["2"] == "Terraform's key, and a vault for it"
    assert titles["5"] == "A service principal for Airflow"
    assert titles["7"] == "Consent"
    assert titles["8"] == "The Airflow deployment and its connections"
    assert titles["9"] == "Fivetran"
    assert titles["14"] == "Deploy"


@pytest.mark.parametrize(("earlier", "later"), [
    ("az storage account create", "az role assignment create"),
    ('--role "Storage Blob Data Contributor"', "az storage container create"),
    ("az keyvault create", '--role "Key Vault Secrets Officer"'),
    ('--role "Key Vault Secrets Officer"', "az keyvault secret set"),
    ("openssl genrsa", "create user terraform"),
    ("az keyvault secret set", "rm terraform.p8"),
    ("az keyvault secret set", "az keyvault secret show"),
    ("keys/prd", "terraform apply"),
    ("az ad sp create-for-rbac", "terraform apply"),
    ("Commit the files", ".ci/deploy"),
    ("Create the environments", "Push to `main`"),
    ("First the sources", "`watch_publication` **last**"),
])  # fmt: skip
def test_a_step_comes_after_what_it_needs(earlier: str, later: str) -> None:
    assert 0 <= STEPS.find(earlier) < STEPS.find(later)


def test_a_deployment_is_created_with_the_runtime_of_the_image() -> None:
    image = re.search(
        r"^FROM .+/runtime:([\w.-]+?)-python", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE
    )
    created = re.findall(r"^astro deployment create .*--runtime-version (\S+)$", PAGE, re.MULTILINE)

    assert image
    assert created == [image[1]]


def test_every_secret_that_a_page_reads_from_a_vault_was_stored_there() -> None:
    stored = set(re.findall(r"az keyvault secret set --vault-name (\w+) --name (\w+)", PAGE))
    pages = [(REPOSITORY / "docs" / f"{name}.md").read_text() for name in ("secrets", "cutover")]
    for page in (PAGE, *pages):
        assert set(re.findall(r"secret show --vault-name (\w+) --name (\w+)", page)) == stored


@pytest.mark.parametrize("path", PRIVATE)
def test_git_ignores_what_the_steps_write(path: str) -> None:
    done = subprocess.run(
        ["git", "check-ignore", "--quiet", "--no-index", path], cwd=REPOSITORY, check=False
    )

    assert done.returncode == 0


def test_each_environment_has_a_planner_of_its_own() -> None:
    workflow = (REPOSITORY / ".github" / "workflows" / "terraform-plan.yml").read_text()
    environments = re.search(r"environment: \[(.+?)\]", workflow)
    users = dict(
        re.findall(r"^create user (\w+) .+?:environment:([\w-]+)'", PAGE, re.MULTILINE | re.DOTALL)
    )

    assert environments
    assert users == {
        f"terraform_planner_{name}": f"terraform-plan-{name}"
        for name in environments[1].split(", ")
    }
    assert set(re.findall(r"^grant role accountadmin to user (\w+);$", PAGE, re.MULTILINE)) == set(
        users
    )


def test_a_deployment_by_hand_sets_what_the_script_needs() -> None:
    script = (REPOSITORY / ".ci" / "deploy").read_text()
    needed = re.search(r"^for name in (.+); do$", script, re.MULTILINE)

    assert needed
    assert set(re.findall(r"export (ASTRO_\w+)=", STEPS)) == set(needed[1].split())
