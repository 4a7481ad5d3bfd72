"""The status page of the servers: on a telephone, in four languages, below another address."""

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from wyoming.tts import Synthesize

from tests.fakes.server_process import ServerProcess, server_process
from tests.fakes.wyoming_client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

_PHONE = {"width": 360, "height": 700}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server() -> AsyncIterator[ServerProcess]:
    """Run jonh-tts on the starter voices, which has spoken once."""
    settings = ("--voice", "pt_BR-starter-low", "--hub-url", "off", "--http-port", "0")
    async with server_process("tts", *settings) as process:
        async with connect(process.uri) as client:
            await client.send(Synthesize(text="Luz acesa."))
            await client.receive_until("audio-stop")
        yield process


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ingress(server: ServerProcess) -> AsyncIterator[str]:
    """Show the page below a path, as Home Assistant does for add-ons."""

    async def pass_on(request: web.Request) -> web.Response:
        async with (
            ClientSession() as session,
            session.get(f"{server.http_url}/{request.match_info['rest']}") as answer,
        ):
            headers = {"Content-Type": answer.headers["Content-Type"]}
            return web.Response(status=answer.status, body=await answer.read(), headers=headers)

    app = web.Application()
    app.router.add_get("/api/hassio_ingress/token/{rest:.*}", pass_on)
    async with TestServer(app) as proxy:
        yield str(proxy.make_url("/api/hassio_ingress/token/"))


@pytest.mark.parametrize(
    ("language", "state", "in_memory"),
    [
        ("pt-BR", "pronto", "na memória"),
        ("pt-PT", "pronto", "na memória"),
        ("es-MX", "listo", "en memoria"),
        ("de", "ready", "in memory"),
    ],
)
async def test_page_on_a_telephone(
    browser: Browser, ingress: str, language: str, state: str, in_memory: str
) -> None:
    """It tells state, voice and times, needs no sideways scrolling and makes no error."""
    context = await browser.new_context(locale=language, viewport=_PHONE)
    try:
        page, errors = await context.new_page(), []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        await page.goto(ingress)
        await page.get_by_role("status").get_by_text(state, exact=True).wait_for()
        text = await page.inner_text("main")
        assert "pt_BR-starter-low" in text
        assert in_memory in text
        assert await page.locator("#bars rect").count() == 1
        assert await page.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]
        assert errors == []
    finally:
        await context.close()


async def test_page_tells_when_the_server_is_gone(browser: Browser) -> None:
    """A page that is left open does not go on claiming that all is well."""
    settings = ("--voice", "pt_BR-starter-low", "--hub-url", "off", "--http-port", "0")
    async with server_process("tts", *settings) as process:
        context = await browser.new_context(locale="en", viewport=_PHONE)
        page = await context.new_page()
        await page.goto(process.http_url)
        await page.get_by_text("ready", exact=True).wait_for()
        await process.terminate()
        await page.get_by_text("does not answer", exact=True).wait_for()
        await context.close()
