"""The parser of Terraform's files finds every block and attribute, and where it is."""

import pytest

from tests.terraform.hcl import parse, read_folder
from tests.terraform.running import TERRAFORM

TEXT = """# A comment = with { brackets
locals {
  one = 1 # The first.
  url = "azure://${a["b"].name}/\\"quoted\\"/" // A comment.
  map = {
    # In it.
    a = ["x", "y"]
    b = "}"
  }
}

resource "kind" "name" {
  statement = <<-SQL
    select '{' from x
  SQL

  inner {
    deeper { on = true }
  }
}
"""


def test_attributes_are_found_with_their_expressions() -> None:
    [local, _] = parse(TEXT).blocks

    assert [(one.name, one.expression) for one in local.attributes] == [
        ("one", "1"),
        ("url", r'"azure://${a["b"].name}/\"quoted\"/"'),
        ("map", '{ a = ["x", "y"] b = "}" }'),
    ]


def test_an_attributes_place_is_its_own_text() -> None:
    [local, _] = parse(TEXT).blocks

    assert [TEXT[one.start : one.end].split(" ", maxsplit=1)[0] for one in local.attributes] == [
        "one",
        "url",
        "map",
    ]
    assert TEXT[local.attributes[0].start : local.attributes[0].end] == "one = 1"


def test_blocks_are_found_within_blocks() -> None:
    [_, resource] = parse(TEXT).blocks

    assert [block.name for block in resource.walk()] == [
        "resource.kind.name",
        "inner",
        "deeper",
    ]
    assert TEXT[resource.start :].startswith("resource")
    assert TEXT[: resource.end].endswith("}")
    assert resource.get("statement") == "<<-SQL\nselect '{' from x\nSQL"
    assert resource.get("missing") is None


@pytest.mark.parametrize("text", ["a = 1\n}", "resource", "= 1", "a b\n"])
def test_what_is_no_configuration_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="unexpected text"):
        parse(text)


def test_every_resource_of_the_configuration_is_found() -> None:
    read = read_folder(TERRAFORM)

    written = sum(
        line.startswith("resource ")
        for file in TERRAFORM.rglob("*.tf")
        if ".terraform" not in file.parts
        for line in file.read_text().splitlines()
    )
    assert sum(len([*file.of_type("resource")]) for file in read.values()) == written
