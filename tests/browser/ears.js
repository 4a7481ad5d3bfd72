// Listens to whatever the page plays, as a person at the loudspeaker. Runs before any script of the page.
(() => {
  if (!window.AudioWorkletNode) return; // as on an insecure page
  const connect = AudioNode.prototype.connect;
  const taps = new Map();
  const levels = []; // [performance.now() of the middle, root mean square], every 10 ms or so
  let samples = null; // Int16Arrays while a recording runs
  let rate = 0;

  const TAP = `
    const FRAMES = 512;
    registerProcessor("test-tap", class extends AudioWorkletProcessor {
      constructor() {
        super();
        this.block = new Float32Array(FRAMES);
        this.filled = 0;
      }
      process([[channel]]) {
        // Without a connected source there is no channel: that is silence.
        this.block.set(channel ?? new Float32Array(128), this.filled);
        this.filled += 128;
        if (this.filled === FRAMES) {
          let sum = 0;
          for (const sample of this.block) sum += sample * sample;
          const time = currentTime + 128 / sampleRate - FRAMES / 2 / sampleRate;
          const rms = Math.sqrt(sum / FRAMES);
          this.port.postMessage({ time, rms, block: rms > 0 ? this.block.slice() : null });
          this.filled = 0;
        }
        return true;
      }
    });`;
  const moduleUrl = URL.createObjectURL(new Blob([TAP], { type: "text/javascript" }));

  const hear = (context, { time, rms, block }) => {
    // The context's clock and the page's run beside each other; the smallest distance is the true one.
    const tap = taps.get(context);
    const offset = performance.now() - context.currentTime * 1000;
    tap.offset = Math.min(tap.offset, offset);
    levels.push([time * 1000 + tap.offset, rms]);
    if (levels.length > 60_000) levels.splice(0, 10_000);
    if (samples) {
      rate = context.sampleRate;
      samples.push(block ?? new Float32Array(512));
    }
  };

  const tapOf = (context) => {
    if (!taps.has(context)) {
      const tap = { node: null, sources: [], offset: Infinity };
      taps.set(context, tap);
      context.audioWorklet.addModule(moduleUrl).then(() => {
        tap.node = new AudioWorkletNode(context, "test-tap", {
          numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit",
        });
        tap.node.port.onmessage = ({ data }) => hear(context, data);
        for (const source of tap.sources) connect.call(source, tap.node);
      });
    }
    return taps.get(context);
  };

  AudioNode.prototype.connect = function (target, ...rest) {
    const isLoudspeaker = target instanceof AudioDestinationNode;
    if (isLoudspeaker && target.context instanceof AudioContext) {
      const tap = tapOf(target.context);
      if (tap.node) connect.call(this, tap.node);
      else tap.sources.push(this);
    }
    return connect.call(this, target, ...rest);
  };

  // What an element plays does not pass a context: a stream of it does.
  let context = null;
  const elements = new WeakSet();
  const listen = (stream) => {
    if (!stream.getAudioTracks().length) {
      stream.addEventListener("addtrack", () => listen(stream), { once: true });
      return;
    }
    context ??= new AudioContext();
    const tap = tapOf(context);
    const source = context.createMediaStreamSource(stream);
    if (tap.node) connect.call(source, tap.node);
    else tap.sources.push(source);
  };
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (!elements.has(this)) {
      elements.add(this);
      listen(this.srcObject ?? this.captureStream());
    }
    return play.call(this);
  };

  // When a volume was told to change, and to what: a duck in the middle of a voice cannot be heard.
  const volumes = [];
  for (const name of ["setValueAtTime", "linearRampToValueAtTime", "setTargetAtTime"]) {
    const set = AudioParam.prototype[name];
    AudioParam.prototype[name] = function (value, ...rest) {
      volumes.push([performance.now(), value]);
      return set.call(this, value, ...rest);
    };
  }

  window.testEars = {
    volumes: (sinceMs) => volumes.filter(([time]) => time >= sinceMs),
    levels: (sinceMs) => levels.filter(([time]) => time >= sinceMs),
    startRecording: () => { samples = []; },
    // The sound since startRecording: { rate, base64 of int16 samples }.
    stopRecording: () => {
      const blocks = samples ?? [];
      samples = null;
      const pcm = new Int16Array(blocks.length * 512);
      blocks.forEach((block, index) => {
        for (let i = 0; i < 512; i += 1) {
          pcm[index * 512 + i] = Math.max(-1, Math.min(1, block[i])) * 32767;
        }
      });
      const bytes = new Uint8Array(pcm.buffer);
      let binary = "";
      for (let i = 0; i < bytes.length; i += 32768) {
        binary += String.fromCharCode(...bytes.subarray(i, i + 32768));
      }
      return { rate, base64: btoa(binary) };
    },
  };
})();
