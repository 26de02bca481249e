"""An ASGI app served by a thread of this process, while a test needs it."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, Literal

import uvicorn

from local.ports import HOST


class _Server(uvicorn.Server):
    """A server that ends within milliseconds; uvicorn's own takes two tenths of a second."""

    async def main_loop(self) -> None:
        await self.on_tick(0)
        while not self.should_exit:
            await asyncio.sleep(0.005)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self.lifespan.shutdown()


@contextmanager
def serving(app: Any, *, lifespan: Literal["auto", "off"] = "auto") -> Iterator[str]:
    """Serve an app on a free port; its address, without a slash at the end."""
    config = uvicorn.Config(
        app,
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        # A daemon: a failed start must not keep the test's process alive.
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
