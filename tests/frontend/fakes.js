/** What stands around a call, with the same faces: a connection, sound, a microphone, storage. */

/** @returns {Storage} */
export function storage(content = {}) {
  const kept = new Map(Object.entries(content));
  return /** @type {any} */ ({
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
    removeItem: (/** @type {string} */ key) => kept.delete(key),
  });
}

/** Home Assistant's connection, with a call server behind it. */
export class FakeConnection extends EventTarget {
  constructor() {
    super();
    /** @type {Map<number, any>} */
    this.commands = new Map();
    /** @type {any[]} */
    this.sent = [];
    /** @type {Record<string, any>} */
    this.answers = {};
    this.socket = new FakeSocket();
    this.calls = 0;
    this.hold = false;
    /** @type {any} */
    this.refuse = null;
    this._id = 0;
    /** @type {any} */
    this._callback = null;
  }

  /** As the real one does, it keeps the server's answer from its caller. */
  async subscribeMessage(
    /** @type {any} */ callback,
    /** @type {any} */ message,
    /** @type {any} */ options,
  ) {
    const id = ++this._id;
    await new Promise((resolve, reject) => {
      const info = { resolve, reject, callback };
      this.commands.set(id, info);
      this.sent.push({ ...message, options });
      queueMicrotask(() => {
        if (this.hold) return;
        if (this.refuse) {
          this.commands.delete(id);
          reject(this.refuse);
        } else {
          if (message.type === "jonh/call/start") this._callback = callback;
          info.resolve(null);
          if (message.type === "jonh/call/start") {
            callback({ event: "started", ...this._answer(message) });
          }
        }
      });
    });
    return async () => {
      this.commands.delete(id);
    };
  }

  async sendMessagePromise(/** @type {any} */ message) {
    this.sent.push(message);
    return this.answers[message.type] ?? {};
  }

  /** Send an event of the call. */
  tell(/** @type {any} */ event) {
    this._callback?.(event);
  }

  drop() {
    this.socket.readyState = 3;
    this.dispatchEvent(new Event("disconnected"));
  }

  back() {
    this.socket = new FakeSocket();
    this.dispatchEvent(new Event("ready"));
  }

  /** The actions of the call that were sent, in order. */
  get actions() {
    return this.sent.filter((each) => each.type === "jonh/call/action").map((each) => each.action);
  }

  /** @param {any} message */
  _answer(message) {
    this.calls++;
    return {
      call_id: `call${this.calls}`,
      handler_id: 7,
      conversation_id: message.conversation_id ?? "conversation1",
      pipeline: { id: "a", name: "Jonh em casa", language: "pt-BR" },
      interruption: message.interruption ?? "voice",
      idle_s: 60,
      record: message.record ?? false,
      has_partials: true,
    };
  }
}

export class FakeSocket {
  constructor() {
    this.readyState = 1;
    this.bufferedAmount = 0;
    /** @type {Uint8Array[]} */
    this.sent = [];
  }

  send(/** @type {Uint8Array} */ data) {
    this.sent.push(data);
  }
}

export class FakeMicrophone {
  constructor() {
    /** @type {(frame: any) => void} */
    this.onFrame = () => {};
    this.onEnded = () => {};
    this.cancelsAllEcho = true;
    this.isMuted = false;
    this.isClosed = false;
    this.isPlaying = false;
  }

  /** Hear 20 ms. */
  hear({ level = -60, isVoice = false } = {}) {
    this.onFrame({ pcm: new Int16Array(320).buffer, level, isVoice });
  }

  mute(/** @type {boolean} */ isMuted) {
    this.isMuted = isMuted;
  }

  expectEcho(/** @type {boolean} */ isPlaying) {
    this.isPlaying = isPlaying;
  }

  close() {
    this.isClosed = true;
  }
}

/** A gain that jumps to the end of its ramp and remembers it. */
class FakeParameter {
  constructor() {
    this.value = 1;
    /** @type {{value: number, time: number}[]} */
    this.ramps = [];
  }

  cancelScheduledValues() {}

  setValueAtTime(/** @type {number} */ value) {
    this.value = value;
  }

  linearRampToValueAtTime(/** @type {number} */ value, /** @type {number} */ time) {
    this.value = value;
    this.ramps.push({ value, time });
  }
}

class FakeNode {
  constructor() {
    this.gain = new FakeParameter();
    this.isConnected = false;
  }

