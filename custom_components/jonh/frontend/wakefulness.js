/**
 * Keeps the screen and the page awake during a call. Home Assistant puts a hidden page to sleep
 * after five minutes; whether it may is a choice of the user that outlives the page, so what is
 * changed for a call is given back, if need be the next time the page opens.
 */

const KEY = "jonh.suspend";

export class Wakefulness {
  /**
   * @param {any} page the window
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage
   */
  constructor(page, storage) {
    this._page = page;
    this._storage = storage;
  }

  /**
   * Stay awake; returns how to end that.
   * @param {any} hass
   * @returns {() => void}
   */
  begin(hass) {
    const endLock = this._lockScreen();
    const maySleep = (hass?.suspendWhenHidden ?? true) && this._root;
    if (maySleep) {
      this._storage?.setItem(KEY, "1");
      this._suspend(false);
    }
    return () => {
      endLock();
      if (maySleep) this._sleepAgain();
    };
  }

  /** Give back what a page that closed during a call could not. */
  restore() {
    if (!this._storage?.getItem(KEY)) return;
    this._storage.removeItem(KEY);
    this._suspend(true);
  }

  /** A hidden page connects again only once it is looked at, or so it is told. */
  letReconnect() {
    if (this._page.document?.hidden) this._page.dispatchEvent(new Event("focus"));
  }

  _sleepAgain() {
    this._storage?.removeItem(KEY);
    this._suspend(true);
    if (!this._page.document.hidden) return;
    // Home Assistant counts from the moment the page was hidden, which has passed.
    this.letReconnect();
    this._page.document.dispatchEvent(new Event("visibilitychange"));
  }

  get _root() {
    return this._page.document?.querySelector("home-assistant");
  }

  /** @param {boolean} suspend */
  _suspend(suspend) {
    const details = { detail: { suspend }, bubbles: true, composed: true };
    this._root?.dispatchEvent(new CustomEvent("hass-suspend-when-hidden", details));
  }

  /** @returns {() => void} */
  _lockScreen() {
    let isOver = false;
    /** @type {any} */
    let lock = null;
    const request = this._page.navigator.wakeLock?.request("screen");
    request
      ?.then((/** @type {any} */ held) => {
        if (isOver) held.release();
        else lock = held;
      })
      .catch(() => {});
    return () => {
      isOver = true;
      lock?.release();
    };
  }
}
