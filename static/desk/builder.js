/**
 * The small form for quick replies, a card or a carousel: filled in beside a preview that the server draws as the
 * thread does; what the channel doesn't take is said beside the field. Loaded when somebody opens it.
 */
import { h, icon } from "../design/dom.js";
import { tell } from "../design/events.js";
import { contentOf, putContent } from "./content.js";
import { Refused, post, text } from "./net.js";

const PAUSE = 200; // ms of silence before the preview is asked for
const FRESH = {
  quick_replies: () => ({ type: "quick_replies", items: [{ text: "" }, { text: "" }] }),
  card: () => ({ type: "card", ...card() }),
  carousel: () => ({ type: "carousel", cards: [card(), card()] }),
};
const card = () => ({ title: "", description: "", image_url: "", actions: [] });
const sheet = () => document.getElementById("sheet");
const form = () => document.getElementById("composer");
let state = null; // {item, place, limits, at (card), faults, ok, timer, asked}

/** Open it for a new item, or for the one at `place` of those that go with the next reply. */
export function open(place = null) {
  const known = place === null ? null : structuredClone(contentOf(form().dataset.conversation)[place]);
  const kinds = form().dataset.kinds.split(" ");
  const item = known ?? FRESH[kinds[0]]();
  state = { item, place, kinds, limits: JSON.parse(form().dataset.limits), at: 0, faults: {}, ok: null, timer: 0, asked: 0, touched: false };
  const head = h("div", { class: "sheet-head" }, h("h2", { id: "sheet-title" }, text("build.title")),
    h("button", { type: "button", class: "btn ghost icon-only", "data-sheet-close": true, "aria-label": text("close") }, icon("x")));
  const body = h("div", { class: "sheet-body builder" },
    known ? null : h("div", { class: "seg", role: "group", "aria-label": text("build.kind") }, kinds.map(kindButton)),
    h("div", { class: "builder-fields" }),
    h("section", { class: "builder-preview", "aria-label": text("build.preview") }, h("h3", {}, text("build.preview")), h("div", { class: "msg out", id: "builder-shown" })));
  const foot = h("div", { class: "sheet-foot" }, h("button", { type: "button", class: "btn", "data-sheet-close": true }, text("cancel")),
    h("button", { class: "btn primary" }, text("build.add")));
  const whole = h("form", { novalidate: true, onsubmit: submit, oninput: onInput, onclick: onClick }, head, body, foot);
  sheet().replaceChildren(whole);
  draw();
  if (!sheet().open) sheet().showModal();
  sheet().querySelector(".builder-fields input")?.focus();
}

const kindButton = (kind) => h("button", { type: "button", "data-kind": kind, "aria-pressed": String(kind === state.item.type) }, text(`kind.${kind}`));

// --- the fields -----------------------------------------------------------------------------------

function draw() {
  const { item } = state;
  for (const button of sheet().querySelectorAll("[data-kind]")) button.setAttribute("aria-pressed", String(button.dataset.kind === item.type));
  const parts = { quick_replies: replies, card: () => cardFields(item, ""), carousel: cards };
  sheet().querySelector(".builder-fields").replaceChildren(...[parts[item.type]()].flat());
  showFaults();
  ask();
}

function replies() {
  const { item: { items }, limits } = state;
  const rows = items.map((reply, index) => h("div", { class: "row top" },
    field(`items.${index}.text`, text("build.reply", { number: index + 1 }), reply.text, { limit: limits.quick_reply_text, bare: true }),
    items.length > 1 && away(`items.${index}`, text("build.reply", { number: index + 1 }))));
  return [...rows, more("items", items.length, limits.quick_replies, text("build.addReply"))];
}

function cards() {
  const { item, limits, at } = state;
  const tab = (_, index) => h("button", { type: "button", "data-card": index, "aria-pressed": String(index === at) }, text("build.card", { number: index + 1 }));
  const bar = h("div", { class: "row wrap" }, h("div", { class: "seg wrap", role: "group", "aria-label": text("kind.carousel") }, item.cards.map(tab)),
    item.cards.length > 1 && away(`cards.${at}`, text("build.card", { number: at + 1 })), more("cards", item.cards.length, limits.cards, text("build.addCard")));
  return [bar, ...cardFields(item.cards[at], `cards.${at}.`)];
}

function cardFields(one, path) {
  const { limits } = state;
  const actions = one.actions ?? [];
  return [
    field(`${path}title`, text("build.cardTitle"), one.title, { limit: limits.card_title }),
    field(`${path}description`, text("build.description"), one.description, { limit: limits.card_description, tag: "textarea" }),
    field(`${path}image_url`, text("build.picture"), one.image_url, { type: "url", hint: "https://" }),
    h("fieldset", { class: "builder-actions" }, h("legend", {}, text("build.buttons")),
      actions.map((action, index) => actionFields(action, `${path}actions.${index}`, index)),
      more(`${path}actions`, actions.length, limits.card_actions, text("build.addButton"))),
  ];
}

function actionFields(action, path, index) {
  const kind = h("select", { class: "input", "data-path": `${path}.type`, "aria-label": text("build.does", { number: index + 1 }) },
    h("option", { value: "postback", selected: action.type !== "link" }, text("build.answers")), h("option", { value: "link", selected: action.type === "link" }, text("build.opens")));
  return h("div", { class: "builder-action" }, h("div", { class: "row top" },
    field(`${path}.text`, text("build.button", { number: index + 1 }), action.text, { limit: state.limits.action_text, bare: true }), kind, away(path, text("build.button", { number: index + 1 }))),
    action.type === "link" && field(`${path}.url`, text("build.address", { number: index + 1 }), action.url, { type: "url", hint: "https://", bare: true }));
}

