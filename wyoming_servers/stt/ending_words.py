"""Words that tell whether a sentence is over, in Portuguese and English.

All are written as `ending.plain` leaves them: lower case, without accents.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingWords:
    """The words of one language."""

    unfinished: frozenset[str]
    """Nobody stops after these: connectives, articles, prepositions, fillers, auxiliaries."""
    answers: frozenset[str]
    """Whole utterances, whatever else their words may be."""
    joints: frozenset[str]
    """Words between two commands."""
    openers: frozenset[str]
    """What comes before a command and says nothing of it."""
    verbs: frozenset[str]
    """Verbs of commands; alone they want an object."""
    value_verbs: frozenset[str]
    """Verbs of commands that want a value as well: "deixe a luz da sala"... in what?"""
    particles: frozenset[str]
    """Words that end a command when there is a thing before them: "turn the light off"."""
    questions: frozenset[str]
    """How questions begin."""
    links: frozenset[str]
    """Words between a thing and where it is; what follows them finishes a sentence."""
    heads: frozenset[str]
    """Nouns that something else usually follows: "na lista de compras", "the living room"."""
    places: frozenset[str]
    """Rooms of any home."""
    is_noun_first: bool
    """Whether a room that follows an article ends a phrase: not in "the kitchen lights"."""
    values: frozenset[str]
    """Units, colours, modes and extents: the last words of a command with a value."""
    closers: frozenset[str]
    """Times, politeness and states: the last words of all kinds of sentences."""
    whole_things: frozenset[str]
    """Things of which a home has one, so that nobody says where it is."""
    digits: frozenset[str]
    """Digits as words."""
    numbers: frozenset[str]
    """The other numbers, which a unit follows as well."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in text.split(","))


PORTUGUESE = EndingWords(
    unfinished=_words(
        "e ou mas nem que se porque pois como quando onde enquanto porem entao tipo ne assim"
        " o a os as um uma uns umas ao aos à às"
        " de da do das dos em na no nas nos num numa para pra pro pras pros por pela pelo pelas"
        " pelos com sem ate sobre entre desde contra"
        " meu minha meus minhas seu sua seus suas nosso nossa este esta esse essa aquele aquela"
        " deste desta desse dessa daquele daquela neste nesta nesse nessa"
        " eu voce ele ela nos eles elas me te lhe"
        " é eh hum ahn hmm uh ai bom olha"
        " estou esta estao sou sao foi foram era ser estar vai vou vamos vao tem tenho temos ter"
        " pode posso podemos poder quero quer queria gostaria preciso precisa precisava devo deve"
        " consegue consigo faz fazer dizer diz fala falar saber sei acho"
        " qual quais quanto quantos quanta quantas quem cujo"
        " mais menos muito muita muitos muitas tao todo toda todos todas cada outro outra algum"
        " alguma nenhum nenhuma qualquer nao so apenas tambem ja ainda sempre nunca bem"
    ),
    answers=_phrases(
        "sim, nao, pode, pode sim, pode ser, claro, isso, isso mesmo, ok, okay, certo, ta, ta bom,"
        " esta bem, beleza, perfeito, com certeza, por favor, sim por favor, nao obrigado,"
        " nao obrigada, obrigado, obrigada, muito obrigado, muito obrigada, valeu, para, pare,"
        " parar, para tudo, pare tudo, chega, cancela, cancelar, cancele, esquece, esqueca, deixa,"
        " deixa pra la, nada, silencio, continua, continue, continuar, proxima, proximo, anterior,"
        " repete, repita, de novo, mais, menos, mais alto, mais baixo, mais claro, mais escuro,"
        " boa noite, bom dia, boa tarde, tchau, ate logo, oi, ola, tudo bem, confirmo, confirma,"
        " que horas sao, que dia e hoje, quem e voce, como voce esta, o que voce pode fazer,"
        " socorro, ajuda, ainda nao, agora nao, todas, todos, tudo, pausa, pause, play"
    ),
    joints=_words("e depois"),
    openers=_words("por favor entao agora voce pode poderia ei oi ola jonh casa assistente e"),
    verbs=_words(
        "acenda acende acender ligue liga ligar apague apaga apagar desligue desliga desligar abra"
        " abre abrir feche fecha fechar tranque tranca trancar destranque destranca destrancar"
        " ative ativa ativar desative desativa desativar toque toca tocar pause pausa pausar pare"
        " para parar inicie inicia iniciar comece comeca rode roda execute executa suba sobe baixe"
        " baixa abaixe abaixa aumente aumenta aumentar diminua diminui diminuir adicione adiciona"
        " adicionar coloca coloque lembre lembra crie cria criar conte conta mostre mostra diga"
        " avise avisa cancele cancela remova remove tire tira limpe limpa procure procura"
        " coloque coloca colocar ponha poe por ajuste ajusta ajustar mude muda mudar troque troca"
        " defina define definir deixe deixa deixar regule regula programe programa"
    ),
    value_verbs=_words(
        "coloque coloca colocar ponha poe ajuste ajusta ajustar mude muda mudar troque troca"
        " defina define definir deixe deixa deixar regule regula programe programa"
    ),
    particles=frozenset(),
    questions=_words(
        "que qual quais quanto quantos quanta quantas quem onde como quando tem ha sera esta"
        " estao vai"
    ),
    links=_words("de da do das dos em na no nas nos num numa para pra pro com pela pelo ao à às"),
    heads=_words(
        "luz luzes lampada lampadas porta portas janela janelas cortina cortinas persiana tomada"
        " temperatura umidade lista cena modo maquina ar sensor camera botao quadro sala"
        " receita copo quilo resto fim comeco meio lado parte tipo"
    ),
    is_noun_first=True,
    places=_words(
        "sala quarto cozinha banheiro garagem varanda escritorio quintal jardim corredor lavanderia"
        " suite closet sacada terraco piscina porao sotao area entrada hall copa despensa casa"
        " jantar estar hospedes casal criancas servico"
    ),
    values=_words(
        "graus grau cento porcento minuto minutos hora horas segundo segundos dia dias reais volts"
        " watts metade maximo minimo azul vermelho vermelha verde amarelo amarela branco branca"
        " rosa roxo roxa laranja lilas quente frio fria morno neutro automatico economico noturno"
        " dormir cinema festa leitura tudo"
    ),
    closers=_words(
        "agora hoje amanha ontem depois aqui ali la dentro favor obrigado obrigada noite manha"
        " tarde semana ano mes logo cedo junto sozinho sozinha domingo segunda terca quarta quinta"
        " sexta sabado feira janeiro fevereiro marco abril maio junho julho agosto setembro outubro"
        " novembro dezembro"
        " ligada ligado ligadas ligados acesa aceso acesas acesos apagada apagado apagadas"
        " desligada desligado aberta aberto abertas abertos fechada fechado fechadas fechados"
        " trancada trancado trancadas trancados destrancada destrancado"
    ),
    whole_things=_words(
        "televisao tv alarme musica radio aspirador ar-condicionado condicionado aquecedor portao"
        " geladeira fogao forno cafeteira robo volume som cama"
        " compras"
    ),
    digits=_words("zero um uma dois duas tres quatro cinco seis meia sete oito nove"),
    numbers=_words(
        "dez onze doze treze quatorze catorze quinze dezesseis dezessete dezoito dezenove vinte"
        " trinta quarenta cinquenta sessenta setenta oitenta noventa cem mil"
    ),
)

