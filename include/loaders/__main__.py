"""The entry point of `python -m include.loaders`."""

from include.loaders.cli import app
from include.loaders.memory import use_system_allocator

if __name__ == "__main__":
    use_system_allocator()
    app(prog_name="python -m include.loaders")
