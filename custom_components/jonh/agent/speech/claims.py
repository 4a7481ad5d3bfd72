"""Sentences of a model that claim a deed, and what is said when there was none."""

import re

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.patterns import any_of
from custom_components.jonh.agent.words import fold


def claims_done(text: str, language: Language) -> bool:
    """Return True when a sentence says that something was done, or is being done right now.

    Answers about states, offers, questions, refusals and plans claim nothing. A sentence without
    a verb ("Luz da sala acesa.") counts as a claim; it may also answer a question about a state,
    so ask this only of answers to requests.
    """
    grammar = _GRAMMARS[language]
    return any(grammar.claims(sentence) for sentence in _SENTENCE.findall(text))


def not_done(language: Language) -> str:
    """Return what is said instead of a claim that was false."""
    return _NOT_DONE[language]


def act_now(language: Language) -> str:
    """Return what a model is told when it claimed a deed without calling a tool."""
    return _ACT_NOW[language]


_SENTENCE = re.compile(r"[^.!?…\n]+(?:\.(?=\d)[^.!?…\n]+)*[.!?…]*")
_CLAUSE_END = re.compile(r"[,;:—–]+(?!\d)|\s-\s|\b(?:mas|porém|but|pero)\b", re.IGNORECASE)


class _Grammar:
    """How one language claims a deed; the patterns read folded clauses."""

    def __init__(
        self,
        *,
        lead_in: str,
        done: str,
        deeds: str,
        ongoing: str,
        states: str,
        verbs: str,
        denied: str,
        elsewhen: str,
    ) -> None:
        start = rf"^(?:{any_of(lead_in)} )*"
        # "Luz da sala acesa", "ar ligado em 22 graus": a state, a value, and no verb before it.
        verbless = (
            rf"^(?:(?!{any_of(verbs)}\b)\w+ ){{1,7}}{any_of(states)}"
            r"(?: (?:em|para|at|to|a) \d[^a-z]*(?:graus|por cento|degrees|percent|grados)?)?$"
        )
        self._claim = re.compile(
            rf"{start}{any_of(done)}$|{start}{any_of(ongoing)}\b|{any_of(deeds)}\b|{verbless}"
        )
        self._denied = re.compile(rf"\b{any_of(denied)}\b")
        self._elsewhen = re.compile(rf"\b{any_of(elsewhen)}\b")

    def claims(self, sentence: str) -> bool:
        """Return True when one sentence claims a deed of now."""
        if sentence.rstrip().endswith("?"):
            return False
        clauses = [fold(clause) for clause in _CLAUSE_END.split(sentence)]
        return any(map(self._is_claim, clauses))

    def _is_claim(self, clause: str) -> bool:
        return bool(
            self._claim.search(clause)
            and not self._denied.search(clause)
            and not self._elsewhen.search(clause)
        )


_STATES_PT = """
    (aces|apagad|ligad|desligad|abert|fechad|trancad|destrancad|ativad|desativad|armad)[oa]s?
    (desarmad|ajustad|alterad|configurad|definid|aumentad|diminuid|reduzid|pausad|iniciad)[oa]s?
    (parad|adicionad|removid|criad|agendad|programad|marcad|executad|acionad|silenciad)[oa]s?
    (anotad|colocad|mudad|cancelad|feit|concluid|retomad|enviad|apertad)[oa]s?"""

