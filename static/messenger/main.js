/** Starts the messenger page: reads its configuration, joins the guest session with the parts on the screen. */
import { dayLabel, readerLocale, textOf } from "../design/time.js";
import { GuestClient } from "./client.js";
import { Composer } from "./composer.js";
import { makeTexts, setSprite } from "./dom.js";
import { layOut } from "./layout.js";
import { bannerFor, drawBanner, headLine } from "./status.js";
import { Store } from "./store.js";
import { drawTray } from "./tray.js";
import { Uploads } from "./upload.js";
import { LogView } from "./view.js";

const QUIET_MS = 1500; // a gap this short isn't worth a banner

const root = document.querySelector("[data-messenger]");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const config = JSON.parse(document.getElementById("messenger-config").textContent);
setSprite(root.dataset.icons);

const locale = readerLocale();
const t = makeTexts(document.getElementById("messenger-texts"), config.texts);
const kit = { t, locale, clock: (ms) => textOf("clock", new Date(ms)) };
const store = new Store(config.deploymentId);
const client = new GuestClient(config, store);
const uploads = new Uploads(client, config.limits?.maxFileSizeKB);

let gapSince = Date.now();
let frame = 0;
let sendWhenUploaded = false;

const view = new LogView(part("log"), part("jump"), kit, {
  answer: (button, messageId) => {
    client.answer(button, messageId);
    view.toEnd();
  },
  retry: (id) => client.outbox.retry(id),
  edit: (id) => composer.restore(client.outbox.remove(id)?.text ?? ""),
  older: () => client.loadOlder(),
});

const composer = new Composer(part("composer"), {
  store,
  t,
  textBytes: config.limits?.textBytes ?? 4096,
  hasFiles: () => uploads.items.some((item) => item.state !== "failed"),
  onTyping: () => client.noteTyping(),
  onText: (text) => {
    waitForUploads(uploads.busy);
    if (sendWhenUploaded) return false;
    client.sendText(text, uploads.take());
    view.toEnd();
    return true;
  },
});

const actions = {
  retry: () => client.socket.retry(),
  takeBack: () => client.takeBack(),
};

function draw() {
  frame = 0;
  const link = client.socket.state;
  if (link === "ready") gapSince = 0;
  else gapSince ||= Date.now();
  const online = link === "ready" && client.phase === "ready" && !client.outbox.pausedUntil;
  view.draw(layOut(client.thread, client.outbox.entries, {
    dayLabel: (ms) => dayLabel(new Date(ms)), typing: client.typing, older: client.history.more, online,
  }));
  drawStatus(link);
  noteRead();
}

function drawStatus(link) {
  const seconds = (until) => Math.max(1, Math.ceil((until - Date.now()) / 1000));
  const banner = bannerFor({
    phase: client.phase,
    link,
    online: navigator.onLine,
    quiet: Date.now() - gapSince < QUIET_MS,
    retryIn: seconds(client.socket.retryAt),
    pausedFor: client.slowed && client.outbox.pausedUntil && seconds(client.outbox.pausedUntil),
  });
  drawBanner(part("banner"), banner, t, actions);
  part("head-line").textContent = headLine(client.thread.counterpart, client.phase, t);
  const over = client.phase === "ended" || client.phase === "expired";
  part("composer").hidden = over;
  part("tray").hidden ||= over;
  part("over").hidden = !over;
  part("over-text").textContent = t(client.phase === "expired" ? "expired" : "ended");
  root.dataset.link = link;
  root.dataset.phase = client.phase;
}

/** Many things change in one frame of the protocol; the screen is drawn once. */
function schedule() {
  frame ||= requestAnimationFrame(draw);
}

function noteRead() {
  if (document.visibilityState === "visible" && document.hasFocus() && view.atEnd) client.noteRead();
}

/** Sent while a file was still on its way: goes out with it, unless the file fails. */
function waitForUploads(wait) {
  sendWhenUploaded = wait;
  part("composer").classList.toggle("pending", wait);
}

function trayChanged() {
  drawTray(part("tray"), uploads, kit);
  if (uploads.items.some((item) => item.state === "failed")) waitForUploads(false);
  if (sendWhenUploaded && !uploads.busy) composer.submit();
  composer.refresh();
}

client.addEventListener("change", schedule);
client.socket.addEventListener("link", () => client.socket.state === "ready" && uploads.resume());
uploads.addEventListener("change", trayChanged);
part("start-new").addEventListener("click", () => {
  client.startNew();
  draw();
  composer.focus();
});
part("log").addEventListener("scroll", noteRead, { passive: true });
for (const name of ["focus", "online", "offline"]) addEventListener(name, schedule);
document.addEventListener("visibilitychange", schedule);
setInterval(() => (client.socket.state !== "ready" || client.outbox.pausedUntil) && schedule(), 1000);

part("attach")?.addEventListener("click", () => part("file").click());
part("file")?.addEventListener("change", (event) => {
  uploads.add(event.target.files);
  event.target.value = "";
});

client.start();
draw();
if (!matchMedia("(pointer: coarse)").matches) composer.focus();
