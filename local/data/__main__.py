"""Generate the sources' data from a seed, in the real sources' size and shape."""

import argparse
from pathlib import Path

from local.data.clock import parse_as_of
from local.data.folder import make_folder


def main() -> None:
    """Read the options and write the folder."""
    parser = argparse.ArgumentParser(prog="python -m local.data", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="the data folder to write")
    parser.add_argument("--seed", type=int, default=2025, help="the seed (default 2025)")
    parser.add_argument(
        "--as-of",
        default="2026-11-22T08:00:00Z",
        help="the time that the data describes, ISO 8601 with a time zone",
    )
    options = parser.parse_args()
    try:
        as_of = parse_as_of(options.as_of)
    except ValueError as error:
        parser.error(str(error))
    make_folder(options.output, options.seed, as_of)
    print(f"{options.output}: generated from seed {options.seed}, as of {as_of.isoformat()}.")


if __name__ == "__main__":
    main()
