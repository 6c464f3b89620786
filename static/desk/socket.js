/**
 * The desk's one socket. It only says what has changed; whatever it loses is asked for again, so any close is
 * answered by a new connection, except when the login is gone.
 */
import { toLogin } from "./net.js";

const LOGIN_GONE = 4401;
const NOT_ALLOWED = 4403;
const LONGEST_WAIT = 20_000; // ms between two tries
const OPENING = 10; // seconds until the server has said hello: one that hangs accepts nothing and closes nothing
const SILENCE = 2.5; // beats missed until the connection counts as dead

let socket = null;
let tries = 0;
let timer = 0;
let watchdog = 0;
/** @type {Record<string, (...about: any[]) => unknown>} */
let hooks = { frame() {}, open() {}, state() {} };

/** Connect, and stay connected. `frame(object)`, `open(again)`, `state(connected)` are called. */
export function connect(callbacks) {
  hooks = { ...hooks, ...callbacks };
  open();
  addEventListener("online", wake);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
}

/** Send a frame; false without a connection (whoever has more to lose than a frame asks by HTTP). */
export function send(frame) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(frame));
  return true;
}

function open() {
  clearTimeout(timer);
  const url = new URL(document.body.dataset.socket, location.href.replace(/^http/, "ws"));
  url.searchParams.set("lang", document.documentElement.lang);
  const fresh = new WebSocket(url);
  socket = fresh;
  fresh.addEventListener("message", (event) => fresh === socket && read(event.data));
  fresh.addEventListener("close", (event) => fresh === socket && closed(event.code));
  trust(OPENING);
}

function read(data) {
  const frame = JSON.parse(data);
  if (frame.hello) {
    hooks.state(true);
    hooks.open(tries > 0, frame);
    tries = 0;
    listen(20);
  }
  if (frame.beat) listen(frame.beat);
  hooks.frame(frame);
}

/** A laptop that slept, or a proxy that forgot us, doesn't always close: silence does. */
function listen(seconds) {
  trust(seconds * SILENCE);
}

/** Give the connection this long until it must have said something. */
function trust(seconds) {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => closed(0), seconds * 1000);
}

function closed(code) {
  clearTimeout(watchdog);
  const old = socket;
  socket = null;
  old?.close();
  if (code === LOGIN_GONE) return toLogin();
  hooks.state(false);
  if (code === NOT_ALLOWED) return undefined;
  const wait = Math.min(LONGEST_WAIT, 400 * 2 ** tries) * (0.5 + Math.random() / 2);
  tries += 1;
  timer = setTimeout(open, wait);
  return undefined;
}

/** Back from sleep or from a tunnel: don't sit out the wait; and ask for what was missed meanwhile. */
function wake() {
  if (socket === null) open();
  else if (socket.readyState === WebSocket.OPEN) hooks.open(true, null);
}
