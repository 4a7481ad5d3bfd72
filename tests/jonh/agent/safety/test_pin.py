"""A PIN is stored as a hash, and heard in many forms."""

import pytest

from custom_components.jonh.agent.safety.pin import MIN_SALT_BYTES, Pin, is_pin, spoken_digits

SALT = bytes(range(16))


@pytest.fixture(scope="module")
def pin() -> Pin:
    """Return a PIN of six digits."""
    return Pin.create("048213", SALT)


def test_matches(pin: Pin) -> None:
    """The right digits match, leading zero and all."""
    assert pin.matches("048213")


@pytest.mark.parametrize("digits", ["48213", "048214", "0482130", "", "12", "abcd", "٠٤٨٢١٣"])
def test_does_not_match(pin: Pin, digits: str) -> None:
    """Anything else does not, also digits of other scripts."""
    assert not pin.matches(digits)


def test_survives_storage(pin: Pin) -> None:
    """What was written is read back, and still matches."""
    again = Pin.from_text(pin.to_text())
    assert again == pin
    assert again.matches("048213")


def test_hides_the_digits(pin: Pin) -> None:
    """The digits are neither in the text nor in the representation."""
    assert "048213" not in pin.to_text()
    assert "048213" not in repr(pin)


def test_salt_counts(pin: Pin) -> None:
    """The same PIN with another salt is stored differently."""
    assert Pin.create("048213", SALT[::-1]).hashed != pin.hashed


@pytest.mark.parametrize("digits", ["", "123", "123456789", "12a4", "12 34", "²³⁴⁵"])
def test_refuses_what_is_no_pin(digits: str) -> None:
    """A PIN has 4 to 8 digits."""
    assert not is_pin(digits)
    with pytest.raises(ValueError, match="4 to 8 digits"):
        Pin.create(digits, SALT)


def test_refuses_a_short_salt() -> None:
    """A salt that is too short protects nothing."""
    with pytest.raises(ValueError, match="at least 16 bytes"):
        Pin.create("1234", SALT[: MIN_SALT_BYTES - 1])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text + "$more",
        lambda text: text.replace("scrypt", "plain"),
        lambda text: text.replace("$13$", "$x$"),
        lambda text: text.replace("$13$", "$0$"),
        lambda text: text.replace("$13$", "$30$"),
        lambda text: text[:-8],
        lambda text: text.replace("$13$", "$13$*"),
        lambda text: "scrypt$13$AAAA$" + text.rpartition("$")[2],
    ],
    ids=["empty", "more", "scheme", "no_cost", "zero", "dear", "cut", "no_base64", "short_salt"],
)
def test_refuses_other_texts(pin: Pin, change: object) -> None:
    """A stored text that is damaged, or would take minutes, is refused."""
    assert callable(change)
    with pytest.raises(ValueError, match="not a stored PIN"):
        Pin.from_text(change(pin.to_text()))


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("1234", "1234"),
        ("12 34", "1234"),
        ("1, 2, 3, 4.", "1234"),
        ("1-2-3-4", "1234"),
        ("1.234", "1234"),
        ("um dois três quatro", "1234"),
        ("Um, dois, três, quatro!", "1234"),
        ("uma duas meia meia", "1266"),
        ("zero cinco seis sete oito nove", "056789"),
        ("doze trinta e quatro", "1234"),
        ("trinta quatro", "304"),
        ("vinte e um vinte", "2120"),
        ("quarenta e oito vinte e um", "4821"),
        ("dezesseis dezasseis", "1616"),
        ("duplo três um zero", "3310"),
        ("one two three four", "1234"),
        ("oh one double two", "0122"),
        ("triple seven one", "7771"),
        ("twelve thirty-four", "1234"),
        ("twenty twenty", "2020"),
        ("for eight to one", "4821"),
        ("cuatro ocho dos uno", "4821"),
        ("treinta y cinco veintiuno", "3521"),
        ("um 2 three cuatro", "1234"),
        ("", ""),
        ("...", ""),
        ("acende a luz", ""),
        ("1234 por favor agora", ""),
        ("50%", ""),
        ("22 graus", ""),
        ("double", ""),
        ("double trouble", ""),
        ("mil duzentos", ""),
    ],
)
def test_spoken_digits(text: str, digits: str) -> None:
    """Only a text that is nothing but numbers has digits."""
    assert spoken_digits(text) == digits