_PT = _Grammar(
    lead_in="ok okay certo claro sim agora eu ja tudo_bem beleza entao e perfeito",
    done="""
        pronto prontinho feito feitinho concluido finalizado esta_feito ja_foi tudo_pronto
        tudo_feito (comando|pedido|acao)_(executad|enviad|realizad|concluid|feit)[oa]""",
    # The first person of the past tense of what can be done in a home, and its passive.
    deeds=rf"""
        \b(acabei|terminei)_de_\w+r \bconsegui_\w+r \bcom_sucesso
        \b(liguei|religuei|desliguei|acendi|apaguei|abri|fechei|tranquei|destranquei|ativei)
        \b(desativei|armei|desarmei|ajustei|alterei|mudei|troquei|configurei|defini|coloquei|pus)
        \b(deixei|botei|aumentei|diminui|reduzi|abaixei|baixei|subi|pausei|parei|toquei|iniciei)
        \b(comecei|retomei|adicionei|acrescentei|removi|tirei|criei|agendei|programei|marquei)
        \b(executei|acionei|silenciei|anotei|cancelei|mandei|enviei|fiz|apertei)
        \b(foi|foram|ficou|ficaram)_(\w+_)?{any_of(_STATES_PT)}
        \bagora_(esta|estao)_{any_of(_STATES_PT)} \b(esta|estao)_{any_of(_STATES_PT)}_agora""",
    ongoing="""
        (estou_)?(ligando|desligando|acendendo|apagando|abrindo|fechando|trancando|destrancando)
        (estou_)?(ativando|desativando|ajustando|aumentando|diminuindo|abaixando|colocando|mudando)
        (estou_)?(pausando|tocando|iniciando|adicionando|removendo|programando|executando)""",
    states=_STATES_PT,
    verbs="""
        esta estao ta tao e sao era eram que tem ha existe continua continuam estava estavam com
        foi foram fica ficam segue seguem permanece permanecem ser estar""",
    denied="""
        nao nunca nenhum nenhuma nada sem se quando caso quer queria gostaria posso poderia vou
        irei sera serao preciso precisa precisam deseja tente nem para_que impossivel falta faltou
        voce ele ela alguem automacao""",
    elsewhen=r"""
        ontem anteontem mais_cedo hoje_cedo ha_(\d+|um|uma|dois|duas|tres|pouco|muito|algum\w*)
        (minutos|horas|dias)_atras as_\d+ desde na_semana ultima_vez antes""",
)

_DONE_EN = any_of("""
    turned switched opened closed locked unlocked set dimmed adjusted changed activated
    deactivated armed disarmed raised lowered increased decreased paused started stopped resumed
    played added removed created scheduled cancelled canceled muted unmuted updated put done
    completed executed shut brightened made""")

_EN = _Grammar(
    lead_in="ok okay sure sure_thing all_right alright yes now great and so got_it right",
    done="""
        done all_done (it|that)_(s|is)_done (it_s_)?all_set completed finished consider_it_done
        there_you_go taken_care_of (action|command)_(completed|executed)""",
    deeds=rf"""
        \b(i|i_ve|i_have|we|we_ve)_((have|just|already|now|successfully|also)_)*{_DONE_EN}
        ^((ok|okay|sure|and|now)_)*{_DONE_EN}_(on|off|up|down|the|it|all|your|to|them)
        \b(has|have)_((now|just|all)_)*been_(\w+ly_)?{_DONE_EN} \bsuccessfully
        \b(is|are|s|re)_now_((turned|switched|set|all)_)*(on|off|open|closed|locked|unlocked|shut)
        \b(is|are|s|re)_now_({_DONE_EN}|running|playing|paused)""",
    ongoing="""
        ((i_m|i_am)_)?(now_)?(turning|switching|opening|closing|locking|unlocking|setting|dimming)
        ((i_m|i_am)_)?(now_)?(adjusting|activating|deactivating|arming|disarming|raising|lowering)
        ((i_m|i_am)_)?(now_)?(increasing|decreasing|pausing|playing|starting|stopping|adding)
        ((i_m|i_am)_)?(now_)?(removing|muting|running)""",
    states="on off opened closed locked unlocked",
    verbs="""
        is are was were s re be been has have had stays stay remains remain which that there turn
        switch leave what""",
    denied=r"""
        not n_t never (couldn|can|don|didn|haven|hasn|isn|aren|wasn|won)_t cannot unable failed if
        when would will ll could can should shall want once nothing none no you unless to_have
        ready_to""",
    elsewhen=r"""
        yesterday earlier ago last_(night|week|time) at_\d+ since this_morning before""",
)

