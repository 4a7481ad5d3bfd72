"""The rooms of the demo house and what Assist may call its devices."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.installation import HOUSE

if TYPE_CHECKING:
    from demo.home_assistant import HomeAssistant

# The names with which Home Assistant's onboarding creates its three default areas.
_ONBOARDING_AREAS = {"Sala de estar": "Sala", "Cozinha": "Cozinha", "Quarto": "Quarto"}


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor of the house."""

    name: str
    aliases: tuple[str, ...]
    level: int


@dataclass(frozen=True, slots=True)
class Area:
    """A room; its sensors answer "qual a temperatura da sala?"."""

    name: str
    aliases: tuple[str, ...]
    floor: str
    icon: str
    temperature: str | None = None
    humidity: str | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """An entity that Assist may see, its area and its other names."""

    entity_id: str
    area: str
    aliases: tuple[str, ...]


FLOORS = (
    Floor("Térreo", ("ground floor", "downstairs", "andar de baixo"), 0),
    Floor("Primeiro andar", ("first floor", "upstairs", "andar de cima"), 1),
)

AREAS = (
    Area(
        "Sala",
        ("sala de estar", "living room"),
        "Térreo",
        "mdi:sofa",
        "sensor.temperatura_da_sala",
        "sensor.umidade_da_sala",
    ),
    Area("Cozinha", ("kitchen",), "Térreo", "mdi:pot-steam"),
    Area(
        "Varanda",
        ("porch", "balcony"),
        "Térreo",
        "mdi:balcony",
        "sensor.temperatura_da_varanda",
    ),
    Area("Garagem", ("garage",), "Térreo", "mdi:garage"),
    Area("Jardim", ("garden",), "Térreo", "mdi:flower"),
    Area(
        "Quarto",
        ("bedroom",),
        "Primeiro andar",
        "mdi:bed",
        "sensor.temperatura_do_quarto",
    ),
    Area("Escritório", ("office", "study"), "Primeiro andar", "mdi:desk"),
    Area("Banheiro", ("bathroom",), "Primeiro andar", "mdi:shower"),
)

DEVICES = (
    Device("light.luz_da_sala", "Sala", ("living room light",)),
    Device("light.abajur", "Sala", ("abajur da sala", "lamp", "living room lamp")),
    Device("cover.cortina_da_sala", "Sala", ("cortina", "curtain", "living room curtain")),
    Device("climate.ar_condicionado", "Sala", ("ar", "air conditioner", "air conditioning")),
    Device("media_player.tv_da_sala", "Sala", ("televisão", "televisão da sala", "TV")),
    Device("lock.porta_da_frente", "Sala", ("fechadura da porta da frente", "front door")),
    Device("sensor.temperatura_da_sala", "Sala", ("living room temperature",)),
    Device("sensor.umidade_da_sala", "Sala", ("living room humidity",)),
    Device("light.luz_da_cozinha", "Cozinha", ("kitchen light",)),
    Device("light.luz_da_bancada", "Cozinha", ("counter light",)),
    Device("light.luz_da_varanda", "Varanda", ("porch light",)),
    Device("sensor.temperatura_da_varanda", "Varanda", ("outside temperature",)),
    Device("light.luz_da_garagem", "Garagem", ("garage light",)),
    Device("cover.portao_da_garagem", "Garagem", ("portão", "garage door")),
    Device("light.luz_do_jardim", "Jardim", ("garden light",)),
    Device("light.luz_do_quarto", "Quarto", ("bedroom light",)),
    Device("fan.ventilador_do_quarto", "Quarto", ("ventilador", "fan", "bedroom fan")),
    Device("cover.persiana_do_quarto", "Quarto", ("persiana", "blind", "bedroom blind")),
    Device("sensor.temperatura_do_quarto", "Quarto", ("bedroom temperature",)),
    Device("light.luz_do_escritorio", "Escritório", ("office light",)),
    Device("light.luz_do_banheiro", "Banheiro", ("bathroom light",)),
)

_HELPERS = ("input_boolean.", "input_number.", "input_select.", "input_text.")


def digest() -> str:
    """Identify this form of the house, to furnish it again after a change."""
    text = [path.read_text() for path in sorted(HOUSE.rglob("*.yaml"))]
    content = repr((FLOORS, AREAS, DEVICES, text))
    return hashlib.sha256(content.encode()).hexdigest()


async def furnish(home: HomeAssistant) -> None:
    """Create floors and areas, place and name the devices, expose them. Safe to repeat."""
    floors = await _furnish_floors(home)
    areas = await _furnish_areas(home, floors)
    for device in DEVICES:
        await home.command(
            "config/entity_registry/update",
            entity_id=device.entity_id,
            area_id=areas[device.area],
            # None stands for the entity's own name.
            aliases=[None, *device.aliases],
        )
    await home.command(
        "homeassistant/expose_entity",
        assistants=["conversation"],
        entity_ids=[device.entity_id for device in DEVICES],
        should_expose=True,
    )
    await _hide_helpers(home)


async def _furnish_floors(home: HomeAssistant) -> dict[str, str]:
    present = {
        floor["name"]: floor["floor_id"]
        for floor in await home.command("config/floor_registry/list")
    }
    for floor in FLOORS:
        fields = {"name": floor.name, "aliases": list(floor.aliases), "level": floor.level}
        if floor.name in present:
            fields["floor_id"] = present[floor.name]
            await home.command("config/floor_registry/update", **fields)
        else:
            created = await home.command("config/floor_registry/create", **fields)
            present[floor.name] = created["floor_id"]
    return present


async def _furnish_areas(home: HomeAssistant, floors: dict[str, str]) -> dict[str, str]:
    present = {
        _ONBOARDING_AREAS.get(area["name"], area["name"]): area["area_id"]
        for area in await home.command("config/area_registry/list")
    }
    for area in AREAS:
        fields = {
            "name": area.name,
            "aliases": list(area.aliases),
            "floor_id": floors[area.floor],
            "icon": area.icon,
            "temperature_entity_id": area.temperature,
            "humidity_entity_id": area.humidity,
        }
        if area.name in present:
            fields["area_id"] = present[area.name]
            await home.command("config/area_registry/update", **fields)
        else:
            created = await home.command("config/area_registry/create", **fields)
            present[area.name] = created["area_id"]
    return present


async def _hide_helpers(home: HomeAssistant) -> None:
    """Keep the helpers behind the devices out of dashboards."""
    for entry in await home.command("config/entity_registry/list"):
        if entry["entity_id"].startswith(_HELPERS):
            await home.command(
                "config/entity_registry/update", entity_id=entry["entity_id"], hidden_by="user"
            )
