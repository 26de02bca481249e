"""Entry point of `python -m tools.acceptance`."""

import sys

from tools.acceptance.cli import main
from tools.quiet import quieten

if __name__ == "__main__":
    quieten("snowflake", "azure", "cosmos")
    sys.exit(main(sys.argv[1:]))
