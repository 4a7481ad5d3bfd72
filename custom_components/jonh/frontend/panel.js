/** The panel "Conversa": shows the call of this page and hands it what a person does. */

import { theCall } from "./call.js";
import { card, cardOf } from "./cards.js";
import { CaptionsView } from "./captions_view.js";
import { attribute, h, write } from "./dom.js";
import { Drawer, TABS } from "./drawer.js";
import { icon } from "./icons.js";
import { Orb } from "./orb.js";
import { hidePill, showPill } from "./pill.js";
import { nearest, translator } from "./strings.js";
import { STYLE } from "./styles.js";
import { clock } from "./times.js";
import { headline, hint } from "./words.js";

/** Between two drawings while there is no call: half of what a screen shows. */
const RESTING_MS = 40;

class JonhPanel extends HTMLElement {
  constructor() {
    super();
    this._call = theCall();
    this._path = "/jonh";
    this._t = translator(undefined);
    this._language = "";
    this._frame = 0;
    this._announced = "";
    this._shownControls = "";
    this._shownCard = "";
    this._wasPlaying = false;
    this._drawnMs = 0;
    this._onChange = () => this._update();
    this._onKey = (/** @type {KeyboardEvent} */ event) => this._key(event);
    this._still = matchMedia("(prefers-reduced-motion: reduce)");
    this._pointer = matchMedia("(hover: hover) and (pointer: fine)");
  }

  /** Home Assistant sets it at every change of a state. */
  set hass(hass) {
    const isFirst = !this._call.hass;
    this._call.hass = hass;
    if (hass && hass.language !== this._language) {
      this._language = hass.language;
      this._t = translator(hass.language);
      if (this.isConnected) this._build();
    }
    if (isFirst) this._call.restoreSuspend();
  }

  get hass() {
    return this._call.hass;
  }

  /** @param {boolean} isNarrow */
  set narrow(isNarrow) {
    this.toggleAttribute("data-narrow", Boolean(isNarrow));
  }

  /** @param {{url_path?: string}} panel */
  set panel(panel) {
    if (panel?.url_path) this._path = `/${panel.url_path}`;
  }

  connectedCallback() {
    hidePill();
    this._build();
    this._call.addEventListener("change", this._onChange);
    window.addEventListener("keydown", this._onKey);
    this._draw();
  }

  disconnectedCallback() {
    this._call.removeEventListener("change", this._onChange);
    window.removeEventListener("keydown", this._onKey);
    cancelAnimationFrame(this._frame);
    this._drawer?.leave();
    showPill(this._call, this._path);
  }

  _build() {
    const t = this._t;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    this._drawer?.leave();
    this._canvas = h("canvas", { "aria-hidden": "true" });
    this._orb = new Orb(this._canvas);
    this._orbButton = h(
      "button",
      { class: "orb", type: "button", onclick: () => this._call.interrupt() },
      this._canvas,
      h("span", { class: "glyph" }, icon("microphoneOff")),
    );
    this._state = h("h2", { class: "state" });
    this._hint = h("p", { class: "hint" });
    this._clock = h("time", { class: "clock" });
    this._mark = h("span", { class: "recording", hidden: true }, h("i"), t("recording"));
    this._assistant = h("span", { class: "assistant" });
    this._card = h("div", { class: "card-place" });
    this._controls = h("div", { class: "controls" });
    this._captionsBox = h("div", {
      class: "captions",
      tabIndex: 0,
      role: "log",
      "aria-live": "off",
      "aria-label": t("captions"),
    });
    this._captions = new CaptionsView(this._captionsBox, () => ({
      t: this._t,
      language: nearest(this._language),
      hass: this.hass,
      showTimes: this._call.settings.showTimes,
    }));
    this._live = h("p", { class: "unseen", role: "status", "aria-live": "polite" });
    this._spoken = h("p", { class: "unseen", role: "log", "aria-live": "polite" });
    this._drawer = new Drawer(this._call, {
      t,
      language: nearest(this._language),
      hasKeyboard: this._pointer.matches,
    });
    root.replaceChildren(
      h("style", {}, STYLE),
      h(
        "div",
        { class: "room" },
        this._header(),
        h(
          "main",
          {},
          h(
            "section",
            { class: "stage", "aria-label": t("title") },
            h("div", { class: "status" }, this._mark, this._assistant, this._clock),
            h("div", { class: "middle" }, this._orbButton, this._state, this._hint, this._card),
            this._controls,
          ),
          this._captionsBox,
        ),
      ),
      this._drawer.element,
      this._live,
      this._spoken,
    );
    this._shownControls = "";
    this._shownCard = "";
    this._update();
  }

