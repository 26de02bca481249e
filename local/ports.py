"""The ports of the laptop's cloud.

Each has a default and an environment variable. A default that is in use is replaced by a free port,
with a notice; a port set by its variable that is in use is an error.
"""

import errno
import os
import socket
from collections.abc import Collection
from dataclasses import asdict, dataclass
from itertools import islice
from random import SystemRandom

HOST = "127.0.0.1"
# Systems give clients the ports from 32,768 (Linux) or 49,152: a connection never takes one of
# these before its server does.
FOR_SERVERS = range(20_000, 32_768)


class PortTakenError(RuntimeError):
    """A port set by its variable is in use, set twice, not allowed, or not a port number."""


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


def without_proxy() -> dict[str, str]:
    """The variables by which clients reach the laptop's servers without a proxy.

    Both spellings: most clients read the lower-case one first, if it is set.
    """
    variables = {}
    for name in ("NO_PROXY", "no_proxy"):
        others = os.environ.get(name, "").split(",")
        variables[name] = ",".join(dict.fromkeys([HOST, "localhost", *filter(None, others)]))
    return variables


def is_free(port: int) -> bool:
    """True if a server can listen on this loopback port now."""
    return _refusal(port) is None


def _refusal(port: int) -> int | None:
    """The number of the error of listening on a port; `None` if it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error.errno or errno.EADDRINUSE
    return None


def free_ports(count: int) -> list[int]:
    """So many different ports that are free now."""
    candidates = SystemRandom().sample(FOR_SERVERS, 100 * count)
    return list(islice(filter(is_free, candidates), count))


def choose_ports() -> tuple[Ports, list[str]]:
    """Choose every server's port; return them with a notice for each default that is not free.

    Raises:
        PortTakenError: A port set by its variable is in use, set twice, not allowed, or not a
            port number.
    """
    defaults = Ports().as_dict()
    set_ports: dict[int, str] = {}
    for server in defaults:
        if (wanted := os.environ.get(variable(server))) is None:
            continue
        port = _checked(server, wanted)
        if port in set_ports:
            raise PortTakenError(
                f"{variable(set_ports[port])} and {variable(server)} are both {port}; "
                f"set {variable(server)} to another port."
            )
        set_ports[port] = server
    ports = {server: port for port, server in set_ports.items()}
    notices = []
    for server, default in defaults.items():
        if server not in ports:
            ports[server], notice = choose_port(server, default, others=ports.values())
            notices += [notice] if notice else []
    return Ports(**ports), notices


def choose_port(server: str, default: int, others: Collection[int] = ()) -> tuple[int, str]:
    """Choose the port of one server; return it with a notice if the default is in use, else "".

    Args:
        server: The server.
        default: Its port, unless a variable sets another.
        others: The ports of the other servers, which may not listen yet.

    Raises:
        PortTakenError: The port set by its variable is in use, not allowed, or not a port number.
    """
    wanted = os.environ.get(variable(server))
    if wanted is not None:
        return _checked(server, wanted), ""
    if default not in others and is_free(default):
        return default, ""
    [port] = [port for port in free_ports(1 + len(others)) if port not in others][:1]
    return port, (
        f"Port {default} is in use: {server} listens on {port} instead "
        f"(set {variable(server)} to choose)."
    )


def _checked(server: str, wanted: str) -> int:
    is_number = wanted.isascii() and wanted.isdigit()
    if not is_number or not 0 < int(wanted) < 2**16:
        raise PortTakenError(f"{variable(server)} is {wanted!r}; set it to a port number.")
    refusal = _refusal(int(wanted))
    if refusal is None:
        return int(wanted)
    reason = "needs root" if refusal == errno.EACCES else "is in use"
    raise PortTakenError(
        f"Port {wanted} for {server} {reason}; set {variable(server)} to a free port."
    )
