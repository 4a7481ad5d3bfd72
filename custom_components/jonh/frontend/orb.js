/** The picture of the call: a sphere that breathes with what happens. */

/** @typedef {"idle" | "connecting" | "listening" | "thinking" | "speaking" | "interrupted" | "reconnecting" | "ended" | "muted"} Mood */

/**
 * How a mood looks: two colours (null is the theme's own), how large (1 is the whole), how far its
 * waves reach at rest and at full level, how fast it flows.
 * @typedef {{colors: [string | null, string | null], size: number, rest: number, reach: number, flow: number}} Look
 */

/** @type {Record<Mood, Look>} */
const LOOKS = {
  idle: { colors: [null, null], size: 0.86, rest: 0.035, reach: 0, flow: 0.35 },
  connecting: { colors: [null, null], size: 0.8, rest: 0.05, reach: 0, flow: 1.2 },
  listening: { colors: [null, null], size: 0.9, rest: 0.04, reach: 0.26, flow: 0.6 },
  thinking: { colors: ["#6d4bf0", "#b794ff"], size: 0.8, rest: 0.075, reach: 0.05, flow: 1.9 },
  speaking: { colors: ["#0b9f86", "#5fe0c0"], size: 0.92, rest: 0.05, reach: 0.3, flow: 1.0 },
  interrupted: { colors: ["#e8840c", "#ffc56b"], size: 0.84, rest: 0.03, reach: 0.24, flow: 1.4 },
  reconnecting: { colors: ["#7d8797", "#b4bcc9"], size: 0.72, rest: 0.025, reach: 0, flow: 0.5 },
  muted: { colors: ["#7d8797", "#b4bcc9"], size: 0.76, rest: 0.015, reach: 0, flow: 0.2 },
  ended: { colors: ["#8b94a3", "#c2c9d4"], size: 0.7, rest: 0.015, reach: 0, flow: 0.15 },
};
const POINTS = 96;
/** Seconds in which a look becomes the next one, about. */
const EASE_S = 0.18;