  _header() {
    const t = this._t;
    const tool = (/** @type {(typeof TABS)[number]} */ tab) =>
      h(
        "button",
        {
          class: "tool",
          type: "button",
          title: t(tab),
          "aria-label": t(tab),
          onclick: () => this._drawer?.open(tab),
        },
        icon(tab),
      );
    return h(
      "header",
      {},
      h(
        "button",
        {
          class: "tool menu",
          type: "button",
          title: t("menu"),
          "aria-label": t("menu"),
          onclick: () =>
            this.dispatchEvent(
              new CustomEvent("hass-toggle-menu", { bubbles: true, composed: true }),
            ),
        },
        icon("menu"),
      ),
      h("h1", {}, t("title")),
      ...TABS.map(tool),
    );
  }

  /** Bring the panel up to what the call is. */
  _update() {
    if (!this._state) return;
    const call = this._call;
    const { state } = call;
    const mood = this._mood();
    const hasTurns = state.turns.some((turn) => turn.said || turn.answer);
    attribute(this, "data-mood", mood);
    this.toggleAttribute("data-blocked", Boolean(call.obstacle));
    this.toggleAttribute("data-talk", hasTurns || (call.isActive && state.phase !== "connecting"));
    if (this._orb) this._orb.mood = mood;
    const t = this._t;
    write(this._state, headline(call, mood, t));
    write(/** @type {Node} */ (this._hint), hint(call, mood, t, this._pointer.matches));
    const canInterrupt =
      ["speaking", "thinking"].includes(state.phase) && state.interruption !== "off";
    const orb = /** @type {HTMLButtonElement} */ (this._orbButton);
    orb.disabled = !canInterrupt;
    attribute(orb, "aria-label", canInterrupt ? t("interrupt") : t(`phase_${state.phase}`));
    attribute(/** @type {Element} */ (this._mark), "hidden", !state.isRecording);
    write(/** @type {Node} */ (this._assistant), call.isActive ? (state.pipeline?.name ?? "") : "");
    this._drawControls();
    this._drawCard();
    this._updateCaptions();
    this._announce(mood);
    this._drawer?.update();
  }

  /** @returns {import("./orb.js").Mood} */
  _mood() {
    const { phase, isMuted } = this._call.state;
    if (phase === "idle" && this._call.obstacle) return "ended";
    return isMuted && phase === "listening" ? "muted" : phase;
  }

  _drawControls() {
    const call = this._call;
    const { state } = call;
    const key = JSON.stringify([
      call.isActive,
      state.isMuted,
      state.isSilent,
      state.phase === "connecting",
      state.reason,
      Boolean(call.resumable),
      call.obstacle,
      state.phase,
      this._language,
    ]);
    if (key === this._shownControls) return;
    this._shownControls = key;
    const hadFocus = this._controls?.contains(/** @type {any} */ (this.shadowRoot?.activeElement));
    const focused = /** @type {HTMLElement | null} */ (this.shadowRoot?.activeElement)?.dataset
      .name;
    this._controls?.replaceChildren(
      ...(call.isActive ? this._callControls() : this._dialControls()),
    );
    if (hadFocus) {
      // The same button, or what stands in its place: the keyboard must not lose its way.
      const same = this._controls?.querySelector(`[data-name="${focused}"]`);
      const next = same ?? this._controls?.querySelector("button");
      /** @type {HTMLElement | null | undefined} */ (next)?.focus({ preventScroll: true });
    }
  }

  _callControls() {
    const t = this._t;
    const call = this._call;
    const { isMuted, isSilent } = call.state;
    return [
      this._round("microphone", isMuted ? "microphoneOff" : "microphone", {
        label: isMuted ? t("microphoneMuted") : t("microphone"),
        title: `${t("muteMicrophone")} (M)`,
        pressed: isMuted,
        does: () => call.muteMicrophone(),
      }),
      this._round("hangUp", "hangUp", {
        label: t("hangUp"),
        title: t("hangUp"),
        look: "red",
        does: () => call.hangUp(),
      }),
      this._round("sound", isSilent ? "soundOff" : "sound", {
        label: isSilent ? t("soundMuted") : t("sound"),
        title: `${t("muteSound")} (S)`,
        pressed: isSilent,
        does: () => call.muteSound(),
      }),
    ];
  }

  _dialControls() {
    const t = this._t;
    const call = this._call;
    const { state, resumable } = call;
    if (call.obstacle) return [];
    const dial = this._round("call", "phone", {
      label: state.trouble ? t("tryAgain") : state.phase === "ended" ? t("callAgain") : t("call"),
      title: t("call"),
      look: "green",
      does: () => this._start({}),
    });
    // A call that ended by itself, or with the page, is offered again with what was said.
    const offer = resumable && (state.phase === "ended" || resumable.wasActive);
    return [
      offer &&
        h(
          "button",
          { class: "tonal", type: "button", onclick: () => this._start(resumable) },
          icon("returnToCall"),
          t("goOn"),
        ),
      dial,
    ].filter((each) => each instanceof Node);
  }

