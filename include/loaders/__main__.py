"""`python -m include.loaders --help`."""

from include.loaders.cli import app

if __name__ == "__main__":
    app(prog_name="python -m include.loaders")