export class Orb {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this._canvas = canvas;
    this._pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    /** @type {Mood} */
    this.mood = "idle";
    this._look = { ...LOOKS.idle, one: [0, 154, 199], other: [120, 200, 230] };
    this._level = 0;
    this._phase = 0;
    this._spin = 0;
    this._lastMs = 0;
    this._theme = "";
    this._themeColors = [
      [0, 154, 199],
      [120, 200, 230],
    ];
  }

  /**
   * Draw a moment.
   * @param {number} nowMs
   * @param {number} level 0 to 1: the person's voice, or the answer's
   * @param {boolean} isStill no motion but the level
   */
  draw(nowMs, level, isStill) {
    const passedS = Math.min(0.1, (nowMs - this._lastMs) / 1000);
    this._lastMs = nowMs;
    this._fit();
    this._readTheme();
    const target = LOOKS[this.mood];
    const ease = isStill ? 1 : 1 - Math.exp(-passedS / EASE_S);
    const look = this._look;
    for (const key of /** @type {const} */ (["size", "rest", "reach", "flow"])) {
      look[key] += (target[key] - look[key]) * ease;
    }
    mix(look.one, target.colors[0] ? rgb(target.colors[0]) : this._themeColors[0], ease);
    mix(look.other, target.colors[1] ? rgb(target.colors[1]) : this._themeColors[1], ease);
    // Up at once, down gently: as a voice does.
    const pace = level > this._level ? 0.45 : 0.12;
    this._level += (level - this._level) * pace;
    if (!isStill) {
      this._phase += passedS * look.flow;
      this._spin += passedS * 2.4;
    }
    this._paint(isStill);
  }

  /** @param {boolean} isStill */
  _paint(isStill) {
    const pen = this._pen;
    const side = this._canvas.width;
    const look = this._look;
    const breath = isStill ? 0 : Math.sin(this._phase * 2.2) * 0.012;
    const radius = side * 0.3 * (look.size + breath + this._level * look.reach * 0.35);
    pen.clearRect(0, 0, side, side);
    pen.save();
    pen.translate(side / 2, side / 2);
    this._halo(radius, side);
    for (let layer = 2; layer >= 0; layer--) this._wave(radius, layer);
    this._sphere(radius);
    if (this.mood === "connecting" || this.mood === "reconnecting") this._ring(radius, side);
    pen.restore();
  }

  /** @param {number} radius @param {number} side */
  _halo(radius, side) {
    const pen = this._pen;
    const outer = Math.min(side / 2, radius * (1.62 + this._level * 0.25));
    const light = pen.createRadialGradient(0, 0, radius * 0.7, 0, 0, outer);
    light.addColorStop(0, css(this._look.one, 0.26 + this._level * 0.2));
    light.addColorStop(1, css(this._look.one, 0));
    pen.fillStyle = light;
    pen.fillRect(-side / 2, -side / 2, side, side);
  }

  /** @param {number} radius @param {number} layer */
  _wave(radius, layer) {
    const pen = this._pen;
    const { rest, reach, one, other } = this._look;
    const swing = (rest + this._level * reach) * (0.75 + layer * 0.42);
    const base = radius * (1 + 0.035 * layer + this._level * reach * 0.2 * layer);
    const turn = this._phase * (1 - layer * 0.24) * (layer % 2 ? -1 : 1);
    pen.beginPath();
    for (let index = 0; index <= POINTS; index++) {
      const angle = (index / POINTS) * 2 * Math.PI;
      const bulge =
        Math.sin(angle * 2 + turn * 1.7 + layer) * 0.5 +
        Math.sin(angle * 3 - turn * 2.3 + layer * 2) * 0.32 +
        Math.sin(angle * 5 + turn * 1.1) * 0.18;
      const reachHere = base * (1 + bulge * swing);
      pen.lineTo(Math.cos(angle) * reachHere, Math.sin(angle) * reachHere);
    }
    pen.closePath();
    pen.fillStyle = css(layer === 1 ? other : one, [1, 0.38, 0.2][layer]);
    if (layer > 0) pen.fill();
  }

  /** @param {number} radius */
  _sphere(radius) {
    const pen = this._pen;
    const { one, other, rest, reach } = this._look;
    const tilt = this._phase * 0.8;
    const x = Math.cos(tilt) * radius * 0.3;
    const y = -radius * 0.38 + Math.sin(tilt * 1.3) * radius * 0.12;
    const body = pen.createRadialGradient(x, y, radius * 0.05, 0, 0, radius * 1.05);
    body.addColorStop(0, css(lighter(other, 0.55), 1));
    body.addColorStop(0.38, css(other, 1));
    body.addColorStop(1, css(one, 1));
    const swing = (rest + this._level * reach) * 0.5;
    pen.beginPath();
    for (let index = 0; index <= POINTS; index++) {
      const angle = (index / POINTS) * 2 * Math.PI;
      const bulge =
        Math.sin(angle * 2 + this._phase * 1.7) * 0.6 +
        Math.sin(angle * 3 - this._phase * 2.3) * 0.4;
      const reachHere = radius * (1 + bulge * swing);
      pen.lineTo(Math.cos(angle) * reachHere, Math.sin(angle) * reachHere);
    }
    pen.closePath();
    pen.fillStyle = body;
    pen.fill();
    pen.save();
    pen.clip();
    // A soft light that drifts inside, and a darker rim: it reads as a ball, not as a disc.
    const drift = pen.createRadialGradient(-x, radius * 0.45, 0, -x, radius * 0.45, radius * 0.9);
    drift.addColorStop(0, css(lighter(one, 0.35), 0.55));
    drift.addColorStop(1, css(one, 0));
    pen.fillStyle = drift;
    pen.fillRect(-radius * 1.5, -radius * 1.5, radius * 3, radius * 3);
    pen.restore();
  }

  /** @param {number} radius @param {number} side */
  _ring(radius, side) {
    const pen = this._pen;
    pen.lineWidth = side * 0.009;
    pen.lineCap = "round";
    pen.strokeStyle = css(this._look.one, 0.2);
    pen.beginPath();
    pen.arc(0, 0, radius * 1.34, 0, 2 * Math.PI);
    pen.stroke();
    pen.strokeStyle = css(this._look.one, 0.9);
    pen.beginPath();
    pen.arc(0, 0, radius * 1.34, this._spin, this._spin + 1.3);
    pen.stroke();
  }

  /** Make the drawing as fine as the screen. */
  _fit() {
    const density = Math.min(2, globalThis.devicePixelRatio || 1);
    const side = Math.round(this._canvas.clientWidth * density) || 1;
    if (this._canvas.width === side) return;
    this._canvas.width = side;
    this._canvas.height = side;
  }

  _readTheme() {
    const color = getComputedStyle(this._canvas).color;
    if (color === this._theme) return;
    this._theme = color;
    const one = rgb(this._normal(color));
    this._themeColors = [one, lighter(one, 0.42)];
  }

  /** Let the canvas read any colour that CSS can write. @param {string} color */
  _normal(color) {
    const [red, green, blue] = color.match(/[\d.]+/g) ?? [];
    if (color.startsWith("rgb"))
      return `#${[red, green, blue].map((each) => Math.round(Number(each)).toString(16).padStart(2, "0")).join("")}`;
    this._pen.fillStyle = "#0099c7";
    this._pen.fillStyle = color;
    const read = String(this._pen.fillStyle);
    return read.startsWith("#") ? read : "#0099c7";
  }
}

/** @param {string} hex */
function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** @param {number[]} color @param {number} alpha */
function css([red, green, blue], alpha) {
  return `rgba(${Math.round(red)}, ${Math.round(green)}, ${Math.round(blue)}, ${alpha})`;
}

/** @param {number[]} color @param {number} part */
function lighter(color, part) {
  return color.map((value) => value + (255 - value) * part);
}

/** @param {number[]} from changed in place @param {number[]} to @param {number} part */
function mix(from, to, part) {
  for (let index = 0; index < 3; index++) from[index] += (to[index] - from[index]) * part;
}
