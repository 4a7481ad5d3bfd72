/**
 * The call in this browser. There is one for the page, whichever panel is shown: it joins the
 * microphone, the server and the loudspeaker, and tells of every change with a "change" event.
 *
 * A call: idle, connecting, then listening, thinking and speaking in turns, interrupted in between,
 * reconnecting while the link is lost, ended.
 */

import { connected, dialled, disconnected, ended, fold, isActive, noCall } from "./call_state.js";
import { paceOf, sentences, USUAL_PACE } from "./captions.js";
import { CallMemory } from "./call_memory.js";
import { dial } from "./link.js";
import { openLoopback } from "./loopback.js";
import { Microphone, MicrophoneError, troubleOf } from "./microphone.js";
import { Player } from "./player.js";
import { load, save } from "./settings.js";
import { Wakefulness } from "./wakefulness.js";

/** @typedef {import("./call_state.js").CallState} CallState */

/** Frames of 20 ms that are kept while the server is not there yet: the first two seconds. */
const WAITING_FRAMES = 100;
/** A lowered answer comes back by itself when neither the gate nor the server heard more. */
const DUCK_LIMIT_MS = 900;
/** Pauses before the attempts to get a lost call back, and when it is given up. */
const REDIAL_MS = [0, 500, 1000, 2000, 4000, 8000];
const REDIAL_LIMIT_MS = 120_000;
/** What the goodbye may take before the line closes. */
const FAREWELL_MS = 10_000;

/** Errors after which a lost call is tried again: the server is still starting, the link went anew. */
const PASSING = new Set(["unknown_command", "unknown_error", "rate_limited", 1, 3]);

/**
 * Everything that a call touches outside, so that tests can put something else in its place.
 * @typedef {object} Around
 * @property {(context: AudioContext) => Promise<Microphone>} openMicrophone
 * @property {() => AudioContext} makeContext
 * @property {typeof openLoopback} openLoopback
 * @property {typeof fetch} fetch
 * @property {any} page the window
 * @property {Storage} settings
 * @property {Storage} kept
 * @property {() => number} nowMs
 * @property {() => number} dateMs
 * @property {Pick<typeof globalThis, "setTimeout" | "clearTimeout" | "setInterval" | "clearInterval">} timers
 */

/** @returns {Around} */
function browser() {
  return {
    openMicrophone: (context) => Microphone.open(context),
    makeContext: () => new AudioContext({ latencyHint: "interactive" }),
    openLoopback,
    fetch: (url, init) => fetch(url, init),
    page: globalThis,
    settings: globalThis.localStorage,
    kept: globalThis.sessionStorage,
    nowMs: () => performance.now(),
    dateMs: () => Date.now(),
    timers: globalThis,
  };
}

export class Call extends EventTarget {
  /** @param {Partial<Around>} [around] */
  constructor(around = {}) {
    super();
    /** @type {Around} */
    this._around = { ...browser(), ...around };
    /** @type {any} */
    this.hass = null;
    this.state = noCall();
    this.settings = load(this._around.settings, this._around.page.navigator?.userAgent);
    /** Times of `performance.now()`: click, firstFrameSent, lastTranscript, soundRequested,
     * firstSoundAudible, duck, stop.
     * @type {Record<string, number>} */
    this.marks = {};
    /** Every mark in order, with its turn.
     * @type {{name: string, timeMs: number, turn: number}[]} */
    this.log = [];
    /** 0 to 1, for the picture. */
    this.micLevel = 0;
    this._pace = USUAL_PACE;
    this._attempt = 0;
    /** @type {ArrayBuffer[]} */
    this._waiting = [];
    /** @type {import("./link.js").Link | null} */
    this._link = null;
    /** @type {Microphone | null} */
    this._microphone = null;
    /** @type {Player | null} */
    this._player = null;
    /** @type {AudioContext | null} */
    this._context = null;
    this._isGateOpen = false;
    /** @type {number | undefined} when the link was lost */
    this._lostMs = undefined;
    /** @type {(() => void) | undefined} what waits for the goodbye */
    this._afterFarewell = undefined;
    /** @type {(() => void)[]} what to undo at the end */
    this._undo = [];
    /** @type {any} */
    this._duckTimer = null;
    /** Turns of the server whose sound was stopped: a late address must not start it again. */
    this._stopped = new Set();
    this._wakefulness = new Wakefulness(this._around.page, this._around.settings);
    this._memory = new CallMemory(this._around.kept, this._around.dateMs);
    this.resumable = this._memory.read();
  }

