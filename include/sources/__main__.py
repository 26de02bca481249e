"""The names of the computed sources on one line, for dbt: `python -m include.sources`."""

from include.sources import COMPUTED

if __name__ == "__main__":
    print(*COMPUTED)