  /**
   * @param {string} name
   * @param {string} drawing
   * @param {{label: string, title: string, does: () => void, pressed?: boolean, look?: string}} how
   */
  _round(name, drawing, { label, title, does, pressed, look = "" }) {
    const button = h(
      "button",
      {
        class: `round ${look}`,
        type: "button",
        title,
        "data-name": name,
        "aria-pressed": pressed ?? null,
        "aria-label": pressed === undefined ? null : title.replace(/ \(.\)$/, ""),
        onclick: (/** @type {MouseEvent} */ event) => {
          // After a click with the mouse the space bar belongs to the microphone again.
          if (event.detail > 0) button.blur();
          does();
        },
      },
      h("span", { class: "disc" }, icon(drawing)),
      h("span", { class: "label" }, label),
    );
    return button;
  }

  _drawCard() {
    const kind = cardOf(this._call);
    const key = JSON.stringify([kind, this._call.state.error, this._language]);
    if (key === this._shownCard) return;
    this._shownCard = key;
    const drawn = card(kind, this._call, this._t, () => this._drawCard());
    this._card?.replaceChildren(...(drawn ? [drawn] : []));
  }

  _updateCaptions() {
    const { state, speech } = this._call;
    this._captions?.update(state.turns, { ...speech, turn: state.turn });
  }

  /** Tell a screen reader: states, what was understood, and answers that are not heard. @param {string} mood */
  _announce(mood) {
    const { state } = this._call;
    write(
      /** @type {Node} */ (this._live),
      mood === "idle" ? "" : headline(this._call, mood, this._t),
    );
    const turn = state.turns.at(-1);
    if (!turn || turn.isPartial || !this._call.isActive) return;
    const isUnheard = turn.isAnswered && (state.isSilent || turn.isError);
    const key = `${turn.turn}${isUnheard}`;
    if (key === this._announced) return;
    this._announced = key;
    const line = isUnheard
      ? `${this._t("house")}: ${turn.answer}`
      : `${this._t("you")}: ${turn.said}`;
    this._spoken?.append(h("span", {}, line));
    while ((this._spoken?.childElementCount ?? 0) > 4) this._spoken?.firstElementChild?.remove();
  }

  /** One moment of the picture. */
  _draw() {
    this._frame = requestAnimationFrame((nowMs) => {
      this._draw();
      const call = this._call;
      const { phase, startedMs, endedMs } = call.state;
      // A tablet on the wall shows this page all day.
      if (!call.isActive && nowMs - this._drawnMs < RESTING_MS) return;
      this._drawnMs = nowMs;
      const level =
        phase === "speaking"
          ? Math.max(call.soundLevel, call.isDucked ? call.micLevel : 0)
          : call.micLevel;
      this._orb?.draw(nowMs, level, this._still.matches);
      if (call.speech.isPlaying || this._wasPlaying) this._updateCaptions();
      this._wasPlaying = call.speech.isPlaying;
      const until = call.isActive ? Date.now() : endedMs;
      const text = startedMs && until ? clock((until - startedMs) / 1000) : "";
      if (this._clock) {
        write(this._clock, text && phase === "ended" ? this._t("lasted", { time: text }) : text);
      }
    });
  }

  /** @param {{conversationId?: string, turns?: import("./captions.js").Turn[]}} earlier */
  _start(earlier) {
    this._call.start(earlier);
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    if (!this._call.isActive || event.ctrlKey || event.metaKey || event.altKey || event.repeat)
      return;
    if (this._drawer?.isOpen || isTyping(event)) return;
    const target = /** @type {Element} */ (event.composedPath()[0]);
    switch (event.key) {
      case " ":
        // A button that was reached with the keyboard keeps its space bar.
        if (target.matches?.("button:focus-visible, summary, a")) return;
        this._call.muteMicrophone();
        break;
      case "m":
      case "M":
        this._call.muteMicrophone();
        break;
      case "s":
      case "S":
        this._call.muteSound();
        break;
      case "Escape":
        this._escape();
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  _escape() {
    const { phase, interruption } = this._call.state;
    if (phase === "speaking" && interruption !== "off") this._call.interrupt();
    else this._call.hangUp();
  }
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  return event
    .composedPath()
    .some(
      (each) =>
        each instanceof HTMLElement &&
        (each.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(each.tagName)),
    );
}

if (!customElements.get("jonh-panel")) customElements.define("jonh-panel", JonhPanel);
