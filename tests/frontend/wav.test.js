import assert from "node:assert/strict";
import test from "node:test";
import { WavReader } from "../../custom_components/jonh/frontend/wav.js";
import { wav } from "./fakes.js";

/** @param {WavReader} reader @param {Uint8Array} bytes @param {number} size */
function inPieces(reader, bytes, size) {
  const out = [];
  for (let at = 0; at < bytes.length; at += size)
    out.push(...reader.push(bytes.subarray(at, at + size)));
  return out;
}

test("the sound of a stream whose length is unknown comes whole, in pieces of any size", () => {
  const samples = Array.from({ length: 500 }, (_, index) => index * 60 - 15000);
  for (const size of [1, 2, 3, 7, 44, 45, 1000, 5000]) {
    const reader = new WavReader();
    const out = inPieces(reader, wav(samples, { rateHz: 22050 }), size);
    assert.deepEqual(reader.format, { rateHz: 22050, channels: 1 }, `${size}`);
    assert.deepEqual(
      out,
      samples.map((sample) => Math.fround(sample / 32768)),
      `${size}`,
    );
  }
});

test("channels are mixed into one", () => {
  const reader = new WavReader();
  const out = reader.push(wav([16384, 0, -16384, -16384], { channels: 2 }));
  assert.deepEqual([...out], [0.25, -0.5]);
});

test("other pieces may stand before the sound", () => {
  const plain = wav([8192]);
  const list = new Uint8Array(8 + 6);
  list.set([..."LIST"].map((each) => each.charCodeAt(0)));
  list[4] = 5; // odd: one byte of padding follows
  const bytes = new Uint8Array([...plain.subarray(0, 36), ...list, ...plain.subarray(36)]);
  for (const size of [1, 1000]) {
    assert.deepEqual(inPieces(new WavReader(), bytes, size), [0.25], `${size}`);
  }
});

test("what is no WAV of 16 bits is refused", () => {
  assert.throws(
    () => new WavReader().push(new TextEncoder().encode("ID3 this is an MP3")),
    /not a WAV/,
  );
  const wide = wav([0]);
  wide[34] = 24;
  assert.throws(() => new WavReader().push(wide), /not 16 bits/);
  const endless = wav([0]).slice(0, 36);
  const junk = new Uint8Array(8192);
  junk.set(endless);
  junk.set(
    [..."JUNK"].map((each) => each.charCodeAt(0)),
    36,
  );
  new DataView(junk.buffer).setUint32(40, 1_000_000, true);
  assert.throws(() => new WavReader().push(junk), /without sound/);
});
