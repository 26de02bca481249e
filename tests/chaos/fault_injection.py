"""What may befall a task on its way: it is killed, it fails, it times out, nobody hears of its end.

Installed in the child process that runs one try of a task. Whatever a task sends over the network
is counted, so that a mishap happens at the same place again with the same seed.
"""

import os
import random
import signal
import socket
import ssl
from collections.abc import Callable
from ctypes import c_int
from dataclasses import dataclass
from typing import Any, Literal

from airflow.sdk.execution_time.comms import SucceedTask
from airflow.sdk.execution_time.supervisor import InProcessSupervisorComms
from OpenSSL import SSL

Kind = Literal["killed", "fails", "times out", "cut off", "unreported", "killed after"]
# A kill in the middle of the work is the most telling one.
KINDS: tuple[Kind, ...] = (
    *("killed",) * 4,
    "fails",
    "times out",
    "cut off",
    "unreported",
    "killed after",
)
# Sockets to servers; not those by which an event loop wakes itself.
NETWORK = (socket.AF_INET, socket.AF_INET6)


@dataclass(frozen=True)
class Mishap:
    """Something that befalls one try of a task.

    Attributes:
        kind: `killed` is SIGKILL while it works, `cut off` a broken connection, `times out` the
            alarm of its time limit; `fails` is an exception before it does anything; `unreported`
            is SIGKILL when the work is done and before Airflow hears of it, `killed after` when it
            has.
        at: While it works: at which of the task's messages over the network, from 1.
    """

    kind: Kind
    at: int = 1

    def __str__(self) -> str:
        return f"{self.kind} (at message {self.at})"


def draw(key: str, likelihood: float, messages: int) -> Mishap | None:
    """Perhaps a mishap: the same one for the same key.

    Args:
        key: Names the seed and the try.
        likelihood: From 0 to 1.
        messages: How many the task sent when it last ran.
    """
    dice = random.Random(key)
    if dice.random() >= likelihood:
        return None
    return Mishap(dice.choice(KINDS), dice.randint(1, max(messages, 1)))


class Messages:
    """Counts what this process sends, and has the mishap happen when its time has come.

    Attributes:
        sent: The count, in memory that the parent process reads.
    """

    def __init__(self, mishap: Mishap | None, sent: c_int) -> None:
        self._mishap = mishap
        self.sent = sent

    def install(self, task: Any) -> None:
        """Begin: from here on this process, which runs the task, may not live long."""
        for kind in (socket.socket, ssl.SSLSocket, SSL.Connection):
            for name in ("send", "sendall"):
                setattr(kind, name, self._counting(getattr(kind, name)))
        if self._mishap is None:
            return
        if self._mishap.kind == "fails":
            task._pre_execute_hook = _fail
        elif self._mishap.kind in ("unreported", "killed after"):
            self._die_at_success()

    def _counting(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def counted(sender: Any, *data: Any) -> Any:
            if isinstance(sender, socket.socket) and sender.family not in NETWORK:
                return send(sender, *data)
            self.sent.value += 1
            if self._mishap is not None and self.sent.value == self._mishap.at:
                self._happen(self._mishap.kind, sender)
            return send(sender, *data)

        return counted

    @staticmethod
    def _happen(kind: Kind, sender: Any) -> None:
        if kind == "killed":
            _die()
        elif kind == "times out" and signal.getitimer(signal.ITIMER_REAL)[0] > 0:
            os.kill(os.getpid(), signal.SIGALRM)
        elif kind == "cut off":
            # In both directions: a client that goes on to read must not wait for an answer.
            if isinstance(sender, SSL.Connection):
                sender.sock_shutdown(socket.SHUT_RDWR)
            else:
                socket.socket.shutdown(sender, socket.SHUT_RDWR)
            raise ConnectionResetError("Chaos: the connection was cut off")

    def _die_at_success(self) -> None:
        send = InProcessSupervisorComms.send
        before = self._mishap is not None and self._mishap.kind == "unreported"

        def sent(comms: InProcessSupervisorComms, msg: Any) -> Any:
            if before and isinstance(msg, SucceedTask):
                _die()
            answer = send(comms, msg)
            if isinstance(msg, SucceedTask):
                _die()
            return answer

        InProcessSupervisorComms.send = sent  # type: ignore[method-assign,assignment]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _fail(context: Any) -> None:
    raise RuntimeError("Chaos: the task fails before it does anything")
