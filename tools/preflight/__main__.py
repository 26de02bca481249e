"""Entry point of `python -m tools.preflight`."""

import sys

from tools.preflight.cli import main
from tools.quiet import quieten

if __name__ == "__main__":
    quieten("snowflake", "azure", "httpx", "include")
    sys.exit(main(sys.argv[1:]))
