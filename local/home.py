"""The folder of everything that the laptop's cloud stores; git ignores it."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


class HomeError(RuntimeError):
    """The folder of the laptop's cloud cannot be written."""


@dataclass(frozen=True)
class Home:
    """The folder of one laptop cloud and the paths inside it.

    Clouds with different homes share nothing, so tests run beside a `make run`.
    """

    root: Path

    @classmethod
    def from_environment(cls) -> "Home":
        """The home that `LOCAL_HOME` names, else `.local` in the checkout."""
        return cls(Path(os.environ.get("LOCAL_HOME", REPOSITORY / ".local")).resolve())

    def prepare(self) -> None:
        """Create the folder.

        Raises:
            HomeError: It cannot be created, or it cannot be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            raise HomeError(
                f"The laptop's folder {self.root} cannot be written ({error.strerror}):"
                " set LOCAL_HOME to a folder that can."
            ) from None

    @property
    def lock(self) -> Path:
        """Locked by the command that starts or stops servers."""
        return self.root / "starting.lock"

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.root / "logs"

    @property
    def processes(self) -> Path:
        """The running processes and their settings."""
        return self.root / "processes.json"

    @property
    def certificates(self) -> Path:
        """The throw-away certificates."""
        return self.root / "certificates"

    @property
    def credentials(self) -> Path:
        """The dummy secrets of this laptop, generated at the first start."""
        return self.root / "credentials.json"

    @property
    def warehouse(self) -> Path:
        """The emulated Snowflake's databases."""
        return self.root / "warehouse"

    @property
    def blobs(self) -> Path:
        """Azurite's files."""
        return self.root / "blobs"

    @property
    def airflow(self) -> Path:
        """Airflow's own home: its metadata database and task logs."""
        return self.root / "airflow"

    @property
    def tools(self) -> Path:
        """The npm packages of Azurite, shared by every home of a checkout."""
        return REPOSITORY / ".local" / "tools"

    @property
    def data(self) -> Path:
        """The sources' data: the folder that `LOCAL_DATA` names, else a generated one."""
        chosen = os.environ.get("LOCAL_DATA")
        return Path(chosen).resolve() if chosen else self.root / "data"

    @property
    def faults(self) -> Path:
        """The faults of the sources."""
        return self.root / "faults.json"

    @property
    def fivetran_state(self) -> Path:
        """The state of the emulated Fivetran's connectors."""
        return self.root / "fivetran.json"

    @property
    def messages(self) -> Path:
        """The messages that the emulated Slack received."""
        return self.root / "messages.jsonl"
