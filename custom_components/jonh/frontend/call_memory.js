/** The last call of this tab, kept where a reload finds it. */

/**
 * @typedef {import("./captions.js").Turn} Turn
 * @typedef {object} KeptCall
 * @property {string} conversationId
 * @property {Turn[]} turns
 * @property {number} atMs
 * @property {boolean} wasActive nobody had hung up
 */

const KEY = "jonh.call";
/** As long as the house remembers what was said. */
const RESUMABLE_MS = 3_600_000;
const TURNS_MAX = 30;

export class CallMemory {
  /**
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage
   * @param {() => number} dateMs
   */
  constructor(storage, dateMs) {
    this._storage = storage;
    this._dateMs = dateMs;
  }

  /** Return the call that may be taken up again. @returns {KeptCall | null} */
  read() {
    try {
      const call = JSON.parse(this._storage?.getItem(KEY) ?? "null");
      const isFresh = call && this._dateMs() - call.atMs < RESUMABLE_MS;
      return isFresh && Array.isArray(call.turns) ? call : null;
    } catch {
      return null;
    }
  }

  /**
   * Keep a call in which something was said, and return what was kept.
   * @param {{conversationId: string | null, turns: Turn[]}} state
   * @param {boolean} wasActive
   * @returns {KeptCall | null}
   */
  write({ conversationId, turns }, wasActive) {
    if (!conversationId || !turns.some((turn) => turn.said)) return null;
    const kept = turns.slice(-TURNS_MAX);
    const call = { conversationId, turns: kept, atMs: this._dateMs(), wasActive };
    try {
      this._storage?.setItem(KEY, JSON.stringify(call));
    } catch {
      // Nothing to be done: the call itself goes on.
    }
    return call;
  }

  forget() {
    this._storage?.removeItem(KEY);
  }
}
