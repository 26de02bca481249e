"""Make the sources' data, at the real sources' size and shape, from a seed."""

import argparse
from pathlib import Path

from local.data.clock import parse_as_of
from local.data.folder import make_folder


def main() -> None:
    """Read the options and write the folder."""
    parser = argparse.ArgumentParser(prog="python -m local.data", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="the data folder to write")
    parser.add_argument("--seed", type=int, default=2025, help="another seed, other data")
    parser.add_argument(
        "--as-of",
        default="2026-11-22T08:00:00Z",
        help="the moment that the data describes, ISO 8601 with a time zone",
    )
    options = parser.parse_args()
    try:
        as_of = parse_as_of(options.as_of)
    except ValueError as error:
        parser.error(str(error))
    make_folder(options.output, options.seed, as_of)
    print(f"{options.output}: made of seed {options.seed}, as of {as_of.isoformat()}.")


if __name__ == "__main__":
    main()
