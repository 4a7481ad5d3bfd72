"""Made-up Brazilian homes of any size; the same seed makes the same home.

Sizes and proportions follow real installations: half of the names have the area in them ("Luz da
Sala"), others do not ("Abajur"), some are what a manufacturer printed on the box ("Sonoff Mini 3").
The English words beside the names are for requests of people who speak English in such a home.
"""

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from custom_components.jonh.agent.home import Area, Entity, Floor, Home
from custom_components.jonh.agent.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

AREAS = {20: 6, 50: 9, 100: 12, 200: 18, 300: 22, 500: 32, 1000: 44}
"""Areas of a home by the number of its exposed entities."""

BRANDED_RATIO = 0.05
ALIASED_RATIO = 0.15
AREA_IN_NAME_RATIO = 0.55


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """An area as it is called in both languages."""

    name: str
    article: str
    """Contraction before the name: "da", "do", "dos"."""
    english: str
    floor: str
    alias: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A type of device, as it is called in both languages."""

    name: str
    english: str
    domain: str
    device_class: str | None = None
    alias: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A home, and what is known of how it was made."""

    home: Home
    devices: dict[str, Device]
    """By entity id."""
    rooms: dict[str, Room]
    """By area id."""
    branded: frozenset[str]
    """Entity ids whose names say nothing of what they are."""

    def english(self, entity: Entity) -> str:
        """Return what an English speaker calls it, with its room: "living room light"."""
        room = self.rooms[entity.area_id].english if entity.area_id else ""
        short = self.english_short(entity)
        return short if short.startswith(room) else f"{room} {short}"

    def english_short(self, entity: Entity) -> str:
        """Return what an English speaker in the same room calls it."""
        english = self.devices[entity.entity_id].english
        number = next((word for word in entity.name.split() if word.isdigit()), "")
        return f"{english} {number}".strip()


def make_home(n: int, seed: int) -> Made:
    """Make a home of `n` exposed entities."""
    rng = random.Random(seed)
    rooms = ROOMS[:4] + rng.sample(ROOMS[4:], AREAS[n] - 4)
    rooms_by_id = {_slug(room.name): room for room in rooms}
    areas = tuple(
        Area(
            id=area_id,
            name=room.name,
            aliases=(room.alias,) if room.alias and rng.random() < 0.7 else (),
            floor_id=_slug(room.floor),
        )
        for area_id, room in rooms_by_id.items()
    )
    maker = _Maker(rng, {area.id: area for area in areas}, rooms_by_id)
    for device, area_id in _plan(n, rng, list(rooms_by_id)):
        maker.add(device, area_id)
    floors = tuple(
        Floor(id=_slug(name), name=name, aliases=aliases)
        for name, aliases in FLOORS
        if any(room.floor == name for room in rooms)
    )
    home = Home(entities=tuple(maker.entities), areas=areas, floors=floors)
    return Made(
        home=home,
        devices=maker.devices,
        rooms=rooms_by_id,
        branded=frozenset(maker.branded),
    )


