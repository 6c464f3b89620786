/** A guest's thread: order, receipts, and what stands in the log. */
import assert from "node:assert/strict";
import test from "node:test";
import { layOut, Thread } from "../../static/messenger/thread.js";

const ANA = { name: "Ana", image: null, bot: false };
const MINUTE = 60_000;

const said = (id, time, more = {}) => ({
  id, clientId: null, time, mine: false, kind: "message", presence: null, readOnly: false, author: ANA, text: id, content: [], status: null, ...more,
});
const mine = (id, time, more = {}) => said(id, time, { mine: true, author: {}, ...more });

function thread(...messages) {
  const made = new Thread();
  for (const message of messages) made.put(message);
  return made;
}

function kinds(made, { pending = [], ...now } = {}) {
  const today = { dayLabel: (ms) => new Date(ms).toDateString(), typing: null, older: false, loading: false, online: true };
  return layOut(made, pending, { ...today, ...now });
}

test("messages stand by their time, each once", () => {
  const made = thread(said("b", 2), said("a", 1));
  assert.equal(made.put(said("b", 2, { text: "changed" })), false);
  assert.deepEqual(made.messages.map((one) => one.text), ["a", "changed"]);
});

test("a receipt counts for all before it, and read is delivered", () => {
  const made = thread(mine("a", 1), mine("b", 2), mine("c", 3));
  made.receipt("Read", "b", 9);
  assert.deepEqual(["a", "b", "c"].map((id, at) => made.statusOf(mine(id, at + 1)).status), ["Read", "Read", "Sent"]);
});

test("a receipt never falls, and one that isn't known does nothing", () => {
  const made = thread(mine("a", 1));
  made.receipt("Read", "a", 5);
  made.receipt("Delivered", "a", 6);
  made.receipt("Seen", "a", 7);
  assert.deepEqual(made.statusOf(mine("a", 1)), { status: "Read", at: 5 });
});

test("a receipt that comes before its message waits for it", () => {
  const made = thread();
  made.receipt("Delivered", "a", 5);
  assert.equal(made.statusOf(mine("a", 1)).status, "Sent");
  made.put(mine("a", 1));
  assert.equal(made.statusOf(mine("a", 1)).status, "Delivered");
});

test("who answered last is known until the conversation ends", () => {
  const made = thread(said("a", 1), mine("b", 2));
  assert.equal(made.counterpart.name, "Ana");
  made.put(said("c", 3, { kind: "presence", presence: "Disconnect" }));
  assert.equal(made.counterpart, null);
});

test("a day, a name and a run stand above what they are about, once", () => {
  const items = kinds(thread(said("a", 1), said("b", 2), mine("c", 3)));
  assert.deepEqual(items.map((one) => one.kind), ["home", "day", "joined", "message", "message", "message"]);
  assert.deepEqual(items.slice(3).map((one) => [one.first, one.last]), [[true, false], [false, true], [true, true]]);
});

test("a pause ends a run, and another day begins one", () => {
  const items = kinds(thread(said("a", 1), said("b", 1 + 6 * MINUTE)));
  assert.deepEqual(items.filter((one) => one.kind === "message").map((one) => one.first), [true, true]);
  const days = kinds(thread(said("a", 0), said("b", 48 * 60 * MINUTE)));
  assert.equal(days.filter((one) => one.kind === "day").length, 2);
});

test("what isn't sent stands last, with how it stands with it", () => {
  const entry = { id: "p", at: 0, text: "later", files: [], message: {}, state: "" };
  const last = (pending, online) => kinds(thread(said("a", 5)), { pending: [pending], online }).at(-1).state.status;
  assert.deepEqual([last(entry, true), last(entry, false), last({ ...entry, state: "failed" }, true)], ["sending", "waiting", "failed"]);
});

test("a state stands under the newest and under the last that was read, not under every message", () => {
  const made = thread(mine("a", 1), mine("b", 2), mine("c", 3));
  made.receipt("Read", "a", 9);
  const states = kinds(made).filter((one) => one.mine).map((one) => one.state?.status ?? null);
  assert.deepEqual(states, ["read", null, "sent"]);
});

test("quick replies are answered by what is sent next, cards only by who names them", () => {
  const quick = said("q", 1, { content: [{ contentType: "QuickReply", quickReply: { text: "Yes" } }] });
  const card = said("k", 1, { content: [{ contentType: "Card", card: { title: "Jacket" } }] });
  const pressed = mine("r", 2, { text: "Yes", content: [{ contentType: "ButtonResponse", buttonResponse: { text: "Buy", originatingMessageId: "k" } }] });
  const answered = (...messages) => kinds(thread(...messages)).find((one) => one.message?.content.length).answered;
  assert.deepEqual(answered(quick, mine("r", 2)), { text: "r" });
  assert.equal(answered(quick), null);
  assert.equal(answered(card, mine("r", 2)), null);
  assert.deepEqual(answered(card, pressed), { text: "Buy" });
});

test("an empty thread is home, one that loads says so, typing stands at the end", () => {
  assert.deepEqual(kinds(thread()).map((one) => one.kind), ["home"]);
  assert.deepEqual(kinds(thread(), { loading: true }).map((one) => one.kind), ["loading"]);
  assert.equal(kinds(thread(said("a", 1)), { typing: ANA }).at(-1).kind, "typing");
});
