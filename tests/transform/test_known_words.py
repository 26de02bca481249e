"""The words of the sources, stated a second time, and the blanks that are cut off around them."""

import re
from typing import Any

import pytest
from jinja2 import Environment

from include.transform_project import PROJECT

# The values that each column had in August 2025; an empty one if a rule leaves out rows without.
WORDS = {
    "epa.public_status": {
        "Assessment Pending", "Phase 1 In Progress", "Phase 1 Complete", "Deferred to Phase 2",
        "Phase 2 Complete", "No Structure Damage - No Action", "Unknown",
    },
    "epa.land_use": {
        "Residential", "Commercial", "Institutional", "Mixed Use", "Recreational",
    },
    "usace.fire_name": {"Eaton", "Palisades", "Hughes", "Hurst", "Kenneth", "Sunset"},
    "usace.mission_assignment": {
        "4856DR-CA-COE-SPD-03", "4856DR-CA-COE-SPD-09", "4856DR-CA-COE-SPD-10",
    },
    "usace.roe_details": {"County", "City", "FEMA", "Private"},
    "usace.roe_status": {
        "approved", "received", "submitted", "under_appeal", "returned_ineligible",
        "returned_withdrawn", "",
    },
    "pasadena.permit_status": {
        "In Review", "Issued", "Applied", "Expired", "Finaled", "Withdrawn",
    },
    "malibu.application_stage": {"InPlanning", "InBPC", "PendingBSReview", "PermitIssued"},
}  # fmt: skip


@pytest.fixture(scope="module")
def macros() -> Any:
    """The macros of the file, as dbt's Jinja runs them."""
    text = (PROJECT / "macros" / "words.sql").read_text()
    return Environment(extensions=["jinja2.ext.do"]).from_string(text).module


@pytest.mark.parametrize("column", WORDS)
def test_every_word_that_a_column_had_is_known_and_no_other(column: str, macros: Any) -> None:
    known = re.findall(r"'([^']*)'", macros.words_of(column))
    assert sorted(known) == sorted(word.lower() for word in WORDS[column])


def test_all_of_unicodes_white_space_and_the_blanks_of_no_width_are_cut_off(macros: Any) -> None:
    separators = range(0x1C, 0x20)  # Python counts them as white space, Unicode does not.
    blanks = {
        code for code in range(0x110000) if chr(code).isspace() and code not in separators
    } | {0x200B, 0xFEFF}
    assert {int(code) for code in re.findall(r"chr\((\d+)\)", macros.clean_text("x"))} == blanks
