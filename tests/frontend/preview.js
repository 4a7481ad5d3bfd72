/**
 * The panel in a plain page, without Home Assistant: `preview.html?scene=speaking&dark&language=en`.
 * Serve the root of the repository; scenes are the states that a call goes through.
 */

import { Call } from "../../custom_components/jonh/frontend/call.js";
import { FakeConnection, FakeContext, FakeMicrophone, storage } from "./fakes.js";

const query = new URLSearchParams(location.search);
const scene = query.get("scene") ?? "idle";
document.documentElement.classList.toggle("dark", query.has("dark"));

const connection = new FakeConnection();
const microphone = new FakeMicrophone();

const SESSIONS = [
  session("1", "Ana", null, 0, 6),
  session("2", null, "Alto-falante da cozinha", 3, 1),
  session("3", "Ana", null, 27, 4),
  session("4", "Ana", null, 80, 11),
];

/** @param {string} id @param {string | null} user @param {string | null} device @param {number} hoursAgo @param {number} count */
function session(id, user, device, hoursAgo, count) {
  const time = new Date(Date.now() - hoursAgo * 3_600_000).toISOString();
  return {
    session_id: id,
    user_name: user,
    device_name: device,
    started: time,
    last_turn: time,
    turn_count: count,
  };
}

const SAID = [
  [
    "Oi Jonh, acende a luz da sala e fecha a persiana",
    "Pronto, acendi a luz da sala e fechei a persiana.",
  ],
  [
    "E como está o tempo lá fora?",
    "Agora faz 18 graus e está nublado. À tarde o sol deve aparecer, com máxima de 24. Se for sair, leve um casaco leve.",
  ],
];

const answers = {
  "jonh/sessions/list": { sessions: scene === "history-empty" ? [] : SESSIONS },
  "jonh/sessions/get": {
    ...SESSIONS[0],
    conversation_id: "conversation1",
    turns: SAID.map(([said, answer], index) => ({
      was_interrupted: index === 1,
      has_failed: false,
      messages: [
        { role: "user", text: said },
        { role: "assistant", text: answer },
      ],
    })),
  },
  "jonh/call/list_recordings": {
    recordings:
      scene.startsWith("history") && scene !== "history-empty"
        ? [{ recording_id: "r", started: SESSIONS[0].started }]
        : [],
  },
  "assist_pipeline/pipeline/list": {
    pipelines: [
      { id: "a", name: "Jonh em casa" },
      { id: "b", name: "Home Assistant Cloud" },
    ],
    preferred_pipeline: "a",
  },
};
connection.answers = answers;

const hass = {
  language: query.get("language") ?? "pt-BR",
  user: { name: "Ana Souza" },
  states: { "light.sala": {}, "cover.sala": {} },
  formatEntityState: (/** @type {any} */ _, /** @type {string} */ state) =>
    ({ on: "Ligada", closed: "Fechada" })[state] ?? state,
  connection,
  hassUrl: (/** @type {string} */ path) => path,
  callWS: (/** @type {any} */ message) => connection.sendMessagePromise(message),
};

const trouble = scene.startsWith("trouble-") ? scene.slice(8) : null;
/** @type {any} */
const page = {
  isSecureContext: trouble !== "insecure",
  navigator: { userAgent: navigator.userAgent, mediaDevices: { getUserMedia() {} } },
  AudioWorkletNode: trouble === "unsupported" ? null : {},
  document: { querySelector: () => null },
};

/** Says a long answer slowly, so that a moment of it can be looked at. */
const call = new Call({
  page,
  settings: storage(),
  kept: storage(),
  makeContext: () => /** @type {any} */ (new FakeContext()),
  openMicrophone: async () => {
    if (trouble) throw Object.assign(new Error(trouble), { trouble });
    return /** @type {any} */ (microphone);
  },
  fetch: /** @type {any} */ (
    async () => ({ ok: true, body: { getReader: () => ({ read: () => new Promise(() => {}) }) } })
  ),
});
/** @type {any} */ (globalThis).jonhConversa = call;
await import("../../custom_components/jonh/frontend/panel.js");

const panel = /** @type {any} */ (document.createElement("jonh-panel"));
panel.hass = hass;
panel.narrow = innerWidth < 870;
document.body.append(panel);

const tell = (/** @type {any} */ event) => connection.tell(event);
const root = panel.shadowRoot;

/** @param {number} turn @param {string} text @param {string | null} answer */
function talk(turn, text, answer) {
  tell({ event: "transcript", turn, text });
  if (!answer) return;
  tell({ event: "delta", turn, text: answer });
  tell({ event: "answer", turn, text: answer, error: false });
}

