/** The loudspeaker: an answer's stream, scheduled block by block, lowered and stopped at once. */

import { WavReader } from "./wav.js";

/** Sound that is waited for before the first block plays, so that the next ones come in time. */
export const JITTER_S = 0.08;
/** How long the volume takes to go down when somebody speaks, and to nothing when it must stop. */
const DUCK_S = 0.06;
export const STOP_S = 0.02;
/** Back to full: slower, a jump would startle. */
const RESUME_S = 0.25;
/** -12 dB. */
export const DUCKED_GAIN = 0.25;
/** Softer than this is silence before the first word: the first audible sample is louder. */
const AUDIBLE = 0.004;
/** Pause between two reports of how far an answer was heard. */
const PROGRESS_MS = 500;

/**
 * What the outside hears of an answer. Times are of `performance.now()`; every answer that began
 * ends with one `onEnded`, unless it was stopped.
 * @typedef {object} PlayerListener
 * @property {(turn: number, timeMs: number) => void} onAudible first sample that can be heard
 * @property {(turn: number, positionS: number) => void} onProgress seconds heard so far
 * @property {(turn: number, positionS: number, error: Error | null) => void} onEnded
 *
 * @typedef {object} Sound one answer on its way
 * @property {number} turn
 * @property {AbortController} fetching
 * @property {Float32Array[]} waiting blocks before the jitter buffer is full
 * @property {number} waitingS
 * @property {{start: number, end: number}[]} played blocks on the context's clock
 * @property {Set<AudioBufferSourceNode>} sources
 * @property {number} nextAt when the next block begins, on the context's clock; 0 before the first
 * @property {number} bufferedS seconds scheduled so far
 * @property {boolean} isComplete all of it came
 * @property {boolean} isAudible
 * @property {GainNode} fader its own, so that a stopped answer fades while the next one begins
 * @property {Error | null} error what cut the stream short
 */

export class Player {
  /**
   * @param {AudioContext} context
   * @param {PlayerListener} listener
   * @param {{fetch?: typeof fetch, nowMs?: () => number, destination?: AudioNode, timers?: any}} [around]
   */
  constructor(context, listener, around = {}) {
    this._context = context;
    this._listener = listener;
    this._fetch = around.fetch ?? ((url, init) => fetch(url, init));
    this._nowMs = around.nowMs ?? (() => performance.now());
    this._timers = around.timers ?? globalThis;
    this._volume = context.createGain();
    this._volume.connect(around.destination ?? context.destination);
    this._meter = context.createAnalyser();
    this._meter.fftSize = 512;
    this._samples = new Float32Array(this._meter.fftSize);
    /** @type {Sound | null} */
    this._sound = null;
    this._progress = this._timers.setInterval(() => this._tellProgress(), PROGRESS_MS);
    this.isDucked = false;
  }

  /** True from the first block of an answer to its last. */
  get isPlaying() {
    return this._sound !== null && this._sound.nextAt > 0;
  }

  /** Seconds of the answer that were heard; silence while the stream stalled does not count. */
  get positionS() {
    return this._sound ? heardS(this._sound.played, this._context.currentTime) : 0;
  }

  /** Seconds of the answer that came so far, and whether that is all. */
  get buffered() {
    const sound = this._sound;
    return { seconds: sound ? sound.bufferedS : 0, isComplete: sound?.isComplete ?? true };
  }

  /** Loudness of what sounds now, 0 to 1. */
  get level() {
    if (!this.isPlaying) return 0;
    this._meter.getFloatTimeDomainData(this._samples);
    let sum = 0;
    for (const sample of this._samples) sum += sample * sample;
    return Math.min(1, Math.sqrt(sum / this._samples.length) * 4);
  }

  /**
   * Fetch an answer and play it as it comes; another one that still sounds is stopped.
   * @param {number} turn
   * @param {string} url
   */
  async play(turn, url) {
    this.stop();
    /** @type {Sound} */
    const sound = {
      turn,
      fetching: new AbortController(),
      waiting: [],
      waitingS: 0,
      played: [],
      sources: new Set(),
      nextAt: 0,
      bufferedS: 0,
      isComplete: false,
      isAudible: false,
      fader: this._context.createGain(),
      error: null,
    };
    sound.fader.connect(this._volume);
    sound.fader.connect(this._meter);
    this._sound = sound;
    try {
      await this._stream(sound, url);
    } catch (error) {
      sound.error = /** @type {Error} */ (error);
    }
    sound.isComplete = true;
    this._endIfOver(sound);
  }

  /** Lower the volume: somebody may be speaking. */
  duck() {
    if (!this._sound || this.isDucked) return;
    this.isDucked = true;
    glide(this._sound.fader.gain, DUCKED_GAIN, DUCK_S, this._context.currentTime);
  }

  /** Nobody spoke: back to full volume. */
  resume() {
    if (!this._sound || !this.isDucked) return;
    this.isDucked = false;
    glide(this._sound.fader.gain, 1, RESUME_S, this._context.currentTime);
  }

