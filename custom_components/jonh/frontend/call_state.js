/** The call as one value: what the server, the device and the person do is folded into it. */

import { heardCharacters, withTurn } from "./captions.js";
import { readMetrics } from "./times.js";

/**
 * @typedef {"idle" | "connecting" | "listening" | "thinking" | "speaking" | "interrupted"
 *   | "reconnecting" | "ended"} Phase
 *
 * @typedef {object} CallState
 * @property {Phase} phase
 * @property {string | null} callId
 * @property {string | null} conversationId
 * @property {{id: string, name: string, language: string} | null} pipeline
 * @property {"voice" | "touch" | "off"} interruption
 * @property {boolean} isRecording
 * @property {boolean} hasPartials
 * @property {boolean} isMuted the microphone
 * @property {boolean} isSilent the sound
 * @property {boolean} isUserSpeaking
 * @property {number} turn the latest, counted through lost links
 * @property {number | null} suspended turn whose answer goes on in a later one
 * @property {number} base turns before the current link, which counts from 1 again
 * @property {import("./captions.js").Turn[]} turns
 * @property {import("./microphone.js").Trouble | null} trouble
 * @property {{code: string, text: string} | null} error
 * @property {string | null} reason why it ended
 * @property {string | null} farewell
 * @property {number} startedMs as `Date.now()`
 * @property {number} endedMs
 */

/** @returns {CallState} */
export function noCall() {
  return {
    phase: "idle",
    callId: null,
    conversationId: null,
    pipeline: null,
    interruption: "voice",
    isRecording: false,
    hasPartials: false,
    isMuted: false,
    isSilent: false,
    isUserSpeaking: false,
    turn: 0,
    suspended: null,
    base: 0,
    turns: [],
    trouble: null,
    error: null,
    reason: null,
    farewell: null,
    startedMs: 0,
    endedMs: 0,
  };
}

/** @param {CallState} state */
export function isActive(state) {
  return state.phase !== "idle" && state.phase !== "ended";
}

/**
 * A call is being made; turns of an earlier one go on where it is continued.
 * @param {CallState} state
 * @param {{conversationId: string | null, turns: CallState["turns"]}} call
 * @returns {CallState}
 */
export function dialled(state, { conversationId, turns }) {
  const base = turns.at(-1)?.turn ?? 0;
  return {
    ...noCall(),
    isSilent: state.isSilent,
    phase: "connecting",
    conversationId,
    turns: [...turns],
    turn: base,
    base,
  };
}

/**
 * The server took the call.
 * @param {CallState} state
 * @param {Record<string, any>} result of `jonh/call/start`
 * @param {number} nowMs
 * @returns {CallState}
 */
export function connected(state, result, nowMs) {
  return {
    ...state,
    phase: "listening",
    callId: result.call_id,
    conversationId: result.conversation_id ?? state.conversationId,
    pipeline: result.pipeline ?? state.pipeline,
    interruption: result.interruption ?? state.interruption,
    isRecording: Boolean(result.record),
    hasPartials: Boolean(result.has_partials),
    base: state.turns.at(-1)?.turn ?? 0,
    startedMs: state.startedMs || nowMs,
    suspended: null,
    error: null,
    isUserSpeaking: false,
  };
}

/** The link is gone; what was begun will not be finished. @param {CallState} state @returns {CallState} */
export function disconnected(state) {
  if (!isActive(state)) return state;
  const turns = state.turns
    .map((turn) => ({ ...turn, isPartial: false, isAnswered: true }))
    .filter((turn) => turn.said || turn.answer);
  return { ...state, phase: "reconnecting", callId: null, turns, isUserSpeaking: false };
}

/**
 * The call is over.
 * @param {CallState} state
 * @param {string} reason
 * @param {{nowMs: number, trouble?: CallState["trouble"], error?: CallState["error"], farewell?: string}} details
 * @returns {CallState}
 */
export function ended(state, reason, { nowMs, trouble = null, error = null, farewell }) {
  const turns = state.turns
    .map((turn) => ({ ...turn, isPartial: false, isAnswered: true }))
    .filter((turn) => turn.said || turn.answer);
  return {
    ...state,
    phase: "ended",
    callId: null,
    turns,
    reason,
    trouble,
    error,
    farewell: farewell ?? null,
    isUserSpeaking: false,
    isRecording: false,
    isMuted: false,
    endedMs: nowMs,
  };
}

/**
 * Fold one event of the server into the call; unknown ones change nothing.
 * @param {CallState} state
 * @param {Record<string, any>} event
 * @param {{heardS?: number, pace?: number}} [sound] how far the answer was heard, for `stop`
 * @returns {CallState}
 */
export function fold(state, event, sound = {}) {
  if (!isActive(state)) return state;
  const number = state.base + (event.turn ?? 0);
  const change = (/** @type {(turn: import("./captions.js").Turn) => any} */ how) => ({
    ...state,
    turn: Math.max(state.turn, number),
    turns: withTurn(state.turns, number, how),
  });
  switch (event.event) {
    case "state":
      return PHASES.has(event.state)
        ? { ...state, phase: event.state, turn: Math.max(state.turn, number) }
        : state;
    case "speech":
      return { ...state, isUserSpeaking: Boolean(event.active) };
    case "partial":
      return change((turn) => (turn.isPartial ? { said: event.text } : {}));
    case "transcript":
      return { ...change(() => ({ said: event.text, isPartial: false })), error: null };
    case "delta":
      return goneOn(
        change((turn) => ({ answer: turn.answer + event.text })),
        number,
        event.text,
      );
    case "resume":
      return state.turns.some((turn) => turn.turn === number && turn.isInterrupted)
        ? { ...change(() => ({ isInterrupted: false })), suspended: number }
        : state;
    case "answer":
      return change(() => ({
        answer: event.text,
        isAnswered: true,
        isError: Boolean(event.error),
      }));
    case "deed":
      return change((turn) => ({ deeds: withDeed(turn.deeds, event) }));
    case "metrics":
      return change(() => ({ metrics: readMetrics(event) }));
    case "stop":
      return change((turn) => ({
        isInterrupted: Boolean(turn.answer) && !turn.isError,
        isAnswered: true,
        heardUpTo: heardCharacters(turn.answer, sound.heardS ?? 0, sound.pace ?? 15),
      }));
    case "error":
      return { ...state, error: { code: event.code, text: event.text } };
    default:
      return state;
  }
}

/**
 * An answer that was silenced for nothing goes on as another turn, with its last sentence again:
 * what is repeated is taken from the first one.
 * @param {CallState} state
 * @param {number} number
 * @param {string} rest
 * @returns {CallState}
 */
function goneOn(state, number, rest) {
  const { suspended } = state;
  if (suspended === null || number <= suspended) return state;
  const turns = withTurn(state.turns, suspended, ({ answer }) =>
    answer.endsWith(rest) ? { answer: answer.slice(0, answer.length - rest.length).trimEnd() } : {},
  );
  return { ...state, turns, suspended: null };
}

const PHASES = new Set(["listening", "thinking", "speaking", "interrupted"]);

/**
 * Add what was done; the latest state of an entity stands.
 * @param {import("./captions.js").Deed[]} deeds
 * @param {Record<string, any>} event
 */
function withDeed(deeds, event) {
  const deed = {
    entityId: event.entity_id,
    name: event.name || event.entity_id,
    state: event.state,
    icon: event.icon ?? null,
  };
  return [...deeds.filter((each) => each.entityId !== deed.entityId), deed];
}
