"""Words that are said of devices and are no names of them: verbs above all."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def cued_domains(said: Iterable[str]) -> frozenset[str]:
    """Return the domains that folded words such as "acende", "tranca" or "volume" point to."""
    return frozenset(domain for word in said for domain in _DOMAINS.get(word, ()))


def is_everyday(word: str) -> bool:
    """Return True for a folded word of everyday speech, so that it is no misheard name."""
    return word in _DOMAINS or word in _FILLERS


# Each row: domains | words, verbs above all, that are said of them and are no names of them.
_CUES = """
light | acende acender acenda acendam ilumina iluminar illuminate clareia escurece diminui dim \
brighten brillo brilho brightness cor color colour apaga apagar apague acesa aceso acesas lit \
enciende encender
switch fan light media_player | liga ligar ligue desliga desligar desligue turn switch ligada \
ligado ligados ligadas desligada desligado
cover | abre abrir abra fecha fechar feche open close opened closed aberta aberto abertas \
abertos fechada fechado sobe subir suba desce descer desca levanta baixa raise lower abierta \
abrir cierra cerrar
lock | tranca trancar tranque destranca destrancar destranque trancada trancado trancadas \
destrancada lock unlock locked unlocked cerrada
valve | regar rega irriga irrigar water
climate | graus grau esfria esfriar resfria resfriar esquenta esquentar aquece aquecer aqueca \
frio quente calor gelado refrigera cool heat warm cold hot degrees degree cooler warmer enfria \
grados termostato thermostat
sensor | quanto quantos graus umida umido medindo marcando reading measure leitura how much
binary_sensor | alguem detectou detectado movimento presenca anyone somebody detected
media_player | volume musica tocar toca toque tocando pausa pausar pause play playing song music \
canal channel mudo mute silencia muta assistir watch proxima next anterior previous faixa track \
som
vacuum | aspira aspirar aspire limpa limpar limpe varre varrer varra clean vacuum sweep base \
dock hoover
alarm_control_panel | arma armar arme desarma desarmar desarme armado armada arm disarm armed \
desarmado
scene | ativa ativar ative cena modo activate scene mode
script | executa executar execute roda rodar rode run
todo | adiciona adicionar adicione coloca anota acrescenta comprar mercado add buy put lembrete \
task tarefa item
humidifier | umidifica umidificar umidade humidify dehumidify seco dry
weather | chover chove chuva sol rain sunny amanha
fan | venta ventar ventila velocidade speed abafado
water_heater | banho bath agua water quente hot esquenta esquentar aquece aquecer heat chuveiro \
shower
"""

# Words around a request that name nothing.
_FILLER_WORDS = """
agora algum alguma alguns algumas and any are as ate be can casa com como could de deixa deixar do
e ela ele em essa esse esta estao este eu fazendo faz favor for foi gente have how i ja la
les lo mais manda me meio menos mim modo muito nao need no ok os ou para pelo pela
percent please pode poderia pois por porcento por cento pra precisa preciso qual quais que quer
quero se sem set ser si so tem the their there to toda todas todo todos tudo um uma vai voce we what
whats when where which who will with would you
"""
_FILLERS = frozenset(_FILLER_WORDS.split())


def _index() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _CUES.strip().splitlines():
        domains, said = line.split("|")
        for word in said.split():
            found[word] = (*found.get(word, ()), *domains.split())
    return found


_DOMAINS = _index()