def _plan(n: int, rng: random.Random, area_ids: list[str]) -> Iterator[tuple[Device, str | None]]:
    """Yield n devices with their areas: what a home has once, then what rooms have."""
    once = [device for device in ONCE if n >= 100 or rng.random() < 0.35]
    once += SCENES[: max(2, min(len(SCENES), n // 25))]
    once = once[: n // 3]
    for device in once:
        yield device, _place_of(device, rng, area_ids)
    left = n - len(once)
    counts: dict[tuple[str, str], int] = {}
    for i in range(left):
        area_id = area_ids[i % len(area_ids)]
        # What comes first in the list is found in every room, the rest here and there.
        most = MOST_PER_ROOM
        while True:
            place = min(int(rng.expovariate(0.1)), len(PER_ROOM) - 1) if i >= len(area_ids) else 0
            device = PER_ROOM[place]
            if counts.get((area_id, device.name), 0) < most.get(device.domain, 1):
                break
        counts[area_id, device.name] = counts.get((area_id, device.name), 0) + 1
        yield device, area_id


MOST_PER_ROOM = {"light": 3, "switch": 3, "cover": 2, "sensor": 2, "binary_sensor": 2}
"""The same device in one room; the second one is called "Luz 2"."""
_NOWHERE = frozenset({"scene", "script", "todo"})


def _place_of(device: Device, rng: random.Random, area_ids: list[str]) -> str | None:
    """Return the area of what a home has once: garage door and garage belong together."""
    if device.domain in _NOWHERE:
        return None
    fitting = [area_id for area_id in area_ids if area_id in _slug(device.name)]
    return fitting[0] if fitting else rng.choice(area_ids)


class _Maker:
    def __init__(self, rng: random.Random, areas: dict[str, Area], rooms: dict[str, Room]) -> None:
        self.entities: list[Entity] = []
        self.devices: dict[str, Device] = {}
        self.branded: set[str] = set()
        self._rng = rng
        self._areas = areas
        self._rooms = rooms
        self._made: Counter[tuple[str, str | None]] = Counter()

    def add(self, device: Device, area_id: str | None) -> None:
        """Add one entity under a name that no other has in its area."""
        rng = self._rng
        is_branded = device.domain in _BRANDED and rng.random() < BRANDED_RATIO
        base = rng.choice(BRANDS) if is_branded else device.name
        self._made[base, area_id] += 1
        number = self._made[base, area_id]
        name = base if number == 1 else f"{base} {number}"
        if is_branded:
            self._made[base, None] += 1
            name = f"{base} {self._made[base, None]}"
        elif device not in ONCE:
            name = self._with_area(name, area_id)
        entity_id, again = f"{device.domain}.{_slug(name)}", 1
        while entity_id in self.devices:
            again += 1
            entity_id = f"{device.domain}.{_slug(name)}_{again}"
        has_alias = device.alias and number == 1 and rng.random() < ALIASED_RATIO
        aliases = (device.alias,) if has_alias else ()
        self.devices[entity_id] = device
        if is_branded:
            self.branded.add(entity_id)
        self.entities.append(
            Entity(
                entity_id=entity_id,
                name=name,
                aliases=aliases,
                area_id=area_id,
                device_class=device.device_class,
            )
        )

    def _with_area(self, name: str, area_id: str | None) -> str:
        rng = self._rng
        if area_id is None or rng.random() >= AREA_IN_NAME_RATIO:
            return name
        place = rng.choice(self._areas[area_id].names)
        return f"{name} {self._rooms[area_id].article} {place}"


_BRANDED = frozenset({"light", "switch", "media_player"})
BRANDS = ("Sonoff Mini", "Tuya Plug", "Shelly Plus", "Zemismart", "Nova Digital", "Positivo",
          "Tapo P110", "Intelbras", "Ekaza", "Moes")  # fmt: skip

FLOORS = (
    ("Térreo", ("Andar de baixo",)),
    ("Primeiro andar", ("Andar de cima",)),
    ("Área externa", ()),
)


def _slug(name: str) -> str:
    return fold(name).replace(" ", "_")


def _room(line: str) -> Room:
    name, article, english, floor, alias = (part.strip() for part in line.split("|"))
    floors = {"T": "Térreo", "P": "Primeiro andar", "E": "Área externa"}
    return Room(name=name, article=article, english=english, floor=floors[floor], alias=alias)


def _device(line: str) -> Device:
    name, english, domain, device_class, alias = (part.strip() for part in line.split("|"))
    return Device(
        name=name, english=english, domain=domain, device_class=device_class or None, alias=alias
    )


# Each row: name | contraction | English | floor | alias.
ROOMS = [_room(line) for line in """
Sala de Estar | da | living room | T | Sala
Cozinha | da | kitchen | T |
Suíte | da | master bedroom | P | Quarto principal
Banheiro Social | do | main bathroom | T | Banheiro
Garagem | da | garage | E |
Varanda | da | porch | E |
Quarto do João | do | João's room | P |
Quarto da Ana | do | Ana's bedroom | P |
Escritório | do | office | T | Home office
Lavanderia | da | laundry room | T | Área de serviço
Sala de Jantar | da | dining room | T |
Corredor | do | corridor | T |
Quarto de Hóspedes | do | guest room | P | Quarto de visitas
Lavabo | do | powder room | T |
Quintal | do | backyard | E |
Jardim | do | garden | E |
Piscina | da | pool | E |
Área Gourmet | da | gourmet area | E | Churrasqueira
Hall | do | hall | T |
Despensa | da | pantry | T |
Sala de TV | da | TV room | P |
Closet | do | closet | P |
Banheiro da Suíte | do | master bathroom | P |
Quarto do Bebê | do | nursery | P |
Sótão | do | attic | P |
Porão | do | basement | T |
Biblioteca | da | library | T |
Academia | da | gym | T |
Adega | da | wine cellar | T |
Oficina | da | workshop | E |
Depósito | do | storage room | E |
Edícula | da | shed | E |
Brinquedoteca | da | playroom | P |
Home Theater | do | home theater | T | Cinema
Copa | da | breakfast room | T |
Escada | da | stairs | T |
Terraço | do | terrace | P |
Sacada | da | balcony | P |
Portaria | da | gatehouse | E |
Sauna | da | sauna | E |
Quarto das Crianças | do | kids' room | P |
Banheiro das Crianças | do | kids' bathroom | P |
Corredor Superior | do | upper corridor | P |
Ateliê | do | atelier | P |
Canil | do | kennel | E |
Sala Íntima | da | family room | P |
""".strip().splitlines()]  # fmt: skip

# Each row: name | English | domain | device class | alias. What comes first is in every room.
PER_ROOM = [_device(line) for line in """
Luz | light | light | | Lâmpada
Cortina | curtain | cover | curtain |
Tomada | outlet | switch | outlet |
Temperatura | temperature | sensor | temperature |
Movimento | motion sensor | binary_sensor | motion | Presença
Ar-condicionado | air conditioner | climate | | Split
Abajur | table lamp | light | | Luminária
Umidade | humidity | sensor | humidity |
Janela | window | binary_sensor | window |
TV | TV | media_player | tv | Televisão
Ventilador | fan | fan | |
Luz do Teto | ceiling light | light | |
Interruptor | switch | switch | |
Fita de LED | LED strip | light | |
Persiana | blind | cover | blind |
Porta | door | binary_sensor | door |
Caixa de Som | speaker | media_player | speaker | Som
Spot | spotlight | light | |
Consumo | energy | sensor | energy |
Bateria do Sensor | sensor battery | sensor | battery |
Luminosidade | illuminance | sensor | illuminance |
Pendente | pendant light | light | |
Arandela | wall light | light | |
Umidificador | humidifier | humidifier | humidifier |
Aquecedor | heater | climate | |
Ventilador de Teto | ceiling fan | fan | |
Potência da Tomada | outlet power | sensor | power |
Fumaça | smoke detector | binary_sensor | smoke |
Luz do Espelho | mirror light | light | |
Exaustor | exhaust fan | fan | |
Purificador de Ar | air purifier | fan | |
CO2 | CO2 | sensor | carbon_dioxide |
Vazamento | leak sensor | binary_sensor | moisture |
Fechadura | lock | lock | | Trinco
Registro de Água | water valve | valve | water |
Luminária de Piso | floor lamp | light | |
Toldo | awning | cover | awning |
Carregador | charger | switch | |
""".strip().splitlines()]  # fmt: skip

ONCE = [_device(line) for line in """
Portão da Garagem | garage door | cover | garage | Portão
Aspirador | robot vacuum | vacuum | | Robô
Alarme | alarm | alarm_control_panel | |
Fechadura da Porta da Frente | front door lock | lock | | Porta da frente
Boiler | water heater | water_heater | | Aquecedor de água
Lista de Compras | shopping list | todo | | Mercado
Portão Social | front gate | cover | gate |
Máquina de Lavar | washing machine | switch | |
Tomada da Cafeteira | coffee maker outlet | switch | outlet | Cafeteira
Bomba da Piscina | pool pump | switch | |
Irrigação | irrigation | valve | water |
Geladeira | fridge | sensor | temperature |
Campainha | doorbell | binary_sensor | |
Luz de Natal | Christmas lights | light | |
Lava-louças | dishwasher | switch | |
Porta de Entrada | entrance door | cover | door |
Sirene | siren | switch | |
Desumidificador | dehumidifier | humidifier | dehumidifier |
Tomada do Aquário | aquarium outlet | switch | outlet | Aquário
Projetor | projector | media_player | |
Tarefas da Casa | to-do list | todo | |
Consumo Total | total energy | sensor | energy |
Robô da Piscina | pool robot | vacuum | |
Chuveiro | shower | water_heater | |
Registro de Gás | gas valve | valve | gas |
""".strip().splitlines()]  # fmt: skip

SCENES = [_device(line) for line in """
Cinema | cinema | scene | |
Boa Noite | good night | scene | |
Bom Dia | good morning | script | |
Jantar | dinner | scene | |
Sair de Casa | leaving home | script | |
Festa | party | scene | |
Leitura | reading | scene | |
Chegar em Casa | arriving home | script | |
Relaxar | relax | scene | |
Regar as Plantas | water the plants | script | |
Trabalho | work | scene | |
Limpeza Geral | deep clean | script | |
""".strip().splitlines()]  # fmt: skip
