"""Announces a server to Home Assistant through mDNS."""

import contextlib
import socket
import uuid
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

_SERVICE = "_wyoming._tcp.local."

# Any multicast address shows which interface reaches the local network; nothing is sent.
_MDNS_ADDRESS = ("224.0.0.251", 5353)


@contextlib.asynccontextmanager
async def announce(program: str, address: str) -> AsyncIterator[None]:
    """Announce `tcp://HOST:PORT` while the context is open and say goodbye at its end.

    Raises OSError when there is no network to announce it on.
    """
    # An optional dependency: only a server that is discovered needs it.
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

    parts = urlsplit(address)
    info = AsyncServiceInfo(
        _SERVICE,
        f"{program}-{uuid.getnode():012x}.{_SERVICE}",
        parsed_addresses=[_reachable(parts.hostname or "")],
        port=parts.port,
    )
    zeroconf = AsyncZeroconf()
    try:
        await (await zeroconf.async_register_service(info, allow_name_change=True))
        yield
    finally:
        await zeroconf.async_unregister_all_services()
        await zeroconf.async_close()


def _reachable(host: str) -> str:
    """Return the address others reach this machine at when `host` stands for all of them."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_MDNS_ADDRESS)
        address: str = probe.getsockname()[0]
        return address
