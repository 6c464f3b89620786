/** What tells a customer who looks elsewhere: a flashing title, a sound, a notification. */
const FLASH_MS = 1500;
const LATE_MS = 1000; // a browser that wants a click first plays later: not this one any more
const NOTES = [[660, 0], [880, 0.12]]; // Hz, seconds after the start

let flashing = 0;
let audio = null;

/** A message came and nobody looks. */
export function alert({ author, text }, { kit, store, unread }) {
  const { config, t } = kit;
  const name = author.name || config.look.companyName;
  if (config.extras.sound && !store.get("muted", false)) ring();
  if (!config.embedded) flash(t("title.new", { name }), unread);
  if (store.get("notify", false) && document.hidden) notify(name, text || t("file.file"), config);
}

/** Two soft notes. A browser that wants a click first stays silent. */
async function ring() {
  if (navigator.userActivation?.hasBeenActive === false) return;
  const asked = Date.now();
  audio ??= new AudioContext();
  await audio.resume();
  if (Date.now() - asked < LATE_MS) play();
}

function play() {
  for (const [frequency, after] of NOTES) {
    const start = audio.currentTime + after;
    const oscillator = new OscillatorNode(audio, { frequency });
    const gain = new GainNode(audio, { gain: 0 });
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(0.08, start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.3);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(start);
    oscillator.stop(start + 0.32);
  }
}

/** The title says who wrote, in turn with itself, until everything was read. */
function flash(words, unread) {
  clearInterval(flashing);
  let usual = document.title;
  flashing = setInterval(() => {
    if (document.title !== words) usual = document.title;
    const over = unread() === 0;
    document.title = over || document.title === words ? usual : words;
    if (over) clearInterval(flashing);
  }, FLASH_MS);
}

function notify(title, body, { deploymentId }) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(title, { body, tag: deploymentId });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
}
