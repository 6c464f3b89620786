/** A message as plain text, whatever it carries. */

/** Its text, then a line for each file, card and place. */
export function textOf(message, t) {
  const parts = message.content.map((part) => partText(part, t)).filter(Boolean);
  return [message.text, ...parts].filter(Boolean).join("\n");
}

function partText(part, t) {
  if (part.attachment) return `[${t("file.file")}: ${part.attachment.filename || t("file.file")}]`;
  if (part.card) return cardText(part.card);
  if (part.carousel) return part.carousel.cards.map(cardText).join("\n");
  if (part.location) return [part.location.text, part.location.address, part.location.url].filter(Boolean).join(", ");
  return "";
}

function cardText({ title, description }) {
  return `[${[title, description].filter(Boolean).join(": ")}]`;
}
