import assert from "node:assert/strict";
import test from "node:test";
import { Call } from "../../custom_components/jonh/frontend/call.js";
import {
  FakeConnection,
  FakeContext,
  FakeMicrophone,
  FakeTimers,
  settle,
  storage,
  wav,
} from "./fakes.js";

/** @param {Record<string, any>} [around] */
function setUp(around = {}) {
  const connection = new FakeConnection();
  const context = new FakeContext();
  const microphone = new FakeMicrophone();
  const timers = new FakeTimers();
  const kept = storage();
  /** @type {any[]} */
  const fired = [];
  /** @type {any[]} */
  const fetched = [];
  const page = {
    dispatchEvent: (/** @type {Event} */ event) => fired.push(`window ${event.type}`),
    isSecureContext: true,
    AudioWorkletNode: {},
    navigator: {
      mediaDevices: { getUserMedia() {} },
      audioSession: { type: "auto" },
      wakeLock: { request: async () => ({ release: () => fired.push("wake lock released") }) },
    },
    document: {
      hidden: false,
      dispatchEvent: (/** @type {Event} */ event) => fired.push(`document ${event.type}`),
      querySelector: () => ({
        dispatchEvent: (/** @type {any} */ event) => fired.push([event.type, event.detail.suspend]),
      }),
    },
  };
  /** Sound of `seconds`, all at once. */
  const sound = { seconds: 2 };
  const fetchSound = async (/** @type {string} */ url) => {
    fetched.push(url);
    const pieces = [wav(new Int16Array(sound.seconds * 16000).fill(9000))];
    const read = async () =>
      pieces.length ? { done: false, value: pieces.shift() } : { done: true };
    return { ok: true, body: { getReader: () => ({ read }) } };
  };
  const parts = {
    page,
    timers,
    kept,
    settings: storage(),
    makeContext: () => context,
    openMicrophone: async () => microphone,
    fetch: fetchSound,
    nowMs: () => timers.nowMs,
    dateMs: () => 1_700_000_000_000 + timers.nowMs,
    ...around,
  };
  const call = new Call(/** @type {any} */ (parts));
  call.hass = {
    connection,
    suspendWhenHidden: true,
    hassUrl: (/** @type {string} */ path) => `http://home${path}`,
  };
  const advance = async (/** @type {number} */ ms) => {
    context.advance(ms / 1000);
    await timers.advance(ms);
  };
  const tell = (/** @type {any} */ event) => connection.tell(event);
  return {
    call,
    connection,
    context,
    microphone,
    timers,
    kept,
    fired,
    fetched,
    page,
    sound,
    advance,
    tell,
    parts,
  };
}

/** A call in the middle of an answer. @param {ReturnType<typeof setUp>} house */
async function speaking({ call, tell, advance }) {
  await call.start();
  tell({ event: "transcript", turn: 1, text: "Que horas são?" });
  tell({ event: "state", state: "thinking", turn: 1 });
  tell({ event: "sound", turn: 1, url: "/api/tts_proxy/x.wav" });
  tell({ event: "delta", turn: 1, text: "São dez horas. Quer mais alguma coisa?" });
  tell({ event: "state", state: "speaking", turn: 1 });
  await settle();
  await advance(100);
}

test("a call is made with what was chosen, and its sound flows", async () => {
  const { call, connection, microphone } = setUp();
  call.choose({ pipeline: "p", interruption: "touch", silenceS: 0.5, record: true });
  await call.start();
  const { options, ...message } = connection.sent[0];
  assert.deepEqual(message, {
    type: "jonh/call/start",
    pipeline: "p",
    interruption: "touch",
    silence_s: 0.5,
    record: true,
  });
  assert.deepEqual(options, { resubscribe: false });
  assert.equal(call.state.phase, "listening");
  assert.equal(call.state.isRecording, true);
  microphone.hear();
  assert.equal(connection.socket.sent[0].length, 641);
  assert.equal(connection.socket.sent[0][0], 7);
  assert.ok("click" in call.marks && "firstFrameSent" in call.marks);
});

test("what is said while the call is being made is not lost", async () => {
  const { call, connection, microphone, timers } = setUp();
  const starting = call.start();
  await settle.call(null);
  microphone.hear();
  await starting;
  await timers.advance(0);
  microphone.hear();
  assert.ok(connection.socket.sent.length >= 1);
});

test("the server may tell the call's numbers as an event", async () => {
  const { call, connection } = setUp();
  const subscribe = connection.subscribeMessage.bind(connection);
  connection._answer = () => /** @type {any} */ (null);
  connection.subscribeMessage = async (callback, message, options) => {
    callback({ event: "started", call_id: "c", handler_id: 3, conversation_id: "x" });
    return subscribe(callback, message, options);
  };
  await call.start();
  assert.deepEqual([call.state.callId, call.state.conversationId], ["c", "x"]);
});

