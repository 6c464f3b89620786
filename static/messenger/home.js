/** The beginning of the thread: who this is, that it is closed now, and suggestions while nothing was said yet. */
import { button, h, icon, safeUrl } from "./dom.js";

/** The home screen while the thread is empty, a quiet greeting above it later. */
export function homeNode({ empty }, kit, act) {
  const { t, config } = kit;
  const home = config.homeScreen.enabled ? config.homeScreen : {};
  const logo = empty && safeUrl(home.logoUrl);
  const title = home.title || t("home.title");
  const text = home.text || config.look.greeting || t("home.text");
  const suggestions = empty ? (home.suggestions ?? []) : [];
  return h("div", { class: empty ? "home" : "home small" },
    logo && h("img", { class: "home-logo", src: logo, alt: "" }),
    h("h2", { dir: "auto" }, title), h("p", { dir: "auto" }, text),
    empty && hours(kit),
    suggestions.length > 0 && h("div", { class: "suggestions", role: "group", "aria-label": t("home.suggestions") },
      suggestions.map((one) => button("suggestion", () => act.suggest(one), {}, h("span", { dir: "auto" }, one), icon("right", "sm flip")))));
}

/** When to expect an answer, with a lamp: open or closed. Null where the configuration says nothing of it. */
export function expectation({ t, config, duration, when }) {
  const { answerTime, opening } = config.extras;
  if (opening && !opening.open) {
    const at = Date.parse(opening.opensAt ?? "");
    return { open: false, text: Number.isNaN(at) ? t("hours.closed") : t("hours.opens", { time: when(at) }) };
  }
  if (answerTime) return { open: true, text: t("hours.answers", { time: duration(answerTime) }) };
  return opening ? { open: true, text: t("hours.open") } : null;
}

function hours(kit) {
  const expected = expectation(kit);
  if (!expected || expected.open) return null; // the head says it already
  const words = h("span", {}, expected.text, h("small", {}, kit.t("hours.leave")));
  return h("p", { class: "hours" }, h("i", { class: "lamp off" }), words);
}
