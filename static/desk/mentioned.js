/** Being named in notes: the number in the rail, a word when one is new, and what was looked at isn't new any more. */
import { hear } from "../design/events.js";
import { kept, me, post, text, toast } from "./net.js";
import { refresh } from "./panels.js";
import { log, openId } from "./thread.js";

const STORE = `mention:${me}`; // the newest that this browser told of, so that a reload doesn't tell it again

/** The count came, with the newest that isn't seen: on the screen already, or worth a word. */
function told({ id, conversation, by }) {
  if (!id) return;
  if (conversation === openId() && document.visibilityState === "visible") {
    void look();
    return;
  }
  if (kept.read(STORE, 0) >= id) return;
  kept.write(STORE, id);
  toast(text("mentioned", { name: by }));
}

async function look() {
  try {
    await post(log().dataset.lookUrl, {});
    refresh(["mentions"]);
  } catch {
    // it stays new until the next look
  }
}

const isNew = () => document.getElementById("mentions-new")?.textContent;
hear("mentions", told);
hear("desk-thread", () => isNew() && look());
