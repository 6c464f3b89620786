/** The messenger's half of the Markdown, by the table that pins both halves. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { FakeElement, pretend } from "./dom.js";

pretend();
const { markdown } = await import("../../static/messenger/markdown.js");
const cases = JSON.parse(readFileSync(new URL("../markdown.json", import.meta.url), "utf8"));
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const attribute = ([name, value]) => ` ${name}="${escaped(value).replaceAll('"', "&quot;")}"`;

function html(node) {
  if (typeof node === "string") return escaped(node);
  const [tag, attributes, ...inside] = node;
  return `<${tag}${Object.entries(attributes).map(attribute).join("")}>${inside.map(html).join("")}</${tag}>`;
}

function drawn(text) {
  const all = new FakeElement("div");
  all.append(...markdown(text));
  return all.tree.slice(2).map(html).join("");
}

for (const one of cases) test(`draws ${JSON.stringify(one.text)}`, () => assert.equal(drawn(one.text), one.html));

test("doesn't link what isn't an address that may be opened", () => {
  for (const text of ["[x](data:text/html,1)", "[x](/here)", "[x](//a.example)", "javascript:alert(1)"]) {
    assert.doesNotMatch(drawn(text), /<a /, text);
  }
});

test("ends with what is nested without end", () => {
  assert.equal(drawn(">".repeat(5000)).match(/<blockquote>/g).length, 8);
});