test("a turn: heard, thought about, spoken, all told to the server", async () => {
  const house = setUp();
  const { call, connection, fetched, advance, tell } = house;
  await speaking(house);
  assert.deepEqual(fetched, ["http://home/api/tts_proxy/x.wav"]);
  assert.equal(call.state.phase, "speaking");
  assert.equal(call.state.turns[0].answer, "São dez horas. Quer mais alguma coisa?");
  assert.deepEqual(connection.actions, ["sound_started"]);
  await advance(1000);
  await advance(1100);
  assert.deepEqual(connection.actions.slice(-1), ["sound_ended"]);
  assert.ok(connection.actions.includes("sound_progress"));
  const marks = call.log.map((mark) => mark.name).filter((name) => name !== "firstFrameSent");
  assert.deepEqual(marks, ["click", "lastTranscript", "soundRequested", "firstSoundAudible"]);
  tell({
    event: "metrics",
    turn: 1,
    speech_end_ms: 0,
    transcript_ms: 300,
    first_word_ms: 500,
    first_sound_ms: 600,
  });
  assert.equal(call.state.turns[0].metrics?.firstSoundMs, 600);
});

test("a voice over the answer lowers it at once; the server's stop silences it", async () => {
  const house = setUp();
  const { call, microphone, tell, context } = house;
  await speaking(house);
  assert.equal(microphone.isPlaying, true, "the gate expects an echo");
  microphone.hear({ level: -20, isVoice: true });
  assert.equal(call.isDucked, true);
  assert.ok("duck" in call.marks);
  tell({ event: "stop", turn: 1 });
  assert.equal(call.speech.isPlaying, false);
  assert.equal(microphone.isPlaying, false);
  assert.ok("stop" in call.marks);
  assert.equal(context.sources[0].stoppedAt < Infinity, true);
  assert.equal(call.state.turns[0].isInterrupted, true);
  assert.equal(call.state.turns[0].heardUpTo, "São dez horas. ".length);
});

test("nothing was said after all: the volume comes back, told or not", async () => {
  const house = setUp();
  const { call, microphone, tell, advance } = house;
  house.sound.seconds = 10;
  await speaking(house);
  microphone.hear({ isVoice: true });
  tell({ event: "resume", turn: 1 });
  assert.equal(call.isDucked, false);
  microphone.hear({ isVoice: false });
  microphone.hear({ isVoice: true });
  microphone.hear({ isVoice: false });
  assert.equal(call.isDucked, true);
  await advance(950);
  assert.equal(call.isDucked, false);
});

test("a voice that goes on keeps the answer low", async () => {
  const house = setUp();
  house.sound.seconds = 10;
  await speaking(house);
  house.microphone.hear({ isVoice: true });
  await house.advance(2000);
  assert.equal(house.call.isDucked, true);
  house.tell({ event: "speech", active: false });
  house.microphone.hear({ isVoice: false });
  await house.advance(400);
  assert.equal(house.call.isDucked, false);
});

test("without interruption by voice nothing is lowered", async () => {
  const house = setUp();
  house.call.choose({ interruption: "touch" });
  await speaking(house);
  house.microphone.hear({ isVoice: true });
  assert.equal(house.call.isDucked, false);
  house.call.interrupt();
  assert.equal(house.call.speech.isPlaying, false);
  assert.deepEqual(house.connection.actions.slice(-1), ["interrupt"]);
});

test("an answer that was silenced for nothing goes on in a later turn, nothing said twice", async () => {
  const house = setUp();
  const { call, tell } = house;
  await speaking(house);
  await house.advance(1000);
  tell({ event: "stop", turn: 1 });
  tell({ event: "state", state: "interrupted", turn: 2 });
  assert.equal(call.state.turns[0].isInterrupted, true);
  tell({ event: "transcript", turn: 2, text: "uhum" });
  tell({ event: "resume", turn: 1 });
  tell({ event: "delta", turn: 2, text: "Quer mais alguma coisa?" });
  tell({ event: "sound", turn: 2, url: "/rest.wav" });
  const [first, second] = call.state.turns;
  assert.deepEqual([first.answer, first.isInterrupted], ["São dez horas.", false]);
  assert.deepEqual([second.said, second.answer], ["uhum", "Quer mais alguma coisa?"]);
  assert.equal(house.fetched.at(-1), "http://home/rest.wav");
});

test("who chose never to interrupt cannot do it by mistake", async () => {
  const house = setUp();
  house.call.choose({ interruption: "off" });
  await speaking(house);
  house.call.interrupt();
  assert.equal(house.call.speech.isPlaying, true);
});

