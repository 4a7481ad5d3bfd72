"""Whether somebody asks about the home, or asks for something to be done."""

import re

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.patterns import any_of
from custom_components.jonh.agent.words import fold


def is_question(utterance: str, language: Language) -> bool:
    """Return True when the answer is information, False for requests, however polite.

    A question mark only counts when nothing speaks against it: recognisers forget and invent it.
    """
    grammar = _GRAMMARS[language]
    clauses = [clause for part in _CLAUSE_END.split(utterance) if (clause := fold(part))]
    if any(map(grammar.is_order, clauses)):
        return False
    if any(map(grammar.asks, clauses)):
        return True
    is_marked = "?" in utterance or "¿" in utterance or grammar.asks_by_accent(utterance)
    return is_marked and not any(map(grammar.is_request, clauses))


class _Grammar:
    """The patterns of one language; all but `accents` read folded clauses."""

    def __init__(
        self,
        *,
        lead_in: str,
        orders: str,
        joined: str,
        objects: str,
        requests: str,
        telling: tuple[str, str, str],
        asking: str,
        copulas: str,
        states: str,
        complaints: str = "",
        accents: str = "(?!)",
    ) -> None:
        start = rf"^(?:{any_of(lead_in)} )*"
        verb, to_whom, what = map(any_of, telling)
        self._order = re.compile(rf"{start}{any_of(orders)}\b")
        # In "que horas são e apaga a luz" the second half is an order; in "por que a luz liga e
        # apaga sozinha" it is not: there nothing is acted on.
        self._order_joined = re.compile(
            rf" {any_of(joined)} {any_of(orders)}(?: {any_of(objects)}\b|$)"
        )
        self._request = re.compile(rf"{start}{any_of(requests)}\b")
        self._telling = re.compile(rf"\b{verb}(?: {to_whom})? {what}\b")
        self._asking = re.compile(rf"{start}{any_of(asking)}\b")
        self._state = re.compile(rf"\b{any_of(copulas)} (?:\w+ ){{0,5}}?{any_of(states)}\b")
        # "Está escuro aqui" wishes for light, where "está aberto aqui" asks.
        complaint = any_of(complaints) if complaints else "(?!)"
        self._complaint = re.compile(rf"{start}{any_of(copulas)} (?:\w+ ){{0,2}}?{complaint}\b")
        self._accents = re.compile(accents, re.IGNORECASE)

    def is_order(self, clause: str) -> bool:
        """Return True for an imperative, at the beginning or after "and"."""
        return bool(self._order.search(clause) or self._order_joined.search(clause))

    def is_request(self, clause: str) -> bool:
        """Return True for an order that is put as a question, but for "can you tell me"."""
        return bool(self._request.search(clause)) and not self._telling.search(clause)

    def asks(self, clause: str) -> bool:
        """Return True for a clause that asks by its words."""
        if self._telling.search(clause):
            return True
        if self._request.search(clause) or self._complaint.search(clause):
            return False
        return bool(self._asking.search(clause) or self._state.search(clause))

    def asks_by_accent(self, utterance: str) -> bool:
        """Return True for what folding would hide: "é", not "e"."""
        return bool(self._accents.search(utterance))


_CLAUSE_END = re.compile(r"[.,;:!?¿¡…]+(?!\d)")

_PT = _Grammar(
    lead_in="""
        jonh john oi ola ei ai e e_ai entao agora tambem ja so me nao por_favor por_gentileza
        faz_favor bom_dia boa_tarde boa_noite""",
    orders="""
        acend(e|a|am) apag(a|ue|uem) lig(a|ue|uem) deslig(a|ue|uem) abr(e|a|am) fech(a|e|em)
        tran(ca|que|quem) destran(ca|que|quem) aument(a|e) diminu(i|a) abaix(a|e) baix(a|e) sobe
        suba desc(e|a) po(e|nha) coloc(a|que) bot(a|e) deix(a|e) mud(a|e) tro(ca|que) ajust(a|e)
        regul(a|e) ativ(a|e) desativ(a|e) arm(a|e) desarm(a|e) to(ca|que) paus(a|e)
        par(a|e)_(a|o|as|os|de) continu(a|e) pul(a|e) adicion(a|e) acrescent(a|e) remov(e|a)
        cri(a|e) program(a|e) execut(a|e) rod(a|e) inici(a|e) comec(a|e) cancel(a|e) lembr(a|e)
        aspir(a|e) limp(a|e) acion(a|e) tir(a|e) mand(a|e)""",
    joined="e entao depois e_depois e_entao e_ai e_ja e_tambem",
    objects="""
        a o as os ao isso tudo todas todos essa esse esta este meu minha ela ele para pra em no
        na""",
    requests=r"""
        ((voce|tu|o_senhor|a_senhora)_)?(pode|podes|poderia|podia|consegue|conseguiria)_(\w+_)?\w+r
        ((voce|tu)_)?(quer|queres|gostaria_de|vai|iria)_(me_)?\w+r
        (da|daria|tem_como|teria_como|tem_jeito_de|ha_como)_((pra|para|de)_)?(voce_)?(me_)?\w+r
        sera_que_(voce_)?(pode|poderia|consegue|da_pra|da_para|tem_como|daria_pra|daria_para)
        (e_|seria_)?possivel_(me_)?\w+r
        (voce_)?se_importa(ria)?_de importa_se_de
        que_tal_(voce_)?\w+r (vamos|podemos|bora)_\w+r tem_(que|de)_\w+r
        voce_(acende|apaga|liga|desliga|abre|fecha|tranca|aumenta|diminui|abaixa|coloca|muda|toca)
        """,
    telling=(
        """
        dizer diz diga falar fala fale contar conta conte informar informa informe saber sabe sabes
        ver veja verificar verifica verifique conferir confere confira checar checa cheque olhar
        olha olhe mostrar mostra mostre explicar explica explique descobrir""",
        "para_mim pra_mim ai la",
        """
        se qual quais quant[oa]s? quando onde como quem o_que por_que porque as_horas a_hora
        que_(horas|dia|temperatura|luz(es)?|portas?|janelas?|comodos?) a_temperatura o_estado
        o_status a_previsao""",
    ),
    asking=r"""
        qual quais quant[oa]s? quando onde aonde como quem por_que porque o_que que cade sera ha
        tem existem? estao esta(va|vam)? ta tao foi foram sao era algu(m|ma|mas|ns|em) posso devo
        preciso_\w+r sabe_se (voce|tu|alguem)_(ja_)?(esta|sabe|tem|\w+(ou|eu|iu|aste|este|iste))
        ficou ficaram deixei deixamos esqueci tranquei fechei apaguei desliguei""",
    copulas="esta estao ta tao ficou ficaram continua continuam estava estavam",
    states="""
        aces[oa]s? apagad[oa]s? ligad[oa]s? desligad[oa]s? abert[oa]s? fechad[oa]s? trancad[oa]s?
        destrancad[oa]s? armad[oa]s? desarmad[oa]s? ativad[oa]s? desativad[oa]s? ativ[oa]s?
        pausad[oa]s? tocando funcionando carregando""",
    complaints="""
        escur[oa] clar[oa] quente fri[oa] calor abafado gelad[oa] alt[oa] baix[oa] barulho
        barulhento escurinho friozinho""",
    accents=r"^\W*(?:\w+, )?é\b",
)

