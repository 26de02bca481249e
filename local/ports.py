"""The ports of the laptop's cloud.

Each has a default and an environment variable. A default that is in use is replaced by a free port,
with a notice; a port set by its variable that is in use is an error.
"""

import os
import socket
from dataclasses import asdict, dataclass
from itertools import islice
from random import SystemRandom

HOST = "127.0.0.1"
# Systems give clients the ports from 32,768 (Linux) or 49,152: a connection never takes one of
# these before its server does.
FOR_SERVERS = range(20_000, 32_768)


class PortTakenError(RuntimeError):
    """A port set by its variable is in use, or is not a port number."""


@dataclass(frozen=True)
class Ports:
    """The TCP port of each server, all on the loopback interface."""

    airflow: int = 8080
    snowflake: int = 8443
    blob: int = 10000
    sources: int = 8086
    fivetran: int = 8087
    slack: int = 8088

    def as_dict(self) -> dict[str, int]:
        """The ports by server name."""
        return asdict(self)


def variable(server: str) -> str:
    """The environment variable that sets a server's port, for example `AIRFLOW_PORT`."""
    return f"{server.upper()}_PORT"


def is_free(port: int) -> bool:
    """True if a server can listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """So many different ports that are free now."""
    candidates = SystemRandom().sample(FOR_SERVERS, 100 * count)
    return list(islice(filter(is_free, candidates), count))


def choose_ports() -> tuple[Ports, list[str]]:
    """Choose every server's port; return them with a notice for each default that is in use.

    Raises:
        PortTakenError: A port set by its variable is in use, or is not a port number.
    """
    ports: dict[str, int] = {}
    notices = []
    for server, default in Ports().as_dict().items():
        ports[server], notice = choose_port(server, default)
        notices += [notice] if notice else []
    return Ports(**ports), notices


def choose_port(server: str, default: int) -> tuple[int, str]:
    """Choose the port of one server; return it with a notice if the default is in use, else "".

    Raises:
        PortTakenError: The port set by its variable is in use, or is not a port number.
    """
    wanted = os.environ.get(variable(server))
    if wanted is not None:
        return _checked(server, wanted), ""
    if is_free(default):
        return default, ""
    [port] = free_ports(1)
    return port, (
        f"Port {default} is in use: {server} listens on {port} instead "
        f"(set {variable(server)} to choose)."
    )


def _checked(server: str, wanted: str) -> int:
    if not wanted.isdigit() or not 0 < int(wanted) < 2**16:
        raise PortTakenError(f"{variable(server)} is {wanted!r}; set it to a port number.")
    if not is_free(int(wanted)):
        raise PortTakenError(
            f"Port {wanted} for {server} is in use; set {variable(server)} to a free port."
        )
    return int(wanted)
