"""`python -m tools.diagram` writes docs/images/architecture.svg; `--check` refuses an old one."""

import os
import sys
import tempfile
from pathlib import Path

IMAGE = Path(__file__).parents[2] / "docs" / "images" / "architecture.svg"


def main(arguments: list[str]) -> int:
    """Write the picture, or compare it; 1 if it is not what the code says."""
    # Airflow makes its folder when it is first imported: not in the home of whoever runs this.
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("AIRFLOW_HOME", home)
        os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "WARNING")
        from tools.diagram.drawing import draw
        from tools.diagram.facts import gather

        drawn = draw(gather())
    if "--check" not in arguments:
        IMAGE.write_text(drawn)
    elif not IMAGE.is_file() or IMAGE.read_text() != drawn:
        print(f"{IMAGE.name} is not what the code says: python -m tools.diagram", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
