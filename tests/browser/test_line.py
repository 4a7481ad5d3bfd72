"""The line of a call: it drops, it comes back, and in the end nobody listens any more."""

import asyncio
from typing import TYPE_CHECKING

from tests.browser.test_call import LIGHT, OFF, ON

if TYPE_CHECKING:
    from tests.browser.conftest import Voice
    from tests.browser.person import Person
    from tests.e2e.conftest import Scene

RELEASED_MS = 200
"""As long as a blink; nobody should wonder whether they are still heard."""
AWAY_S = 5.0
HANG_UP = """async () => {
    const begunMs = performance.now();
    const find = (root) => {
        for (const each of root.querySelectorAll("*")) {
            if (each.matches("button") && /desligar/i.test(each.ariaLabel ?? each.textContent))
                return each;
            const found = each.shadowRoot && find(each.shadowRoot);
            if (found) return found;
        }
        return null;
    };
    find(document).click();
    while (window.testMicrophone.isHeld() && performance.now() - begunMs < 5000)
        await new Promise((resolve) => setTimeout(resolve, 5));
    return performance.now() - begunMs;
}"""


async def held(guest: Person) -> bool:
    """Return True while the page listens to the microphone."""
    return bool(await guest.page.evaluate("window.testMicrophone.isHeld()"))


async def test_the_microphone_is_let_go(scene: Scene, voice: Voice, guest: Person) -> None:
    """At once, also in the middle of a sentence."""
    await guest.dial()
    assert await held(guest)
    before = len(guest.events)
    await guest.say(await voice(ON))
    await guest.wait_for_event("speech", before)
    assert await guest.page.evaluate(HANG_UP) <= RELEASED_MS
    assert not await held(guest)
    await guest.dial()
    assert await held(guest)
    assert await guest.page.evaluate(HANG_UP) <= RELEASED_MS


async def test_some_seconds_without_a_line(scene: Scene, voice: Voice, guest: Person) -> None:
    """The page waits, calls again by itself, and hears."""
    await scene.act("light.turn_on", entity_id=LIGHT)
    await guest.dial()
    await guest.page.context.set_offline(True)
    await guest.cut_the_line()
    await guest.until("reconnecting")
    await asyncio.sleep(AWAY_S)
    await guest.page.context.set_offline(False)
    await guest.until("listening")
    before = len(guest.events)
    await guest.say(await voice(OFF))
    await guest.wait_for_event("answer", before)
    assert await scene.state(LIGHT) == "off"


async def test_who_hangs_up_without_a_line_is_not_heard(guest: Person) -> None:
    """Nothing is called again behind the back of somebody who has had enough."""
    await guest.dial()
    await guest.page.context.set_offline(True)
    await guest.cut_the_line()
    await guest.until("reconnecting")
    assert await guest.page.evaluate(HANG_UP) <= RELEASED_MS
    await guest.page.context.set_offline(False)
    await asyncio.sleep(1)
    assert not await held(guest)
