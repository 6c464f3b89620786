/** The conversation as a text file. */
import { textOf } from "./summary.js";

/** Read what is missing from the history, then hand the file to the browser. */
export async function download(client, kit) {
  while (client.history.more) {
    const before = client.thread.messages.length;
    await client.loadOlder();
    if (client.thread.messages.length === before) break; // the line is down: what is here
  }
  const blob = new Blob([`\uFEFF${lines(client.thread.messages, kit).join("\r\n")}\r\n`], { type: "text/plain;charset=utf-8" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${kit.t("transcript.file")}-${new Date().toISOString().slice(0, 10)}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** One line a message, a heading a day. */
export function lines(messages, kit) {
  const { t, day, clock, config } = kit;
  const found = [config.look.companyName || t("transcript.title")];
  let last = null;
  for (const message of messages) {
    const label = day(message.time);
    if (label !== last) found.push("", label);
    last = label;
    found.push(`${clock(message.time)}  ${line(message, t)}`);
  }
  return found;
}

function line(message, t) {
  const name = message.mine ? t("author.me") : message.author.name || t("author.them");
  if (message.presence === "Join") return t("thread.joined").replace("{name}", name);
  if (message.presence === "Disconnect") return t("transcript.ended");
  return `${name}: ${textOf(message, t).replaceAll("\n", "\r\n       ")}`;
}
