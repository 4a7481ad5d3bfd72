/** What was said on both sides of a call, and which sentence is being spoken. */

/**
 * @typedef {{entityId: string, name: string, state: string, icon: string | null}} Deed
 *
 * @typedef {object} Turn what a person said and what came of it
 * @property {number} turn
 * @property {string} said
 * @property {boolean} isPartial words may still change
 * @property {string} answer
 * @property {boolean} isAnswered the answer is complete
 * @property {boolean} isError
 * @property {boolean} isInterrupted
 * @property {number} heardUpTo characters of the answer that were spoken before it was interrupted
 * @property {Deed[]} deeds
 * @property {import("./times.js").Metrics | null} metrics
 */

/** How fast a voice speaks before we know: characters a second, pauses included. */
export const USUAL_PACE = 15;
/** A pause after a sentence takes as long as so many characters. */
const PAUSE_CHARACTERS = 5;

/**
 * Return the turns with one of them changed; it is made where it is missing.
 * @param {readonly Turn[]} turns
 * @param {number} number
 * @param {(turn: Turn) => Partial<Turn>} change
 * @returns {Turn[]}
 */
export function withTurn(turns, number, change) {
  const found = turns.find((each) => each.turn === number) ?? emptyTurn(number);
  const changed = { ...found, ...change(found) };
  const others = turns.filter((each) => each.turn !== number);
  return [...others, changed].sort((one, other) => one.turn - other.turn);
}

/** @param {number} turn @returns {Turn} */
function emptyTurn(turn) {
  return {
    turn,
    said: "",
    isPartial: true,
    answer: "",
    isAnswered: false,
    isError: false,
    isInterrupted: false,
    heardUpTo: 0,
    deeds: [],
    metrics: null,
  };
}

/**
 * Cut a text into sentences; put together they are the text.
 * @param {string} text
 * @returns {string[]}
 */
export function sentences(text) {
  // A stop between digits or in an abbreviation of one letter ends nothing.
  return (
    text.match(
      /(?:[^.!?…\n]|\.(?=\d)|(?<=\b\p{L})\.(?=\p{L}))+[.!?…\n]*["”»')\]]*\s*|\s*[.!?…\n]+\s*/gu,
    ) ?? []
  );
}

/**
 * Return which sentence of an answer sounds after so many seconds; -1 before the first.
 * @param {readonly string[]} parts
 * @param {number} heardS
 * @param {number} pace characters a second
 */
export function spokenSentence(parts, heardS, pace) {
  if (heardS <= 0 || !parts.length) return -1;
  let left = heardS * pace;
  for (const [index, part] of parts.entries()) {
    left -= weight(part);
    if (left < 0) return index;
  }
  return parts.length - 1;
}

/**
 * Return characters a second of an answer whose length in seconds is known.
 * @param {readonly string[]} parts
 * @param {number} seconds
 */
export function paceOf(parts, seconds) {
  const characters = parts.reduce((sum, part) => sum + weight(part), 0);
  const pace = characters / seconds;
  return seconds > 0.3 && pace > 4 && pace < 40 ? pace : USUAL_PACE;
}

/**
 * Return how many characters of an answer were begun to be spoken: whole sentences.
 * @param {string} text
 * @param {number} heardS
 * @param {number} pace
 */
export function heardCharacters(text, heardS, pace) {
  const parts = sentences(text);
  const last = spokenSentence(parts, heardS, pace);
  return parts.slice(0, last + 1).join("").length;
}

/** @param {string} part */
function weight(part) {
  return part.trim().length + PAUSE_CHARACTERS;
}
