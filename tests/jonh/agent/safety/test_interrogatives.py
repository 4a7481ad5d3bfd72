"""Questions are told from requests, however they are put."""

import pytest

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.safety.interrogatives import is_question

QUESTIONS = {
    Language.PT_BR: [
        "qual a temperatura da sala",
        "a luz da sala está acesa?",
        "a luz da sala está acesa",
        "a porta da frente tá trancada",
        "tem alguma luz acesa",
        "tem alguma janela aberta na casa?",
        "há alguém na sala",
        "quantas luzes estão ligadas",
        "por que você não acende a luz?",
        "por que a luz da sala liga e apaga sozinha?",
        "como eu ligo a luz da sala?",
        "que horas são",
        "o que está ligado na cozinha",
        "quem abriu o portão?",
        "você fechou a porta da garagem",
        "você sabe se a porta está trancada?",
        "você pode me dizer se o portão está aberto",
        "pode ver se a luz da cozinha está ligada",
        "dá pra saber se a porta está aberta?",
        "veja se a porta está trancada",
        "será que a porta está trancada",
        "cadê o aspirador",
        "alguma luz ficou acesa?",
        "esqueci a luz acesa?",
        "posso abrir o portão agora?",
        "devo fechar as janelas?",
        "é seguro abrir o portão?",
        "jonh, o portão está aberto?",
        "e a luz da cozinha?",
        "está aberto o portão?",
        "está quente na sala?",
        "quais portas estão destrancadas",
        "me diga quais luzes estão acesas",
        "a garagem está fechada, né?",
        "onde está o aspirador",
        "quando o alarme foi armado?",
        "alguém deixou a luz acesa",
        "o ar-condicionado está ligado?",
        "a tv está tocando?",
        "o portão abre sozinho?",
        "tranquei a porta?",
    ],
    Language.EN: [
        "is the light on",
        "what's the temperature in the living room",
        "are there any lights on?",
        "which doors are unlocked",
        "do I have any windows open",
        "did you lock the door?",
        "can you tell me if the garage is open",
        "could you check whether the door is locked?",
        "how do I open the garage door",
        "why don't you turn on the light?",
        "the front door is locked?",
        "should I close the windows?",
        "can I open the gate?",
        "is it safe to open the gate?",
        "when did the alarm go off",
        "who opened the gate",
        "has the washing machine finished",
        "does the light turn on at night",
        "tell me what lights are on",
        "any lights on",
        "what about the kitchen?",
        "is the tv playing",
    ],
    Language.ES: [
        "¿está encendida la luz?",
        "está abierta la puerta",
        "qué temperatura hace",
        "hay alguna luz encendida",
        "cuántas luces están encendidas",
        "dime si la puerta está cerrada",
        "puedes decirme si el portón está abierto",
        "por qué no enciendes la luz?",
        "¿quién abrió la puerta?",
        "la luz está apagada",
    ],
}

REQUESTS = {
    Language.PT_BR: [
        "acende a luz da sala",
        "você pode acender a luz?",
        "você poderia apagar a luz da cozinha?",
        "dá pra abrir a cortina?",
        "dá para fechar a janela",
        "tem como desligar a tv?",
        "quer fechar a cortina?",
        "liga a luz?",
        "abre o portão?",
        "será que você pode apagar a luz?",
        "é possível ligar o ventilador?",
        "se importa de fechar a cortina?",
        "que tal acender a luz da varanda?",
        "por favor, desliga tudo",
        "jonh, apaga a luz",
        "oi jonh, pode ligar a tv?",
        "não dá pra acender a luz?",
        "a luz está acesa? apaga",
        "que horas são e apaga a luz",
        "verifica se a porta está trancada e tranque ela",
        "luz da sala",
        "vamos apagar a luz?",
        "consegue aumentar o volume?",
        "você acende a luz pra mim?",
        "quero a luz acesa",
        "tem que apagar a luz",
        "me lembra de fechar a porta",
        "põe a temperatura em 22,5 graus",
        "desliga a luz que está acesa na sala",
        "tranca a porta da frente, por favor?",
        "pode apagar?",
        "pode apagar a luz, por favor?",
        "você pode por favor apagar a luz",
        "estou com frio",
        "liga o ar e me diz a temperatura",
    ],
    Language.EN: [
        "turn on the light",
        "can you turn on the light?",
        "could you open the curtain please",
        "would you mind closing the blinds?",
        "will you turn off the tv?",
        "please lock the door?",
        "hey jonh, can you dim the lights?",
        "how about turning on the fan?",
        "is it possible to turn off the heater?",
        "what time is it and turn off the light",
        "is the light on? turn it off",
        "I want the lights on",
        "lights off",
        "let's turn off the tv",
        "can we turn on the heater?",
        "open the gate?",
        "won't you close the door?",
        "set the bedroom to 21.5 degrees",
        "leave the light on",
        "it's dark in here",
    ],
    Language.ES: [
        "enciende la luz",
        "¿puedes encender la luz?",
        "podrías apagar la tele",
        "¿te importa cerrar la persiana?",
        "¿quieres cerrar la cortina?",
        "qué hora es y apaga la luz",
        "pon la luz al 50 por ciento",
        "cierra la puerta por favor?",
        "me enciendes la luz?",
        "quiero la luz encendida",
    ],
}


def flat(table: dict[Language, list[str]]) -> list[tuple[str, Language]]:
    """Return one pair for each line of a table."""
    return [(text, language) for language, texts in table.items() for text in texts]


@pytest.mark.parametrize(("text", "language"), flat(QUESTIONS))
def test_questions(text: str, language: Language) -> None:
    """Whoever wants to know something changes nothing, with a question mark or without."""
    assert is_question(text, language)


@pytest.mark.parametrize(("text", "language"), flat(REQUESTS))
def test_requests(text: str, language: Language) -> None:
    """Orders and polite requests are none, and a question mark does not make them one."""
    assert not is_question(text, language)


@pytest.mark.parametrize("text", ["", "...", "?"])
def test_nothing_said(text: str) -> None:
    """Without words there is no question, unless a lone mark says so."""
    assert is_question(text, Language.PT_BR) is (text == "?")


def test_portuguese_of_portugal() -> None:
    """Portugal asks as Brazil does."""
    assert is_question("a porta está trancada", Language.PT)
    assert not is_question("podes acender a luz?", Language.PT)


@pytest.mark.parametrize(
    ("utterance", "language", "expected"),
    [
        ("está escuro aqui", Language.PT_BR, False),
        ("tá muito quente aqui na sala", Language.PT_BR, False),
        ("está escuro aqui?", Language.PT_BR, True),
        ("está frio lá fora?", Language.PT_BR, True),
        ("está aberto o portão", Language.PT_BR, True),
        ("está oscuro aquí", Language.ES, False),
        ("it's too dark in here", Language.EN, False),
        ("is it dark", Language.EN, True),
    ],
)
def test_a_complaint_is_a_wish(utterance: str, language: Language, *, expected: bool) -> None:
    """Who says that it is dark wants light; with a question mark it is a question."""
    assert is_question(utterance, language) is expected