_STATES_ES = """
    (encendid|prendid|apagad|cerrad|bloquead|desbloquead|activad|desactivad|armad|desarmad)[oa]s?
    (ajustad|cambiad|configurad|subid|bajad|pausad|iniciad|detenid|agregad|anadid|cread)[oa]s?
    (programad|ejecutad|quitad|cancelad|abiert|puest|hech)[oa]s?"""

_ES = _Grammar(
    lead_in="ok okay vale claro si ahora ya de_acuerdo perfecto bien y",
    done="""
        listo lista hecho ya_esta esta esta_hecho todo_listo completado
        orden_(ejecutada|completada)""",
    # "Apague" is also an order and a wish, so these stand at the beginning only.
    deeds=rf"""
        \b(he|hemos)_(ya_)?{any_of(_STATES_ES)} \bcon_exito \bacabo_de_\w+r
        ^((ok|listo|ya|yo|la|lo|las|los)_)*(encendi|prendi|apague|abri|cerre|bloquee|desbloquee)
        ^((ok|listo|ya|yo|la|lo|las|los)_)*(active|desactive|arme|desarme|ajuste|cambie|subi|baje)
        ^((ok|listo|ya|yo|la|lo|las|los)_)*(pause|inicie|detuve|agregue|anadi|cree|programe|puse)
        ^((ok|listo|ya|yo|la|lo|las|los)_)*(quite|ejecute|hice|cancele|configure)
        \b(fue|fueron|ha_sido|han_sido|quedo|quedaron)_(\w+_)?{any_of(_STATES_ES)}
        \bahora_(esta|estan)_{any_of(_STATES_ES)}""",
    ongoing="""
        (estoy_)?(encendiendo|prendiendo|apagando|abriendo|cerrando|bloqueando|desbloqueando)
        (estoy_)?(activando|desactivando|ajustando|subiendo|bajando|poniendo|pausando)
        (estoy_)?(reproduciendo|iniciando|agregando)""",
    states=_STATES_ES,
    verbs="""
        esta estan es son que tiene hay sigue siguen estaba estaban con fue fueron queda quedan
        permanece ser estar""",
    denied="""
        no nunca ningun ninguna nada sin si_(quieres|quiere|no|lo|la) cuando quieres quiere puedo
        podria voy sera seran necesito necesitas tampoco imposible usted alguien automatizacion""",
    elsewhen=r"""
        ayer mas_temprano antes hace_(\d+|un|una|dos|tres|poco|mucho) a_las_\d+ desde anoche
        ultima_vez""",
)

_GRAMMARS = {Language.PT_BR: _PT, Language.PT: _PT, Language.EN: _EN, Language.ES: _ES}

_NOT_DONE = {
    Language.PT_BR: "Eu ainda não fiz isso. Pode pedir de outro jeito?",
    Language.PT: "Ainda não fiz isso. Pode pedir de outra forma?",
    Language.EN: "I have not done that yet. Could you ask another way?",
    Language.ES: "Todavía no lo hice. ¿Puedes pedirlo de otra manera?",
}
_ACT_NOW = {
    Language.PT_BR: (
        "Você disse que fez, mas não chamou nenhuma ferramenta e nada aconteceu. "
        "Chame a ferramenta agora ou diga que não consegue."
    ),
    Language.PT: (
        "Disse que fez, mas não chamou nenhuma ferramenta e nada aconteceu. "
        "Chame a ferramenta agora ou diga que não consegue."
    ),
    Language.EN: (
        "You said it was done, but you called no tool and nothing happened. "
        "Call the tool now, or say that you cannot."
    ),
    Language.ES: (
        "Dijiste que lo hiciste, pero no llamaste a ninguna herramienta y no pasó nada. "
        "Llama a la herramienta ahora o di que no puedes."
    ),
}
