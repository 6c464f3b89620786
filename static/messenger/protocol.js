// @ts-check
/**
 * The guest protocol's shapes: frames to send, messages received. Pure: values in, values out.
 *
 * A frame and what stands in it are the server's JSON: they are looked at as they come.
 */

/** @typedef {any} Json */
/**
 * A message as the rest of the messenger knows it; `time` in ms.
 * @typedef {{
 *   id: string, clientId: string | null, time: number, mine: boolean, kind: "message" | "presence",
 *   presence: string | null, readOnly: boolean, author: { name: string, image: string | null, bot: boolean },
 *   text: string, content: Json[], status: "Sent" | "Delivered" | "Read" | null,
 * }} Message
 */

/** The health check's fixed tracing id: its answer looks like a message and must not be shown. */
export const ECHO_ID = "SGVhbHRoQ2hlY2tNZXNzYWdlSWQ=";
export const TYPING_MS = 5000; // a typing event holds this long, and is sent at most this often

/** The answers that are about an upload. */
export const ATTACHMENT_CLASSES = new Set([
  "PresignedUrlResponse", "UploadSuccessEvent", "UploadFailureEvent", "GenerateUrlError", "AttachmentDeletedResponse",
]);

/** Error codes of a `class: "string"` answer that belong to one message, which must not be sent again as it is. */
export const REFUSED = new Set([400, 403, 404, 4000, 4008, 4009, 4010, 4011, 4013, 4020]);
export const RATE_LIMITED = new Set([429, 4029]);
export const SESSION_GONE = new Set([4006, 4007]);
/** The server's own trouble: the same frame may work a moment later. */
export const isServerTrouble = /** @param {number} code */ (code) => code === 5000 || (code >= 500 && code < 600);

export const frames = {
  /** @type {(deploymentId: string, startNew?: boolean, code?: string | null) => Json} */
  configure: (deploymentId, startNew, code) => ({
    action: code ? "configureAuthenticatedSession" : "configureSession",
    deploymentId,
    ...(startNew && { startNew }),
    ...(code && { data: { code } }),
  }),
  /** @type {(message: Json) => Json} */
  message: (message) => ({ action: "onMessage", message }),
  typing: () => ({
    action: "onMessage",
    message: { type: "Event", events: [{ eventType: "Typing", typing: { type: "On" } }] },
  }),
  /** @type {(type: string) => Json} */
  presence: (type) => ({
    action: "onMessage",
    message: { type: "Event", events: [{ eventType: "Presence", presence: { type } }] },
  }),
  /** @type {(status: string, id: string) => Json} */
  receipt: (status, id) => ({ action: "onMessage", message: { type: "Receipt", status, id } }),
  echo: () => ({ action: "echo", tracingId: ECHO_ID, message: { type: "Text", text: "ping" } }),
  jwt: () => ({ action: "getJwt" }),
  end: () => ({ action: "disconnectCustomer" }),
  leave: () => ({ action: "closeSession", closeAllConnections: true }),
};

/**
 * The `message` of a text with uploaded files (ids).
 * @param {string} text
 * @param {string[]} [attachmentIds]
 */
export function textMessage(text, attachmentIds = []) {
  const content = attachmentIds.map((id) => ({ contentType: "Attachment", attachment: { id } }));
  return { type: "Text", text, ...(content.length && { content }) };
}

/**
 * The same with custom attributes; official clients put them into the message's channel.
 * @param {Json} message
 * @param {Record<string, string>} attributes
 */
export function withAttributes(message, attributes) {
  return Object.keys(attributes).length ? { ...message, channel: { metadata: { customAttributes: attributes } } } : message;
}

/**
 * Parse a frame's text; null for what isn't a frame, so that one bad frame does no harm.
 * @param {string} data
 * @returns {Json}
 */
export function parseFrame(data) {
  try {
    const frame = JSON.parse(data);
    return frame && typeof frame === "object" ? { ...frame, code: frame.code ?? 200 } : null;
  } catch {
    return null;
  }
}

/**
 * The words for a reader where the kind of content isn't drawn: a picker's or form's title, a place's name.
 * @param {Json[]} content
 * @returns {string}
 */
function fallbackText(content) {
  for (const part of content) {
    const [value] = Object.values(part).filter((/** @type {Json} */ one) => one && typeof one === "object");
    const words = value?.text ?? value?.title ?? value?.receivedMessage?.title ?? value?.introduction?.title;
    if (words) return words;
  }
  return "";
}

const DRAWN = new Set([
  "Attachment", "QuickReply", "QuickReplyV2", "Card", "Carousel", "ButtonResponse", "Text", "DatePicker", "ListPicker", "Form",
  "Location", "Notification",
]);

/** @type {(body: Json, content: Json[]) => string} */
function readText(body, content) {
  if (body.text) return body.text;
  const pressed = content.find((part) => part.buttonResponse)?.buttonResponse;
  const titled = content.find((part) => part.quickReplyV2?.title)?.quickReplyV2.title;
  return pressed?.text ?? titled ?? fallbackText(content.filter((part) => !DRAWN.has(part.contentType)));
}

/**
 * A StructuredMessage body (or history entity) as a message.
 * @param {Json} body
 * @param {number} now ms, for one without a time
 * @returns {Message}
 */
export function readMessage(body, now) {
  const content = Array.isArray(body.content) ? body.content : [];
  const from = body.channel?.from ?? {};
  const presence = (body.events ?? []).find((/** @type {Json} */ event) => event.eventType === "Presence")?.presence?.type ?? null;
  const time = Date.parse(body.channel?.time ?? "");
  const names = [from.firstName, from.lastName].filter(Boolean).join(" ");
  return {
    id: body.id ?? `${presence ?? body.type}-${body.channel?.time ?? now}`,
    clientId: body.metadata?.customMessageId ?? null,
    time: Number.isNaN(time) ? now : time,
    mine: body.direction === "Inbound",
    kind: body.type === "Event" ? "presence" : "message",
    presence,
    readOnly: body.metadata?.readOnly === "true",
    author: { name: from.nickname ?? names, image: from.image ?? null, bot: body.originatingEntity === "Bot" },
    text: readText(body, content),
    content,
    status: body.status ?? null,
  };
}

/**
 * Where the socket is, for this deployment and the extensions that we ask for.
 * @param {{socketUrl: string, deploymentId: string, features: string[]}} config
 */
export function socketUrl({ socketUrl: base, deploymentId, features }) {
  const query = new URLSearchParams({ deploymentId, application: "messenger-1" });
  if (features.length) query.set("features", features.join(","));
  return `${base}?${query}`;
}

/**
 * UTF-8 bytes of a text: the limit is in bytes, and an emoji has four.
 * @param {string} text
 */
export function byteLength(text) {
  return new TextEncoder().encode(text).length;
}
