/** The settings of the drawer. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { SILENCES_S } from "./settings.js";

/**
 * @typedef {import("./settings.js").Settings} Settings
 * @typedef {import("./strings.js").Translate} Translate
 * @typedef {{pipelines: {id: string, name: string}[], preferred_pipeline: string | null}} Pipelines
 */

/**
 * @param {{t: Translate, language: string, hass: any, settings: Settings, isActive: boolean, hasKeyboard: boolean,
 *   choose: (change: Partial<Settings>) => void}} around
 */
export function settingsPage({ t, language, hass, settings, isActive, hasKeyboard, choose }) {
  const page = h(
    "div",
    { class: "page settings" },
    isActive && h("p", { class: "note" }, t("nextCall")),
    assistant(t, hass, settings, choose),
    choice(t("interruption"), "interruption", ["voice", "touch", "off"], settings.interruption, {
      name: (value) => t(`interruption_${value}`),
      why: (value) => t(`interruption_${value}_why`),
      choose: (value) => choose({ interruption: /** @type {any} */ (value) }),
    }),
    choice(
      t("silence"),
      "silence",
      ["", ...SILENCES_S.map(String)],
      String(settings.silenceS ?? ""),
      {
        name: (value) => (value ? seconds(Number(value), language) : t("silenceAuto")),
        why: () => t("silenceWhy"),
        choose: (value) => choose({ silenceS: value ? Number(value) : null }),
      },
    ),
    toggle(t("showTimes"), t("showTimesWhy"), settings.showTimes, (showTimes) =>
      choose({ showTimes }),
    ),
    toggle(t("loopback"), t("loopbackWhy"), settings.loopback, (loopback) => choose({ loopback })),
    toggle(t("record"), t("recordWhy"), settings.record, (record) => choose({ record }), "record"),
    hasKeyboard && keys(t),
  );
  return page;
}

/** @param {number} value @param {string} language */
function seconds(value, language) {
  return `${new Intl.NumberFormat(language).format(value)} s`;
}

/** @param {Translate} t @param {any} hass @param {Settings} settings @param {(change: Partial<Settings>) => void} choose */
function assistant(t, hass, settings, choose) {
  const select = h("select", {
    onchange: () => choose({ pipeline: select.value || null }),
  });
  const option = (/** @type {string} */ value, /** @type {string} */ text) =>
    h("option", { value, selected: value === (settings.pipeline ?? "") }, text);
  select.append(option("", t("preferredNameless")));
  hass
    .callWS({ type: "assist_pipeline/pipeline/list" })
    .then((/** @type {Pipelines} */ { pipelines, preferred_pipeline }) => {
      const preferred = pipelines.find((each) => each.id === preferred_pipeline)?.name;
      select.replaceChildren(
        option("", preferred ? t("preferred", { name: preferred }) : t("preferredNameless")),
        ...pipelines.map(({ id, name }) => option(id, name)),
      );
    })
    .catch(() => {});
  return h(
    "label",
    { class: "setting" },
    h("strong", {}, t("assistant")),
    h("small", {}, t("assistantWhy")),
    h("span", { class: "select" }, select, icon("next")),
  );
}

/**
 * A row of which one is chosen.
 * @param {string} title
 * @param {string} group
 * @param {string[]} values
 * @param {string} chosen
 * @param {{name: (value: string) => string, why: (value: string) => string, choose: (value: string) => void}} words
 */
function choice(title, group, values, chosen, { name, why, choose }) {
  const small = h("small", {}, why(chosen));
  return h(
    "fieldset",
    { class: "setting" },
    h("legend", {}, title),
    h(
      "div",
      { class: "segments" },
      ...values.map((value) =>
        h(
          "label",
          {},
          h("input", {
            type: "radio",
            name: group,
            value,
            checked: value === chosen,
            onchange: () => {
              small.textContent = why(value);
              choose(value);
            },
          }),
          h("span", {}, name(value)),
        ),
      ),
    ),
    small,
  );
}

/** @param {string} title @param {string} why @param {boolean} isOn @param {(isOn: boolean) => void} choose @param {string} [look] */
function toggle(title, why, isOn, choose, look = "") {
  const input = h("input", {
    type: "checkbox",
    role: "switch",
    checked: isOn,
    onchange: () => choose(input.checked),
  });
  return h(
    "label",
    { class: `setting switch ${look}` },
    h("span", { class: "lines" }, h("strong", {}, title), h("small", {}, why)),
    input,
  );
}

/** @param {Translate} t */
function keys(t) {
  /** @type {[string[], string][]} */
  const rows = [
    [[t("key_space"), "M"], t("muteMicrophone")],
    [["S"], t("muteSound")],
    [[t("key_escape")], t("escapeDoes")],
  ];
  return h(
    "section",
    { class: "setting keys" },
    h("strong", {}, t("keys")),
    ...rows.map(([names, does]) =>
      h("p", {}, h("span", {}, ...names.map((name) => h("kbd", {}, name))), h("span", {}, does)),
    ),
  );
}
