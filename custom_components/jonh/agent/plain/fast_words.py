"""Words of plain commands and questions in Portuguese and English, without accents."""

from enum import StrEnum

from custom_components.jonh.agent.commands import Action


class Verb(StrEnum):
    """What a verb asks for; some become an action only with their target."""

    ON = "on"
    OFF = "off"
    TOGGLE = "toggle"
    ACTIVATE = "activate"
    """Switch on, run, or arm."""
    DEACTIVATE = "deactivate"
    RUN = "run"
    """Run a scene or a script, start a vacuum."""
    OPEN = "open"
    CLOSE = "close"
    STOP = "stop"
    SET = "set"
    TURN = "turn"
    """English "turn", with its particle behind the target."""
    INCREASE = "increase"
    DECREASE = "decrease"
    RAISE = "raise"
    """Open what hangs down, increase the rest."""
    LOWER = "lower"
    LOCK = "lock"
    UNLOCK = "unlock"
    ARM = "arm"
    DISARM = "disarm"
    PAUSE = "pause"
    PLAY = "play"
    NEXT = "next"
    PREVIOUS = "previous"
    MUTE = "mute"
    UNMUTE = "unmute"
    DOCK = "dock"
    SEND = "send"
    """Dock, when the base is named."""


type Phrases = tuple[tuple[str, ...], ...]


def phrases(text: str) -> Phrases:
    """Split a table of phrases at its commas, the longest phrase first."""
    found = (tuple(phrase.split()) for phrase in text.split(","))
    return tuple(sorted((phrase for phrase in found if phrase), key=len, reverse=True))


def word_set(text: str) -> frozenset[str]:
    """Split a table of words."""
    return frozenset(text.split())


_VERBS = """
on | acende, acenda, acender, acendam, liga, ligue, ligar, ligam, turn on, switch on, power on, \
put on
off | apaga, apague, apagar, apaguem, desliga, desligue, desligar, turn off, switch off, shut off, \
power off
toggle | alterna, alterne, alternar, inverte, toggle
activate | ativa, ative, ativar, activate, enable
deactivate | desativa, desative, desativar, deactivate, disable
run | executa, execute, executar, roda, rode, rodar, inicia, inicie, iniciar, comeca, comece, \
run, start, launch
open | abre, abra, abrir, open
close | fecha, feche, fechar, close, shut
stop | para, pare, parar, stop
set | poe, ponha, coloca, coloque, colocar, bota, bote, botar, deixa, deixe, deixar, ajusta, \
ajuste, ajustar, muda, mude, mudar, define, defina, definir, regula, regule, regular, troca, \
troque, mete, set, change, make, put, adjust, leave, keep
turn | turn, switch
increase | aumenta, aumente, aumentar, clareia, turn up, increase, brighten
decrease | diminui, diminua, diminuir, reduz, reduza, reduzir, escurece, turn down, decrease, \
reduce, dim
raise | sobe, suba, subir, levanta, levante, levantar, raise
lower | abaixa, abaixe, abaixar, baixa, baixe, baixar, desce, desca, descer, lower
lock | tranca, tranque, trancar, lock
unlock | destranca, destranque, destrancar, unlock
arm | arma, arme, armar, arm
disarm | desarma, desarme, desarmar, disarm
pause | pausa, pause, pausar
play | toca, toque, tocar, da play, dar play, despausa, continua, continue, retoma, play, resume
next | proxima, proximo, pula, pule, pular, avanca, next, skip
previous | volta, volte, voltar, previous
mute | muta, mutar, silencia, silencie, silenciar, tira o som da, tira o som do, mute
unmute | desmuta, unmute
dock | recolhe, recolha, dock
send | manda, mande, mandar, envia, envie, enviar, send, return
"""

VERBS: tuple[tuple[tuple[str, ...], Verb], ...] = tuple(
    sorted(
        (
            (said, Verb(name.strip()))
            for name, _, said_in in (row.partition("|") for row in _VERBS.strip().splitlines())
            for said in phrases(said_in)
        ),
        key=lambda row: len(row[0]),
        reverse=True,
    )
)
"""Forms of verbs that begin a command, the longest first."""

POLITE_BEFORE = phrases(
    "jonh, john, jon, ei, oi, ola, ok, okay, por favor, por gentileza, faz favor, entao, e, "
    "voce pode, voce poderia, voce consegue, pode, poderia, podes, podia, consegue, da pra, "
    "da para, tem como, quero que voce, quero que, eu quero que voce, eu quero que, "
    "gostaria que voce, preciso que voce, sera que voce pode, vai, "
    "hey, hi, hello, please, can you, could you, would you, will you, can you please, "
    "i want you to, i would like you to, i need you to, just, go ahead and"
)
"""What may stand before a command and changes nothing."""

POLITE_AFTER = phrases(
    "por favor, por gentileza, faz favor, pra mim, para mim, pra gente, ai, agora, agora mesmo, "
    "obrigado, obrigada, valeu, ta, ta bom, beleza, jonh, john, e, "
    "please, for me, now, right now, thanks, thank you, will you, ok, okay"
)

BLOCKING = word_set(
    "nao nunca jamais se quando enquanto depois antes amanha ontem hoje tarde sempre exceto "
    "menos salvo fora tirando apenas somente so minuto minutos segundos hora horas meia "
    "todo diariamente logo quase outra outro outras outros mesma mesmo ambas ambos quem porque "
    "not don never if when while after before until tomorrow yesterday today later always except "
    "but unless without minute minutes seconds hour hours only other others same both who why "
    "because every daily"
)
"""Negations, conditions, times and exceptions: with any of them a model has to think."""

