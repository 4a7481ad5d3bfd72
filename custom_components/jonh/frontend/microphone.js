/** The microphone: asked for, listened to, lost; each way of having none is a different one. */

/**
 * Why there is no microphone: the page may not ask (`insecure`), the browser has none to offer
 * (`unsupported`), a person or a policy said no (`refused`), there is no device (`missing`),
 * another program holds it (`taken`), it went away during the call (`unplugged`).
 * @typedef {"insecure" | "unsupported" | "refused" | "missing" | "taken" | "unplugged"} Trouble
 *
 * @typedef {{pcm: ArrayBuffer, level: number, isVoice: boolean}} Frame int16 mono at 16 kHz, 20 ms
 */

export class MicrophoneError extends Error {
  /** @param {Trouble} trouble */
  constructor(trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

/**
 * Say, before anybody is asked, why there can be no microphone here; null when there may be one.
 * @param {{isSecureContext?: boolean, navigator: any, AudioWorkletNode?: any}} page
 * @returns {Trouble | null}
 */
export function troubleOf(page) {
  if (page.isSecureContext === false) return "insecure";
  if (!page.navigator?.mediaDevices?.getUserMedia || !page.AudioWorkletNode) return "unsupported";
  return null;
}

/**
 * Say what an error of `getUserMedia` means.
 * @param {{name?: string}} error
 * @returns {Trouble}
 */
export function troubleOfError(error) {
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "refused";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "taken";
    default:
      return "unsupported";
  }
}

/** An open microphone; `onFrame` is told every 20 ms, `onEnded` when the device is gone. */
export class Microphone {
  /**
   * @param {MediaStream} stream
   * @param {AudioContext} context
   */
  constructor(stream, context) {
    this._stream = stream;
    this._track = stream.getAudioTracks()[0];
    this._source = context.createMediaStreamSource(stream);
    this._node = new AudioWorkletNode(context, "jonh-microphone", {
      numberOfInputs: 1,
      numberOfOutputs: 1,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    // Some browsers run only what leads to the loudspeaker; the node itself is silent.
    this._source.connect(this._node).connect(context.destination);
    /** @type {(frame: Frame) => void} */
    this.onFrame = () => {};
    /** @type {() => void} */
    this.onEnded = () => {};
    this._node.port.onmessage = ({ data }) => this.onFrame(data);
    this._track.addEventListener("ended", () => this.onEnded());
  }

  /**
   * Ask for the microphone. Call it from a tap, with the context made in the same tap.
   * @param {AudioContext} context
   * @returns {Promise<Microphone>}
   */
  static async open(context) {
    const trouble = troubleOf(/** @type {any} */ (globalThis));
    if (trouble) throw new MicrophoneError(trouble);
    const worklet = context.audioWorklet.addModule(
      new URL("./microphone.worklet.js", import.meta.url).href,
    );
    worklet.catch(() => {}); // told below, after the microphone's own answer
    /** @type {MediaStream} */
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: {
          echoCancellation: true,
          noiseSuppression: true,
          autoGainControl: true,
          channelCount: 1,
        },
      });
    } catch (error) {
      throw new MicrophoneError(troubleOfError(/** @type {any} */ (error)));
    }
    await cancelAllEcho(stream.getAudioTracks()[0]);
    try {
      await worklet;
      return new Microphone(stream, context);
    } catch (error) {
      for (const track of stream.getTracks()) track.stop();
      throw error;
    }
  }

  /** True where the browser takes everything the computer plays out of the microphone. */
  get cancelsAllEcho() {
    return /** @type {any} */ (this._track.getSettings?.() ?? {}).echoCancellation === "all";
  }

  /** @param {boolean} isMuted */
  mute(isMuted) {
    this._track.enabled = !isMuted;
  }

  /** Tell the gate whether our own sound is in the room. @param {boolean} isPlaying */
  expectEcho(isPlaying) {
    this._node.port.postMessage({ isPlaying });
  }

  close() {
    this._node.port.postMessage({ close: true });
    this._node.port.onmessage = null;
    this._source.disconnect();
    this._node.disconnect();
    for (const track of this._stream.getTracks()) track.stop();
  }
}

/**
 * Ask for the widest echo cancellation that the device lists; plain `true` only promises to
 * cancel what comes over WebRTC.
 * @param {MediaStreamTrack} track
 */
async function cancelAllEcho(track) {
  const listed = /** @type {any} */ (track.getCapabilities?.() ?? {}).echoCancellation;
  if (!Array.isArray(listed) || !listed.includes("all")) return;
  try {
    await track.applyConstraints(
      /** @type {any} */ ({
        echoCancellation: "all",
        noiseSuppression: true,
        autoGainControl: true,
        channelCount: 1,
      }),
    );
  } catch {
    // What the track has already is good enough to go on with.
  }
}
