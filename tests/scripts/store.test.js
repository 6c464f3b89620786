/** What a browser remembers for a deployment, also where it may keep nothing. */
import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { Kept } from "../../static/messenger/embed/kept.js";
import { Attributes, Receipts, Store, uuid } from "../../static/messenger/store.js";

const FULL = { getItem: () => null, setItem() { throw new Error("full"); }, removeItem() {} };

test("a value is there again under its deployment, and under no other", () => {
  const storage = new Kept();
  new Store("a", storage).set("draft", { text: "half" });
  assert.deepEqual(new Store("a", storage).get("draft"), { text: "half" });
  assert.equal(new Store("b", storage).get("draft", "none"), "none");
});

test("without storage, or with one that is full, it is remembered as long as the page lives", () => {
  for (const storage of [null, FULL]) {
    const store = new Store("a", storage);
    store.set("draft", 1);
    assert.equal(store.get("draft"), 1);
    assert.deepEqual(store.list("dra"), [1]);
  }
});

test("what another program wrote there is as good as nothing", () => {
  assert.equal(new Store("a", new Kept({ "messenger.a.draft": "{" })).get("draft", "none"), "none");
});

test("forgetting leaves nothing of this deployment, and all of the others", () => {
  const storage = new Kept();
  const [one, other] = [new Store("a", storage), new Store("b", storage)];
  one.set("draft", 1);
  other.set("draft", 2);
  one.forget();
  assert.deepEqual([one.get("draft"), other.get("draft")], [null, 2]);
});

test("a token is made once and kept, a new one only when asked for", () => {
  const store = new Store("a", new Kept());
  const token = store.token();
  assert.match(token, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  assert.equal(store.token(), token);
  assert.notEqual(store.renewToken(), token);
  assert.notEqual(uuid(), uuid());
});

test("attributes wait for the next message and go with it once", () => {
  const attributes = new Attributes(new Store("a", new Kept()), { campaign: "x" });
  attributes.set({ page: 7, gone: "y" });
  attributes.set({ gone: null });
  assert.deepEqual(attributes.onto({}).channel.metadata.customAttributes, { campaign: "x", page: "7" });
  assert.deepEqual(attributes.onto({}), {});
});

test("more than the server takes isn't added", () => {
  const attributes = new Attributes(new Store("a", new Kept()));
  assert.equal(attributes.set({ ok: "1" }), true);
  assert.equal(attributes.set({ long: "x".repeat(2048) }), false);
  assert.deepEqual(attributes.onto({}).channel.metadata.customAttributes, { ok: "1" });
});

test("a burst of marks is one frame, and an older one is none", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const receipts = new Receipts(new Store("a", new Kept()), (frame) => sent.push(frame.message.id), () => {});
  receipts.mark("Read", { id: "a", time: 1 });
  receipts.mark("Read", { id: "b", time: 2 });
  mock.timers.tick(1000);
  receipts.mark("Read", { id: "a", time: 1 });
  mock.timers.tick(1000);
  assert.deepEqual(sent, ["b"]);
  mock.timers.reset();
});

test("a mark that couldn't be sent isn't taken for told", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const receipts = new Receipts(new Store("a", new Kept()), () => false, () => assert.fail("nothing was seen"));
  receipts.mark("Read", { id: "a", time: 1 });
  mock.timers.tick(1000);
  assert.equal(receipts.seen("Read"), 0);
  mock.timers.reset();
});
