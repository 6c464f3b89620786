/** Reads texts, a JSON string a line, and answers each with what the messenger draws of it, as JSON a line. */
import { createInterface } from "node:readline";
import { FakeElement, pretend } from "./dom.js";

pretend();
const { markdown } = await import("../../static/messenger/markdown.js");
for await (const line of createInterface({ input: process.stdin })) {
  const all = new FakeElement("div");
  all.append(...markdown(JSON.parse(line)));
  console.log(JSON.stringify(all.tree.slice(2)));
}
