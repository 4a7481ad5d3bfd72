/** The drawer: history, times and settings, one at a time. */

import { attribute, h } from "./dom.js";
import { HistoryView } from "./history.js";
import { icon } from "./icons.js";
import { settingsPage } from "./settings_view.js";
import { timesPage } from "./times_view.js";

export const TABS = /** @type {const} */ (["history", "times", "settings"]);

/** @typedef {(typeof TABS)[number]} Tab */

export class Drawer {
  /**
   * @param {import("./call.js").Call} call
   * @param {{t: import("./strings.js").Translate, language: string, hasKeyboard: boolean}} around
   */
  constructor(call, around) {
    this._call = call;
    this._around = around;
    /** @type {Tab} */
    this._tab = "history";
    /** @type {HistoryView | null} */
    this._history = null;
    const { t } = around;
    this._page = h("div", { class: "page-place", role: "tabpanel" });
    this._tabs = TABS.map((tab) =>
      h(
        "button",
        { type: "button", role: "tab", id: `tab-${tab}`, onclick: () => this.open(tab) },
        t(tab),
      ),
    );
    this.element = h(
      "dialog",
      {
        class: "drawer",
        onclose: () => this.leave(),
        onclick: (/** @type {MouseEvent} */ event) => event.target === this.element && this.close(),
      },
      h("div", { class: "drawer-inside" }, this._head(), this._page),
    );
  }

  get isOpen() {
    return this.element.open;
  }

  /** @param {Tab} tab */
  open(tab) {
    this._tab = tab;
    for (const [index, button] of this._tabs.entries()) {
      const isShown = TABS[index] === tab;
      attribute(button, "aria-selected", isShown);
      button.tabIndex = isShown ? 0 : -1;
    }
    attribute(this.element, "aria-label", this._around.t(tab));
    this._draw();
    if (!this.isOpen) {
      this.element.showModal();
      this._tabs[TABS.indexOf(tab)].focus();
    }
  }

  close() {
    this.element.close();
  }

  /** Follow nothing any more: the drawer was closed, or the panel is gone. */
  leave() {
    this._history?.close();
    this._history = null;
  }

  /** The call has changed. */
  update() {
    if (this.isOpen && this._tab === "times") this._draw();
  }

  _head() {
    const { t } = this._around;
    const onkeydown = (/** @type {KeyboardEvent} */ event) => this._key(event);
    return h(
      "div",
      { class: "drawer-head" },
      h("div", { role: "tablist", onkeydown }, ...this._tabs),
      h(
        "button",
        {
          class: "tool",
          type: "button",
          title: t("close"),
          "aria-label": t("close"),
          onclick: () => this.close(),
        },
        icon("close"),
      ),
    );
  }

  /** Arrows move between the tabs. @param {KeyboardEvent} event */
  _key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = TABS[(TABS.indexOf(this._tab) + step + TABS.length) % TABS.length];
    this.open(next);
    this._tabs[TABS.indexOf(next)].focus();
  }

  _draw() {
    this.leave();
    attribute(this._page, "aria-labelledby", `tab-${this._tab}`);
    this._page.replaceChildren(this._content());
  }

  _content() {
    const call = this._call;
    const around = { ...this._around, hass: call.hass };
    if (this._tab === "times") return timesPage(call.state.turns, around.t, around.language);
    if (this._tab === "settings") {
      const { settings, isActive } = call;
      return settingsPage({ ...around, settings, isActive, choose: call.choose.bind(call) });
    }
    this._history = new HistoryView({
      ...around,
      onContinue: (conversationId, turns) => {
        this.close();
        call.start({ conversationId, turns });
      },
    });
    return this._history.element;
  }
}
