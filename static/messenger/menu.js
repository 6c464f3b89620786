/** The menu under the three dots: sounds, notifications, transcript, end, clear. */
import { confirm } from "./dialog.js";
import { h, icon } from "./dom.js";
import { download } from "./transcript.js";

let open = null;

/** Show it, or hide it again. `reach`: {kit, client, store, over, focus}. */
export function toggle(opener, reach) {
  if (open) {
    shut(opener);
    return;
  }
  open = h("div", { class: "menu", role: "menu", "aria-label": reach.kit.t("menu.open") }, entries(reach).map((entry) => item(entry, opener)));
  open.addEventListener("keydown", (event) => key(event, opener));
  open.addEventListener("focusout", (event) => event.relatedTarget !== opener && !open?.contains(event.relatedTarget) && shut(opener, { refocus: false }));
  opener.after(open);
  opener.setAttribute("aria-expanded", "true");
  open.querySelector("button").focus();
}

function entries({ kit, client, store, over, focus }) {
  const { t, config } = kit;
  const { extras, conversations } = config;
  const said = client.thread.messages.length > 0;
  const live = !over && client.phase === "ready" && said;
  return [
    extras.sound && { icon: "sound", text: t("menu.sound"), checked: !store.get("muted", false), run: () => store.set("muted", store.get("muted") ? null : true) },
    extras.notifications && !config.embedded && "Notification" in window && notifications(t, store),
    said && extras.transcript && { icon: "save", text: t("menu.transcript"), run: () => download(client, kit) },
    live && extras.endButton && { icon: "x", text: t("menu.end"), bad: true, run: () => endAsked(client, kit, focus) },
    live && conversations.clear && { icon: "trash", text: t("menu.clear"), bad: true, run: () => clearAsked(client, kit, focus) },
  ].filter(Boolean);
}

/** The browser is only asked after this click. */
function notifications(t, store) {
  const on = Notification.permission === "granted" && store.get("notify", false);
  const run = async () => {
    const allowed = on ? "off" : await Notification.requestPermission();
    store.set("notify", allowed === "granted" ? true : null);
  };
  return { icon: "bell", text: t("menu.notify"), checked: on, disabled: Notification.permission === "denied", run };
}

async function endAsked(client, kit, focus) {
  const { t } = kit;
  const sure = await confirm({ title: t("end.title"), text: t("end.text"), yes: t("end.yes") }, kit);
  if (sure) client.end();
  focus();
}

/** Asked twice: it can't be undone. */
async function clearAsked(client, kit, focus) {
  const { t } = kit;
  const once = await confirm({ title: t("clear.title"), text: t("clear.text"), yes: t("clear.yes") }, kit);
  const twice = once && (await confirm({ title: t("clear.againTitle"), text: t("clear.againText"), yes: t("clear.againYes") }, kit));
  if (twice) client.clear();
  focus();
}

/**
 * @param {{icon: string, text: string, run: () => unknown, checked?: boolean, bad?: boolean, disabled?: boolean}} entry
 * @param {HTMLElement} opener
 */
function item({ icon: name, text, checked, bad, disabled, run }, opener) {
  const press = () => {
    shut(opener);
    run();
  };
  const box = checked !== undefined;
  return h("button", {
    type: "button", role: box ? "menuitemcheckbox" : "menuitem", "aria-checked": box ? String(checked) : null,
    class: bad ? "bad" : "", disabled, tabindex: "-1", onclick: press,
  }, icon(name, ""), h("span", {}, text), checked && icon("check", "sm end"));
}

function key(event, opener) {
  const items = [...open.querySelectorAll("button:enabled")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    event.stopPropagation();
    if (event.key === "Escape") event.preventDefault();
    shut(opener);
  } else if (to !== undefined) {
    event.preventDefault();
    items.at(to % items.length).focus();
  }
}

function shut(opener, { refocus = true } = {}) {
  const node = open;
  open = null;
  node?.remove();
  opener.setAttribute("aria-expanded", "false");
  if (refocus) opener.focus();
}
