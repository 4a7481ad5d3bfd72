/** What a person chose in this browser. */

/**
 * @typedef {object} Settings
 * @property {string | null} pipeline null is the preferred one
 * @property {"voice" | "touch" | "off"} interruption
 * @property {number | null} silenceS end of phrase; null leaves it to the server
 * @property {boolean} showTimes
 * @property {boolean} record
 * @property {boolean} loopback sound over WebRTC, where the browser cancels no other echo
 */

const KEY = "jonh.conversa";
export const SILENCES_S = [0.3, 0.5, 0.8, 1.2];
const INTERRUPTIONS = ["voice", "touch", "off"];

/**
 * Return the settings of a browser that has none yet.
 * @param {string} [agent] what the browser calls itself
 * @returns {Settings}
 */
export function defaults(agent = "") {
  return {
    pipeline: null,
    interruption: "voice",
    silenceS: null,
    showTimes: true,
    record: false,
    // WebKit is the one that only cancels what WebRTC plays.
    loopback: /AppleWebKit/.test(agent) && !/Chrom(e|ium)\/|Android/.test(agent),
  };
}

/**
 * Read the settings; what is broken or unknown falls back to its default.
 * @param {Pick<Storage, "getItem">} storage
 * @param {string} [agent]
 * @returns {Settings}
 */
export function load(storage, agent) {
  const usual = defaults(agent);
  /** @type {Partial<Settings>} */
  let kept;
  try {
    kept = JSON.parse(storage.getItem(KEY) ?? "{}") ?? {};
  } catch {
    return usual;
  }
  const flag = (/** @type {"showTimes" | "record" | "loopback"} */ key) =>
    typeof kept[key] === "boolean" ? kept[key] : usual[key];
  return {
    pipeline: typeof kept.pipeline === "string" ? kept.pipeline : null,
    interruption:
      kept.interruption && INTERRUPTIONS.includes(kept.interruption)
        ? kept.interruption
        : usual.interruption,
    silenceS: kept.silenceS && SILENCES_S.includes(kept.silenceS) ? kept.silenceS : null,
    showTimes: flag("showTimes"),
    record: flag("record"),
    loopback: flag("loopback"),
  };
}

/**
 * Keep the settings; a browser that keeps nothing is no reason to fail.
 * @param {Pick<Storage, "setItem">} storage
 * @param {Settings} settings
 */
export function save(storage, settings) {
  try {
    storage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Private windows and full disks: the choice holds until the page closes.
  }
}