ENGLISH = EndingWords(
    unfinished=_words(
        "and or but nor that if because so than then while when where who whose which what how"
        " the a an of in on at to for from by with without into onto about between until since"
        " my your his her its our their this these those every each all some any no"
        " i you he she we they it me us them"
        " uh um er hmm like well maybe"
        " is are was were be been being am will would can could should shall may might must do"
        " does did have has had want wants need needs let more less very too not just"
        " also still always never turn switch set make put get tell give show know think say"
    ),
    answers=_phrases(
        "yes, no, yeah, yep, nope, sure, ok, okay, of course, right, fine, all right, alright,"
        " correct, exactly, please, yes please, no thanks, no thank you, thanks, thank you, stop,"
        " stop it, cancel, cancel that, never mind, nevermind, forget it, go on, continue, next,"
        " previous, again, repeat, repeat that, more, less, louder, quieter, brighter, darker,"
        " warmer, cooler, up, down, on, off, good night, good morning, goodbye, bye, hello, hi,"
        " what time is it, what day is it, what day is today, who are you, how are you,"
        " what can you do, do it, go ahead, not now, confirm, help, all, all of them, everything,"
        " pause, play, mute, unmute, quiet, be quiet, stop everything"
    ),
    joints=_words("and then"),
    openers=_words("please hey hi hello ok okay could can would you jonh house assistant now and"),
    verbs=_words(
        "turn switch open close shut lock unlock start stop play pause resume run activate"
        " deactivate dim brighten raise lower increase decrease add remove remind create cancel"
        " show tell clean vacuum arm disarm mute unmute skip call find set change put make adjust"
    ),
    value_verbs=_words("set change put make adjust"),
    particles=_words("on off up down"),
    questions=_words(
        "what which who whose where when why how is are was were do does did can could will would"
        " should has have did any"
    ),
    links=_words("in of at to from for by with on into near under outside inside about"),
    heads=_words(
        "living dining front back side main garage kitchen bedroom bathroom hallway office coffee"
        " washing shopping ceiling desk floor movie night reading sleep party guest master alarm"
        " top bottom middle rest end"
    ),
    is_noun_first=False,
    places=_words(
        "room kitchen bedroom bathroom garage balcony office yard garden hallway laundry suite"
        " closet porch terrace pool basement attic entrance hall pantry house home outside inside"
        " upstairs downstairs door gate"
    ),
    values=_words(
        "degrees degree percent minutes minute hours hour seconds second days half maximum minimum"
        " full blue red green yellow white pink purple orange warm cold cool neutral auto eco sleep"
        " everything halfway"
    ),
    closers=_words(
        "now today tomorrow yesterday later here there please thanks tonight morning afternoon"
        " evening night week weekend month year soon again together alone open closed locked"
        " unlocked monday tuesday wednesday thursday friday saturday sunday january february march"
        " april june july august september october november december"
    ),
    whole_things=_words(
        "television tv alarm music radio vacuum heater heating conditioner conditioning scene mode"
        " thermostat fridge oven stove robot volume bed machine list lights door doors gate gates"
    ),
    digits=_words("zero oh one two three four five six seven eight nine"),
    numbers=_words(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
        " thirty forty fifty sixty seventy eighty ninety hundred thousand"
    ),
)
