"""What is a yes, what is a no, and what is neither."""

import pytest

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.safety.consent import Answer, answer_of, pin_of

PT, EN, ES = Language.PT_BR, Language.EN, Language.ES
ECHO = frozenset({"abre", "abrir", "portao", "garagem", "open", "garage", "door"})


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *((text, PT) for text in (
            "sim", "Sim.", "SIM!", "sim por favor", "sim, por favor", "por favor, sim", "pode",
            "pode sim", "pode abrir", "pode abrir ele", "sim, pode abrir o portão da garagem",
            "sim, abre o portão", "confirmo", "isso", "isso mesmo", "claro", "claro que sim",
            "com certeza", "tenho certeza", "ok", "tá bom", "beleza", "quero sim", "faz isso",
            "sim, jonh", "sim sim", "pode ser", "vai em frente", "sim, obrigado", "autorizo",
        )),
        *((text, EN) for text in (
            "yes", "Yes, please.", "yeah", "yep", "sure", "of course", "do it", "go ahead", "ok",
            "yes, open it", "yes open the garage door", "please do", "absolutely", "confirm",
            "that's right", "I'm sure",
        )),
        *((text, ES) for text in (
            "sí", "si por favor", "claro que sí", "vale", "adelante", "hazlo", "de acuerdo",
            "por supuesto", "dale", "estoy seguro", "estoy segura",
        )),
    ],
)  # fmt: skip
def test_yes(text: str, language: Language) -> None:
    """A yes may be polite, doubled, and repeat what was asked."""
    assert answer_of(text, [language], ECHO) is Answer.YES


@pytest.mark.parametrize("language", [PT, EN, ES])
@pytest.mark.parametrize(
    "text",
    [
        "não", "Não!", "não, obrigado", "não, por favor", "cancela", "cancela isso", "deixa",
        "deixa pra lá", "deixa quieto", "esquece", "pode deixar", "não pode", "claro que não",
        "com certeza não", "melhor não", "agora não", "acho que não", "nem pensar", "não abre",
        "não, não abre o portão", "mudei de ideia", "no", "No, thanks.", "nope", "cancel",
        "cancel that", "never mind", "forget it", "don't", "don't do it", "stop",
        "of course not", "no gracias", "mejor no", "olvídalo", "déjalo", "claro que no",
    ],
)  # fmt: skip
def test_no(text: str, language: Language) -> None:
    """A no counts in every language: it is the safe answer."""
    assert answer_of(text, [language], ECHO) is Answer.NO


@pytest.mark.parametrize(
    "text",
    [
        "", "...", "por favor", "sim, e apaga tudo", "sim, não", "não, sim", "talvez",
        "acho que sim", "abre o portão", "o portão", "portão sim", "ela disse que sim",
        "sim, fecha o portão", "sim, abre a janela", "se chover, sim", "sim ou não", "simulação",
        "yes", "sure", "pode abrir a janela", "pode apagar a luz da sala", "isso é um teste",
        "certo é que chove", "claro como a água", "diga sim", "1234", "sim 1234",
    ],
)  # fmt: skip
def test_other(text: str) -> None:
    """Anything more than an answer is something else, and so is a yes in another language."""
    assert answer_of(text, [PT], ECHO) is Answer.OTHER


def test_yes_in_either_language() -> None:
    """Where question and answer were in two languages, both count."""
    assert answer_of("yes", [PT, EN]) is Answer.YES
    assert answer_of("sim", [PT, EN]) is Answer.YES


def test_echo_only_after_an_answer() -> None:
    """Without words of the question, the same sentence is a new request."""
    assert answer_of("pode abrir", [PT]) is Answer.OTHER
    assert answer_of("pode abrir", [PT], {"abrir"}) is Answer.YES


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("4821", "4821"),
        ("o PIN é 4821", "4821"),
        ("meu pin é quatro oito dois um", "4821"),
        ("a senha é 48 21, por favor", "4821"),
        ("sim, 4821", "4821"),
        ("the pin is 4 8 2 1", "4821"),
        ("it's 4821, thanks", "4821"),
        ("mi clave es 4821", "4821"),
        ("o PIN", ""),
        ("sim", ""),
        ("4821 e apaga a luz", ""),
        ("põe em 22 graus", ""),
    ],
)
def test_pin_of(text: str, digits: str) -> None:
    """A PIN may be introduced, but nothing else may be said beside it."""
    assert pin_of(text) == digits