A_BIT = phrases(
    "um pouco mais, mais, um pouco, um pouquinho, mais um pouco, a bit, a little, a little bit"
)

ATTRIBUTES: dict[str, frozenset[str]] = {
    "brilho": frozenset({"light"}),
    "intensidade": frozenset({"light"}),
    "luminosidade": frozenset({"light"}),
    "brightness": frozenset({"light"}),
    "cor": frozenset({"light"}),
    "color": frozenset({"light"}),
    "colour": frozenset({"light"}),
    "volume": frozenset({"media_player"}),
    "som": frozenset({"media_player"}),
    "temperatura": frozenset({"climate", "water_heater"}),
    "temperature": frozenset({"climate", "water_heater"}),
    "velocidade": frozenset({"fan"}),
    "speed": frozenset({"fan"}),
    "posicao": frozenset({"cover"}),
    "abertura": frozenset({"cover"}),
    "position": frozenset({"cover"}),
}
"""What of a thing is set or asked for, and the domains that have it."""

MEDIA_NOUNS = word_set("musica faixa video filme cancao song track music video movie")

STATES: dict[Action, frozenset[str]] = {
    Action.ON: word_set("aceso acesa acesos acesas ligado ligada ligados ligadas on"),
    Action.OFF: word_set(
        "apagado apagada apagados apagadas desligado desligada desligados desligadas off"
    ),
    Action.OPEN: word_set("aberto aberta abertos abertas open opened"),
    Action.CLOSE: word_set("fechado fechada fechados fechadas closed shut"),
    Action.LOCK: word_set("trancado trancada trancados trancadas locked"),
    Action.UNLOCK: word_set("destrancado destrancada destrancados destrancadas unlocked"),
    Action.ARM: word_set("armado armada ativado armed"),
    Action.DISARM: word_set("desarmado desarmada desativado disarmed"),
    Action.PLAY: word_set("tocando playing"),
    Action.PAUSE: word_set("pausado pausada paused"),
    Action.MUTE: word_set("mudo muda muted mute"),
    Action.START: word_set("limpando aspirando cleaning"),
}
"""Words for the state that an action brings about."""

BASES = phrases(
    "para a base, pra base, de volta, de volta para a base, de volta pra base, para casa, "
    "pra casa, para o carregador, home, to the dock, to its dock, back to the dock, to dock, "
    "to the base, to its base, back to base, back to its base, back home, back"
)

SWITCHED = frozenset(
    {
        "light", "switch", "fan", "media_player", "climate", "input_boolean", "humidifier",
        "water_heater", "siren", "remote", "group",
    }
)  # fmt: skip

_RUNNABLE = frozenset({"scene", "script"})
_STARTED = frozenset({"vacuum", "lawn_mower"})
_GRADED = frozenset({"light", "climate", "media_player", "fan", "cover", "water_heater",
                     "humidifier", "valve", "number", "input_number"})  # fmt: skip

ALLOWED: dict[Verb, frozenset[str]] = {
    Verb.ON: SWITCHED | _RUNNABLE | _STARTED | {"button", "input_button", "automation"},
    Verb.OFF: SWITCHED | {"automation"},
    Verb.TOGGLE: SWITCHED,
    Verb.ACTIVATE: SWITCHED
    | _RUNNABLE
    | {"alarm_control_panel", "automation", "button", "input_button"},
    Verb.DEACTIVATE: SWITCHED | {"alarm_control_panel", "automation"},
    Verb.RUN: _RUNNABLE | _STARTED,
    Verb.OPEN: frozenset({"cover", "valve"}),
    Verb.CLOSE: frozenset({"cover", "valve"}),
    Verb.STOP: _STARTED | {"cover", "valve", "media_player"},
    Verb.SET: _GRADED,
    Verb.INCREASE: _GRADED - {"cover", "valve"},
    Verb.DECREASE: _GRADED - {"cover", "valve"},
    Verb.RAISE: _GRADED - {"valve"},
    Verb.LOWER: _GRADED - {"valve"},
    Verb.LOCK: frozenset({"lock"}),
    Verb.UNLOCK: frozenset({"lock"}),
    Verb.ARM: frozenset({"alarm_control_panel"}),
    Verb.DISARM: frozenset({"alarm_control_panel"}),
    Verb.PAUSE: _STARTED | {"media_player"},
    Verb.PLAY: frozenset({"media_player"}),
    Verb.NEXT: frozenset({"media_player"}),
    Verb.PREVIOUS: frozenset({"media_player"}),
    Verb.MUTE: frozenset({"media_player"}),
    Verb.UNMUTE: frozenset({"media_player"}),
    Verb.DOCK: _STARTED,
    Verb.SEND: _STARTED,
}
"""Domains that a verb goes with; nothing else is looked for."""

STATE_DOMAINS: dict[Action, frozenset[str]] = {
    Action.ON: SWITCHED,
    Action.OFF: SWITCHED,
    Action.OPEN: frozenset({"cover", "valve", "binary_sensor"}),
    Action.CLOSE: frozenset({"cover", "valve", "binary_sensor"}),
    Action.LOCK: frozenset({"lock"}),
    Action.UNLOCK: frozenset({"lock"}),
    Action.ARM: frozenset({"alarm_control_panel"}),
    Action.DISARM: frozenset({"alarm_control_panel"}),
    Action.PLAY: frozenset({"media_player"}),
    Action.PAUSE: frozenset({"media_player", "vacuum"}),
    Action.MUTE: frozenset({"media_player"}),
    Action.START: frozenset({"vacuum"}),
}
"""Domains whose state may be asked for, or wished for, with such a word."""
