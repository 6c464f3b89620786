/** The messenger's fixed parts, top to bottom: head, banner, log, files, composer, and what stands in its place at the end. */
import { button, h, icon, safeUrl, tool } from "./dom.js";

/** Build them into `root`; returns them by name. */
export function buildFrame(root, { t, config }) {
  const parts = {};
  const part = (name, node) => {
    node.dataset.part = name;
    parts[name] = node;
    return node;
  };
  root.append(
    head(part, t, config),
    h("div", { class: "chat-body" },
      part("banner", h("div", { class: "banners", role: "status" })),
      part("log", h("div", { class: "chat-log", role: "log", "aria-live": "off", "aria-label": t("thread.label"), tabindex: "0" })),
      part("jump", button("jump", null, { hidden: true }, icon("down"), t("thread.newest")))),
    part("survey", h("div", { class: "survey", hidden: true })),
    part("tray", h("ul", { class: "tray", "aria-label": t("file.tray"), hidden: true })),
    composer(part, t, config),
    part("over", h("div", { class: "over", hidden: true },
      part("over-text", h("p", { role: "status" })), part("over-actions", h("div", { class: "over-actions" })))),
    part("announcer", h("div", { class: "sr", role: "status" })),
  );
  return parts;
}

function head(part, t, { look, embedded }) {
  const logo = safeUrl(look.logoUrl);
  const mark = h("div", { class: logo ? "logo picture" : "logo", "aria-hidden": "true" }, logo ? h("img", { src: logo, alt: "" }) : icon("chat", ""));
  return h("header", { class: "chat-head" },
    part("mark", mark),
    h("div", { class: "who" },
      h("h1", { id: "chat-name", dir: "auto" }, look.companyName),
      h("p", {}, part("lamp", h("i", { class: "lamp", hidden: true })), part("head-line", h("span", {}, t("head.idle"))))),
    part("menu", tool("dots", t("menu.open"), null, { "aria-haspopup": "menu", "aria-expanded": "false", hidden: true })),
    embedded && part("close", tool("down", t("head.close"), null)));
}

function composer(part, t, { attachments, extras }) {
  const input = h("textarea", {
    rows: "1", dir: "auto", "aria-label": t("composer.label"), "aria-describedby": "problem",
    placeholder: t("composer.placeholder"), enterkeyhint: "enter", autocomplete: "off",
  });
  return part("composer", h("form", { class: "say" },
    h("p", { class: "problem", id: "problem", role: "alert", hidden: true }),
    h("div", { class: "say-row" },
      attachments && part("attach", tool("clip", t("composer.attach"), null)),
      attachments && part("file", h("input", { type: "file", multiple: true, hidden: true })),
      input,
      extras.emoji && part("emoji", tool("smile", t("composer.emoji"), null, { "aria-haspopup": "dialog", "aria-expanded": "false" })),
      h("button", { class: "send", "aria-label": t("composer.send") }, icon("up", "")))));
}
