"""One process of `packer web`: the server of `packer serve`, with the same limits."""

import asyncio
import socket
import sys
from typing import Any

from django.conf import settings
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker

BEFORE_END_S = 5
"""So much earlier than gunicorn kills is what still runs cut, in order."""
BEAT_S = 5
LINGER_S = 0.5
"""So long, at its end, a process answers on connections that it has accepted."""


class Leaving(Server):
    """Ends without a connection that is closed on a request: each hears that it was its last."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        self.server_state.default_headers.append((b"connection", b"close"))
        await asyncio.sleep(LINGER_S)
        await super().shutdown(sockets)


class Worker(UvicornWorker):  # type: ignore[misc]  # untyped
    CONFIG_KWARGS = UvicornWorker.CONFIG_KWARGS | {
        "lifespan": "off",
        "ws": "websockets-sansio",
        "ws_max_size": settings.SOCKET_BYTES,
        "proxy_headers": bool(settings.TRUSTED_PROXIES),
        "forwarded_allow_ips": ",".join(settings.TRUSTED_PROXIES),
        "timeout_notify": BEAT_S,
        "access_log": False,
    }

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.config.timeout_graceful_shutdown = max(1, self.cfg.graceful_timeout - BEFORE_END_S)

    async def _serve(self) -> None:
        """Do as the class above, by a server of our own."""
        self.config.app = self.wsgi
        server = Leaving(config=self.config)
        self._install_sigquit_handler()
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
