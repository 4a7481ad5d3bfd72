/** The call's subscription at the server: messages and events as text, sound as binary frames. */

/** More unsent bytes than this and the link is stuck: new sound is dropped, 10 s of it wait. */
const MOST_UNSENT_BYTES = 320_000;

/** Between the server's consent and its first event; a lost link ends the call sooner. */
const STARTED_MS = 5000;

/**
 * Start a call. Resolves when the server took it, with its answer; rejects with its error.
 * @param {any} connection of Home Assistant's front end
 * @param {Record<string, any>} message
 * @param {(event: Record<string, any>) => void} onEvent
 * @returns {Promise<Link>}
 */
export async function dial(connection, message, onEvent) {
  /** @type {(answer: Record<string, any>) => void} */
  let onStarted = () => {};
  // A subscription keeps the server's answer to itself; it is said again in the first event.
  const started = new Promise((resolve) => (onStarted = resolve));
  const unsubscribe = await connection.subscribeMessage(
    (/** @type {Record<string, any>} */ event) =>
      event.event === "started" ? onStarted(event) : onEvent(event),
    message,
    // Repeated by the connection itself after a lost link, it would be a call nobody listens to.
    { resubscribe: false },
  );
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(() => resolve(null), STARTED_MS)));
  const answer = await Promise.race([started, late]);
  clearTimeout(timer);
  if (!answer) {
    unsubscribe().catch(() => {});
    throw Object.assign(new Error("no answer"), { code: "unknown_error" });
  }
  return new Link(connection, answer, unsubscribe);
}

/** A call that the server took. */
export class Link {
  /**
   * @param {any} connection
   * @param {Record<string, any>} answer
   * @param {() => Promise<void>} unsubscribe
   */
  constructor(connection, answer, unsubscribe) {
    this.answer = answer;
    this._connection = connection;
    this._unsubscribe = unsubscribe;
    this._socket = connection.socket;
    this._handler = answer.handler_id;
    this.isOpen = true;
  }

  /**
   * Send samples; false when the link cannot take them.
   * @param {ArrayBuffer} pcm
   */
  sendSound(pcm) {
    const socket = this._socket;
    if (!this.isOpen || socket?.readyState !== 1) return false;
    if (socket.bufferedAmount > MOST_UNSENT_BYTES) return false;
    const message = new Uint8Array(1 + pcm.byteLength);
    message[0] = this._handler;
    message.set(new Uint8Array(pcm), 1);
    socket.send(message);
    return true;
  }

  /**
   * Tell the server what happened here.
   * @param {string} action
   * @param {{turn?: number, position_s?: number}} [details]
   */
  async act(action, details = {}) {
    if (!this.isOpen) return;
    const message = { type: "jonh/call/action", call_id: this.answer.call_id, action, ...details };
    try {
      await this._connection.sendMessagePromise(message);
    } catch {
      // A call that has just ended takes no more actions, and its end is told by itself.
    }
  }

  /** Forget the call; with `hangUp` the server is told. @param {{hangUp: boolean}} how */
  close({ hangUp }) {
    if (!this.isOpen) return;
    if (hangUp) this.act("hangup");
    this.isOpen = false;
    Promise.resolve(this._unsubscribe()).catch(() => {});
  }
}
