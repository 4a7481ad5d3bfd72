"""Training and test speech: every corpus, spoken by espeak-ng or the starter voice."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
from tools.starter.espeak import Espeak, Speech
from tools.starter.texts import CORPUS_WEIGHTS, load_split
from tools.starter.utterances import Utterance, make_utterance, room_response, save_shard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STARTER_VOICE = "starter"
"""The name under which the starter Piper voice's utterances are counted."""
ROOM_SHARE = 0.3
PLAIN_VOICE_SHARE = 0.18
LANGUAGE_VOICES = {
    "pt-BR": ["pt-br"],
    "pt": ["pt-br"] * 9 + ["pt"],
    "en": ["en-us"] * 5 + ["gmw/en"] * 3 + ["en-gb-x-rp", "en-us-nyc", "en-gb-scotland", "en-029"],
}
HELD_OUT_VARIANTS = ("m3", "f2", "Mario", "linda", "steph", "david")
"""Speakers that no training audio has; their relatives steph2 and steph3 are left out as well."""
TRAINING_VARIANTS = (
    "m1", "m2", "m4", "m5", "m6", "m7", "m8", "f1", "f3", "f4", "f5", "Alex", "Alicia",
    "Andrea", "Andy", "Annie", "Denis", "Diogo", "Gene", "Gene2", "Henrique", "Hugo", "Jacky",
    "Lee", "Marco", "Michael", "Mike", "Nguyen", "Reed", "adam", "anika", "announcer",
    "antonio", "aunty", "belinda", "benjamin", "boris", "caleb", "ed", "edward", "edward2",
    "grandma", "grandpa", "gustave", "ian", "iven", "iven2", "iven3", "john", "marcelo", "max",
    "michel", "miguel", "mike2", "norbert", "pablo", "paul", "pedro", "quincy", "rob", "robert",
    "sandro", "shelby", "travis", "victor", "zac",
)  # fmt: skip


def sentences(texts_path: Path, rng: random.Random, *, held_out: bool) -> Iterator[tuple[str, str]]:
    """Yield (corpus, sentence) by weight, no sentence again before its whole corpus came."""
    split = load_split(texts_path, held_out=held_out)
    corpora = list(split)
    weights = [CORPUS_WEIGHTS[name] for name in corpora]
    pools: dict[str, list[str]] = {name: [] for name in corpora}
    while True:
        corpus = rng.choices(corpora, weights)[0]
        if not pools[corpus]:
            pools[corpus] = rng.sample(split[corpus], len(split[corpus]))
        yield corpus, pools[corpus].pop()


def speak_shard(path: Path, texts_path: Path, seed: int, count: int, *, held_out: bool) -> None:
    """Write `count` espeak-ng utterances; held-out ones take held-out sentences and speakers."""
    rng = random.Random(seed)
    generator = np.random.default_rng(seed)
    espeak = Espeak()
    utterances: list[Utterance] = []
    for corpus, text in sentences(texts_path, rng, held_out=held_out):
        voice = _random_voice(corpus, rng, held_out=held_out)
        speech = espeak.synthesize(
            text,
            voice,
            rate=int(rng.triangular(115, 235, 165)),
            pitch=rng.randint(15, 85),
            pitch_range=rng.randint(15, 85),
            word_gap=rng.choice([0, 0, 0, 1, 2, 4, 7]),
        )
        room = room_response(generator) if rng.random() < ROOM_SHARE else None
        made = make_utterance(text, corpus, voice, speech, room=room, keep_samples=held_out)
        if made is not None:
            utterances.append(made)
        if len(utterances) == count:
            break
    save_shard(path, utterances)


def _random_voice(corpus: str, rng: random.Random, *, held_out: bool) -> str:
    voice = rng.choice(LANGUAGE_VOICES[corpus.split("-", 1)[1]])
    if held_out:
        return f"{voice}+{rng.choice(HELD_OUT_VARIANTS)}"
    return voice if rng.random() < PLAIN_VOICE_SHARE else f"{voice}+{rng.choice(TRAINING_VARIANTS)}"


def speak_starter_shard(
    path: Path, texts_path: Path, voice_dir: Path, seed: int, count: int, *, held_out: bool
) -> None:
    """Write `count` utterances of the starter voice, as piper-tts speaks them."""
    from piper import PiperVoice, SynthesisConfig

    rng = random.Random(seed)
    generator = np.random.default_rng(seed)
    voices = {
        "pt": PiperVoice.load(voice_dir / "pt_BR-starter-low.onnx"),
        "en": PiperVoice.load(voice_dir / "en_US-starter-low.onnx"),
    }
    utterances: list[Utterance] = []
    for corpus, text in sentences(texts_path, rng, held_out=held_out):
        if corpus == "intents-pt":
            continue  # European Portuguese, which the voice does not speak
        config = SynthesisConfig(length_scale=1.0 if held_out else rng.uniform(0.8, 1.25))
        language = "pt" if "-pt" in corpus else "en"
        chunks = [chunk.audio_float_array for chunk in voices[language].synthesize(text, config)]
        if not chunks:
            continue
        has_room = not held_out and rng.random() < ROOM_SHARE
        made = make_utterance(
            text,
            corpus,
            STARTER_VOICE,
            Speech(np.concatenate(chunks)),
            room=room_response(generator) if has_room else None,
            keep_samples=held_out,
        )
        if made is not None:
            utterances.append(made)
        if len(utterances) == count:
            break
    save_shard(path, utterances)
