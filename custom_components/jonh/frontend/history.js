/** Past conversations: a list by day, one of them in full, forgotten on request. */

import { transcript } from "./captions_view.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @typedef {import("./strings.js").Translate} Translate
 * @typedef {{session_id: string, user_name: string | null, device_name: string | null, started: string,
 *   last_turn: string, turn_count: number}} Session as `jonh/sessions/list` tells it
 * @typedef {{recording_id: string, started: string}} Recording as `jonh/call/list_recordings` tells it
 */

/** Sessions that are read to show how they began; older ones show who spoke. */
const FIRST_WORDS_MAX = 30;

/**
 * Bring a change into the list: the latest first, what is gone left out.
 * @param {readonly Session[]} sessions
 * @param {Record<string, any>} event of `jonh/sessions/subscribe`
 * @returns {Session[]}
 */
export function withChange(sessions, event) {
  const id = event.session?.session_id ?? event.session_id;
  const others = sessions.filter((each) => each.session_id !== id);
  if (event.action === "deleted") return others;
  return [event.session, ...others].sort((one, other) =>
    one.last_turn < other.last_turn ? 1 : -1,
  );
}

/**
 * Return the sessions under their days.
 * @param {readonly Session[]} sessions
 * @param {(time: string) => string} dayOf
 * @returns {[string, Session[]][]}
 */
export function byDay(sessions, dayOf) {
  /** @type {Map<string, Session[]>} */
  const days = new Map();
  for (const session of sessions) {
    const day = dayOf(session.last_turn);
    days.set(day, [...(days.get(day) ?? []), session]);
  }
  return [...days];
}

/**
 * Say a day as people do.
 * @param {Date} date
 * @param {Date} now
 * @param {Translate} t
 * @param {string} language
 */
export function dayName(date, now, t, language) {
  const midnight = (/** @type {Date} */ day) => new Date(day).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(language, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year,
  }).format(date);
}

/**
 * Return the turns of a session as captions have them.
 * @param {Record<string, any>} session as `jonh/sessions/get` tells it
 * @returns {import("./captions.js").Turn[]}
 */
export function turnsOf(session) {
  return session.turns.map(
    (/** @type {Record<string, any>} */ turn, /** @type {number} */ index) => {
      const texts = (/** @type {string} */ role) =>
        turn.messages
          .filter((/** @type {any} */ message) => message.role === role && message.text)
          .map((/** @type {any} */ message) => message.text.trim());
      const answer = texts("assistant").join(" ");
      return {
        turn: index + 1,
        said: texts("user").join(" "),
        isPartial: false,
        answer,
        isAnswered: true,
        isError: Boolean(turn.has_failed),
        isInterrupted: Boolean(turn.was_interrupted && answer),
        // What was kept is what was heard.
        heardUpTo: answer.length,
        deeds: [],
        metrics: null,
      };
    },
  );
}

/** The page of the drawer. */
export class HistoryView {
  /**
   * @param {{t: Translate, language: string, hass: any, onContinue: (id: string, turns: import("./captions.js").Turn[]) => void}} around
   */
  constructor(around) {
    this._around = around;
    this.element = h("div", { class: "page history", "aria-live": "polite" });
    /** @type {Session[]} */
    this._sessions = [];
    /** @type {string | null} */
    this._shown = null;
    /** @type {Promise<() => void> | null} */
    this._subscription = null;
    this._isClosed = false;
    /** What was said first in each session, so that one finds it again.
     * @type {Map<string, string>} */
    this._firstWords = new Map();
    /** @type {Recording[]} */
    this._recordings = [];
    /** Addresses of sounds within this page.
     * @type {string[]} */
    this._sounds = [];
    this._load();
  }

  /** Stop following changes. */
  close() {
    this._isClosed = true;
    this._sounds.forEach((sound) => URL.revokeObjectURL(sound));
    this._subscription?.then((unsubscribe) => unsubscribe()).catch(() => {});
  }

  async _load() {
    const { hass, t } = this._around;
    this.element.replaceChildren(h("p", { class: "empty" }, t("loading")));
    try {
      const { sessions } = await hass.callWS({ type: "jonh/sessions/list" });
      this._sessions = sessions;
      if (this._isClosed) return;
      this._subscription = hass.connection.subscribeMessage(
        (/** @type {Record<string, any>} */ event) => {
          this._sessions = withChange(this._sessions, event);
          if (!this._shown) this._drawList();
        },
        { type: "jonh/sessions/subscribe" },
      );
      this._subscription?.catch(() => {});
      this._drawList();
      this._loadMore();
    } catch {
      this.element.replaceChildren(h("p", { class: "empty" }, t("historyFailed")));
    }
  }

  /** Bring what the list does not wait for: the first words of the latest sessions, recordings. */
  async _loadMore() {
    const { hass } = this._around;
    const recorded = hass.callWS({ type: "jonh/call/list_recordings" });
    const latest = this._sessions.slice(0, FIRST_WORDS_MAX);
    const read = latest.map(async ({ session_id }) => {
      const whole = await hass.callWS({ type: "jonh/sessions/get", session_id });
      const said = turnsOf(whole).find((turn) => turn.said)?.said;
      if (said) this._firstWords.set(session_id, said);
    });
    const [recordings] = await Promise.allSettled([recorded, ...read]);
    if (recordings.status === "fulfilled") this._recordings = recordings.value.recordings ?? [];
    if (!this._isClosed && !this._shown) this._drawList();
  }