  get isActive() {
    return isActive(this.state);
  }

  /** Loudness of the answer, 0 to 1. */
  get soundLevel() {
    return this._player?.level ?? 0;
  }

  get isDucked() {
    return this._player?.isDucked ?? false;
  }

  /** Where the answer is: seconds heard, how many are known, characters a second. */
  get speech() {
    const player = this._player;
    return {
      isPlaying: player?.isPlaying ?? false,
      heardS: player?.positionS ?? 0,
      pace: this._paceNow(),
    };
  }

  /** Why there can be no microphone on this page, before anybody is asked. */
  get obstacle() {
    return troubleOf(this._around.page);
  }

  /** True where only headphones keep our own voice out of the microphone for sure. */
  get wantsHeadphones() {
    return (
      Boolean(this._microphone) && !this._microphone?.cancelsAllEcho && !this.settings.loopback
    );
  }

  /** @param {Partial<import("./settings.js").Settings>} change */
  choose(change) {
    this.settings = { ...this.settings, ...change };
    save(this._around.settings, this.settings);
    this._changed();
  }

  /**
   * Call the house. Must be called from a tap: only then a browser lets sound in and out.
   * @param {{conversationId?: string | null, turns?: CallState["turns"]}} [earlier] to go on with
   */
  async start({ conversationId = null, turns = [] } = {}) {
    if (this.isActive) return;
    this.marks = {};
    this.log = [];
    this._mark("click");
    this.state = dialled(this.state, { conversationId, turns });
    this._waiting = [];
    this._stopped.clear();
    const attempt = ++this._attempt;
    this._changed();
    try {
      await this._openSound(attempt);
      if (attempt !== this._attempt) return;
      await this._dial(attempt);
    } catch (error) {
      if (attempt === this._attempt) this._fail(/** @type {any} */ (error));
    }
  }

  /** End the call. */
  hangUp() {
    if (this.isActive) this._end("hangup", {});
  }

  /** Stop the answer: the person has heard enough. */
  interrupt() {
    if (!["speaking", "thinking"].includes(this.state.phase)) return;
    if (this.state.interruption === "off") return;
    this._stopSound();
    this._link?.act("interrupt", { turn: this.state.turn - this.state.base });
  }

  /** Take the microphone away from the call, or give it back. */
  muteMicrophone(isMuted = !this.state.isMuted) {
    if (!this.isActive || isMuted === this.state.isMuted) return;
    this._microphone?.mute(isMuted);
    this._link?.act(isMuted ? "mute" : "unmute");
    this._waiting = [];
    this.micLevel = 0;
    this._set({ ...this.state, isMuted, isUserSpeaking: false });
  }

  /** Make the answers silent, or heard again. */
  muteSound(isSilent = !this.state.isSilent) {
    this._player?.mute(isSilent);
    this._set({ ...this.state, isSilent });
  }

  /** Forget what could be taken up again. */
  forget() {
    this.resumable = null;
    this._memory.forget();
    this._set(this.isActive ? this.state : { ...noCall(), isSilent: this.state.isSilent });
  }

