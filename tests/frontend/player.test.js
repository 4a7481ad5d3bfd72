import assert from "node:assert/strict";
import test from "node:test";
import {
  DUCKED_GAIN,
  heardS,
  JITTER_S,
  Player,
  STOP_S,
} from "../../custom_components/jonh/frontend/player.js";
import { FakeContext, FakeTimers, settle, wav } from "./fakes.js";

/** A stream that gives what the test puts into it. */
class FakeStream {
  constructor() {
    /** @type {any[]} */
    this.ready = [];
    /** @type {((value: any) => void) | null} */
    this.waiting = null;
    this.isAborted = false;
  }

  put(/** @type {any} */ item) {
    if (this.waiting) this.waiting(item);
    else this.ready.push(item);
    this.waiting = null;
  }

  fetch = async (/** @type {string} */ url, /** @type {any} */ init) => {
    this.url = url;
    init.signal.addEventListener("abort", () => {
      this.isAborted = true;
      this.put(new Error("aborted"));
    });
    return { ok: true, status: 200, body: { getReader: () => ({ read: () => this.read() }) } };
  };

  async read() {
    const item = this.ready.length
      ? this.ready.shift()
      : await new Promise((resolve) => (this.waiting = resolve));
    if (item instanceof Error) throw item;
    return item === null ? { done: true } : { done: false, value: item };
  }
}

function setUp() {
  const context = new FakeContext();
  const stream = new FakeStream();
  const timers = new FakeTimers();
  /** @type {any[]} */
  const told = [];
  const player = new Player(
    /** @type {any} */ (context),
    {
      onAudible: (turn, timeMs) => told.push(["audible", turn, timeMs]),
      onProgress: (turn, positionS) => told.push(["progress", turn, positionS]),
      onEnded: (turn, positionS, error) =>
        told.push(["ended", turn, positionS, error?.message ?? null]),
    },
    { fetch: /** @type {any} */ (stream.fetch), timers, nowMs: () => timers.nowMs },
  );
  const advance = async (/** @type {number} */ ms) => {
    context.advance(ms / 1000);
    await timers.advance(ms);
  };
  return { context, stream, timers, told, player, advance };
}

const loud = (/** @type {number} */ seconds, quietS = 0) =>
  Array.from({ length: Math.round(seconds * 16000) }, (_, index) =>
    index < quietS * 16000 ? 0 : 8000,
  );

test("nothing plays before the jitter buffer is full; blocks follow without a gap", async () => {
  const { context, stream, player } = setUp();
  player.play(1, "/a.wav");
  stream.put(wav(loud(0.05)));
  await settle();
  assert.equal(context.sources.length, 0);
  assert.equal(player.isPlaying, false);
  stream.put(new Uint8Array(16000 * 2 * 0.05));
  await settle();
  assert.equal(context.sources.length, 1);
  assert.ok(context.sources[0].buffer.duration >= JITTER_S);
  stream.put(new Uint8Array(16000 * 2 * 0.1));
  await settle();
  const [first, second] = context.sources;
  assert.ok(Math.abs(second.startedAt - (first.startedAt + first.buffer.duration)) < 1e-9);
});

test("the first audible sample is told when it sounds, not when it is fetched", async () => {
  const { told, stream, player, advance, context } = setUp();
  context.outputLatency = 0.01;
  player.play(3, "/a.wav");
  stream.put(wav(loud(0.5, 0.2)));
  await settle();
  await advance(200);
  assert.deepEqual(told, []);
  await advance(20);
  assert.equal(told[0][0], "audible");
  assert.equal(told[0][1], 3);
  assert.ok(Math.abs(told[0][2] - 215) < 0.1, `${told[0][2]}`);
});

test("an answer is told to have ended when its last sample has, with the seconds heard", async () => {
  const { told, stream, player, advance } = setUp();
  player.play(1, "/a.wav");
  stream.put(wav(loud(1.2)));
  stream.put(null);
  await settle();
  for (let step = 0; step < 13; step++) await advance(100);
  assert.deepEqual(
    told.map((each) => each[0]),
    ["audible", "progress", "progress", "ended"],
  );
  assert.ok(Math.abs(/** @type {any} */ (told.at(-1))[2] - 1.2) < 1e-6);
  assert.equal(player.isPlaying, false);
});