test("a late address of a stopped answer starts nothing", async () => {
  const house = setUp();
  await house.call.start();
  house.tell({ event: "stop", turn: 1 });
  house.tell({ event: "sound", turn: 1, url: "/x.wav" });
  assert.deepEqual(house.fetched, []);
});

test("a muted microphone sends nothing", async () => {
  const { call, connection, microphone } = setUp();
  await call.start();
  call.muteMicrophone();
  microphone.hear();
  assert.deepEqual([connection.socket.sent.length, microphone.isMuted], [0, true]);
  call.muteMicrophone();
  microphone.hear();
  assert.deepEqual([connection.socket.sent.length, microphone.isMuted], [1, false]);
  assert.deepEqual(connection.actions, ["mute", "unmute"]);
});

test("muted sound stays muted in the next call", async () => {
  const { call } = setUp();
  await call.start();
  call.muteSound();
  call.hangUp();
  await call.start();
  assert.equal(call.state.isSilent, true);
});

test("hanging up gives everything back", async () => {
  const house = setUp();
  const { call, connection, microphone, context, fired, page } = house;
  await speaking(house);
  assert.equal(page.navigator.audioSession.type, "play-and-record");
  call.hangUp();
  assert.deepEqual(connection.actions.slice(-1), ["hangup"]);
  assert.deepEqual(
    [microphone.isClosed, context.isClosed, connection.commands.size],
    [true, true, 0],
  );
  assert.deepEqual(fired, [
    ["hass-suspend-when-hidden", false],
    "wake lock released",
    ["hass-suspend-when-hidden", true],
  ]);
  assert.equal(page.navigator.audioSession.type, "auto");
  assert.deepEqual([call.state.phase, call.state.reason], ["ended", "hangup"]);
});

test("a hidden page is let connect again, and goes to sleep after the call", async () => {
  const { call, connection, fired, page, advance } = setUp();
  await call.start();
  page.document.hidden = true;
  fired.length = 0;
  connection.drop();
  assert.deepEqual(fired, ["window focus"]);
  connection.back();
  await advance(10);
  fired.length = 0;
  call.hangUp();
  assert.deepEqual(fired.slice(1), [
    ["hass-suspend-when-hidden", true],
    "window focus",
    "document visibilitychange",
  ]);
});

test("a choice against suspending is left as it is", async () => {
  const { call, fired } = setUp();
  call.hass.suspendWhenHidden = false;
  await call.start();
  call.hangUp();
  assert.deepEqual(fired, ["wake lock released"]);
});

test("hanging up before the microphone is there leaves none open", async () => {
  const microphone = new FakeMicrophone();
  /** @type {(microphone: any) => void} */
  let open = () => {};
  const { call, connection } = setUp({
    openMicrophone: () => new Promise((resolve) => (open = resolve)),
  });
  const starting = call.start();
  call.hangUp();
  open(microphone);
  await starting;
  assert.deepEqual([microphone.isClosed, connection.calls], [true, 0]);
});

for (const trouble of ["refused", "missing", "taken"]) {
  test(`a microphone that is ${trouble} is told as that`, async () => {
    const { call, context } = setUp({
      openMicrophone: async () => {
        throw Object.assign(new Error(trouble), { trouble });
      },
    });
    await call.start();
    assert.deepEqual(
      [call.state.phase, call.state.trouble, context.isClosed],
      ["ended", trouble, true],
    );
  });
}

test("an insecure page is told before anybody is asked", async () => {
  const house = setUp();
  house.page.isSecureContext = false;
  assert.equal(house.call.obstacle, "insecure");
  await house.call.start();
  assert.equal(house.call.state.trouble, "insecure");
  assert.equal(house.connection.sent.length, 0);
});

test("a microphone that is unplugged ends the call and says so", async () => {
  const { call, microphone, connection } = setUp();
  await call.start();
  microphone.onEnded();
  assert.deepEqual([call.state.phase, call.state.trouble], ["ended", "unplugged"]);
  assert.deepEqual(connection.actions, ["hangup"]);
});

test("a server that refuses the call is quoted", async () => {
  const { call, connection, microphone } = setUp();
  connection.refuse = { code: "too_many_calls", message: "Two" };
  await call.start();
  assert.deepEqual(call.state.error, { code: "too_many_calls", text: "Two" });
  assert.equal(microphone.isClosed, true);
});

test("a lost link is taken up again with the same conversation, its turns counted on", async () => {
  const house = setUp();
  const { call, connection, microphone, advance, tell } = house;
  await speaking(house);
  connection.drop();
  assert.equal(call.state.phase, "reconnecting");
  microphone.hear();
  connection.back();
  await advance(10);
  assert.equal(call.state.phase, "listening");
  const again = connection.sent.filter((each) => each.type === "jonh/call/start")[1];
  assert.equal(again.conversation_id, "conversation1");
  assert.equal(connection.socket.sent.length, 1, "sound that waited");
  tell({ event: "transcript", turn: 1, text: "E agora?" });
  assert.deepEqual(
    call.state.turns.map((turn) => [turn.turn, turn.said]),
    [
      [1, "Que horas são?"],
      [2, "E agora?"],
    ],
  );
  microphone.hear();
  assert.equal(connection.socket.sent.length, 2);
});

