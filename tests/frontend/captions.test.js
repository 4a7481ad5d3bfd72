import assert from "node:assert/strict";
import test from "node:test";
import {
  heardCharacters,
  paceOf,
  sentences,
  spokenSentence,
  withTurn,
} from "../../custom_components/jonh/frontend/captions.js";

test("sentences put together are the text", () => {
  for (const text of [
    "Pronto. Acendi a luz! E agora?",
    "São 18.5 graus, às 10h. Leve um casaco…",
    "Sem ponto no fim",
    "“Olá.” Disse ele.\n\nDepois saiu.",
    "...",
    "",
    "  Espaço antes. ",
  ]) {
    assert.equal(sentences(text).join(""), text, text);
  }
});

test("a stop between digits ends nothing", () => {
  assert.deepEqual(sentences("São 18.5 graus. Está frio!"), ["São 18.5 graus. ", "Está frio!"]);
});

test("the sentence being spoken follows the seconds that were heard", () => {
  const parts = ["Pronto, acendi a luz. ", "Mais alguma coisa? ", "É só falar."];
  assert.equal(spokenSentence(parts, 0, 15), -1);
  assert.equal(spokenSentence(parts, 0.2, 15), 0);
  assert.equal(spokenSentence(parts, 2, 15), 1);
  assert.equal(spokenSentence(parts, 3.4, 15), 2);
  assert.equal(spokenSentence(parts, 99, 15), 2);
  assert.equal(spokenSentence([], 1, 15), -1);
});

test("with the whole length known the pace is exact, and nonsense is not believed", () => {
  const parts = ["Pronto, acendi a luz. ", "É só falar."];
  const pace = paceOf(parts, 4);
  assert.equal(spokenSentence(parts, 3.9, pace), 1);
  assert.equal(spokenSentence(parts, 2.4, pace), 0);
  assert.equal(paceOf(parts, 0.01), 15);
  assert.equal(paceOf(parts, 400), 15);
});

test("what was heard ends with a sentence", () => {
  assert.equal(heardCharacters("Um dois três. Quatro cinco.", 0.5, 15), "Um dois três. ".length);
  assert.equal(heardCharacters("Um dois três.", 0, 15), 0);
});

test("a turn is changed in its place, the others stay the same objects", () => {
  const one = withTurn([], 2, () => ({ said: "b" }));
  const two = withTurn(one, 1, () => ({ said: "a" }));
  assert.deepEqual(
    two.map((turn) => turn.said),
    ["a", "b"],
  );
  const three = withTurn(two, 1, (turn) => ({ answer: `${turn.said}!` }));
  assert.equal(three[0].answer, "a!");
  assert.equal(three[1], two[1]);
  assert.equal(two[0].answer, "");
});
