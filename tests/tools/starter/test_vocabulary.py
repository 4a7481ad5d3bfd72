"""The id layout that faster-whisper and CTranslate2 read meaning into."""

import pytest
from tokenizers import Tokenizer

from tools.starter.vocabulary import TIMESTAMPS, WHISPER_LANGUAGES, SpecialTokens, build_tokenizer

TEXTS = [f"Acenda a luz da sala {i}." for i in range(50)] + ["Turn on the light.", "não é água"]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    """Load a tokenizer trained on a few sentences and read back from its file."""
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    build_tokenizer(TEXTS, path)
    return Tokenizer.from_file(str(path))


def test_ids_follow_whispers_order(tokenizer: Tokenizer):
    """Text, end, start, languages, tasks, timestamps, and nothing behind them."""
    special = SpecialTokens.of(tokenizer)
    assert special.start == special.end + 1
    assert special.translate == special.start + 1 + len(WHISPER_LANGUAGES)
    assert special.no_timestamps == special.first_timestamp - 1
    assert tokenizer.token_to_id("<|0.00|>") == special.first_timestamp
    assert tokenizer.token_to_id("<|30.00|>") == special.first_timestamp + TIMESTAMPS - 1
    assert tokenizer.get_vocab_size() == special.first_timestamp + TIMESTAMPS


def test_empty_token_makes_the_model_multilingual(tokenizer: Tokenizer):
    """CTranslate2 looks for it among the text tokens."""
    empty = tokenizer.token_to_id("")
    assert empty is not None
    assert empty < SpecialTokens.of(tokenizer).end


@pytest.mark.parametrize("banned", [" -", " '", " ♩"])
def test_banned_symbols_do_not_ban_the_space(tokenizer: Tokenizer, banned: str):
    """faster-whisper suppresses the first token of these."""
    first = tokenizer.encode(banned).tokens[0]
    assert first != "Ġ"
    assert tokenizer.encode(" x").ids[0] != tokenizer.token_to_id(first)


@pytest.mark.parametrize("text", [" Acenda a luz da sala.", " não é água", " 日本 ☂"])
def test_any_text_survives(tokenizer: Tokenizer, text: str):
    """Bytes are the last resort, so nothing is unknown."""
    assert tokenizer.decode(tokenizer.encode(text).ids) == text
