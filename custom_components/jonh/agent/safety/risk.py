"""Which commands let somebody into the home, or let gas and water flow."""

from typing import TYPE_CHECKING

from custom_components.jonh.agent.commands import Action
from custom_components.jonh.agent.words import words

if TYPE_CHECKING:
    from custom_components.jonh.agent.commands import Command, Value
    from custom_components.jonh.agent.home import Entity

_HARMLESS: dict[str, frozenset[Action]] = {
    # In Home Assistant, ON locks a lock, closes nothing, and OFF closes a cover.
    "lock": frozenset({Action.LOCK, Action.ON, Action.CLOSE}),
    "alarm_control_panel": frozenset({Action.ARM, Action.ON}),
    "cover": frozenset({Action.CLOSE, Action.OFF, Action.STOP, Action.DECREASE}),
    "valve": frozenset({Action.CLOSE, Action.OFF, Action.STOP, Action.DECREASE}),
}
"""What is safe to do with guarded things; every other action, also a new one, is risky."""

_ENTRANCE_CLASSES = frozenset({"door", "garage", "gate"})
_UNSURE_CLASSES = frozenset({None, "shutter"})
"""Covers whose name decides: the rolling door of a garage is often a shutter."""

_RELAYS = frozenset(
    {
        "automation",
        "button",
        "group",
        "input_boolean",
        "input_button",
        "input_select",
        "scene",
        "script",
        "select",
        "switch",
    }
)
"""Domains behind which anything can be wired; their names tell what."""

_ENTRANCE_WORDS = frozenset(
    words("""
        portao portoes portaozinho cancela portaria fechadura fechaduras trinco tranca trancas
        destrancar destranca porteiro interfone
        gate gates lock locks unlock doorlock latch doorstrike
        porton portones cerradura cerraduras cerrojo portero
    """)
)
_PLACE_WORDS = frozenset(
    words("""
        garagem garagens porta portas alarme alarmes entrada
        garage garages door doors alarm alarms entrance
        garaje garajes puerta puertas alarma alarmas gas gaz
    """)
)
"""An entrance when nothing else is named: "Garagem", but not "Garagem luz"."""

_OTHER_THINGS = frozenset(
    words("""
        luz luzes lampada lampadas iluminacao refletor arandela led spot spots lustre tomada tomadas
        ventilador exaustor camera cameras som tv sensor temperatura umidade campainha despertador
        cortina cortinas persiana persianas toldo toldos janela janelas veneziana
        light lights lamp lamps lighting floodlight plug outlet socket fan camera cameras speaker
        sensor doorbell bell chime clock curtain curtains blind blinds shade shades awning window
        windows
        luces lampara lamparas foco focos bombilla enchufe enchufes timbre cortina cortinas
        persiana persianas ventana ventanas
    """)
)
"""Things that may stand at a gate without being one."""


def is_guarded(entity: Entity) -> bool:
    """Return True for locks, alarms, valves, doors, gates, relays named like one, and groups."""
    if entity.holds_entrance:
        return True
    match entity.domain:
        case "lock" | "alarm_control_panel" | "valve":
            return True
        case "cover" if entity.device_class in _UNSURE_CLASSES:
            return _is_named_entrance(entity)
        case "cover":
            return entity.device_class in _ENTRANCE_CLASSES
        case domain:
            return domain in _RELAYS and _is_named_entrance(entity)


def is_risky(entity: Entity, action: Action, value: Value | None = None) -> bool:
    """Return True when it opens, unlocks or disarms, or may do so."""
    return is_guarded(entity) and not _is_harmless(entity, action, value)


def is_annoying(command: Command, entity: Entity) -> bool:
    """Return True for what nobody wants by mistake in a whole room: sirens."""
    return command.is_wide and entity.domain == "siren" and command.action is not Action.OFF


def needs_asking(command: Command, entity: Entity, confirmed: frozenset[str]) -> bool:
    """Return True when a person has to confirm this; `confirmed` are entity ids they chose."""
    if is_risky(entity, command.action, command.value) or is_annoying(command, entity):
        return True
    return entity.entity_id in confirmed and not _is_harmless(entity, command.action, command.value)


def _is_harmless(entity: Entity, action: Action, value: Value | None) -> bool:
    if action is Action.SET and entity.domain in {"cover", "valve"}:
        return value is not None and value.number == 0
    return action in _HARMLESS.get(entity.domain, frozenset())


def _is_named_entrance(entity: Entity) -> bool:
    """One name is enough; the id counts as one, as a new name does not change it."""
    object_id = entity.entity_id.partition(".")[2]
    return any(_names_entrance(words(name)) for name in (*entity.names, object_id))


def _names_entrance(said: tuple[str, ...]) -> bool:
    if not said or said[0] in _OTHER_THINGS:
        return False
    if any(word in _ENTRANCE_WORDS for word in said):
        return said[-1] not in _OTHER_THINGS_LAST
    is_place = any(word in _PLACE_WORDS for word in said)
    return is_place and not any(word in _OTHER_THINGS for word in said)


_OTHER_THINGS_LAST = frozenset(
    words("""
        light lights lamp lamps lighting floodlight plug outlet socket camera cameras sensor bell
        doorbell chime clock
    """)
)
"""What English names end in: "gate light". "Portão luz" may be both, so it is asked."""
