"""The panel in the browser around a call: other pages, hidden tabs, telephones, refusals."""

import asyncio
from typing import TYPE_CHECKING

from tests.browser.person import CALL, HANG_UP, MUTE_MICROPHONE

if TYPE_CHECKING:
    import re

    from tests.browser.conftest import MakePerson, Voice
    from tests.browser.person import Person
    from tests.e2e.conftest import Scene

LIGHT = "light.luz_da_sala"
ON = "Acenda a luz da sala."
# After these five minutes Home Assistant puts a hidden page to sleep; a test does not wait so long.
HURRY = """{
  const later = window.setTimeout;
  window.setTimeout = (run, ms, ...rest) => later(run, ms === 300_000 ? 300 : ms, ...rest);
}"""
TURN = """(state) => {
  const isHidden = state === "hidden";
  Object.defineProperty(document, "hidden", { get: () => isHidden, configurable: true });
  Object.defineProperty(document, "visibilityState", { get: () => state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
IS_CONNECTED = "document.querySelector('home-assistant').hass.connection.connected"
GO_ELSEWHERE = """() => {
  history.pushState(null, "", "/profile/general");
  window.dispatchEvent(new CustomEvent("location-changed"));
}"""


async def test_a_call_survives_other_pages_and_is_found_again(
    scene: Scene, voice: Voice, guest: Person
) -> None:
    """Another page shows that a call goes on; from there one comes back to it."""
    await scene.act("light.turn_off", entity_id=LIGHT)
    await guest.dial()
    await guest.page.evaluate(GO_ELSEWHERE)
    pill = guest.page.get_by_role("button", name="Em chamada").or_(
        guest.page.get_by_role("link", name="Em chamada")
    )
    await pill.wait_for()
    before = len(guest.events)
    await guest.say(await voice(ON))
    answer = await guest.wait_for_event("answer", before)
    assert await scene.state(LIGHT) == "on"

    await pill.click()

    await guest.page.get_by_text(answer["text"]).first.wait_for()
    assert await pill.count() == 0
    await guest.hang_up()


async def test_a_hidden_tab_keeps_its_call_and_only_its_call(
    scene: Scene, voice: Voice, meet: MakePerson
) -> None:
    """Home Assistant does not put the page to sleep while somebody talks, but does otherwise."""
    await scene.act("light.turn_off", entity_id=LIGHT)
    async with meet() as guest:
        await guest.page.add_init_script(HURRY)
        await guest.dial()
        await guest.page.evaluate(TURN, "hidden")
        await asyncio.sleep(1)
        assert await guest.page.evaluate(IS_CONNECTED)
        before = len(guest.events)
        await guest.say(await voice(ON))
        await guest.wait_for_event("answer", before)
        assert await scene.state(LIGHT) == "on"

        await guest.page.evaluate("window.jonhConversa.hangUp()")
        await guest.page.evaluate(TURN, "visible")
        await guest.page.evaluate(TURN, "hidden")

        await guest.wait_for(f"!{IS_CONNECTED}")


async def test_a_refused_microphone_is_explained(meet: MakePerson) -> None:
    """The panel says what happened and where to allow it, and the call is over."""
    async with meet(has_own_device=True, permissions=[]) as guest:
        await guest.open_panel()
        await guest.press(CALL)
        await guest.until("ended")

        await guest.page.get_by_text("O microfone não foi permitido").first.wait_for()
        await guest.page.get_by_text("Permitir").first.wait_for()
        assert (await guest.state())["trouble"] == "refused"


async def test_plain_http_is_explained_before_anybody_is_asked(
    scene: Scene, meet: MakePerson
) -> None:
    """On an address that the browser does not trust the panel says which ones it would."""
    address = f"http://casa.test:{scene.house.ports.home_assistant}"
    async with meet(address, has_own_device=True) as guest:
        await guest.open_panel()

        await guest.page.get_by_text("O microfone precisa de um endereço seguro").first.wait_for()
        await guest.page.get_by_text("https://").first.wait_for()
        assert guest.problems == []


async def test_a_telephone_shows_the_way_to_the_menu(meet: MakePerson) -> None:
    """Without a sidebar the panel has its own button, and nothing is wider than the screen."""
    async with meet(viewport={"width": 360, "height": 740}, has_touch=True) as guest:
        await guest.open_panel()
        widest = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
        assert await guest.page.evaluate(widest) <= 360
        menu = guest.page.get_by_role("button", name="menu").first
        await menu.click()

        await guest.page.get_by_role("link", name="Conversa").first.wait_for()


async def test_a_whole_call_by_keyboard(guest: Person) -> None:
    """Every button can be reached and pressed without a mouse."""
    await guest.open_panel()
    await tab_to(guest, CALL)
    await guest.page.keyboard.press("Enter")
    await guest.until("listening")

    await guest.page.keyboard.press("m")
    await guest.wait_for("window.jonhConversa.state.isMuted")
    muted = guest.page.get_by_role("button", name=MUTE_MICROPHONE)
    assert await muted.get_attribute("aria-pressed") == "true"
    await guest.page.keyboard.press("m")
    await guest.wait_for("!window.jonhConversa.state.isMuted")
    await tab_to(guest, HANG_UP)
    await guest.page.keyboard.press("Enter")

    await guest.until("ended")


async def tab_to(guest: Person, name: re.Pattern[str]) -> None:
    """Press Tab until a button of this name has the focus."""
    focused = """() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.getAttribute("aria-label") || element?.textContent?.trim() || "";
    }"""
    seen = []
    for _ in range(60):
        await guest.page.keyboard.press("Tab")
        seen.append(str(await guest.page.evaluate(focused)))
        if name.search(seen[-1]):
            return
    raise AssertionError(f"no button {name.pattern} among {seen}")
