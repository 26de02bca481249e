"""Which ports the laptop's cloud listens on.

Each has a default and an environment variable. A default that is taken is replaced by a
free port, and told; a port that a person chose and that is taken is an error.
"""

import os
import socket
from dataclasses import asdict, dataclass
from itertools import islice
from random import SystemRandom

HOST = "127.0.0.1"
# Linux's clients get ports from 32,768 on, those of others from 49,152.
FOR_SERVERS = range(20_000, 32_768)


class PortTakenError(RuntimeError):
    """A port that a person asked for is in use."""


@dataclass(frozen=True)
class Ports:
    """One TCP port per server, all on the loopback interface."""

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
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """So many different ports that nothing listens on now.

    Systems hand out higher ones to clients: no connection takes one of these before its server.
    """
    shuffled = SystemRandom().sample(FOR_SERVERS, len(FOR_SERVERS))
    return list(islice(filter(is_free, shuffled), count))


def choose() -> tuple[Ports, list[str]]:
    """The ports to use, and a line to tell for each default that was taken.

    Raises:
        PortTakenError: a port set by its variable is in use, or is no port number.
    """
    chosen: dict[str, int] = {}
    told: list[str] = []
    for server, default in Ports().as_dict().items():
        chosen[server], line = choose_one(server, default)
        told += [line] if line else []
    return Ports(**chosen), told


def choose_one(server: str, default: int) -> tuple[int, str]:
    """The port of one server, and a line to tell if its default was taken; empty if not.

    Raises:
        PortTakenError: the port set by its variable is in use, or is no port number.
    """
    wanted = os.environ.get(variable(server))
    if wanted is not None:
        return _asked_for(server, wanted), ""
    if is_free(default):
        return default, ""
    [port] = free_ports(1)
    return port, (
        f"Port {default} is taken: {server} listens on {port} instead "
        f"(set {variable(server)} to choose)."
    )


def _asked_for(server: str, wanted: str) -> int:
    if not wanted.isdigit() or not 0 < int(wanted) < 2**16:
        raise PortTakenError(f"{variable(server)} is {wanted!r}; set it to a port number.")
    if not is_free(int(wanted)):
        raise PortTakenError(
            f"Port {wanted} for {server} is taken; set {variable(server)} to a free port."
        )
    return int(wanted)