  connect(/** @type {any} */ other) {
    this.isConnected = true;
    return other;
  }

  disconnect() {
    this.isConnected = false;
  }
}

/** An audio context whose clock is moved by hand. */
export class FakeContext {
  constructor() {
    this.currentTime = 0;
    this.outputLatency = 0;
    this.state = "running";
    this.destination = new FakeNode();
    this.isClosed = false;
    /** @type {FakeSource[]} */
    this.sources = [];
    /** @type {FakeNode[]} */
    this.gains = [];
  }

  async resume() {}

  async close() {
    this.isClosed = true;
  }

  createGain() {
    const node = new FakeNode();
    this.gains.push(node);
    return node;
  }

  createAnalyser() {
    return Object.assign(new FakeNode(), { fftSize: 0, getFloatTimeDomainData() {} });
  }

  createBuffer(
    /** @type {number} */ channels,
    /** @type {number} */ length,
    /** @type {number} */ rate,
  ) {
    return { duration: length / rate, length, copyToChannel() {} };
  }

  createBufferSource() {
    const source = new FakeSource();
    this.sources.push(source);
    return source;
  }

  /** Let time pass; blocks that end in it say so. */
  advance(/** @type {number} */ seconds) {
    this.currentTime += seconds;
    for (const source of this.sources) source.endIfOver(this.currentTime);
  }
}

export class FakeSource extends FakeNode {
  constructor() {
    super();
    /** @type {any} */
    this.buffer = null;
    this.startedAt = Infinity;
    this.stoppedAt = Infinity;
    this.hasEnded = false;
    /** @type {(() => void) | null} */
    this.onended = null;
  }

  start(/** @type {number} */ time) {
    this.startedAt = time;
  }

  stop(/** @type {number} */ time) {
    this.stoppedAt = time;
  }

  endIfOver(/** @type {number} */ now) {
    const end = Math.min(this.startedAt + this.buffer.duration, this.stoppedAt);
    if (this.hasEnded || now < end - 1e-9) return;
    this.hasEnded = true;
    this.onended?.();
  }
}

/** Timers that run when they are told to. */
export class FakeTimers {
  constructor() {
    this.nowMs = 0;
    /** @type {{id: number, atMs: number, everyMs: number, run: () => void}[]} */
    this._waiting = [];
    this._id = 0;
  }

  setTimeout = (/** @type {() => void} */ run, /** @type {number} */ ms) => this._add(run, ms, 0);
  setInterval = (/** @type {() => void} */ run, /** @type {number} */ ms) => this._add(run, ms, ms);
  clearTimeout = (/** @type {number} */ id) => {
    this._waiting = this._waiting.filter((each) => each.id !== id);
  };
  clearInterval = this.clearTimeout;

  _add(/** @type {() => void} */ run, /** @type {number} */ ms, /** @type {number} */ everyMs) {
    const id = ++this._id;
    this._waiting.push({ id, atMs: this.nowMs + ms, everyMs, run });
    return id;
  }

  /** Let time pass, and everything settle that a timer sets off. */
  async advance(/** @type {number} */ ms) {
    const untilMs = this.nowMs + ms;
    for (;;) {
      await settle();
      const next = this._waiting
        .filter((each) => each.atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.nowMs = next.atMs;
      if (next.everyMs) next.atMs += next.everyMs;
      else this.clearTimeout(next.id);
      next.run();
    }
    this.nowMs = untilMs;
    await settle();
  }
}

/** Let all promises that can go on do so. */
export async function settle() {
  for (let round = 0; round < 20; round++) await Promise.resolve();
}

/**
 * Return a WAV as Home Assistant streams it, its lengths unknown.
 * @param {number[] | Int16Array} samples
 */
export function wav(samples, { rateHz = 16000, channels = 1, length = 0 } = {}) {
  const bytes = new Uint8Array(44 + samples.length * 2);
  const view = new DataView(bytes.buffer);
  const write = (/** @type {number} */ at, /** @type {string} */ text) =>
    bytes.set(
      [...text].map((character) => character.charCodeAt(0)),
      at,
    );
  write(0, "RIFF");
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * 2 * channels, true);
  view.setUint16(32, 2 * channels, true);
  view.setUint16(34, 16, true);
  write(36, "data");
  view.setUint32(40, length, true);
  samples.forEach((sample, index) => view.setInt16(44 + 2 * index, sample, true));
  return bytes;
}