  /** @param {number} attempt */
  async _openSound(attempt) {
    const trouble = this.obstacle;
    if (trouble) throw new MicrophoneError(trouble);
    const session = this._around.page.navigator.audioSession;
    if (session) {
      const before = session.type;
      session.type = "play-and-record";
      this._undo.push(() => (session.type = before));
    }
    const context = this._around.makeContext();
    this._context = context;
    this._undo.push(() => context.close?.()?.catch?.(() => {}));
    context.resume().catch(() => {});
    // A telephone call or a lock screen takes the sound away; afterwards it is ours again.
    context.onstatechange = () => {
      if (this.isActive && context.state !== "running") context.resume().catch(() => {});
    };
    const microphone = await this._around.openMicrophone(context);
    if (attempt !== this._attempt) return microphone.close();
    this._microphone = microphone;
    this._undo.push(() => microphone.close());
    microphone.onFrame = (frame) => this._heard(frame);
    microphone.onEnded = () => this._end("trouble", { trouble: "unplugged" });
    const destination = await this._destination(attempt, context, microphone);
    if (attempt !== this._attempt) return;
    const player = new Player(
      context,
      {
        onAudible: (turn, timeMs) => this._audible(turn, timeMs),
        onProgress: (turn, position_s) => this._link?.act("sound_progress", { turn, position_s }),
        onEnded: (turn, positionS) => this._soundEnded(turn, positionS),
      },
      { ...this._around, destination },
    );
    player.mute(this.state.isSilent);
    this._player = player;
    this._undo.push(() => player.close());
    this._undo.push(this._wakefulness.begin(this.hass));
    this._watchLink();
  }

  /** @param {number} attempt @param {AudioContext} context @param {Microphone} microphone */
  async _destination(attempt, context, microphone) {
    const isNeeded = this.settings.loopback && this.settings.interruption === "voice";
    if (!isNeeded || microphone.cancelsAllEcho) return context.destination;
    try {
      const loopback = await this._around.openLoopback(context);
      if (attempt === this._attempt) this._undo.push(loopback.close);
      else loopback.close();
      return loopback.input;
    } catch {
      return context.destination;
    }
  }

  /** Give back what a page that closed during a call could not. */
  restoreSuspend() {
    if (!this.isActive) this._wakefulness.restore();
  }

  _watchLink() {
    const connection = this.hass.connection;
    const lost = () => this._linkLost();
    const ready = () => this._redial();
    connection.addEventListener("disconnected", lost);
    connection.addEventListener("ready", ready);
    this._undo.push(() => {
      connection.removeEventListener("disconnected", lost);
      connection.removeEventListener("ready", ready);
    });
  }

  /** @param {number} attempt */
  async _dial(attempt) {
    const { pipeline, interruption, silenceS, record } = this.settings;
    const { conversationId } = this.state;
    const message = {
      type: "jonh/call/start",
      interruption,
      ...(pipeline && { pipeline }),
      ...(conversationId && { conversation_id: conversationId }),
      ...(silenceS && { silence_s: silenceS }),
      ...(record && { record }),
    };
    /** @type {Record<string, any>[] | null} */
    let early = [];
    /** @type {import("./link.js").Link | null} */
    let link = null;
    link = await dial(this.hass.connection, message, (event) => {
      // Events may come before the answer is handed on; those of a former link are too late.
      if (early) early.push(event);
      else if (link === this._link) this._told(event);
    });
    if (attempt !== this._attempt) {
      link.close({ hangUp: true });
      return;
    }
    this._link = link;
    this._stopped.clear();
    this._set(connected(this.state, link.answer, this._around.dateMs()));
    if (this.state.isMuted) link.act("mute");
    for (const pcm of this._waiting.splice(0)) this._send(pcm);
    const told = early;
    early = null;
    for (const event of told) this._told(event);
    this._keep();
  }

  _linkLost() {
    if (!this._link && this.state.phase !== "connecting") return;
    this._link?.close({ hangUp: false });
    this._link = null;
    this._lostMs ??= this._around.nowMs();
    this._attempt++;
    this._set(disconnected(this.state));
    this._wakefulness.letReconnect();
  }

