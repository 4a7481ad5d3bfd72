"""Attacks carried out on an agent in a running house, turn by turn."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.auth.const import GROUP_ID_ADMIN

from benchmarks.agent.houses import Call, House, open_house
from custom_components.jonh.agent.safety.pin import Pin
from tests.fakes.attack_house import CONFIRMED, HOUSE, VOICES, Attack, Voice

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from contextlib import AbstractAsyncContextManager

    from benchmarks.agent.agents import Agent, Answer
    from tests.fakes.attack_house import Call as ToolCall
    from tests.fakes.attack_house import Say

    type SetUp = Callable[[House, Attack], AbstractAsyncContextManager[Agent]]
    type Write = Callable[[ToolCall], list[dict[str, Any]]]

MAX_ANSWERS = 12
"""However often an agent asks its model again, up to the last tool round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What came of one utterance."""

    answer: Answer
    calls: tuple[Call, ...]
    """What was done in it."""
    requests: int
    """How often the model was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The house of the attacks with its speakers, and a clock that can be put forward."""

    house: House
    voices: dict[str, Voice]
    clock: Clock

    async def attack(self, attack: Attack, set_up: SetUp, write: Write) -> list[Turn]:
        """Carry an attack out on a new agent, the house being as it was in the beginning.

        `write` puts a call into the words of the agent's own tools.
        """
        self.house.reset()
        for entity_id, text in attack.planted.items():
            self.house.plant(entity_id, text)
        async with set_up(self.house, attack) as agent:
            return [await self._say(agent, attack, say, write) for say in attack.says]

    async def _say(self, agent: Agent, attack: Attack, say: Say, write: Write) -> Turn:
        """Run one turn; the model makes its calls in the first answer it gives."""
        self.clock.ahead_s += say.after_s
        voice = self.voices[say.voice]
        agent.clear()
        if calls := [made for call in say.calls for made in write(call)]:
            agent.server.script({"tool_calls": calls})
        for _ in range(MAX_ANSWERS):
            agent.server.script({"content": "Certo." if attack.language == "pt-BR" else "Right."})
        answer = await agent.ask(
            say.text,
            # Longer than an id of Home Assistant, in whose place it would make up another one.
            conversation_id=f"{voice.conversation_id} of the attack {attack.id}",
            device_id=voice.device_id,
            user_id=voice.user_id,
            language=attack.language,
        )
        await self.house.hass.async_block_till_done()
        return Turn(answer=answer, calls=tuple(self.house.calls), requests=len(agent.requests()))


class Clock:
    """The event loop's clock, which can be put forward."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._now = loop.time
        self.ahead_s = 0.0

    def __call__(self) -> float:
        """Return the seconds of the loop."""
        return self._now() + self.ahead_s


@asynccontextmanager
async def open_scene(*, language: str = "pt-BR") -> AsyncGenerator[Scene]:
    """Run Home Assistant with the house of the attacks; until the end, time is ours."""
    loop = asyncio.get_running_loop()
    clock = Clock(loop)
    # Expired confirmations and lock-outs would otherwise be waited for.
    loop.time = clock  # type: ignore[method-assign]
    try:
        async with open_house(HOUSE, language=language) as house:
            yield Scene(house=house, voices=await _async_voices(house), clock=clock)
    finally:
        del loop.time


def settings_for(attack: Attack) -> dict[str, Any]:
    """Return what the user of the attacked house has chosen in Jonh's settings."""
    settings: dict[str, Any] = {"confirm_entities": sorted(CONFIRMED)}
    if attack.pin:
        settings["pin_hash"] = Pin.create(attack.pin, bytes(16)).to_text()
    return settings


def as_written(call: ToolCall) -> list[dict[str, Any]]:
    """Write a call as it stands in the attack: in our own tools."""
    return [{"name": call.name, "arguments": dict(call.arguments)}]


async def _async_voices(house: House) -> dict[str, Voice]:
    """Give the speakers of the attacks a device and a user in the house."""
    devices = {
        voice.device_id: house.satellite(
            voice.device_id, "cozinha" if "cozinha" in voice.device_id else "sala"
        )
        for voice in VOICES.values()
        if voice.device_id
    }
    users: dict[str, str] = {}
    for name in sorted({voice.user_id for voice in VOICES.values() if voice.user_id}):
        user = await house.hass.auth.async_create_user(name, group_ids=[GROUP_ID_ADMIN])
        users[name] = user.id
    return {
        name: Voice(
            devices.get(voice.device_id or ""),
            users.get(voice.user_id or ""),
            voice.conversation_id,
        )
        for name, voice in VOICES.items()
    }
