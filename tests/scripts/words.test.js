/** Words for a reader: addresses, emoji, times and sizes. */
import assert from "node:assert/strict";
import test from "node:test";
import { FakeElement, pretend } from "./dom.js";

pretend();
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-GB", "de"] }, configurable: true });
const { directionOf, formats, isLoneEmoji, linked } = await import("../../static/messenger/words.js");
const hrefs = (text) => linked(text).filter((one) => one instanceof FakeElement).map((one) => one.tree[1].href);

test("addresses become links without the sentence's punctuation", () => {
  assert.deepEqual(hrefs("see https://a.example/x. (https://a.example/z) https://a.example/(y) mail ana@shop.example!"), [
    "https://a.example/x", "https://a.example/z", "https://a.example/(y)", "mailto:ana@shop.example",
  ]);
});

test("what isn't an address stays text", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "www.a.example", "a@b", "http:/x"]) {
    assert.deepEqual(linked(text), [text]);
  }
});

test("one to three emoji alone are large", () => {
  for (const text of ["🎉", "👍🏽", "👨‍👩‍👧", "🇩🇪", " 🎉🎉🎉 "]) assert.equal(isLoneEmoji(text), true, text);
});

test("more of them, words and digits aren't", () => {
  for (const text of ["🎉🎉🎉🎉", "1", "ok 🎉", ""]) assert.equal(isLoneEmoji(text), false, text);
});

test("the page's language takes the reader's own flavour, another stays as it is", () => {
  assert.equal(formats("en").locale, "en-GB");
  assert.equal(formats("fr").locale, "fr");
});

test("days are told from today, far ones with their year", () => {
  const { day } = formats("en");
  const ago = (days) => day(Date.now() - days * 86_400_000);
  assert.deepEqual([ago(0), ago(1)], ["Today", "Yesterday"]);
  assert.doesNotMatch(ago(10), /\d{4}/);
  assert.match(ago(400), /\d{4}/);
});

test("sizes and lengths in the units that people use", () => {
  const { size, duration } = formats("en");
  assert.deepEqual([size(900), size(2_097_152)].map((one) => one.replace(/\s/g, " ")), ["1 kB", "2 MB"]);
  assert.deepEqual([duration(10), duration(60), duration(7200)], ["1 minute", "1 minute", "2 hours"]);
});

test("a language has a direction", () => {
  assert.deepEqual(["ar", "fa-IR", "en", "de-DE"].map(directionOf), ["rtl", "rtl", "ltr", "ltr"]);
});