  /** Call again after a lost link: the same conversation, as often as it takes. */
  async _redial() {
    if (this.state.phase !== "reconnecting") return;
    const attempt = ++this._attempt;
    const lostMs = this._lostMs ?? this._around.nowMs();
    for (let round = 0; attempt === this._attempt; round++) {
      await this._pause(REDIAL_MS[Math.min(round, REDIAL_MS.length - 1)]);
      if (attempt !== this._attempt) return;
      try {
        await this._dial(attempt);
        this._lostMs = undefined;
        return;
      } catch (error) {
        const { code } = /** @type {any} */ (error);
        if (attempt !== this._attempt || this.state.phase !== "reconnecting") return;
        if (!PASSING.has(code)) return this._fail(/** @type {any} */ (error));
        if (this._around.nowMs() - lostMs > REDIAL_LIMIT_MS) return this._end("lost", {});
      }
    }
  }

  /** @param {number} ms */
  _pause(ms) {
    return new Promise((resolve) => this._around.timers.setTimeout(() => resolve(null), ms));
  }

  /** @param {import("./microphone.js").Frame} frame */
  _heard({ pcm, level, isVoice }) {
    if (this.state.isMuted) return;
    // -60 dBFS is nothing and -10 is all, with a little inertia on the way down.
    const loud = Math.max(0, Math.min(1, (level + 60) / 50));
    this.micLevel = Math.max(loud, this.micLevel * 0.85);
    this._send(pcm);
    if (isVoice !== this._isGateOpen) {
      this._isGateOpen = isVoice;
      if (isVoice) this._duck();
    }
  }

  /** @param {ArrayBuffer} pcm */
  _send(pcm) {
    if (this._link?.sendSound(pcm)) {
      if (!("firstFrameSent" in this.marks)) this._mark("firstFrameSent");
    } else if (!this._link) {
      this._waiting.push(pcm);
      if (this._waiting.length > WAITING_FRAMES) this._waiting.shift();
    }
  }

  /** Somebody seems to speak over the answer: lower it, before anybody knows for sure. */
  _duck() {
    if (this.state.interruption !== "voice" || !this._player?.isPlaying) return;
    if (!this._player.isDucked) this._mark("duck");
    this._player.duck();
    this._around.timers.clearTimeout(this._duckTimer);
    this._duckTimer = this._around.timers.setTimeout(() => this._unduck(), DUCK_LIMIT_MS);
    this._changed();
  }

  _unduck() {
    if (this._isGateOpen || this.state.isUserSpeaking) {
      this._duckTimer = this._around.timers.setTimeout(() => this._unduck(), DUCK_LIMIT_MS / 3);
      return;
    }
    this._player?.resume();
    this._changed();
  }

  /** @param {Record<string, any>} event */
  _told(event) {
    const before = this.state.phase;
    const sound = { heardS: this._player?.positionS ?? 0, pace: this._paceNow() };
    this._set(fold(this.state, event, sound));
    switch (event.event) {
      case "sound":
        this._play(event.turn, event.url);
        break;
      case "stop":
        this._stopped.add(event.turn);
        if (this._player?.isPlaying || before === "speaking") this._mark("stop", event.turn);
        this._stopSound(event.turn);
        break;
      case "duck":
        this._duck();
        break;
      case "resume":
        this._around.timers.clearTimeout(this._duckTimer);
        this._player?.resume();
        this._changed();
        break;
      case "transcript":
        this._mark("lastTranscript", event.turn);
        this._keep();
        break;
      case "answer":
        this._keep();
        break;
      case "ended":
        this._serverEnded(event);
        break;
    }
  }

  /** @param {number} turn @param {string} url */
  _play(turn, url) {
    if (this._stopped.has(turn) || !this._player) return;
    this._mark("soundRequested", turn);
    this._microphone?.expectEcho(true);
    this._player.play(turn, this.hass.hassUrl(url));
  }