  /**
   * Be silent now and forget what is buffered; return the seconds that were heard.
   * @param {number} [turn] only when it is this one
   */
  stop(turn) {
    const sound = this._sound;
    if (!sound || (turn !== undefined && sound.turn !== turn)) return 0;
    const positionS = this.positionS;
    this._sound = null;
    sound.fetching.abort();
    glide(sound.fader.gain, 0, STOP_S, this._context.currentTime);
    for (const source of sound.sources) {
      source.onended = () => sound.fader.disconnect();
      source.stop(this._context.currentTime + STOP_S);
    }
    this.isDucked = false;
    return positionS;
  }

  /** @param {boolean} isMuted */
  mute(isMuted) {
    glide(this._volume.gain, isMuted ? 0 : 1, STOP_S, this._context.currentTime);
  }

  close() {
    this.stop();
    this._timers.clearInterval(this._progress);
    this._volume.disconnect();
  }

  /** @param {Sound} sound @param {string} url */
  async _stream(sound, url) {
    const response = await this._fetch(url, { signal: sound.fetching.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    const reader = response.body.getReader();
    const wav = new WavReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (this._sound !== sound) return;
      if (done) break;
      const samples = wav.push(value);
      if (samples.length && wav.format) this._take(sound, samples, wav.format.rateHz);
    }
    if (wav.format) this._flush(sound, wav.format.rateHz);
  }

  /** @param {Sound} sound @param {Float32Array} samples @param {number} rateHz */
  _take(sound, samples, rateHz) {
    sound.waiting.push(samples);
    sound.waitingS += samples.length / rateHz;
    const isRunningDry = sound.nextAt > 0 && sound.nextAt < this._context.currentTime + JITTER_S;
    if (sound.waitingS >= JITTER_S || (isRunningDry && sound.nextAt > this._context.currentTime)) {
      this._flush(sound, rateHz);
    }
  }

  /** Schedule what waits, right behind what was scheduled. @param {Sound} sound @param {number} rateHz */
  _flush(sound, rateHz) {
    if (!sound.waiting.length) return;
    const samples = joined(sound.waiting);
    sound.waiting = [];
    sound.waitingS = 0;
    const buffer = this._context.createBuffer(1, samples.length, rateHz);
    buffer.copyToChannel(/** @type {any} */ (samples), 0);
    const source = this._context.createBufferSource();
    source.buffer = buffer;
    source.connect(sound.fader);
    // A few milliseconds ahead: a start in the past would lose its beginning.
    const start = Math.max(sound.nextAt, this._context.currentTime + 0.005);
    source.start(start);
    sound.nextAt = start + buffer.duration;
    sound.bufferedS += buffer.duration;
    sound.played.push({ start, end: sound.nextAt });
    sound.sources.add(source);
    source.onended = () => {
      sound.sources.delete(source);
      this._endIfOver(sound);
    };
    this._markAudible(sound, samples, rateHz, start);
  }

  /** @param {Sound} sound @param {Float32Array} samples @param {number} rateHz @param {number} start */
  _markAudible(sound, samples, rateHz, start) {
    if (sound.isAudible) return;
    const first = samples.findIndex((sample) => Math.abs(sample) > AUDIBLE);
    if (first < 0) return;
    sound.isAudible = true;
    const context = this._context;
    const wait = start + first / rateHz - context.currentTime + (context.outputLatency || 0);
    const timeMs = this._nowMs() + wait * 1000;
    this._timers.setTimeout(
      () => this._sound === sound && this._listener.onAudible(sound.turn, timeMs),
      Math.max(0, wait * 1000),
    );
  }

  /** @param {Sound} sound */
  _endIfOver(sound) {
    if (this._sound === sound && sound.isComplete && !sound.sources.size) {
      const positionS = this.positionS;
      this._sound = null;
      this.isDucked = false;
      sound.fader.disconnect();
      this._listener.onEnded(sound.turn, positionS, sound.error);
    }
  }

  _tellProgress() {
    const sound = this._sound;
    if (sound?.isAudible) this._listener.onProgress(sound.turn, this.positionS);
  }
}

/**
 * Return how much of the blocks has passed at a time.
 * @param {{start: number, end: number}[]} played
 * @param {number} now
 */
export function heardS(played, now) {
  return played.reduce((sum, { start, end }) => sum + Math.max(0, Math.min(end, now) - start), 0);
}

/**
 * Bring a gain to a value in a straight line, from wherever it is.
 * @param {AudioParam} parameter
 * @param {number} value
 * @param {number} seconds
 * @param {number} now
 */
function glide(parameter, value, seconds, now) {
  const from = parameter.value;
  parameter.cancelScheduledValues(now);
  if (seconds === 0) {
    parameter.setValueAtTime(value, now);
    return;
  }
  parameter.setValueAtTime(from, now);
  parameter.linearRampToValueAtTime(value, now + seconds);
}

/** @param {Float32Array[]} pieces */
function joined(pieces) {
  if (pieces.length === 1) return pieces[0];
  const all = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
