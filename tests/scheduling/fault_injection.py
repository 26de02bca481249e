"""Injects a fault into an attempt of a task: a kill, an error, a time-out, an unreported end.

Installed in the child process that runs the attempt. It counts the messages that the task sends
over the network, so that a fault happens at the same place again with the same seed.
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
# A kill during the work finds the most defects.
KINDS: tuple[Kind, ...] = (
    *("killed",) * 4,
    "fails",
    "times out",
    "cut off",
    "unreported",
    "killed after",
)
# Sockets to servers; not those with which an event loop wakes itself.
NETWORK = (socket.AF_INET, socket.AF_INET6)


@dataclass(frozen=True)
class Fault:
    """A fault of one attempt of a task.

    Attributes:
        kind: `killed` is SIGKILL during the work, `cut off` a broken connection, `times out` the
            alarm of the task's time limit; `fails` is an exception before any work; `unreported` is
            SIGKILL after the work and before Airflow knows of its end, `killed after` after that.
        at: For a fault during the work: the number, from 1, of the task's message over the network
            at which it happens.
    """

    kind: Kind
    at: int = 1

    def __str__(self) -> str:
        return f"{self.kind} (at message {self.at})"


def choose_fault(key: str, likelihood: float, messages: int) -> Fault | None:
    """Choose a fault or none at random, the same for the same key.

    Args:
        key: The seed and the attempt.
        likelihood: The probability of a fault, from 0 to 1.
        messages: The number of messages of the task's last attempt.
    """
    rng = random.Random(key)
    if rng.random() >= likelihood:
        return None
    return Fault(rng.choice(KINDS), rng.randint(1, max(messages, 1)))


class FaultInjection:
    """Counts the messages of this process and injects the fault at its message.

    Attributes:
        sent: The count, in memory that the parent process reads.
    """

    def __init__(self, fault: Fault | None, sent: c_int) -> None:
        self._fault = fault
        self.sent = sent

    def install(self, task: Any) -> None:
        """Start counting; the fault may happen from now on."""
        for kind in (socket.socket, ssl.SSLSocket, SSL.Connection):
            for name in ("send", "sendall"):
                setattr(kind, name, self._counting(getattr(kind, name)))
        if self._fault is None:
            return
        if self._fault.kind == "fails":
            task._pre_execute_hook = _fail
        elif self._fault.kind in ("unreported", "killed after"):
            self._die_at_success()

    def _counting(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def counted(sender: Any, *data: Any) -> Any:
            if isinstance(sender, socket.socket) and sender.family not in NETWORK:
                return send(sender, *data)
            self.sent.value += 1
            if self._fault is not None and self.sent.value == self._fault.at:
                self._happen(self._fault.kind, sender)
            return send(sender, *data)

        return counted

    @staticmethod
    def _happen(kind: Kind, sender: Any) -> None:
        if kind == "killed":
            _die()
        elif kind == "times out" and signal.getitimer(signal.ITIMER_REAL)[0] > 0:
            os.kill(os.getpid(), signal.SIGALRM)
        elif kind == "cut off":
            # In both directions: a client that then reads must not wait for a response.
            if isinstance(sender, SSL.Connection):
                sender.sock_shutdown(socket.SHUT_RDWR)
            else:
                socket.socket.shutdown(sender, socket.SHUT_RDWR)
            raise ConnectionResetError("Chaos: the connection was cut off")

    def _die_at_success(self) -> None:
        send = InProcessSupervisorComms.send
        before = self._fault is not None and self._fault.kind == "unreported"

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
    raise RuntimeError("Chaos: the task fails before any work")
