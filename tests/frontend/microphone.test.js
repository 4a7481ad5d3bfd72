import assert from "node:assert/strict";
import test from "node:test";
import {
  Framer,
  Gate,
  levelDbfs,
  Resampler,
  toInt16,
} from "../../custom_components/jonh/frontend/microphone.worklet.js";
import { troubleOf, troubleOfError } from "../../custom_components/jonh/frontend/microphone.js";

/** @param {number} hz @param {number} rateHz @param {number} seconds */
function tone(hz, rateHz, seconds) {
  return Float32Array.from(
    { length: rateHz * seconds },
    (_, index) => 0.5 * Math.sin((2 * Math.PI * hz * index) / rateHz),
  );
}

/** @param {Float32Array} samples @param {number} rateHz */
function resampled(samples, rateHz) {
  const resampler = new Resampler(rateHz);
  const out = [];
  for (let at = 0; at < samples.length; at += 128)
    out.push(...resampler.push(samples.subarray(at, at + 128)));
  return Float32Array.from(out);
}

for (const rateHz of [16000, 22050, 44100, 48000, 96000]) {
  test(`from ${rateHz} Hz the length is right, a voice passes and what is above does not fold down`, () => {
    const voice = resampled(tone(1000, rateHz, 1), rateHz);
    assert.ok(Math.abs(voice.length - 16000) < 40, `${voice.length}`);
    const middle = (/** @type {Float32Array} */ samples) =>
      levelDbfs(samples.subarray(2000, 14000));
    assert.ok(Math.abs(middle(voice) - levelDbfs(tone(1000, 16000, 1))) < 0.2);
    const expected = tone(1000, 16000, 1);
    let worst = 0;
    for (let lag = -3; lag <= 3; lag++) {
      let sum = 0;
      for (let index = 4000; index < 8000; index++) sum += voice[index] * expected[index + lag];
      worst = Math.max(worst, sum);
    }
    assert.ok(worst > 0.85 * 4000 * 0.125, "the wave is where it was");
    if (rateHz > 24000) assert.ok(middle(resampled(tone(11000, rateHz, 1), rateHz)) < -60);
  });
}

test("the pieces that come in make no difference", () => {
  const samples = tone(440, 48000, 0.2);
  const whole = new Resampler(48000).push(samples);
  assert.deepEqual(resampled(samples, 48000), whole);
});

test("frames have 20 ms", () => {
  const framer = new Framer();
  assert.equal(framer.push(new Float32Array(319)).length, 0);
  const frames = framer.push(new Float32Array(322));
  assert.deepEqual(
    frames.map((frame) => frame.length),
    [320, 320],
  );
});

test("integers are cut off where samples are too loud", () => {
  assert.deepEqual([...toInt16(Float32Array.of(0, 0.5, 1.5, -2))], [0, 16384, 32767, -32767]);
});

test("the gate opens 40 ms after a voice begins and shuts 300 ms after it ends", () => {
  const gate = new Gate();
  for (let frame = 0; frame < 100; frame++) gate.push(-62);
  assert.deepEqual([gate.push(-30), gate.push(-30)], [false, true]);
  const after = Array.from({ length: 15 }, () => gate.push(-62));
  assert.equal(after.indexOf(false), 14);
});

test("a click opens nothing", () => {
  const gate = new Gate();
  for (let frame = 0; frame < 50; frame++) gate.push(-60);
  gate.push(-10);
  assert.equal(gate.push(-60), false);
});

test("a noisy room becomes the measure", () => {
  const gate = new Gate();
  for (let frame = 0; frame < 1500; frame++) gate.push(-38 + (frame % 3));
  assert.equal(gate.isOpen, false);
  gate.push(-18);
  assert.equal(gate.push(-18), true);
});

test("while we speak our echo opens nothing, a voice over it does", () => {
  const gate = new Gate();
  for (let frame = 0; frame < 200; frame++) gate.push(-58);
  gate.isPlaying = true;
  for (let frame = 0; frame < 50; frame++) assert.equal(gate.push(-47), false);
  gate.push(-25);
  assert.equal(gate.push(-25), true);
});

test("each way of having no microphone is told from the others", () => {
  const devices = { getUserMedia() {} };
  const good = {
    isSecureContext: true,
    navigator: { mediaDevices: devices },
    AudioWorkletNode: {},
  };
  assert.equal(troubleOf(good), null);
  assert.equal(troubleOf({ ...good, isSecureContext: false }), "insecure");
  assert.equal(troubleOf({ ...good, navigator: {} }), "unsupported");
  assert.equal(troubleOf({ ...good, AudioWorkletNode: undefined }), "unsupported");
  const named = (/** @type {string} */ name) => troubleOfError({ name });
  assert.equal(named("NotAllowedError"), "refused");
  assert.equal(named("SecurityError"), "refused");
  assert.equal(named("NotFoundError"), "missing");
  assert.equal(named("OverconstrainedError"), "missing");
  assert.equal(named("NotReadableError"), "taken");
  assert.equal(named("TypeError"), "unsupported");
});
