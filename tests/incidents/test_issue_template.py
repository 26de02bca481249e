"""The repository's incident template has the fields that the message's button fills in."""

import re

import yaml  # type: ignore[import-untyped]

from include.incidents.issue import body, labels, title
from include.incidents.on_call import LEADS
from include.incidents.summary import ATTENDANCE
from local.home import REPOSITORY
from tests.incidents.sample_incidents import TUESDAY, incident

TEMPLATES = REPOSITORY / ".github" / "ISSUE_TEMPLATE"
# The bold fields, headings, check boxes and prompts of the form.
FORM = re.compile(r"^(?:\*\*[A-Z][\w ]+:|### .+|- \[ \] .+|_\(.+\)_)", re.MULTILINE)


def template() -> tuple[dict[str, object], str]:
    _, front, text = (TEMPLATES / "incident.md").read_text().split("---\n", 2)
    return yaml.safe_load(front), text


def test_the_template_has_the_fields_headings_and_boxes_of_the_filled_form() -> None:
    filled = FORM.findall(body(incident(), "Ana", TUESDAY))

    assert len(filled) == 14
    assert FORM.findall(template()[1]) == filled


def test_the_template_has_the_title_and_the_labels_of_the_filled_form() -> None:
    front, _ = template()

    assert front["labels"] == labels(incident(), TUESDAY)
    assert re.match(r"\[low\] \w+: ", str(front["title"]))
    assert re.match(r"\[low\] \w+: ", title(incident(), TUESDAY))


def test_the_template_has_the_escalation_the_attendance_and_what_waits() -> None:
    filled, text = body(incident(), "Ana", TUESDAY), template()[1]
    for sentence in (
        f"Escalate to {LEADS} before other CalData staff.",
        "Off hours, restore now if the public file is wrong; the rest waits until offices open.",
        f"Retrospective: in the week after the resolution. {ATTENDANCE}",
    ):
        assert f"\n{sentence}\n" in filled
        assert f"\n{sentence}\n" in text
    assert "consistent with the work orders (WOAs)" in text


def test_blank_issues_are_allowed_because_the_button_opens_one() -> None:
    settings = yaml.safe_load((TEMPLATES / "config.yml").read_text())

    assert settings["blank_issues_enabled"] is True
