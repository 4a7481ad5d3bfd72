/** WAV as Home Assistant streams it: a header whose lengths may be 0, then sound until the end. */

/** @typedef {{rateHz: number, channels: number}} WavFormat 16-bit integers */

/** Headers are 44 bytes as a rule; one that has not ended after this many is none. */
const LONGEST_HEADER_BYTES = 4096;

/** Takes bytes in any pieces; `format` is known after the header, samples follow. */
export class WavReader {
  constructor() {
    /** @type {WavFormat | null} */
    this.format = null;
    this._kept = new Uint8Array(0);
  }

  /**
   * Take bytes and return the samples that they complete, channels mixed into one, -1 to 1.
   * Throws an Error when this is no WAV of 16-bit integers.
   * @param {Uint8Array} bytes
   * @returns {Float32Array}
   */
  push(bytes) {
    let all = bytes;
    if (this._kept.length) {
      all = new Uint8Array(this._kept.length + bytes.length);
      all.set(this._kept);
      all.set(bytes, this._kept.length);
    }
    if (!this.format) {
      const start = this._readHeader(all);
      if (start === null) {
        this._kept = all.slice();
        return new Float32Array(0);
      }
      all = all.subarray(start);
    }
    const { channels } = /** @type {WavFormat} */ (this.format);
    const count = Math.floor(all.length / (2 * channels));
    this._kept = all.slice(count * 2 * channels);
    const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
    return Float32Array.from({ length: count }, (_, index) => {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++) {
        sum += view.getInt16(2 * (index * channels + channel), true);
      }
      return sum / channels / 32768;
    });
  }

  /**
   * Return where the sound begins; null while the header is not all there.
   * @param {Uint8Array} bytes
   */
  _readHeader(bytes) {
    if (bytes.length >= 12 && (tag(bytes, 0) !== "RIFF" || tag(bytes, 8) !== "WAVE")) {
      throw new Error("not a WAV");
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    /** @type {WavFormat | null} */
    let format = null;
    for (let at = 12; at + 8 <= bytes.length;) {
      const length = view.getUint32(at + 4, true);
      if (tag(bytes, at) === "data") {
        if (!format) throw new Error("a WAV without a format");
        this.format = format;
        return at + 8;
      }
      if (tag(bytes, at) === "fmt ") {
        if (at + 24 > bytes.length) break;
        if (view.getUint16(at + 22, true) !== 16) throw new Error("not 16 bits");
        format = { channels: view.getUint16(at + 10, true), rateHz: view.getUint32(at + 12, true) };
        if (!format.channels || !format.rateHz) throw new Error("a WAV without a format");
      }
      at += 8 + length + (length % 2);
    }
    if (bytes.length > LONGEST_HEADER_BYTES) throw new Error("a WAV without sound");
    return null;
  }
}

/** @param {Uint8Array} bytes @param {number} at */
function tag(bytes, at) {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
