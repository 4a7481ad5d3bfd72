/** What a turn took, in words and lengths that somebody at home can read. */

/**
 * Milliseconds after the last sound of the person, as the server tells them; what did not happen
 * is missing.
 * @typedef {object} Metrics
 * @property {number} [noticedMs] it was noticed that the person had finished
 * @property {number} [transcriptMs]
 * @property {number} [firstWordMs]
 * @property {number} [firstSoundMs]
 *
 * @typedef {{name: "notice" | "understand" | "think" | "voice", ms: number, part: number}} Stretch `part` of 1
 */

/**
 * Read the times out of an event of the server.
 * @param {Record<string, any>} event
 * @returns {Metrics}
 */
export function readMetrics(event) {
  const at = (/** @type {string} */ key) =>
    Number.isFinite(event[key]) ? Math.max(0, event[key]) : undefined;
  return {
    // 0 says that nobody knows: a recogniser may notice the end by itself.
    noticedMs: at("speech_end_ms") || undefined,
    transcriptMs: at("transcript_ms"),
    firstWordMs: at("first_word_ms"),
    firstSoundMs: at("first_sound_ms"),
  };
}

/**
 * Return the stretches from the end of speech to the first sound, in this order, and their sum.
 * @param {Metrics} metrics
 * @returns {{totalMs: number, stretches: Stretch[]}}
 */
export function stretchesOf(metrics) {
  /** @type {[Stretch["name"], number | undefined][]} */
  const marks = [
    ["notice", metrics.noticedMs],
    ["understand", metrics.transcriptMs],
    ["think", metrics.firstWordMs],
    ["voice", metrics.firstSoundMs],
  ];
  let before = 0;
  const found = [];
  for (const [name, at] of marks) {
    if (at === undefined) continue;
    // Marks of two machines may cross by a few milliseconds.
    const end = Math.max(before, at);
    found.push({ name, ms: end - before });
    before = end;
  }
  const stretches = found.map((each) => ({ ...each, part: before ? each.ms / before : 0 }));
  return { totalMs: before, stretches };
}

/**
 * Write a time for people: tenths of a second, thousandths below one tenth.
 * @param {number} ms
 * @param {string} language
 */
export function written(ms, language) {
  if (ms < 100) return `${Math.round(ms)} ms`;
  const format = new Intl.NumberFormat(language, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  return `${format.format(ms / 1000)} s`;
}

/**
 * Write how long a call lasts: 0:07, 12:40, 1:02:03.
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [
    Math.floor(whole / 3600),
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
