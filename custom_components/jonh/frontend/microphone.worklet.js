/**
 * The microphone's side of the audio thread: any rate becomes 16 kHz in frames of 20 ms, each
 * with its level and whether somebody seems to speak. One file without imports, as not every
 * browser lets a worklet have some; tests import its classes.
 */

const RATE_HZ = 16000;
const FRAME_SAMPLES = 320;

/** Taps on each side of a sample, in periods of the lower rate: 60 dB down at 8.6 kHz. */
const HALF_TAPS = 16;
/** Positions between two samples that have filters of their own: finer than 16 bits can show. */
const PHASES = 64;

/** From any rate to 16 kHz, a piece at a time: a windowed sinc, so that nothing folds down. */
export class Resampler {
  /** @param {number} fromHz */
  constructor(fromHz) {
    this._step = fromHz / RATE_HZ;
    const cut = Math.min(1, RATE_HZ / fromHz) * 0.92;
    this._half = Math.ceil(HALF_TAPS / Math.min(1, RATE_HZ / fromHz));
    this._filters = Array.from({ length: PHASES + 1 }, (_, phase) =>
      lowPass(this._half, cut, phase / PHASES),
    );
    this._kept = new Float32Array(this._half);
    this._position = this._half;
  }

  /**
   * Take samples and return what they make complete.
   * @param {Float32Array} samples
   * @returns {Float32Array}
   */
  push(samples) {
    const all = new Float32Array(this._kept.length + samples.length);
    all.set(this._kept);
    all.set(samples, this._kept.length);
    const out = [];
    while (Math.floor(this._position) + this._half < all.length) {
      const whole = Math.floor(this._position);
      const filter = this._filters[Math.round((this._position - whole) * PHASES)];
      const first = whole - this._half + 1;
      let sum = 0;
      for (let tap = 0; tap < filter.length; tap++) sum += all[first + tap] * filter[tap];
      out.push(sum);
      this._position += this._step;
    }
    const first = Math.max(0, Math.floor(this._position) - this._half);
    this._kept = all.slice(first);
    this._position -= first;
    return Float32Array.from(out);
  }
}

/**
 * Return the taps of a low-pass for a point `shift` of a sample after the middle.
 * @param {number} half
 * @param {number} cut as a part of half the rate
 * @param {number} shift
 */
function lowPass(half, cut, shift) {
  const taps = new Float64Array(2 * half);
  let sum = 0;
  for (let index = 0; index < taps.length; index++) {
    const x = index - half + 1 - shift;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * cut * x) / (Math.PI * cut * x);
    const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / (half + 1));
    taps[index] = sinc * window;
    sum += taps[index];
  }
  return taps.map((tap) => tap / sum);
}

/** Decibels above the room that are taken for a voice, and the level that is one in any room. */
const OPEN_DB = 10;
const QUIETEST_VOICE_DBFS = -46;
/** While our own answer sounds its echo is in the room: more is asked of a voice. */
const OPEN_DB_WHILE_PLAYING = 14;
/** Frames of 20 ms: two in a row open, as a click is shorter; 15 without a voice close. */
const OPEN_FRAMES = 2;
const CLOSE_FRAMES = 15;

/** Does somebody speak? Only good enough to lower the volume at once: the server decides. */
export class Gate {
  constructor() {
    this.isOpen = false;
    this.isPlaying = false;
    /** Level of the room in dBFS: down to a quieter one at once, up to a louder one in seconds. */
    this.floorDbfs = -60;
    this._above = 0;
    this._below = 0;
  }

  /**
   * Take the level of a frame in dBFS; return whether the gate is open.
   * @param {number} level
   */
  push(level) {
    const margin = this.isPlaying ? OPEN_DB_WHILE_PLAYING : OPEN_DB;
    const isVoice = level > Math.max(this.floorDbfs + margin, QUIETEST_VOICE_DBFS);
    this._above = isVoice ? this._above + 1 : 0;
    this._below = isVoice ? 0 : this._below + 1;
    if (this._above >= OPEN_FRAMES) this.isOpen = true;
    if (this._below >= CLOSE_FRAMES) this.isOpen = false;
    // An echo that stays becomes part of the room; a voice pauses before it does.
    const pace = level < this.floorDbfs ? 0.3 : isVoice ? 0.004 : 0.03;
    this.floorDbfs += (Math.max(level, -75) - this.floorDbfs) * pace;
    return this.isOpen;
  }
}

/**
 * Return the level of samples in dBFS.
 * @param {Float32Array} samples
 */
export function levelDbfs(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return 10 * Math.log10(sum / samples.length + 1e-10);
}

/**
 * Return samples as 16-bit integers, cut off where they are too loud.
 * @param {Float32Array} samples
 */
export function toInt16(samples) {
  return Int16Array.from(samples, (sample) =>
    Math.round(Math.max(-1, Math.min(1, sample)) * 32767),
  );
}

/** Collects samples into frames. */
export class Framer {
  constructor() {
    this._frame = new Float32Array(FRAME_SAMPLES);
    this._filled = 0;
  }

  /**
   * Take samples and return the frames they fill.
   * @param {Float32Array} samples
   * @returns {Float32Array[]}
   */
  push(samples) {
    const frames = [];
    for (const sample of samples) {
      this._frame[this._filled++] = sample;
      if (this._filled === FRAME_SAMPLES) {
        frames.push(this._frame);
        this._frame = new Float32Array(FRAME_SAMPLES);
        this._filled = 0;
      }
    }
    return frames;
  }
}

const scope = /** @type {any} */ (globalThis);

if (scope.registerProcessor) {
  scope.registerProcessor(
    "jonh-microphone",
    class extends scope.AudioWorkletProcessor {
      constructor() {
        super();
        this.resampler = new Resampler(scope.sampleRate);
        this.framer = new Framer();
        this.gate = new Gate();
        this.isClosed = false;
        this.port.onmessage = (/** @type {MessageEvent} */ { data }) => {
          if ("isPlaying" in data) this.gate.isPlaying = data.isPlaying;
          if (data.close) this.isClosed = true;
        };
      }

      /** @param {Float32Array[][]} inputs */
      process(inputs) {
        const samples = inputs[0]?.[0];
        if (samples) {
          for (const frame of this.framer.push(this.resampler.push(samples))) {
            const level = levelDbfs(frame);
            const isVoice = this.gate.push(level);
            const pcm = toInt16(frame).buffer;
            this.port.postMessage({ pcm, level, isVoice }, [pcm]);
          }
        }
        return !this.isClosed;
      }
    },
  );
}
