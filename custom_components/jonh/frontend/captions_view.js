/** Draws what is being said: one block for each turn, changed where it changes. */

import { sentences, spokenSentence } from "./captions.js";
import { attribute, h, write } from "./dom.js";
import { entityIcon } from "./icons.js";
import { miniBar } from "./times_view.js";

/** @typedef {import("./captions.js").Turn} Turn @typedef {import("./strings.js").Translate} Translate */

/** Nearer to the end than this and the reader wants to stay there. */
const NEAR_END_PX = 90;

export class CaptionsView {
  /**
   * @param {HTMLElement} box scrolls
   * @param {() => {t: Translate, language: string, hass: any, showTimes: boolean}} read
   */
  constructor(box, read) {
    this._box = box;
    this._read = read;
    /** @type {Map<number, {element: HTMLElement, turn: Turn | null, spoken: number, key: string}>} */
    this._blocks = new Map();
  }

  /**
   * @param {readonly Turn[]} turns
   * @param {{turn: number, heardS: number, pace: number, isPlaying: boolean}} speech
   */
  update(turns, speech) {
    const { language, showTimes, t } = this._read();
    const isNearEnd =
      this._box.scrollHeight - this._box.scrollTop - this._box.clientHeight < NEAR_END_PX;
    const shown = turns.filter((turn) => turn.said || turn.answer || turn.deeds.length);
    for (const [number, block] of this._blocks) {
      if (!shown.some((turn) => turn.turn === number)) {
        block.element.remove();
        this._blocks.delete(number);
      }
    }
    let hasGrown = false;
    for (const turn of shown) {
      const isSounding = speech.isPlaying && speech.turn === turn.turn;
      const spoken = isSounding
        ? spokenSentence(sentences(turn.answer), speech.heardS, speech.pace)
        : -2;
      let block = this._blocks.get(turn.turn);
      if (!block) {
        block = { element: h("div", { class: "turn" }), turn: null, spoken: -2, key: "" };
        this._blocks.set(turn.turn, block);
        this._box.append(block.element);
      }
      const key = `${language}${showTimes}`;
      if (block.turn === turn && block.spoken === spoken && block.key === key) continue;
      this._draw(block.element, turn, spoken);
      Object.assign(block, { turn, spoken, key });
      hasGrown = true;
    }
    attribute(this._box, "data-empty", shown.length ? null : t("captionsEmpty"));
    if (hasGrown && isNearEnd) this._box.scrollTo({ top: this._box.scrollHeight });
  }

  /** @param {HTMLElement} element @param {Turn} turn @param {number} spoken */
  _draw(element, turn, spoken) {
    const { t, language, hass, showTimes } = this._read();
    const said = part(element, "said", Boolean(turn.said));
    if (said) {
      said.classList.toggle("partial", turn.isPartial);
      fill(said, t("you"), [h("span", { class: "words" }, turn.said)]);
    }
    const answer = part(element, "answer", Boolean(turn.answer));
    if (answer) {
      answer.classList.toggle("error", turn.isError);
      answer.classList.toggle("sounding", spoken > -2);
      fill(answer, t("house"), spokenText(turn, spoken));
      if (turn.isInterrupted) {
        answer.append(h("span", { class: "tag" }, t("interruptedHere")));
      }
    }
    const deeds = part(element, "deeds", turn.deeds.length > 0);
    if (deeds) {
      attribute(deeds, "aria-label", t("done"));
      deeds.replaceChildren(...turn.deeds.map((deed) => chip(deed, hass)));
    }
    const times = part(element, "took", Boolean(showTimes && turn.metrics && turn.answer));
    if (times && turn.metrics) times.replaceChildren(miniBar(turn.metrics, t, language));
  }
}

/**
 * Draw turns that are over, as the history keeps them.
 * @param {readonly Turn[]} turns
 * @param {Translate} t
 * @returns {HTMLElement}
 */
export function transcript(turns, t) {
  const box = h("div", { class: "transcript" });
  const view = new CaptionsView(box, () => ({ t, language: "", hass: null, showTimes: false }));
  view.update(turns, { turn: -1, heardS: 0, pace: 15, isPlaying: false });
  return box;
}

/** @param {Turn} turn @param {number} spoken @returns {HTMLElement[]} */
function spokenText(turn, spoken) {
  if (turn.isInterrupted) {
    const heard = turn.answer.slice(0, turn.heardUpTo);
    const unheard = turn.answer.slice(turn.heardUpTo);
    return [
      h("span", { class: "sentence" }, heard),
      h("span", { class: "sentence unheard" }, unheard),
    ].filter((each) => each.textContent);
  }
  if (spoken === -2) return [h("span", { class: "sentence" }, turn.answer)];
  return sentences(turn.answer).flatMap((text, index) => {
    const look = index === spoken ? "now" : index > spoken ? "later" : "";
    // The space behind a sentence is not lit up with it.
    const words = text.trimEnd();
    return [
      h("span", { class: `sentence ${look}` }, words),
      h("span", { class: "sentence" }, text.slice(words.length)),
    ];
  });
}

/** @param {import("./captions.js").Deed} deed @param {any} hass */
function chip(deed, hass) {
  const isOff = ["off", "closed", "locked", "unavailable"].includes(deed.state);
  return h(
    "span",
    { class: `chip ${isOff ? "off" : "on"}`, role: "listitem" },
    entityIcon(deed.entityId, deed.icon),
    h("span", { class: "name" }, deed.name),
    h("span", { class: "value" }, stateText(deed, hass)),
  );
}

/** Let Home Assistant say the state in the person's language. @param {import("./captions.js").Deed} deed @param {any} hass */
function stateText(deed, hass) {
  const state = hass?.states?.[deed.entityId];
  if (!state || !hass.formatEntityState) return deed.state;
  return hass.formatEntityState(state, deed.state) || deed.state;
}

/** Return a part of a turn, in its place; null where it is not wanted. @param {HTMLElement} element @param {string} name @param {boolean} isWanted */
function part(element, name, isWanted) {
  let found = /** @type {HTMLElement | null} */ (element.querySelector(`:scope > .${name}`));
  if (!isWanted) {
    found?.remove();
    return null;
  }
  if (!found) {
    found = h("div", { class: name, role: name === "deeds" ? "list" : null });
    const order = ["said", "answer", "deeds", "took"];
    const later = order.slice(order.indexOf(name) + 1).map((each) => `:scope > .${each}`);
    element.insertBefore(found, later.length ? element.querySelector(later.join(",")) : null);
  }
  return found;
}

/** @param {HTMLElement} box @param {string} who @param {HTMLElement[]} content */
function fill(box, who, content) {
  let label = box.querySelector(".who");
  if (!label) {
    label = h("span", { class: "who" });
  }
  write(label, who);
  box.replaceChildren(label, ...content);
}