test("a mute outlives a lost link", async () => {
  const { call, connection, advance } = setUp();
  await call.start();
  call.muteMicrophone();
  connection.drop();
  connection.back();
  await advance(10);
  assert.deepEqual([call.state.isMuted, connection.actions], [true, ["mute", "mute"]]);
});

test("while Home Assistant starts the call is tried again; given up, it is offered", async () => {
  const house = setUp();
  const { call, connection, timers } = house;
  await speaking(house);
  connection.drop();
  connection.refuse = { code: "unknown_command", message: "" };
  connection.back();
  await timers.advance(5000);
  assert.equal(call.state.phase, "reconnecting");
  connection.refuse = null;
  await timers.advance(9000);
  assert.equal(call.state.phase, "listening");
  connection.drop();
  connection.refuse = { code: "unknown_command", message: "" };
  connection.back();
  await timers.advance(140_000);
  assert.deepEqual([call.state.phase, call.state.reason], ["ended", "lost"]);
  assert.equal(call.resumable?.conversationId, "conversation1");
  assert.equal(call.resumable?.wasActive, true);
});

test("after a reload the call is offered with what was said", async () => {
  const house = setUp();
  await speaking(house);
  const next = new Call(/** @type {any} */ (house.parts));
  assert.equal(next.resumable?.wasActive, true);
  assert.equal(next.resumable?.turns[0].said, "Que horas são?");
  next.hass = house.call.hass;
  await next.start(/** @type {any} */ (next.resumable));
  assert.equal(
    house.connection.sent.filter((each) => each.type === "jonh/call/start")[1].conversation_id,
    "conversation1",
  );
  house.tell({ event: "transcript", turn: 1, text: "Oi" });
  assert.deepEqual(
    next.state.turns.map((turn) => turn.turn),
    [1, 2],
  );
});

test("an hour later nothing is offered", async () => {
  const house = setUp();
  await speaking(house);
  await house.advance(3_600_001);
  assert.equal(new Call(/** @type {any} */ (house.parts)).resumable, null);
});

test("a goodbye is heard to its end before the line closes", async () => {
  const house = setUp();
  await speaking(house);
  house.tell({ event: "ended", reason: "idle", text: "Até logo" });
  assert.equal(house.call.isActive, true);
  await house.advance(2200);
  assert.deepEqual(
    [house.call.state.phase, house.call.state.reason, house.call.state.farewell],
    ["ended", "idle", "Até logo"],
  );
});

test("errors of a turn are shown until the next one is understood", async () => {
  const { call, tell } = setUp();
  await call.start();
  tell({ event: "error", code: "tts_failed", text: "Sem voz" });
  assert.equal(call.state.error?.text, "Sem voz");
  tell({ event: "transcript", turn: 1, text: "Oi" });
  assert.equal(call.state.error, null);
});

test("partial words give way to the transcript, deeds keep their latest state", async () => {
  const { call, tell } = setUp();
  await call.start();
  tell({ event: "partial", turn: 1, text: "Acende" });
  assert.deepEqual([call.state.turns[0].said, call.state.turns[0].isPartial], ["Acende", true]);
  tell({ event: "transcript", turn: 1, text: "Acenda a luz" });
  tell({ event: "partial", turn: 1, text: "late" });
  assert.deepEqual(
    [call.state.turns[0].said, call.state.turns[0].isPartial],
    ["Acenda a luz", false],
  );
  for (const state of ["off", "on"])
    tell({ event: "deed", turn: 1, entity_id: "light.a", name: "A", state, icon: null });
  assert.deepEqual(
    call.state.turns[0].deeds.map((deed) => deed.state),
    ["on"],
  );
  tell({ event: "something new" });
});

test("a link that is stuck drops sound instead of keeping it", async () => {
  const { call, connection, microphone } = setUp();
  await call.start();
  connection.socket.bufferedAmount = 1_000_000;
  microphone.hear();
  assert.equal(connection.socket.sent.length, 0);
});

test("a page that closed during a call gets its suspending back", async () => {
  const house = setUp();
  await house.call.start();
  const next = new Call(/** @type {any} */ (house.parts));
  house.fired.length = 0;
  next.restoreSuspend();
  next.restoreSuspend();
  assert.deepEqual(house.fired, [["hass-suspend-when-hidden", true]]);
});
