// A microphone that the test speaks into, in place of the device. Runs before any script of the page.
(() => {
  const devices = navigator.mediaDevices;
  if (!devices) return; // as on an insecure page
  let context = null;
  let mouth = null;
  const speaking = new Set();
  const tracks = [];

  devices.getUserMedia = async () => {
    context ??= new AudioContext({ sampleRate: 48000, latencyHint: "interactive" });
    await context.resume();
    mouth ??= context.createGain();
    const device = context.createMediaStreamDestination();
    mouth.connect(device);
    tracks.push(...device.stream.getTracks());
    return device.stream;
  };

  const samplesOf = (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return Float32Array.from(new Int16Array(bytes.buffer), (sample) => sample / 32768);
  };

  window.testMicrophone = {
    isOpen: () => mouth !== null,
    // Whether somebody still listens, as the browser's red mark would show.
    isHeld: () => tracks.some((track) => track.readyState === "live"),
    // Says int16 samples; returns when the first and the last of them sound, as performance.now() does.
    speak: (base64, rate) => {
      const samples = samplesOf(base64);
      const buffer = context.createBuffer(1, samples.length, rate);
      buffer.copyToChannel(samples, 0);
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(mouth);
      const begin = context.currentTime + 0.02;
      source.start(begin);
      speaking.add(source);
      source.onended = () => speaking.delete(source);
      const beginMs = performance.now() + (begin - context.currentTime) * 1000;
      return { beginMs, endMs: beginMs + buffer.duration * 1000 };
    },
    hush: () => speaking.forEach((source) => source.stop()),
  };
})();
