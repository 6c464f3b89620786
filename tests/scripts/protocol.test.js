/** The guest protocol's shapes, as the messenger sends and reads them. */
import assert from "node:assert/strict";
import test from "node:test";
import * as protocol from "../../static/messenger/protocol.js";

const { byteLength, frames, isServerTrouble, parseFrame, readMessage, socketUrl, textMessage, withAttributes } = protocol;

test("a session begins with its deployment, and with the customer's code if there is one", () => {
  assert.deepEqual(frames.configure("d"), { action: "configureSession", deploymentId: "d" });
  assert.deepEqual(frames.configure("d", true, "c"), {
    action: "configureAuthenticatedSession", deploymentId: "d", startNew: true, data: { code: "c" },
  });
});

test("a frame is an object, and its code 200 unless it says another", () => {
  assert.deepEqual(parseFrame('{"class":"x"}'), { class: "x", code: 200 });
  assert.equal(parseFrame('{"code":429}').code, 429);
});

test("what isn't a frame does no harm", () => {
  for (const data of ["", "{", "7", "null", '"text"']) assert.equal(parseFrame(data), null, data);
});

test("a message has its files and attributes only where there are some", () => {
  assert.deepEqual(textMessage("Hello"), { type: "Text", text: "Hello" });
  assert.deepEqual(textMessage("", ["f"]).content, [{ contentType: "Attachment", attachment: { id: "f" } }]);
  assert.equal("channel" in withAttributes(textMessage("x"), {}), false);
  assert.deepEqual(withAttributes({}, { a: "1" }).channel.metadata.customAttributes, { a: "1" });
});

test("a message of the company's is read with its author, time and text", () => {
  const time = "2026-11-29T10:00:00.000Z";
  const read = readMessage({ id: "m", type: "Text", text: "Hi", direction: "Outbound", channel: { time, from: { nickname: "Ana" } } }, 5);
  assert.deepEqual([read.id, read.mine, read.kind, read.time, read.text], ["m", false, "message", Date.parse(time), "Hi"]);
  assert.deepEqual(read.author, { name: "Ana", image: null, bot: false });
});

test("what is missing or odd in a message is made up for", () => {
  const read = readMessage({ type: "Text", content: "nonsense", channel: { time: "never" } }, 5);
  assert.deepEqual([read.time, read.content, read.text, read.status], [5, [], "", null]);
});

test("content that isn't drawn is told by its words, and drawn content isn't told twice", () => {
  const words = (part) => readMessage({ type: "Structured", content: [part] }, 0).text;
  assert.equal(words({ contentType: "Unknown", thing: { title: "Words" } }), "Words");
  assert.equal(words({ contentType: "Card", card: { title: "Rain jacket" } }), "");
  assert.equal(words({ contentType: "ButtonResponse", buttonResponse: { text: "Yes" } }), "Yes");
});

test("only the server's own trouble is worth the same frame again", () => {
  assert.deepEqual([5000, 500, 599].map(isServerTrouble), [true, true, true]);
  assert.deepEqual([400, 429, 600, 4011].map(isServerTrouble), [false, false, false, false]);
});

test("a limit counts bytes", () => assert.deepEqual(["a", "ä", "🎉"].map(byteLength), [1, 2, 4]));

test("features are named in the address only where there are some", () => {
  const to = { socketUrl: "wss://a.example/v1", deploymentId: "d" };
  assert.equal(socketUrl({ ...to, features: [] }), "wss://a.example/v1?deploymentId=d&application=messenger-1");
  assert.match(socketUrl({ ...to, features: ["a", "b"] }), /&features=a%2Cb$/);
});
