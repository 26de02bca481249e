"""Cuts the output of `terraform providers schema -json` down to the resources in use."""

import json
import sys
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parent / "schemas"


def cut(printed: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    """The printed document, with the providers and resources of the stored one only.

    Raises:
        KeyError: The printed document lacks a stored provider or resource.
    """
    return {
        "format_version": printed["format_version"],
        "provider_schemas": {
            address: {
                "provider": printed["provider_schemas"][address]["provider"],
                "resource_schemas": {
                    name: printed["provider_schemas"][address]["resource_schemas"][name]
                    for name in schemas["resource_schemas"]
                },
            }
            for address, schemas in stored["provider_schemas"].items()
        },
    }


if __name__ == "__main__":
    printed_schemas = json.loads(Path(sys.argv[1]).read_text())
    for file in sorted(SCHEMAS.glob("*.json")):
        reduced = cut(printed_schemas, json.loads(file.read_text()))
        file.write_text(json.dumps(reduced, separators=(",", ":"), sort_keys=True) + "\n")
