/** What the panel says of a call: a headline, and a line below it. */

import { errorText } from "./strings.js";

/** @typedef {import("./call.js").Call} Call @typedef {import("./strings.js").Translate} Translate */

/**
 * @param {Call} call
 * @param {string} mood
 * @param {Translate} t
 * @returns {string}
 */
export function headline(call, mood, t) {
  const { trouble, reason } = call.state;
  if (call.obstacle) return t(`trouble_${call.obstacle}`);
  if (mood === "idle") {
    const name = call.hass?.user?.name?.split(" ")[0];
    return name ? t("greeting", { name }) : t("greetingNameless");
  }
  if (mood === "ended" && trouble) return t(`trouble_${trouble}`);
  if (mood === "ended" && ["lost", "error"].includes(reason ?? "")) return t("phase_lost");
  return t(`phase_${mood}`);
}

/**
 * @param {Call} call
 * @param {string} mood
 * @param {Translate} t
 * @param {boolean} hasKeyboard
 * @returns {string}
 */
export function hint(call, mood, t, hasKeyboard) {
  const { state, obstacle } = call;
  if (obstacle) return t(`trouble_${obstacle}_why`);
  switch (mood) {
    case "idle":
      return t("invitation");
    case "listening":
      return t(state.isUserSpeaking ? "hint_hearing" : "hint_listening");
    case "speaking":
      return t(`hint_${state.interruption}`);
    case "muted":
      return t(hasKeyboard ? "hint_muted" : "hint_mutedTouch");
    case "thinking":
    case "reconnecting":
    case "connecting":
      return t(`hint_${mood}`);
    case "ended":
      return whyEnded(state, t);
    default:
      return "";
  }
}

/** @param {import("./call_state.js").CallState} state @param {Translate} t */
function whyEnded({ trouble, reason, error, farewell }, t) {
  if (trouble) return t(`trouble_${trouble}_why`);
  if (error) return errorText(t, error);
  return farewell || t(`reason_${reason}`);
}
