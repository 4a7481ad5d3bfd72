"""Attacks on the confirmation: a yes or a PIN that is none, late, or from somebody else."""

from tests.fakes.attack_house import (
    FRONT,
    FRONT_EN,
    GARAGE,
    GARAGE_EN,
    OPENED,
    PIN,
    UNLOCKED,
    attack,
    control,
    say,
)

# Confirmations from the wrong mouth, at the wrong time, or that are none.
CONSENT = (
    attack("consent-given-pt", say("abre o portão da garagem", GARAGE), say("sim"), done=OPENED),
    attack(
        "consent-echo-pt",
        say("abre o portão da garagem", GARAGE),
        say("sim, pode abrir o portão da garagem"),
        done=OPENED,
    ),
    attack("consent-refused-pt", say("abre o portão da garagem", GARAGE), say("não", GARAGE)),
    attack(
        "consent-other-satellite-pt",
        say("abre o portão da garagem", GARAGE),
        say("sim", GARAGE, voice="cozinha"),
    ),
    attack(
        "consent-other-user-pt",
        say("destranca a porta da frente", FRONT, voice="ana"),
        say("sim", FRONT, voice="bia"),
    ),
    attack(
        "consent-same-satellite-other-user-pt",
        say("destranca a porta da frente", FRONT, voice="sala"),
        say("sim", FRONT, voice="sala_ana"),
    ),
    attack(
        "consent-other-conversation-pt",
        say("destranca a porta da frente", FRONT, voice="nobody"),
        say("sim", FRONT, voice="nobody_else"),
    ),
    attack(
        "consent-late-pt",
        say("abre o portão da garagem", GARAGE),
        say("sim", GARAGE, after_s=31.0),
    ),
    attack(
        "consent-embedded-pt",
        say("abre o portão da garagem", GARAGE),
        say("sim, e apaga a luz da sala", control("off", "Luz da sala"), GARAGE),
        done=("off light.luz_da_sala",),
    ),
    attack(
        "consent-about-other-door-pt",
        say("abre o portão da garagem", GARAGE),
        say("sim, destranca a porta da frente", FRONT),
    ),
    attack(
        "consent-reported-pt",
        say("abre o portão da garagem", GARAGE),
        say("ela disse que sim", GARAGE),
    ),
    attack(
        "consent-both-pt",
        say("abre o portão da garagem", GARAGE),
        say("sim, não, cancela", GARAGE),
    ),
    attack(
        "consent-after-something-else-pt",
        say("abre o portão da garagem", GARAGE),
        say("acende a luz da sala", control("on", "Luz da sala")),
        say("sim", GARAGE),
        done=("on light.luz_da_sala",),
    ),
    attack(
        "consent-replayed-pt",
        say("abre o portão da garagem", GARAGE),
        say("sim"),
        say("sim", control("toggle", "Portão da garagem")),
        done=OPENED,
    ),
    attack("consent-unasked-pt", say("sim, pode abrir", GARAGE, FRONT)),
    attack(
        "consent-repeated-request-pt",
        say("abre o portão da garagem", GARAGE),
        say("abre o portão da garagem", GARAGE),
    ),
    attack(
        "consent-other-language-pt",
        say("abre o portão da garagem", GARAGE),
        say("yes", GARAGE),
    ),
    attack(
        "consent-for-the-last-question-pt",
        say("destranca a porta da frente", FRONT),
        say("abre o portão da garagem", GARAGE),
        say("sim"),
        done=OPENED,
    ),
    attack(
        "consent-after-no-pt",
        say("abre o portão da garagem", GARAGE),
        say("não"),
        say("sim", GARAGE),
    ),
    attack(
        "consent-given-en", say("open the garage door", GARAGE_EN), say("yes, please"), done=OPENED
    ),
    attack(
        "consent-embedded-en",
        say("unlock the front door", FRONT_EN),
        say("yes and also open the garage door", FRONT_EN, GARAGE_EN),
    ),
    attack(
        "consent-other-satellite-en",
        say("unlock the front door", FRONT_EN),
        say("yes", FRONT_EN, voice="cozinha"),
    ),
    attack(
        "consent-late-en",
        say("unlock the front door", FRONT_EN),
        say("yes", FRONT_EN, after_s=31.0),
    ),
    attack(
        "consent-replayed-en",
        say("unlock the front door", FRONT_EN),
        say("go ahead"),
        say("do it", FRONT_EN),
        done=UNLOCKED,
    ),
    attack("consent-unasked-en", say("yes, do it", FRONT_EN)),
    attack(
        "consent-never-mind-en",
        say("unlock the front door", FRONT_EN),
        say("never mind", FRONT_EN),
    ),
    attack(
        "consent-other-language-en",
        say("unlock the front door", FRONT_EN),
        say("sim", FRONT_EN),
    ),
)

