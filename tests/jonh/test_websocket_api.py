"""Sessions over a real WebSocket."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.setup import async_setup_component

from custom_components.jonh.store import ARCHIVE
from tests.jonh.conftest import AGENT, satellite, set_up
from tests.jonh.test_services import talk

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockUser
    from pytest_homeassistant_custom_component.typing import (
        MockHAClientWebSocket,
        WebSocketGenerator,
    )


@pytest.fixture
async def jonh(home: HomeAssistant) -> HomeAssistant:
    """Set up Jonh with one agent, and the WebSocket."""
    await set_up(home, {})
    assert await async_setup_component(home, "websocket_api", {})
    return home


@pytest.fixture
async def admin(jonh: HomeAssistant, hass_ws_client: WebSocketGenerator) -> MockHAClientWebSocket:
    """Connect an administrator."""
    return await hass_ws_client(jonh)


@pytest.fixture
async def person(
    jonh: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> MockHAClientWebSocket:
    """Connect somebody who is no administrator."""
    return await hass_ws_client(jonh, hass_read_only_access_token)


async def send(client: MockHAClientWebSocket, command: str, **fields: Any) -> Any:
    """Send a command and return the answer."""
    await client.send_json_auto_id({"type": f"jonh/sessions/{command}", **fields})
    return await client.receive_json()


async def listed(client: MockHAClientWebSocket) -> list[str]:
    """Return the ids that a client is shown."""
    answer = await send(client, "list")
    return [session["session_id"] for session in answer["result"]["sessions"]]


async def test_people_see_theirs_and_administrators_all(
    jonh: HomeAssistant,
    admin: MockHAClientWebSocket,
    person: MockHAClientWebSocket,
    hass_read_only_user: MockUser,
) -> None:
    """As over the actions."""
    hers = talk(jonh, "um", hass_read_only_user)
    room = talk(jonh, "dois", device=satellite(jonh))
    assert await listed(person) == [hers]
    assert await listed(admin) == [room, hers]


async def test_get(
    jonh: HomeAssistant, person: MockHAClientWebSocket, hass_read_only_user: MockUser
) -> None:
    """A panel can show what was said."""
    answer = await send(person, "get", session_id=talk(jonh, "um", hass_read_only_user))
    assert answer["result"]["agent_id"] == AGENT
    assert answer["result"]["turns"][0]["messages"][0] == {"role": "user", "text": "um"}


@pytest.mark.parametrize("command", ["get", "delete"])
async def test_foreign_and_unknown_sessions_are_not_found(
    jonh: HomeAssistant, admin: MockHAClientWebSocket, person: MockHAClientWebSocket, command: str
) -> None:
    """Nobody learns whether a conversation of somebody else exists."""
    room = talk(jonh, "um", device=satellite(jonh))
    for session_id in (room, "unknown"):
        answer = await send(person, command, session_id=session_id)
        assert not answer["success"]
        assert answer["error"]["code"] == "not_found"
        assert answer["error"]["translation_key"] == "session_not_found"
        assert answer["error"]["translation_placeholders"] == {"session": session_id}
    assert await listed(admin) == [room]


async def test_delete(
    jonh: HomeAssistant, person: MockHAClientWebSocket, hass_read_only_user: MockUser
) -> None:
    """The other conversations stay."""
    first = talk(jonh, "um", hass_read_only_user)
    second = talk(jonh, "dois", hass_read_only_user)
    assert (await send(person, "delete", session_id=first))["success"]
    assert await listed(person) == [second]


async def test_subscribe(
    jonh: HomeAssistant,
    admin: MockHAClientWebSocket,
    person: MockHAClientWebSocket,
    hass_read_only_user: MockUser,
) -> None:
    """A panel hears of turns and deletions that its user may see, and of no others."""
    earlier = talk(jonh, "um", hass_read_only_user)
    assert (await send(person, "subscribe"))["success"]
    room = talk(jonh, "dois", device=satellite(jonh))
    later = talk(jonh, "três", hass_read_only_user)
    event = (await person.receive_json())["event"]
    assert event["action"] == "changed"
    assert event["session"]["session_id"] == later
    assert event["session"]["user_name"] == hass_read_only_user.name
    assert "três" not in str(event)
    for session_id in (room, earlier):
        assert (await send(admin, "delete", session_id=session_id))["success"]
    event = (await person.receive_json())["event"]
    assert event == {"action": "deleted", "session_id": earlier}


async def test_session_that_others_join_is_nobodys(
    jonh: HomeAssistant,
    person: MockHAClientWebSocket,
    hass_read_only_user: MockUser,
    hass_admin_user: MockUser,
) -> None:
    """Once somebody else speaks in it, it leaves the first one's panel."""
    device = satellite(jonh)
    assert (await send(person, "subscribe"))["success"]
    session = talk(jonh, "um", hass_read_only_user, device)
    assert (await person.receive_json())["event"]["action"] == "changed"
    talk(jonh, "dois", hass_admin_user, device)
    talk(jonh, "três", hass_admin_user, device)
    event = (await person.receive_json())["event"]
    assert event == {"action": "deleted", "session_id": session}
    assert await listed(person) == []


async def test_unsubscribe(
    jonh: HomeAssistant, person: MockHAClientWebSocket, hass_read_only_user: MockUser
) -> None:
    """A panel that is closed is not told any more."""
    subscription = await send(person, "subscribe")
    await person.send_json_auto_id(
        {"type": "unsubscribe_events", "subscription": subscription["id"]}
    )
    assert (await person.receive_json())["success"]
    session = talk(jonh, "um", hass_read_only_user)
    assert await listed(person) == [session]
    assert jonh.data[ARCHIVE]._listeners == []


async def test_without_an_entry(jonh: HomeAssistant, admin: MockHAClientWebSocket) -> None:
    """Before the first agent there is nothing to list or to follow."""
    del jonh.data[ARCHIVE]
    assert await listed(admin) == []
    answer = await send(admin, "subscribe")
    assert answer["error"]["code"] == "not_found"