/** A field with its limit and the place for what is wrong. `bare`: the label is for screen readers, and in the field. */
function field(path, label, value, { limit = 0, tag = "input", type = "text", hint = "", bare = false } = {}) {
  const id = `build-${path.replaceAll(".", "-")}`;
  const input = h(tag, {
    class: "input", id, type: tag === "input" ? type : null, rows: tag === "textarea" ? "2" : null, "data-path": path, "data-limit": limit || null,
    placeholder: hint || (bare ? label : null), autocomplete: "off", "aria-describedby": `${id}-wrong ${id}-left`,
  });
  input.value = value ?? "";
  return h("div", { class: "field" }, h("label", { for: id, class: bare ? "sr" : null }, label), input,
    h("small", { class: "hint num", id: `${id}-left` }, limit ? text("count", { length: [...input.value].length, limit }) : ""),
    h("p", { class: "error", id: `${id}-wrong`, hidden: true }));
}

const away = (path, name) => h("button", { type: "button", class: "btn ghost icon-only", "data-away": path, "aria-label": text("removeFile", { name }) }, icon("x", "sm"));
const more = (path, count, limit, label) => h("div", { class: "row" },
  h("button", { type: "button", class: "btn ghost", "data-more": path, disabled: count >= limit }, icon("plus", "sm"), label), h("small", { class: "quiet num" }, text("count", { length: count, limit })));

// --- what is filled in ----------------------------------------------------------------------------

/** The object that holds a path's last step, and that step. */
function place(path) {
  const steps = path.split(".");
  const last = steps.pop();
  return [steps.reduce((at, step) => at[step], state.item), last];
}

function onInput({ target }) {
  const { path, limit } = target.dataset;
  if (!path) return;
  const [holder, name] = place(path);
  holder[name] = target.value;
  if (path.endsWith(".type")) draw();
  else if (limit) document.getElementById(`${target.id}-left`).textContent = text("count", { length: [...target.value].length, limit });
  ask();
}

function onClick(event) {
  const to = (name) => event.target.closest(`[data-${name}]`)?.dataset[name];
  if (to("kind")) change(() => (Object.assign(state, { item: FRESH[to("kind")](), at: 0, touched: false })));
  else if (to("card")) change(() => (state.at = Number(to("card"))));
  else if (to("more")) change(() => add(to("more")), to("more"));
  else if (to("away")) change(() => drop(to("away")));
}

function change(how, added = "") {
  how();
  draw();
  const fields = [...sheet().querySelectorAll(".builder-fields [data-path]")];
  const last = fields.filter((one) => added && one.dataset.path.startsWith(added) && one.dataset.path.endsWith("text")).at(-1);
  (last ?? fields[0])?.focus();
}

function add(path) {
  const [holder, name] = place(path);
  const fresh = { items: () => ({ text: "" }), cards: card, actions: () => ({ type: "postback", text: "" }) }[name]();
  holder[name] = [...(holder[name] ?? []), fresh];
  if (name === "cards") state.at = holder[name].length - 1;
}

function drop(path) {
  const [list, index] = place(path);
  list.splice(Number(index), 1);
  state.at = Math.max(0, Math.min(state.at, (state.item.cards?.length ?? 1) - 1));
}

// --- what the server says -------------------------------------------------------------------------

function ask() {
  clearTimeout(state.timer);
  state.timer = setTimeout(check, PAUSE);
}

/** Ask how it looks and what is wrong; an answer that comes after a later question is dropped. */
async function check() {
  const mine = ++state.asked;
  const current = state;
  clearTimeout(state.timer);
  const answer = await (await post(form().dataset.contentUrl, { item: JSON.stringify(state.item) })).json();
  if (mine !== current.asked || current !== state) return null;
  Object.assign(state, { faults: answer.faults, ok: answer.item });
  const shown = document.getElementById("builder-shown");
  if (answer.html) shown.innerHTML = answer.html;
  if (!shown.innerHTML) shown.textContent = text("build.empty");
  showFaults();
  return answer.item;
}

/** Beside the fields; what is only missing yet isn't held against anybody before they want to add it. */
function showFaults() {
  for (const input of sheet().querySelectorAll(".builder-fields .input[id]")) {
    const said = state.faults[input.dataset.path] ?? "";
    const shown = said && (state.touched || input.value) ? said : "";
    const node = document.getElementById(`${input.id}-wrong`);
    node.textContent = shown;
    node.hidden = !shown;
    input.setAttribute("aria-invalid", String(Boolean(shown)));
  }
}

async function submit(event) {
  event.preventDefault();
  state.touched = true;
  try {
    const item = await check();
    if (item) finish(item);
    else toFault();
  } catch (error) {
    document.getElementById("builder-shown").textContent = error instanceof Refused ? error.message : text("offline");
  }
}

/** To the first field that is wrong; of a carousel that may be another card. */
function toFault() {
  const [first] = Object.keys(state.faults);
  const number = first?.match(/^cards\.(\d+)\./)?.[1];
  if (number !== undefined && Number(number) !== state.at) {
    state.at = Number(number);
    draw();
  }
  sheet().querySelector("[aria-invalid=true]")?.focus();
}

function finish(item) {
  const conversation = form().dataset.conversation;
  const items = [...contentOf(conversation)];
  items[state.place ?? items.length] = item;
  putContent(conversation, items);
  tell("composer-changed");
  sheet().close();
  document.getElementById("composer-text").focus();
}
