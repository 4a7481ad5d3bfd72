/** Draws what a turn took: a bar of three stretches, each with its name and its time. */

import { h } from "./dom.js";
import { stretchesOf, written } from "./times.js";

/** @typedef {import("./times.js").Metrics} Metrics @typedef {import("./strings.js").Translate} Translate */

/**
 * One line under an answer.
 * @param {Metrics} metrics
 * @param {Translate} t
 * @param {string} language
 */
export function miniBar(metrics, t, language) {
  const { totalMs, stretches } = stretchesOf(metrics);
  const words = stretches
    .map(({ name, ms }) => `${t(`time_${name}`)} ${written(ms, language)}`)
    .join(", ");
  return h(
    "span",
    { class: "mini", title: words },
    bar(stretches, words),
    h("span", {}, t("answeredIn", { time: written(totalMs, language) })),
  );
}

/**
 * The page of times: the last turn in full, the ones before in short.
 * @param {readonly import("./captions.js").Turn[]} turns
 * @param {Translate} t
 * @param {string} language
 */
export function timesPage(turns, t, language) {
  const measured = turns.filter((turn) => turn.metrics).reverse();
  const last = measured[0]?.metrics;
  if (!last) {
    return h("div", { class: "page" }, h("p", { class: "empty" }, t("timesNone")));
  }
  const { totalMs, stretches } = stretchesOf(last);
  return h(
    "div",
    { class: "page times" },
    h("p", { class: "muted" }, t("timesIntro")),
    h("p", { class: "total" }, written(totalMs, language)),
    bar(stretches, ""),
    h(
      "dl",
      {},
      ...stretches.map(({ name, ms }) =>
        h(
          "div",
          { class: "stretch" },
          h("dt", {}, h("i", { class: `dot ${name}` }), t(`time_${name}`)),
          h("dd", { class: "ms" }, written(ms, language)),
          h("dd", { class: "why" }, t(`time_${name}_why`)),
        ),
      ),
    ),
    measured.length > 1 && h("h3", {}, t("lastTurns")),
    ...measured.slice(1, 9).map((turn) => earlier(turn, measured, t, language)),
  );
}

/** One turn before, on the scale of the slowest. @param {import("./captions.js").Turn} turn @param {import("./captions.js").Turn[]} all @param {Translate} t @param {string} language */
function earlier(turn, all, t, language) {
  const longest = Math.max(
    ...all.map((each) => (each.metrics ? stretchesOf(each.metrics).totalMs : 0)),
  );
  const { totalMs, stretches } = stretchesOf(/** @type {Metrics} */ (turn.metrics));
  const line = bar(stretches, t("answeredIn", { time: written(totalMs, language) }));
  line.style.width = `${Math.max(4, (totalMs / longest) * 100)}%`;
  return h(
    "div",
    { class: "earlier" },
    h("span", { class: "said" }, turn.said),
    h("span", { class: "ms" }, written(totalMs, language)),
    h("div", { class: "scale" }, line),
  );
}

/** @param {import("./times.js").Stretch[]} stretches @param {string} label */
function bar(stretches, label) {
  return h(
    "span",
    {
      class: "bar",
      role: label ? "img" : null,
      "aria-label": label || null,
      "aria-hidden": label ? null : "true",
    },
    ...stretches.map(({ name, part }) => {
      const piece = h("i", { class: name });
      piece.style.flexGrow = String(Math.max(part, 0.015));
      return piece;
    }),
  );
}
