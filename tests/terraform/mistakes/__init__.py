"""Deliberate mistakes in a copy of Terraform's files, and the check that reports each of them.

Each is one replacement of text. The list that it is in says what reports it:

- `REFUSED_BY_TERRAFORM`: Terraform itself;
- `POLICY`: a policy on the plan, and `FILES`: one on the files, whatever the golden plan says;
- `GOLDEN_ONLY`: the golden plan alone, because another value could be right.
"""

from tests.terraform.mistakes.files import FILES
from tests.terraform.mistakes.golden_only import GOLDEN_ONLY
from tests.terraform.mistakes.mistake import DEV, Mistake, batches, make
from tests.terraform.mistakes.privileges import EXCESS_PRIVILEGES
from tests.terraform.mistakes.refused import REFUSED_BY_TERRAFORM
from tests.terraform.mistakes.roles import ROLES_AND_GRANTS
from tests.terraform.mistakes.storage import STORAGE_AND_STAGES
from tests.terraform.mistakes.users import USERS_AND_COSTS

POLICY = [*ROLES_AND_GRANTS, *EXCESS_PRIVILEGES, *USERS_AND_COSTS, *STORAGE_AND_STAGES]

__all__ = [
    "DEV",
    "FILES",
    "GOLDEN_ONLY",
    "POLICY",
    "REFUSED_BY_TERRAFORM",
    "Mistake",
    "batches",
    "make",
]
