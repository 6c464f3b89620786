/**
 * The guest protocol's shapes: frames to send, messages received. Pure: values in, values out.
 *
 * A message as the rest of the messenger knows it:
 *   {id, clientId, time (ms), mine, kind: "message"|"presence", presence, readOnly,
 *    author: {name, image, bot}, text, content: [...], status: "Sent"|"Delivered"|"Read"}
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
export const isServerTrouble = (code) => code === 5000 || (code >= 500 && code < 600);

export const frames = {
  configure: (deploymentId, startNew, code) => ({
    action: code ? "configureAuthenticatedSession" : "configureSession",
    deploymentId,
    ...(startNew && { startNew }),
    ...(code && { data: { code } }),
  }),
  message: (message) => ({ action: "onMessage", message }),
  typing: () => ({
    action: "onMessage",
    message: { type: "Event", events: [{ eventType: "Typing", typing: { type: "On" } }] },
  }),
  presence: (type) => ({
    action: "onMessage",
    message: { type: "Event", events: [{ eventType: "Presence", presence: { type } }] },
  }),
  receipt: (status, id) => ({ action: "onMessage", message: { type: "Receipt", status, id } }),
  echo: () => ({ action: "echo", tracingId: ECHO_ID, message: { type: "Text", text: "ping" } }),
  jwt: () => ({ action: "getJwt" }),
  end: () => ({ action: "disconnectCustomer" }),
  leave: () => ({ action: "closeSession", closeAllConnections: true }),
};

/** The `message` of a text with uploaded files (ids). */
export function textMessage(text, attachmentIds = []) {
  const content = attachmentIds.map((id) => ({ contentType: "Attachment", attachment: { id } }));
  return { type: "Text", text, ...(content.length && { content }) };
}

/** The same with custom attributes; official clients put them into the message's channel. */
export function withAttributes(message, attributes) {
  return Object.keys(attributes).length ? { ...message, channel: { metadata: { customAttributes: attributes } } } : message;
}

/** Parse a frame's text; null for what isn't a frame, so that one bad frame does no harm. */
export function parseFrame(data) {
  try {
    const frame = JSON.parse(data);
    return frame && typeof frame === "object" ? { ...frame, code: frame.code ?? 200 } : null;
  } catch {
    return null;
  }
}

/** The words for a reader where the kind of content isn't drawn: a picker's or form's title, a place's name. */
function fallbackText(content) {
  for (const part of content) {
    const [value] = Object.values(part).filter((one) => one && typeof one === "object");
    const words = value?.text ?? value?.title ?? value?.receivedMessage?.title ?? value?.introduction?.title;
    if (words) return words;
  }
  return "";
}

const DRAWN = new Set([
  "Attachment", "QuickReply", "QuickReplyV2", "Card", "Carousel", "ButtonResponse", "Text", "DatePicker", "ListPicker", "Form",
  "Location", "Notification",
]);

function readText(body, content) {
  if (body.text) return body.text;
  const pressed = content.find((part) => part.buttonResponse)?.buttonResponse;
  const titled = content.find((part) => part.quickReplyV2?.title)?.quickReplyV2.title;
  return pressed?.text ?? titled ?? fallbackText(content.filter((part) => !DRAWN.has(part.contentType)));
}

/** A StructuredMessage body (or history entity) as a message. */
export function readMessage(body, now) {
  const content = Array.isArray(body.content) ? body.content : [];
  const from = body.channel?.from ?? {};
  const presence = (body.events ?? []).find((event) => event.eventType === "Presence")?.presence?.type ?? null;
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

/** Where the socket is, for this deployment and the extensions that we ask for. */
export function socketUrl({ socketUrl: base, deploymentId, features }) {
  const query = new URLSearchParams({ deploymentId, application: "messenger-1" });
  if (features.length) query.set("features", features.join(","));
  return `${base}?${query}`;
}

/** UTF-8 bytes of a text: the limit is in bytes, and an emoji has four. */
export function byteLength(text) {
  return new TextEncoder().encode(text).length;
}