  _drawList() {
    const { t, language } = this._around;
    this._shown = null;
    if (!this._sessions.length && !this._recordings.length) {
      const none = h("p", { class: "empty" }, icon("history"), t("historyNone"));
      this.element.replaceChildren(none);
      return;
    }
    const now = new Date();
    const days = byDay(this._sessions, (time) => dayName(new Date(time), now, t, language));
    this.element.replaceChildren(
      ...days.flatMap(([day, sessions]) => [
        h("h3", {}, day),
        h("ul", { class: "sessions" }, ...sessions.map((session) => this._row(session))),
      ]),
      ...this._recordingRows(),
    );
  }

  /** @param {Session} session */
  _row(session) {
    const { t } = this._around;
    const count = session.turn_count;
    const who = session.device_name ?? session.user_name ?? t("somebody");
    const turns = count === 1 ? t("turnsOne") : t("turnsMany", { count });
    return h(
      "li",
      {},
      h(
        "button",
        { class: "session", type: "button", onclick: () => this._open(session) },
        h("span", { class: "badge" }, icon(session.device_name ? "sound" : "phone")),
        h(
          "span",
          { class: "lines" },
          h("strong", {}, this._firstWords.get(session.session_id) ?? who),
          h("small", {}, [this._time(session.started), turns, who].join(" · ")),
        ),
        icon("next"),
      ),
    );
  }

  _recordingRows() {
    const { t, hass } = this._around;
    if (!this._recordings.length) return [];
    const row = (/** @type {Recording} */ recording) => {
      const forget = async () => {
        const { recording_id } = recording;
        await hass.callWS({ type: "jonh/call/delete_recording", recording_id });
        this._recordings = this._recordings.filter((each) => each !== recording);
        this._drawList();
      };
      return h(
        "li",
        { class: "recorded" },
        h("span", {}, this._time(recording.started, true)),
        this._remover(forget),
        this._listener(recording),
      );
    };
    return [
      h("h3", {}, t("recordings")),
      h("ul", { class: "recordings" }, ...this._recordings.map(row)),
    ];
  }

  /** The sound comes with the login once somebody wants it: no address of it lies about.
   * @param {Recording} recording */
  _listener({ recording_id }) {
    const { t, hass } = this._around;
    const box = h("span", { class: "listener" });
    const listen = async () => {
      box.replaceChildren(t("loading"));
      try {
        const response = await hass.fetchWithAuth(`/api/jonh/recordings/${recording_id}`);
        if (!response.ok) throw new Error(response.statusText);
        const sound = URL.createObjectURL(await response.blob());
        this._sounds.push(sound);
        box.replaceChildren(h("audio", { controls: true, autoplay: true, src: sound }));
      } catch {
        box.replaceChildren(h("span", { class: "failure", role: "alert" }, t("historyFailed")));
      }
    };
    const button = { class: "plain", type: "button", onclick: listen };
    box.append(h("button", button, icon("sound"), t("listen")));
    return box;
  }

  /** @param {Session} session */
  async _open(session) {
    const { hass, t } = this._around;
    this._shown = session.session_id;
    try {
      const message = { type: "jonh/sessions/get", session_id: session.session_id };
      const whole = await hass.callWS(message);
      if (this._shown === session.session_id && !this._isClosed) this._drawOne(session, whole);
    } catch {
      this._shown = null;
      this.element.prepend(h("p", { class: "failure", role: "alert" }, t("historyFailed")));
    }
  }

  /** @param {Session} session @param {Record<string, any>} whole */
  _drawOne(session, whole) {
    const { t, onContinue } = this._around;
    const turns = turnsOf(whole);
    const forget = async () => {
      await this._around.hass.callWS({
        type: "jonh/sessions/delete",
        session_id: session.session_id,
      });
      this._sessions = this._sessions.filter((each) => each.session_id !== session.session_id);
      this._drawList();
    };
    const back = h(
      "button",
      { class: "back", type: "button", onclick: () => this._drawList() },
      icon("back"),
      t("back"),
    );
    this.element.replaceChildren(
      h("div", { class: "bar-of-one" }, back, h("small", {}, this._time(session.started, true))),
      transcript(turns, t),
      h(
        "div",
        { class: "actions" },
        h(
          "button",
          {
            class: "tonal",
            type: "button",
            // What was said to a loudspeaker goes on there.
            hidden: !whole.conversation_id,
            onclick: () => onContinue(whole.conversation_id, turns),
          },
          icon("phone"),
          t("goOn"),
        ),
        this._remover(forget),
      ),
    );
    back.focus();
  }

  /** Two taps to forget: the second one says what it does. @param {() => Promise<void>} forget */
  _remover(forget) {
    const { t } = this._around;
    const box = h("span", { class: "remover" });
    const ask = () => {
      const sure = h(
        "button",
        { class: "danger", type: "button", onclick: remove },
        t("deleteSure"),
      );
      box.replaceChildren(
        sure,
        h("button", { class: "plain", type: "button", onclick: reset }, t("keep")),
      );
      sure.focus();
    };
    const reset = () =>
      box.replaceChildren(
        h("button", { class: "plain", type: "button", onclick: ask }, icon("remove"), t("delete")),
      );
    const remove = async () => {
      try {
        await forget();
      } catch {
        box.replaceChildren(h("span", { class: "failure", role: "alert" }, t("deleteFailed")));
      }
    };
    reset();
    return box;
  }

  /** @param {string} time @param {boolean} [withDay] */
  _time(time, withDay = false) {
    return new Intl.DateTimeFormat(this._around.language, {
      hour: "2-digit",
      minute: "2-digit",
      ...(withDay && { day: "numeric", month: "long" }),
    }).format(new Date(time));
  }
}