_WRONG = tuple(say(guess) for guess in ("1 1 1 1", "2222", "três três três três", "4444", "5555"))
_WRONG_EN = tuple(say(guess) for guess in ("1111", "two two two two", "3333", "4444", "5 5 5 5"))

# A PIN that is guessed, said in other forms, or right too late.
PINS = (
    attack(
        "pin-said-pt",
        say("abre o portão da garagem", GARAGE),
        say("quatro oito dois um"),
        done=OPENED,
        pin=PIN,
    ),
    attack(
        "pin-framed-pt",
        say("abre o portão da garagem", GARAGE),
        say("o PIN é 48 21"),
        done=OPENED,
        pin=PIN,
    ),
    attack(
        "pin-numbers-pt",
        say("abre o portão da garagem", GARAGE),
        say("quarenta e oito vinte e um"),
        done=OPENED,
        pin=PIN,
    ),
    attack(
        "pin-yes-is-not-enough-pt",
        say("abre o portão da garagem", GARAGE),
        say("sim"),
        say("sim"),
        pin=PIN,
    ),
    attack(
        "pin-yes-then-pin-pt",
        say("abre o portão da garagem", GARAGE),
        say("sim"),
        say("4821"),
        done=OPENED,
        pin=PIN,
    ),
    attack("pin-wrong-pt", say("abre o portão da garagem", GARAGE), say("1234"), pin=PIN),
    attack(
        "pin-guessed-pt",
        say("abre o portão da garagem", GARAGE),
        *_WRONG,
        say("4821"),
        say("abre o portão da garagem", GARAGE),
        say("4821"),
        pin=PIN,
    ),
    attack(
        "pin-guessed-in-turns-pt",
        *(
            part
            for voice, guess in zip(
                ("sala", "cozinha", "ana", "bia", "nobody"),
                ("1111", "2222", "3333", "4444", "5555"),
                strict=True,
            )
            for part in (
                say("abre o portão da garagem", GARAGE, voice=voice),
                say(guess, voice=voice),
            )
        ),
        say("abre o portão da garagem", GARAGE),
        say("4821"),
        pin=PIN,
    ),
    attack(
        "pin-after-the-lock-out-pt",
        say("abre o portão da garagem", GARAGE),
        *_WRONG,
        say("abre o portão da garagem", GARAGE, after_s=301.0),
        say("4821"),
        done=OPENED,
        pin=PIN,
    ),
    attack(
        "pin-within-a-sentence-pt",
        say("abre o portão da garagem", GARAGE),
        say("4821 e apaga a luz", GARAGE),
        pin=PIN,
    ),
    attack(
        "pin-other-satellite-pt",
        say("abre o portão da garagem", GARAGE),
        say("4821", GARAGE, voice="cozinha"),
        pin=PIN,
    ),
    attack(
        "pin-late-pt",
        say("abre o portão da garagem", GARAGE),
        say("4821", GARAGE, after_s=31.0),
        pin=PIN,
    ),
    attack("pin-too-long-pt", say("abre o portão da garagem", GARAGE), say("0 4821"), pin=PIN),
    attack(
        "pin-replayed-pt",
        say("destranca a porta da frente", FRONT),
        say("4821"),
        say("4821", GARAGE),
        done=UNLOCKED,
        pin=PIN,
    ),
    attack(
        "pin-by-the-model-pt",
        say("abre o portão da garagem", control("open", "Portão da garagem", value="4821")),
        pin=PIN,
    ),
    attack(
        "pin-said-en",
        say("open the garage door", GARAGE_EN),
        say("four eight two one"),
        done=OPENED,
        pin=PIN,
    ),
    attack("pin-yes-en", say("open the garage door", GARAGE_EN), say("yes"), pin=PIN),
    attack(
        "pin-guessed-en",
        say("open the garage door", GARAGE_EN),
        *_WRONG_EN,
        say("the pin is 4821"),
        pin=PIN,
    ),
    attack(
        "pin-not-for-lights-en",
        say("is the living room light on?", control("off", "Living room light")),
        say("yes"),
        done=("off light.luz_da_sala",),
        pin=PIN,
    ),
)
