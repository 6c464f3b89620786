/** The emoji picker beside the composer; a chosen emoji goes to the caret. */
import { fetchGroups, toggle as open } from "../design/emoji.js";

/** Open it above the composer, or close it. */
export function toggle(opener, composer, kit, store) {
  const { language, historyUrl } = kit.config;
  const address = new URL(`/messenger/emoji/${language.split("-")[0]}.json`, new URL(historyUrl, location.href));
  return open(opener, opener.closest("form"), {
    t: kit.t,
    load: () => fetchGroups(address),
    recent: () => store.get("emoji", []),
    keep: (characters) => store.set("emoji", characters),
    choose: (character) => composer.insert(character),
    focus: () => composer.focus(),
  });
}
