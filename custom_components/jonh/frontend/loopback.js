/**
 * Sound sent to ourselves over WebRTC. Every browser takes what comes out of a call out of the
 * microphone; not every one does so with what a page plays by itself. It costs about 100 ms.
 */

/**
 * Return an output for sound and the way to close it.
 * @param {AudioContext} context
 * @returns {Promise<{input: AudioNode, close: () => void}>}
 */
export async function openLoopback(context) {
  const input = context.createMediaStreamDestination();
  const here = new RTCPeerConnection();
  const there = new RTCPeerConnection();
  const element = new Audio();
  element.autoplay = true;
  const close = () => {
    here.close();
    there.close();
    element.srcObject = null;
  };
  try {
    here.onicecandidate = ({ candidate }) => candidate && there.addIceCandidate(candidate);
    there.onicecandidate = ({ candidate }) => candidate && here.addIceCandidate(candidate);
    there.ontrack = ({ track }) => {
      element.srcObject = new MediaStream([track]);
      element.play().catch(() => {});
    };
    for (const track of input.stream.getTracks()) here.addTrack(track, input.stream);
    const offer = await here.createOffer();
    await here.setLocalDescription(offer);
    await there.setRemoteDescription(offer);
    const answer = await there.createAnswer();
    await there.setLocalDescription(answer);
    await here.setRemoteDescription(answer);
  } catch (error) {
    close();
    throw error;
  }
  return { input, close };
}
