"""The rooms in YAML and the registry in Python describe the same house."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import yaml  # type: ignore[import-untyped]

from demo import house
from demo.installation import HOUSE

if TYPE_CHECKING:
    from pathlib import Path

ROOMS = sorted((HOUSE / "rooms").glob("*.yaml"))
_BLUEPRINTS = {"jonh/dimmable_light.yaml": "light", "jonh/cover.yaml": "cover"}


def entities(room: Path) -> set[str]:
    """Return the entity ids that a room's templates make."""
    found = set()
    for part in yaml.safe_load(room.read_text())["template"]:
        if "use_blueprint" in part:
            domain, specs = _BLUEPRINTS[part["use_blueprint"]["path"]], [part]
        else:
            ((domain, content),) = part.items()
            specs = content if isinstance(content, list) else [content]
        found |= {f"{domain}.{spec['unique_id']}" for spec in specs}
    return found


def helpers(room: Path) -> dict[str, dict[str, Any]]:
    """Return the input helpers of a room by entity id."""
    content = yaml.safe_load(room.read_text())
    return {
        f"{domain}.{name}": spec or {}
        for domain, specs in content.items()
        if domain.startswith("input_")
        for name, spec in specs.items()
    }


def test_every_device_of_the_registry_is_made_by_a_room_and_the_other_way_round() -> None:
    """A device that only one side knows would be invisible or would stop the setup."""
    made = set().union(*(entities(room) for room in ROOMS))

    assert {device.entity_id for device in house.DEVICES} == made


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.stem)
def test_a_room_uses_only_its_own_helpers(room: Path) -> None:
    """A misspelt helper would leave a device without a state."""
    text = room.read_text()
    own = helpers(room)
    used = {
        word.strip("'\"")
        for word in text.replace("(", " ").replace(",", " ").replace(")", " ").split()
        if word.strip("'\"").startswith(("input_",)) and "." in word
    }
    actions = {"turn_on", "turn_off", "set_value", "select_option"}
    used = {word for word in used if word.partition(".")[2] not in actions}

    assert used == set(own)


def test_every_area_and_floor_is_defined_and_used() -> None:
    """No device stands in a room that does not exist, no room is empty."""
    assert {device.area for device in house.DEVICES} == {area.name for area in house.AREAS}
    assert {area.floor for area in house.AREAS} == {floor.name for floor in house.FLOORS}


def test_room_sensors_exist() -> None:
    """They answer the question for a room's temperature."""
    devices = {device.entity_id for device in house.DEVICES}
    sensors = {area.temperature for area in house.AREAS} | {area.humidity for area in house.AREAS}

    assert sensors - {None} <= devices


def test_no_two_things_share_a_name() -> None:
    """A sentence must mean one device, and never a room and a device at once."""
    names = [alias.lower() for device in house.DEVICES for alias in device.aliases]
    names += [name.lower() for area in house.AREAS for name in (area.name, *area.aliases)]
    names += [name.lower() for floor in house.FLOORS for name in (floor.name, *floor.aliases)]

    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_every_device_has_an_english_name() -> None:
    """The English pipeline speaks of the same home."""
    for device in house.DEVICES:
        assert any(alias.isascii() for alias in device.aliases), device.entity_id