test("short answers, shorter than the buffer, play too", async () => {
  const { context, stream, player } = setUp();
  player.play(1, "/a.wav");
  stream.put(wav(loud(0.03)));
  stream.put(null);
  await settle();
  assert.equal(context.sources.length, 1);
});

test("an answer without sound ends at once", async () => {
  const { told, stream, player } = setUp();
  player.play(1, "/a.wav");
  stream.put(null);
  await settle();
  assert.deepEqual(told, [["ended", 1, 0, null]]);
});

test("a stream that breaks is played as far as it came, then told", async () => {
  const { told, stream, player, advance } = setUp();
  player.play(1, "/a.wav");
  stream.put(wav(loud(0.4)));
  await settle();
  stream.put(new Error("network"));
  await settle();
  assert.equal(told.length, 0);
  await advance(500);
  assert.deepEqual([told.at(-1)[0], told.at(-1)[3]], ["ended", "network"]);
});

test("stop is silence in 20 ms: the fetch is aborted, nothing more is told", async () => {
  const { context, told, stream, player, advance } = setUp();
  player.play(1, "/a.wav");
  stream.put(wav(loud(3)));
  await settle();
  await advance(1005);
  told.length = 0;
  const heard = player.stop(1);
  assert.ok(Math.abs(heard - 1) < 1e-6, `${heard}`);
  assert.ok(stream.isAborted);
  for (const source of context.sources)
    assert.ok(source.stoppedAt <= context.currentTime + STOP_S + 1e-9);
  const fade = context.gains.at(-1)?.gain.ramps.at(-1);
  assert.equal(fade?.value, 0);
  assert.ok(STOP_S <= 0.02 && (fade?.time ?? 9) <= context.currentTime + STOP_S + 1e-9);
  await advance(5000);
  assert.deepEqual(told, []);
});

test("stop of another turn stops nothing", async () => {
  const { stream, player } = setUp();
  player.play(2, "/a.wav");
  stream.put(wav(loud(1)));
  await settle();
  assert.equal(player.stop(1), 0);
  assert.equal(player.isPlaying, true);
});

test("ducking takes 12 dB in at most 80 ms, and resume gives them back", async () => {
  const { context, stream, player } = setUp();
  player.duck();
  assert.equal(player.isDucked, false, "nothing sounds");
  player.play(1, "/a.wav");
  stream.put(wav(loud(1)));
  await settle();
  player.duck();
  const gain = /** @type {any} */ (context.gains.at(-1)).gain;
  assert.deepEqual([gain.value, player.isDucked], [DUCKED_GAIN, true]);
  assert.ok(gain.ramps.at(-1).time - context.currentTime <= 0.08);
  player.resume();
  assert.deepEqual([gain.value, player.isDucked], [1, false]);
});

test("a stalled stream does not count as heard", () => {
  const played = [
    { start: 1, end: 2 },
    { start: 3, end: 5 },
  ];
  assert.deepEqual(
    [0, 1.5, 2.5, 4, 9].map((now) => heardS(played, now)),
    [0, 0.5, 1, 2, 3],
  );
});

test("an answer that the server refuses ends with its status", async () => {
  const { told, stream, player } = setUp();
  stream.fetch = /** @type {any} */ (async () => ({ ok: false, status: 404 }));
  const other = new Player(
    /** @type {any} */ (new FakeContext()),
    /** @type {any} */ ({
      onEnded: (
        /** @type {number} */ turn,
        /** @type {number} */ positionS,
        /** @type {Error} */ error,
      ) => told.push(error.message),
    }),
    { fetch: /** @type {any} */ (stream.fetch), timers: new FakeTimers() },
  );
  await other.play(1, "/a.wav");
  assert.deepEqual(told, ["HTTP 404"]);
  player.close();
});
