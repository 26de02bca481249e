"""Entry point of `python -m tools.acceptance`."""

import sys

from tools.acceptance.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
