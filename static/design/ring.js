/** Two soft notes: what sounds when something comes. */
const NOTES = [[660, 0], [880, 0.12]]; // Hz, seconds after the start
const LOUD = 0.16; // gain at full volume

let audio = null;

/** Sound once. `volume`: 0 to 1. A browser that wants a click first stays silent. */
export function ring(volume = 0.5) {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
  for (const [frequency, after] of NOTES) {
    const start = audio.currentTime + after;
    const oscillator = new OscillatorNode(audio, { frequency });
    const gain = new GainNode(audio, { gain: 0 });
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(Math.max(0.0002, LOUD * volume), start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.3);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(start);
    oscillator.stop(start + 0.32);
  }
}