_EN = _Grammar(
    lead_in="""
        jonh john hey hi hello ok okay please now then so just and also well um""",
    orders="""
        turn switch open close shut lock unlock set dim brighten increase decrease raise lower put
        make change adjust activate deactivate arm disarm play pause stop resume skip add remove
        create start run cancel remind vacuum clean mute unmute leave toggle""",
    joined="and then and_then and_also and_please",
    objects="""
        the it them all every everything my that this those these on off up down to in some a""",
    requests="""
        (can|could|will|would|wont|won_t|can_t|cant)_(you|we|u) (would|do)_you_mind
        would_you_like_to is_it_possible_to is_there_(any|a)_way_to how_about what_about_turning
        let_s lets you_(can|could|should)""",
    telling=(
        "tell say know knows check see explain show find_out look",
        "me us",
        """
        if whether which what where when who why how about (on_)?the_(time|temperature|weather)
        (on_)?the_(status|state)""",
    ),
    asking="""
        what whats which who whose where when why how is are was were isn_t aren_t do does did
        don_t_(you|we|they|the) didn_t have has had should may can_i could_i may_i shall any
        anything anyone""",
    copulas="is are was were s",
    states="""
        on off open opened closed shut locked unlocked armed disarmed playing running paused
        charging""",
)

_ES = _Grammar(
    lead_in="""
        jonh john oye hola eh ahora entonces y tambien me ya no por_favor buenos_dias
        buenas_tardes buenas_noches""",
    orders="""
        enciend(e|a) encend(e|er) prend(e|a) apag(a|ue) abr(e|a) cierr(a|e) sub(e|a) baj(a|e)
        pon(ga)? coloc(a|que) cambi(a|e) ajust(a|e) activ(a|e) desactiv(a|e) arm(a|e) desarm(a|e)
        bloque(a|e) desbloque(a|e) reproduce reproduzca paus(a|e) par(a|e) det(en|enga)
        aument(a|e) reduce reduzca anad(e|a) agreg(a|ue) quit(a|e) cre(a|e) ejecut(a|e) inici(a|e)
        cancel(a|e) dej(a|e) ech(a|e)""",
    joined="y entonces luego y_luego y_despues y_tambien",
    objects="el la los las lo al todo todas todos esa ese esta este mi en",
    requests=r"""
        (me_)?(puedes|podrias|puede|podria|podes)(_usted)?_(por_favor_)?\w+r(la|lo|las|los|me)?
        (quieres|quiere|querrias)_\w+r te_importa(ria)?_\w+r (es|seria)_posible_\w+r que_tal_si
        (vamos_a|hay_que|tienes_que|podemos)_\w+r
        me_(enciendes|apagas|abres|cierras|subes|bajas|pones)""",
    telling=(
        """
        decir decirme dime diga digame saber sabes ver mira mire comprueba compruebe comprobar
        verifica revisa revise revisar explica muestrame ensename""",
        "por_favor",
        """
        si cual cuales cuant[oa]s? cuando donde como quien que por_que la_hora la_temperatura
        el_estado""",
    ),
    asking="""
        que cual cuales cuant[oa]s? cuando donde adonde como quien quienes por_que hay esta estan
        estaba es son fue tiene existe algun[oa]?s? puedo debo alguien has he hemos sabes_si acaso
        deje cerre""",
    copulas="esta estan quedo quedaron sigue siguen estaba estaban",
    states="""
        encendid[oa]s? prendid[oa]s? apagad[oa]s? abiert[oa]s? cerrad[oa]s? bloquead[oa]s?
        desbloquead[oa]s? armad[oa]s? desarmad[oa]s? activad[oa]s? desactivad[oa]s? activ[oa]s?
        pausad[oa]s? sonando funcionando""",
    complaints="oscur[oa] clar[oa] caliente fri[oa] calor alt[oa] baj[oa] ruidos[oa]",
)

_GRAMMARS = {
    Language.PT_BR: _PT,
    Language.PT: _PT,
    Language.EN: _EN,
    Language.ES: _ES,
}