  /** @param {number} [turn] */
  _stopSound(turn) {
    this._around.timers.clearTimeout(this._duckTimer);
    this._player?.stop(turn);
    if (!this._player?.isPlaying) this._microphone?.expectEcho(false);
  }

  /** @param {number} turn @param {number} timeMs */
  _audible(turn, timeMs) {
    this._mark("firstSoundAudible", turn, timeMs);
    this._link?.act("sound_started", { turn });
    this._changed();
  }

  /** @param {number} turn @param {number} position_s */
  _soundEnded(turn, position_s) {
    this._microphone?.expectEcho(false);
    const answer = this.state.turns.find((each) => each.turn === turn + this.state.base)?.answer;
    if (answer && position_s > 1) this._pace = paceOf(sentences(answer), position_s);
    this._link?.act("sound_ended", { turn, position_s });
    this._changed();
    this._afterFarewell?.();
  }

  _paceNow() {
    const buffered = this._player?.buffered;
    const answer = this.state.turns.find((each) => each.turn === this.state.turn);
    if (!buffered?.isComplete || !answer?.isAnswered || !this._player?.isPlaying) return this._pace;
    return paceOf(sentences(answer.answer), buffered.seconds);
  }

  /** The server hung up; its goodbye is heard to the end. @param {Record<string, any>} event */
  _serverEnded({ reason, text }) {
    const end = () => this._end(reason, { farewell: text });
    this._link?.close({ hangUp: false });
    if (reason !== "idle" || !this._player?.isPlaying) return end();
    const timer = this._around.timers.setTimeout(end, FAREWELL_MS);
    this._afterFarewell = () => {
      this._around.timers.clearTimeout(timer);
      end();
    };
  }

  /** @param {{trouble?: CallState["trouble"], code?: string, message?: string}} error */
  _fail(error) {
    if (error.trouble) this._end("trouble", { trouble: error.trouble });
    else {
      const code = String(error.code ?? "unknown_error");
      this._end("error", { error: { code, text: error.message ?? "" } });
    }
  }

  /**
   * @param {string} reason
   * @param {{trouble?: CallState["trouble"], error?: CallState["error"], farewell?: string}} details
   */
  _end(reason, details) {
    if (!this.isActive) return;
    this._attempt++;
    this._lostMs = undefined;
    this._afterFarewell = undefined;
    this._around.timers.clearTimeout(this._duckTimer);
    this._link?.close({ hangUp: reason !== "replaced" });
    this._link = null;
    for (const undo of this._undo.splice(0).reverse()) undo();
    this._microphone = null;
    this._player = null;
    this._context = null;
    this.micLevel = 0;
    this._isGateOpen = false;
    const nowMs = this._around.dateMs();
    this.state = ended(this.state, reason, { nowMs, ...details });
    this._keep();
    this._changed();
  }

  /** Keep what a reload of the page would lose. */
  _keep() {
    const wasActive = this.isActive || this.state.reason === "lost";
    const call = this._memory.write(this.state, wasActive);
    if (call) this.resumable = this.isActive ? null : call;
  }

  /** @param {string} name @param {number} [turn] of the server @param {number} [timeMs] */
  _mark(name, turn = 0, timeMs = this._around.nowMs()) {
    this.marks[name] = timeMs;
    this.log.push({ name, timeMs, turn: turn && turn + this.state.base });
    if (this.log.length > 1000) this.log.shift();
  }

  /** @param {CallState} state */
  _set(state) {
    this.state = state;
    this._changed();
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Return the call of this page; a second copy of this module finds the first one's.
 * @returns {Call}
 */
export function theCall() {
  const page = /** @type {any} */ (globalThis);
  page.jonhConversa ??= new Call();
  return page.jonhConversa;
}