async function first() {
  talk(1, SAID[0][0], SAID[0][1]);
  tell({
    event: "deed",
    turn: 1,
    entity_id: "light.sala",
    name: "Luz da sala",
    state: "on",
    icon: "mdi:lightbulb",
  });
  tell({
    event: "deed",
    turn: 1,
    entity_id: "cover.sala",
    name: "Persiana da sala",
    state: "closed",
    icon: "mdi:blinds",
  });
  tell({
    event: "metrics",
    turn: 1,
    speech_end_ms: 310,
    transcript_ms: 420,
    first_word_ms: 610,
    first_sound_ms: 760,
  });
}

/** Let the picture have a voice in it. */
function voice(/** @type {"mic" | "sound"} */ whose) {
  const level = () =>
    0.45 + 0.35 * Math.sin(performance.now() / 130) * Math.sin(performance.now() / 410);
  Object.defineProperty(call, whose === "mic" ? "micLevel" : "soundLevel", {
    get: level,
    set() {},
  });
}

/** @type {Record<string, () => void | Promise<void>>} */
const SCENES = {
  idle() {},
  connecting() {
    connection.hold = true;
    call.start();
  },
  async listening() {
    await call.start();
    await first();
    tell({ event: "state", state: "listening", turn: 2 });
    tell({ event: "speech", active: true });
    tell({ event: "partial", turn: 2, text: "E como está o tempo lá" });
    voice("mic");
  },
  async fresh() {
    await call.start();
  },
  async thinking() {
    await call.start();
    await first();
    talk(2, SAID[1][0], null);
    tell({ event: "state", state: "thinking", turn: 2 });
  },
  async speaking() {
    await call.start();
    await first();
    tell({ event: "state", state: "speaking", turn: 2 });
    talk(2, SAID[1][0], SAID[1][1]);
    Object.defineProperty(call, "speech", {
      configurable: true,
      get: () => ({ isPlaying: true, heardS: 4.2, pace: 15 }),
    });
    voice("sound");
  },
  async interrupted() {
    await SCENES.speaking();
    Object.defineProperty(call, "speech", {
      configurable: true,
      get: () => ({ isPlaying: false, heardS: 4.2, pace: 15 }),
    });
    tell({ event: "stop", turn: 2 });
    call.state = {
      ...call.state,
      turns: call.state.turns.map((turn) => (turn.turn === 2 ? { ...turn, heardUpTo: 34 } : turn)),
    };
    tell({ event: "state", state: "interrupted", turn: 3 });
    tell({ event: "partial", turn: 3, text: "Espera, e amanhã" });
  },
  async muted() {
    await call.start();
    await first();
    call.muteMicrophone();
    call.muteSound();
  },
  async reconnecting() {
    await call.start();
    await first();
    connection.drop();
  },
  async recording() {
    call.choose({ record: true });
    await SCENES.speaking();
  },
  async ended() {
    await SCENES.thinking();
    tell({ event: "answer", turn: 2, text: SAID[1][1], error: false });
    call.hangUp();
  },
  async lost() {
    await SCENES.thinking();
    call._end("lost", {});
  },
  async failed() {
    await call.start();
    talk(1, SAID[0][0], null);
    tell({
      event: "answer",
      turn: 1,
      text: "Não consegui falar com o modelo. Tente de novo daqui a pouco.",
      error: true,
    });
    tell({
      event: "error",
      code: "tts_failed",
      text: "A voz não respondeu. A resposta está escrita aqui.",
    });
    tell({ event: "state", state: "listening", turn: 2 });
  },
  async refusedCall() {
    connection.refuse = { code: "no_speech_engine", message: "" };
    await call.start();
  },
  async times() {
    await SCENES.speaking();
    tell({
      event: "metrics",
      turn: 2,
      speech_end_ms: 330,
      transcript_ms: 450,
      first_word_ms: 980,
      first_sound_ms: 1240,
    });
    root.querySelector("header [aria-label]:nth-of-type(3)").click();
  },
  history() {
    root.querySelector("header [aria-label]:nth-of-type(2)").click();
  },
  "history-empty": () => SCENES.history(),
  async "history-one"() {
    SCENES.history();
    await new Promise((resolve) => setTimeout(resolve, 50));
    root.querySelector(".session").click();
  },
  settings() {
    root.querySelector("header [aria-label]:nth-of-type(4)").click();
  },
  async pill() {
    await call.start();
    panel.remove();
  },
};

if (trouble && trouble !== "insecure" && trouble !== "unsupported") await call.start();
else await SCENES[scene]?.();
document.documentElement.dataset.ready = scene;
