/** What a message carries besides its text: files, places, quick replies, cards, and cards that open pickers and forms. */
import { answerMessage, cardsNode, picture } from "./cards.js";
import { button, h, icon, safeUrl } from "./dom.js";
import { linked } from "./words.js";

const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;
const STICKER_PX = 512;
const MAP = "https://www.openstreetmap.org/";

/** What stands in the bubble's column below the text: files, places, notifications. */
export function inside({ message }, act, kit) {
  return message.content.map((part) => {
    if (part.attachment) return fileNode(part.attachment, act, kit);
    if (part.location) return placeNode(part.location, kit);
    return part.notification ? notificationNode(part.notification) : null;
  });
}

/** What the customer can press, below the message: cards, quick replies, pickers, forms. */
export function below(item, act, kit) {
  const { message, answered } = item;
  if (message.mine) return [];
  const cards = message.content.flatMap((part) => part.carousel?.cards ?? (part.card ? [part.card] : []));
  const replies = message.content.flatMap((part) => part.quickReplyV2?.actions ?? (part.quickReply ? [part.quickReply] : []));
  return [
    cards.length > 0 && cardsNode(cards, message, act, kit),
    replies.length > 0 && repliesNode(replies, answered, act, kit),
    message.content.map((part) => pickerNode(part, message, answered, act, kit)),
  ];
}

function fileNode(file, act, kit) {
  const { t, size } = kit;
  const href = safeUrl(file.url);
  const name = file.filename || t("file.file");
  const kind = (file.mime ?? "").split("/")[0];
  const props = { href, target: "_blank", rel: "noopener" };
  if (href && (file.mediaType === "Image" || kind === "image") && (!file.mime || PICTURE.test(file.mime))) {
    const image = h("img", { src: href, alt: file.text || name, loading: "lazy", decoding: "async" });
    const look = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      act.view({ href, name, from: event.currentTarget });
    };
    const photo = h("a", { ...props, class: "photo", "aria-label": t("file.open", { name }), onclick: look }, image);
    if (file.mime === "image/webp") image.addEventListener("load", () => photo.classList.toggle("sticker", isSticker(image)));
    return photo;
  }
  if (href && (file.mediaType === "Video" || kind === "video")) {
    return h("video", { class: "clip", src: href, controls: true, preload: "metadata", "aria-label": name });
  }
  if (href && (file.mediaType === "Audio" || kind === "audio")) {
    return h("audio", { class: "clip", src: href, controls: true, preload: "metadata", "aria-label": name });
  }
  const about = file.fileSize ? h("small", { class: "num" }, size(file.fileSize)) : null;
  return h(href ? "a" : "span", { ...props, class: "file" }, icon("file", ""), h("span", {}, h("b", {}, h("bdi", {}, name)), about));
}

/** As messengers send them: a small square, WebP with its own outline. */
function isSticker({ naturalWidth, naturalHeight }) {
  return naturalWidth === naturalHeight && naturalWidth <= STICKER_PX;
}

function placeNode(place, { t }) {
  const { latitude: lat, longitude: lon } = place;
  const here = lat === undefined ? null : `${MAP}?mlat=${lat}&mlon=${lon}#map=16/${lat}/${lon}`;
  const href = safeUrl(place.url) ?? here;
  const words = h("span", { dir: "auto" }, h("b", {}, place.text || t("place")), place.address && h("small", {}, place.address));
  return h(href ? "a" : "span", { class: "file", href, target: "_blank", rel: "noopener noreferrer" }, icon("pin", ""), words);
}

function notificationNode({ header, body, footer }) {
  const line = (part, tag) => part?.text && h(tag, {}, linked(filled(part)));
  return h("div", { class: "bubble md", dir: "auto" }, line(header, "strong"), line(body, "p"), line(footer, "small"));
}

/** A template's text with its {{1}} or {{name}} places filled. */
function filled({ text, parameters = [] }) {
  return parameters.reduce((so, { name, text: value }, index) => so.replaceAll(`{{${name || index + 1}}}`, value), text);
}

function repliesNode(replies, answered, act, { t }) {
  const open = !answered;
  const pills = replies.map((reply) => {
    const on = answered?.text === reply.text;
    const press = () => act.answer(answerMessage(reply));
    const image = safeUrl(reply.image);
    const mark = on ? [icon("check"), h("span", { class: "sr" }, t("replies.picked"))] : image && h("img", { src: image, alt: "" });
    return button(on ? "pill on" : "pill", press, { disabled: !open }, mark, reply.text);
  });
  return h("div", { class: open ? "pills" : "pills picked", role: "group", "aria-label": t("replies.label") }, pills);
}

/** A card that opens a list, a calendar or a form; once answered it says so. */
function pickerNode(part, message, answered, act, { t }) {
  const kind = ["listPicker", "datePicker", "form"].find((name) => part[name]);
  if (!kind) return null;
  const ask = part[kind];
  const { title = "", subtitle = "", buttonLabel, imageUrl } = introduction(kind, ask);
  const image = safeUrl(imageUrl);
  const done = answered && h("p", { class: "done" }, icon("check"), h("span", { dir: "auto" }, answered.text || t("picker.done")));
  const open = button("open", (event) => act.open(kind, ask, message.id, event.currentTarget), {},
    icon({ listPicker: "list", datePicker: "calendar", form: "file" }[kind]), buttonLabel || t(`picker.${kind}`));
  return h("div", { class: "card ask" }, image && picture(image),
    h("div", { class: "card-text", dir: "auto" }, h("b", {}, title || t(`picker.${kind}`)), subtitle && h("span", {}, subtitle)), done || open);
}

function introduction(kind, ask) {
  if (kind === "datePicker") return ask;
  const { buttonText, ...first } = ask.introduction ?? {};
  return { ...ask.receivedMessage, ...first, ...(buttonText && { buttonLabel: buttonText }) };
}
