import assert from "node:assert/strict";
import test from "node:test";
import {
  clock,
  readMetrics,
  stretchesOf,
  written,
} from "../../custom_components/jonh/frontend/times.js";

test("an answer's time is cut into stretches", () => {
  const metrics = readMetrics({
    speech_end_ms: 0,
    transcript_ms: 400,
    first_word_ms: 600,
    first_sound_ms: 800,
  });
  const { totalMs, stretches } = stretchesOf(metrics);
  assert.equal(totalMs, 800);
  assert.deepEqual(stretches, [
    { name: "understand", ms: 400, part: 0.5 },
    { name: "think", ms: 200, part: 0.25 },
    { name: "voice", ms: 200, part: 0.25 },
  ]);
});

test("noticing the end is a stretch of its own where it is known", () => {
  const metrics = readMetrics({ speech_end_ms: 300, transcript_ms: 400, first_sound_ms: 800 });
  const names = stretchesOf(metrics).stretches.map((each) => [each.name, each.ms]);
  assert.deepEqual(names, [
    ["notice", 300],
    ["understand", 100],
    ["voice", 400],
  ]);
});

test("what did not happen is left out; marks that cross take no time", () => {
  assert.deepEqual(
    stretchesOf(readMetrics({ transcript_ms: 300, first_word_ms: null })).stretches,
    [{ name: "understand", ms: 300, part: 1 }],
  );
  const crossed = stretchesOf({ transcriptMs: 300, firstWordMs: 295, firstSoundMs: 500 });
  assert.deepEqual(
    crossed.stretches.map((each) => each.ms),
    [300, 0, 200],
  );
  assert.deepEqual(stretchesOf({}), { totalMs: 0, stretches: [] });
});

test("times are written for people", () => {
  assert.equal(written(42.4, "pt-BR"), "42 ms");
  assert.equal(written(1240, "pt-BR"), "1,2 s");
  assert.equal(written(1240, "en"), "1.2 s");
  assert.equal(clock(7.9), "0:07");
  assert.equal(clock(760), "12:40");
  assert.equal(clock(3723), "1:02:03");
});
