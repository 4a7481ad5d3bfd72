/** What stands below the circle: examples, help with the microphone, notes. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { errorText } from "./strings.js";

/**
 * @typedef {import("./call.js").Call} Call
 * @typedef {import("./strings.js").Translate} Translate
 * @typedef {import("./microphone.js").Trouble} Trouble
 * @typedef {Trouble | "error" | "lost" | "examples" | "headphones" | null} Kind
 */

/** How many steps the help for each trouble of the microphone has. @type {Record<Trouble, number>} */
const STEPS = { insecure: 3, refused: 3, missing: 2, taken: 2, unplugged: 1, unsupported: 1 };
const HEADPHONES_KEY = "jonh.headphones";

/** Return what is worth saying now. @param {Call} call @returns {Kind} */
export function cardOf(call) {
  const { state } = call;
  if (call.isActive) {
    if (state.error) return "error";
    const mayEcho = call.wantsHeadphones && state.interruption === "voice";
    return mayEcho && !isHeadphonesKnown() ? "headphones" : null;
  }
  if (call.obstacle ?? state.trouble) return call.obstacle ?? state.trouble;
  if (state.phase !== "idle") return null;
  return call.resumable?.wasActive ? "lost" : "examples";
}

/**
 * Draw it.
 * @param {Kind} kind
 * @param {Call} call
 * @param {Translate} t
 * @param {() => void} redraw
 * @returns {HTMLElement | null}
 */
export function card(kind, call, t, redraw) {
  switch (kind) {
    case null:
      return null;
    case "error": {
      const error = /** @type {{code: string, text: string}} */ (call.state.error);
      return note("warning", errorText(t, error), { class: "note-card bad", role: "alert" });
    }
    case "lost":
      return note("noLink", t("wasLost"));
    case "examples":
      return h(
        "ul",
        { class: "examples" },
        ...[1, 2, 3].map((each) => h("li", {}, t(`example${each}`))),
      );
    case "headphones": {
      const box = note("headphones", t("headphones"));
      const know = () => {
        localStorage.setItem(HEADPHONES_KEY, "1");
        redraw();
      };
      box.append(h("button", { class: "plain", type: "button", onclick: know }, t("gotIt")));
      return box;
    }
    default: {
      const steps = Array.from({ length: STEPS[kind] }, (_, index) =>
        h("li", {}, t(`trouble_${kind}_${index + 1}`)),
      );
      return h("ol", { class: "steps" }, ...steps);
    }
  }
}

/** @param {string} drawing @param {string} text @param {Record<string, string>} [properties] */
function note(drawing, text, properties = { class: "note-card" }) {
  return h("div", properties, icon(drawing), h("p", {}, text));
}

function isHeadphonesKnown() {
  try {
    return localStorage.getItem(HEADPHONES_KEY) !== null;
  } catch {
    return false;
  }
}
