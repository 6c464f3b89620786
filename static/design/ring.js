// @ts-check
/** Two soft notes: what sounds when something comes. */
const NOTES = [[660, 0], [880, 0.12]]; // Hz, seconds after the start
const LOUD = 0.16; // gain at full volume
const LATE_MS = 1000; // a browser that wants a click first plays later: not this one any more

/** @type {AudioContext | undefined} */
let audio;

/** Sound once. `volume`: 0 to 1. A browser that wants a click first stays silent. */
export async function ring(volume = 0.5) {
  if (navigator.userActivation?.hasBeenActive === false) return;
  const asked = Date.now();
  audio ??= new AudioContext();
  await audio.resume();
  if (Date.now() - asked < LATE_MS) play(audio, Math.max(0.0002, LOUD * volume));
}

/**
 * @param {AudioContext} audio
 * @param {number} loud
 */
function play(audio, loud) {
  for (const [frequency, after] of NOTES) {
    const start = audio.currentTime + after;
    const oscillator = new OscillatorNode(audio, { frequency });
    const gain = new GainNode(audio, { gain: 0 });
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(loud, start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.3);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(start);
    oscillator.stop(start + 0.32);
  }
}
