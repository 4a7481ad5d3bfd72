"""Announcing a server on the network, heard by a second zeroconf."""

import asyncio

import pytest
from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from wyoming_servers.discovery import announce

_SERVICE = "_wyoming._tcp.local."


async def test_home_assistant_finds_the_server_and_sees_it_leave() -> None:
    """The service appears with its address and port, and goodbye removes it."""
    seen: asyncio.Queue[tuple[ServiceStateChange, str]] = asyncio.Queue()

    def notice(
        zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if name.startswith("jonh-test-"):
            seen.put_nowait((state_change, name))

    try:
        listener = AsyncZeroconf(interfaces=["127.0.0.1"])
    except OSError as err:
        pytest.skip(f"this machine has no multicast: {err}")
    browser = AsyncServiceBrowser(listener.zeroconf, _SERVICE, handlers=[notice])
    try:
        async with asyncio.timeout(60):
            async with announce("jonh-test", "tcp://127.0.0.1:10300"):
                change, name = await seen.get()
                assert change is ServiceStateChange.Added
                info = AsyncServiceInfo(_SERVICE, name)
                assert await info.async_request(listener.zeroconf, 5000)
                assert info.port == 10300
                assert info.parsed_addresses() == ["127.0.0.1"]
            while change is not ServiceStateChange.Removed:
                change, _ = await seen.get()
    finally:
        await browser.async_cancel()
        await listener.async_close()
