"""Words for actions as models and people write them: verbs, services and intents."""

from custom_components.jonh.agent.commands import Action
from custom_components.jonh.agent.words import fold

_WORDS = {
    Action.ON: "on turn_on switch_on power_on enable activate ligar liga ligue acender acende "
    "acenda ativar ativa ative encender enciende activar",
    Action.OFF: "off turn_off switch_off power_off disable deactivate desligar desliga desligue "
    "apagar apaga apague desativar desativa desative desactivar",
    Action.TOGGLE: "toggle alternar alterna alterne inverter cambiar_estado",
    Action.OPEN: "open open_cover open_valve open_cover_tilt abrir abre abra",
    Action.CLOSE: "close close_cover close_valve close_cover_tilt shut fechar fecha feche cerrar "
    "cierra",
    Action.STOP: "stop stop_cover stop_valve stop_moving media_stop parar para pare detener",
    Action.SET: "set change adjust set_value set_temperature set_brightness set_color set_colour "
    "set_position set_cover_position set_valve_position set_percentage set_speed set_humidity "
    "set_hvac_mode set_preset_mode set_fan_mode set_fan_speed set_volume volume_set "
    "set_volume_level select_option select_source ajustar ajusta ajuste definir define defina "
    "mudar muda mude colocar coloca coloque regular regula trocar poner pon cambiar",
    Action.INCREASE: "increase up raise brighten turn_up volume_up increase_speed aumentar aumenta "
    "aumente subir sobe suba sube elevar mais",
    Action.DECREASE: "decrease down lower dim reduce turn_down volume_down decrease_speed diminuir "
    "diminui diminua reduzir reduz reduza baixar baixa baixe abaixar abaixa abaixe bajar baja "
    "disminuir menos",
    Action.LOCK: "lock trancar tranca tranque travar bloquear",
    Action.UNLOCK: "unlock destrancar destranca destranque destravar desbloquear",
    Action.ARM: "arm alarm_arm alarm_arm_away alarm_arm_home alarm_arm_night alarm_arm_vacation "
    "arm_away arm_home arm_night arm_vacation armar arma arme",
    Action.DISARM: "disarm alarm_disarm desarmar desarma desarme",
    Action.START: "start run start_mowing trigger press iniciar inicia inicie comecar comeca "
    "executar executa execute rodar aspirar limpar empezar ejecutar",
    Action.PAUSE: "pause media_pause pausar pausa pause",
    Action.DOCK: "dock return return_home return_to_base recolher voltar volver",
    Action.PLAY: "play media_play play_media resume unpause continue tocar toca toque reproduzir "
    "reproduz continuar continua retomar reproducir",
    Action.NEXT: "next skip next_track media_next_track proxima proximo pular pula "
    "avancar siguiente",
    Action.PREVIOUS: "previous back previous_track media_previous_track anterior voltar_faixa",
    Action.MUTE: "mute volume_mute silenciar silencia mudo emudecer",
    Action.UNMUTE: "unmute volume_unmute ativar_som desmutar reativar_som",
}
_ACTIONS = {word: action for action, said in _WORDS.items() for word in said.split()}

SERVICES = frozenset(word for word in _ACTIONS if "_" in word) | {
    "toggle", "lock", "unlock", "press", "start", "pause", "stop", "dock", "trigger", "increment",
}  # fmt: skip
"""Words that are names of services, or look like one: a tool called so is a command."""

_STATES = {
    Action.ON: "on ligado ligada ligados ligadas aceso acesa ativado ativada true encendido",
    Action.OFF: "off desligado desligada desligados desligadas apagado apagada desativado false",
    Action.OPEN: "open opened aberto aberta abertos abertas abierto abierta",
    Action.CLOSE: "closed close fechado fechada fechados fechadas cerrado cerrada",
    Action.LOCK: "locked trancado trancada",
    Action.UNLOCK: "unlocked destrancado destrancada",
    Action.ARM: "armed armado armada armed_away",
    Action.DISARM: "disarmed desarmado desarmada",
}
_BY_STATE = {word: action for action, said in _STATES.items() for word in said.split()}

MEDIA_ACTIONS = frozenset(
    {
        Action.PLAY, Action.PAUSE, Action.STOP, Action.NEXT, Action.PREVIOUS, Action.MUTE,
        Action.UNMUTE, Action.SET, Action.INCREASE, Action.DECREASE, Action.ON, Action.OFF,
    }
)  # fmt: skip
"""What a player can be told."""

ARMING_WORDS = ("away", "home", "night", "vacation")
"""Ways of arming that stand in the names of services."""


def action_of(word: str) -> Action | None:
    """Return the action that a word means: "on", "turn_on", "light.turn_on", "ligar a luz"."""
    bare = word.rpartition(".")[2]
    parts = fold(bare).split()
    if not parts:
        return None
    # The longest beginning that is known: "turn on the light", "set brightness".
    for end in range(min(len(parts), _LONGEST), 0, -1):
        if action := _ACTIONS.get("_".join(parts[:end])):
            return action
    return None


_LONGEST = 4
"""Words of the longest action, "alarm_arm_away" and its like."""


def state_action(value: str) -> Action | None:
    """Return the action that brings a state about: "on", "ligado", "fechada"."""
    return _BY_STATE.get(fold(value).replace(" ", "_"))


def media_action(word: str) -> Action | None:
    """Return what a player is told; to start one is to play."""
    action = action_of(word)
    if action is Action.START:
        return Action.PLAY
    return action if action in MEDIA_ACTIONS else None


def arming_of(word: str) -> str:
    """Return the way of arming that stands in the name of a service; empty for any other."""
    return next((way for way in ARMING_WORDS if fold(word).endswith(way)), "")
