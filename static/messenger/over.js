/** In place of the composer when the conversation is over: why, and the way on. */
import { button, h } from "./dom.js";
import { download } from "./transcript.js";

export function fill(slot, { kit, client, draw, focus }) {
  const { t, config } = kit;
  const startNew = () => {
    client.startNew();
    draw();
    focus();
  };
  const unsent = client.phase === "expired" && client.outbox.entries.length > 0;
  const transcript = config.extras.transcript && client.thread.messages.length > 0;
  slot.append(
    h("p", {}, t(unsent ? "over.expiredUnsent" : `over.${client.phase}`)),
    h("div", { class: "over-actions" },
      button("btn primary large", startNew, {}, t("over.startNew")),
      transcript && button("btn large", () => download(client, kit), {}, t("menu.transcript"))));
}
