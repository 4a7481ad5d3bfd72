"""What models call tools and arguments, in folded words, and what it means here."""

from typing import Any

HOME_CONTROL = "home_control"
HOME_STATE = "home_state"
MEDIA = "media"
TIMER = "timer"
LIST = "list"
RUN_SCRIPT = "run_script"
FIND = "find"

TOOLS = (FIND, HOME_CONTROL, HOME_STATE, LIST, MEDIA, RUN_SCRIPT, TIMER)
"""Names of our tools, in the order in which they are offered."""

OWN = {name.replace("_", ""): name for name in TOOLS}
"""Our tools by their names as they are compared."""


def _entries(*rows: tuple[str, str, dict[str, Any]]) -> dict[str, tuple[str, dict[str, Any]]]:
    return {name: (tool, preset) for names, tool, preset in rows for name in names.split()}


HOME_ASSISTANT = _entries(
    ("hassturnon", HOME_CONTROL, {"action": "on"}),
    ("hassturnoff", HOME_CONTROL, {"action": "off"}),
    ("hasstoggle", HOME_CONTROL, {"action": "toggle"}),
    ("hassopencover", HOME_CONTROL, {"action": "open", "kind": "cover"}),
    ("hassclosecover", HOME_CONTROL, {"action": "close", "kind": "cover"}),
    ("hassstopmoving", HOME_CONTROL, {"action": "stop"}),
    ("hassstop", HOME_CONTROL, {"action": "stop"}),
    ("hasssetposition", HOME_CONTROL, {"action": "set"}),
    ("hasslightset", HOME_CONTROL, {"action": "set", "kind": "light"}),
    ("hassclimatesettemperature", HOME_CONTROL, {"action": "set", "kind": "climate"}),
    ("hassfansetspeed", HOME_CONTROL, {"action": "set", "kind": "fan"}),
    ("hasshumidifiersetpoint hasshumidifiermode", HOME_CONTROL,
     {"action": "set", "kind": "humidifier"}),
    ("hassvacuumstart", HOME_CONTROL, {"action": "start", "kind": "vacuum"}),
    ("hassvacuumreturntobase", HOME_CONTROL, {"action": "dock", "kind": "vacuum"}),
    ("hasslawnmowerstartmowing", HOME_CONTROL, {"action": "start", "kind": "lawn_mower"}),
    ("hasslawnmowerdock", HOME_CONTROL, {"action": "dock", "kind": "lawn_mower"}),
    ("controldevice controlhome devicecontrol", HOME_CONTROL, {}),
    ("getlivecontext hassgetstate getstate getstates gethomestate", HOME_STATE, {}),
    ("hassclimategettemperature", HOME_STATE, {"kind": "climate"}),
    ("hassgetweather getweather getforecasts getforecast", HOME_STATE, {"kind": "weather"}),
    ("getevents", HOME_STATE, {"kind": "calendar"}),
    ("hassmediapause", MEDIA, {"action": "pause"}),
    ("hassmediaunpause", MEDIA, {"action": "play"}),
    ("hassmedianext", MEDIA, {"action": "next"}),
    ("hassmediaprevious", MEDIA, {"action": "previous"}),
    ("hasssetvolume", MEDIA, {"action": "set"}),
    ("hasssetvolumerelative", MEDIA, {}),
    ("hassmediaplayermute", MEDIA, {"action": "mute"}),
    ("hassmediaplayerunmute", MEDIA, {"action": "unmute"}),
    ("hassmediasearchandplay searchmedia playmedia", MEDIA, {"action": "play"}),
    ("hassstarttimer", TIMER, {"action": "start"}),
    ("hasscanceltimer", TIMER, {"action": "cancel"}),
    ("hasscancelalltimers", TIMER, {"action": "cancel_all"}),
    ("hassincreasetimer", TIMER, {"action": "increase"}),
    ("hassdecreasetimer", TIMER, {"action": "decrease"}),
    ("hasspausetimer", TIMER, {"action": "pause"}),
    ("hassunpausetimer", TIMER, {"action": "resume"}),
    ("hasstimerstatus", TIMER, {"action": "status"}),
    ("hasslistadditem", LIST, {"action": "add"}),
    ("hassshoppinglistadditem", LIST, {"action": "add"}),
    ("hasslistcompleteitem hassshoppinglistcompleteitem", LIST, {"action": "complete"}),
    ("hasslistremoveitem", LIST, {"action": "remove"}),
    ("getitems hassshoppinglistlastitems", LIST, {"action": "show"}),
    ("search searchentities", FIND, {}),
)  # fmt: skip
"""Names of Home Assistant's tools without prefix, and what they are called by other agents."""

WRAPPINGS = frozenset({"arguments", "parameters", "args", "input", "list", "params"})
NESTED = frozenset({"service_data", "data", "target", "arguments", "parameters"})
NOTHING = frozenset({"null", "none", "undefined", "n a"})

NAME_KEYS = (
    "names", "name", "entity_id", "entity_ids", "entities", "entity", "devices", "device",
    "device_name", "targets", "target", "nome", "nomes", "dispositivo",
)  # fmt: skip
AREA_KEYS = (
    "area",
    "areas",
    "area_id",
    "room",
    "location",
    "floor",
    "floor_id",
    "comodo",
    "local",
)

VALUE_KEYS = {
    "value": "", "valor": "", "color": "", "color_name": "", "colour": "", "rgb_color": "",
    "brightness": "255", "brightness_pct": "%", "brightness_percent": "%",
    "kelvin": "K", "color_temp_kelvin": "K", "color_temp": "K",
    "temperature": "°", "position": "%", "percentage": "%", "humidity": "%",
    "volume_level": "level", "volume": "level", "volume_step": "", "hvac_mode": "",
    "preset_mode": "", "fan_mode": "", "fan_speed": "", "speed": "", "option": "", "source": "",
    "mode": "", "level": "", "state": "",
}  # fmt: skip
"""Arguments that hold a value, in the order in which they count, and the unit that each means."""

TIMER_ACTIONS = {
    word: action
    for action, said in {
        "start": "start set create add_timer iniciar criar comecar ligar start_timer",
        "cancel": "cancel stop delete remove cancelar parar apagar cancel_timer",
        "cancel_all": "cancel_all cancel_all_timers cancelar_todos",
        "increase": "increase add extend aumentar adicionar",
        "decrease": "decrease reduce subtract diminuir reduzir tirar",
        "pause": "pause pausar pausa",
        "resume": "resume unpause continue retomar continuar",
        "status": "status show list get state check ver consultar listar",
    }.items()
    for word in said.split()
}

LIST_ACTIONS = {
    word: action
    for action, said in {
        "add": "add add_item create adicionar adiciona acrescentar colocar incluir anadir",
        "complete": "complete complete_item check done mark concluir completar marcar riscar",
        "remove": "remove remove_item delete remover tirar excluir apagar eliminar quitar",
        "show": "show list get read get_items mostrar ler ver listar leer",
    }.items()
    for word in said.split()
}
