/**
 * Bring a part of the page to what a fresh load would show, by changing only what differs: focus, selection, scroll
 * and open details stay. Elements are matched by id, then by their place.
 *
 * `data-keep` keeps an element as it is; the text of a <time> belongs to time.js, so one of another moment is another
 * element; `open` belongs to the reader.
 */
export function patch(root, html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  keepingFocus(() => children(root, box.content));
}

/** The same for one element, itself included; `fresh` is used up. */
export function become(old, fresh) {
  keepingFocus(() => morph(old, fresh));
}

function keepingFocus(change) {
  const focused = document.activeElement;
  change();
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
}

function children(old, fresh) {
  const byId = new Map([...old.children].filter((node) => node.id).map((node) => [node.id, node]));
  let at = old.firstChild;
  for (const node of [...fresh.childNodes]) {
    const match = node.id ? byId.get(node.id) : at && alike(at, node) ? at : null;
    if (match?.nodeName !== node.nodeName) {
      old.insertBefore(node, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    morph(match, node);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

const alike = (a, b) => a.nodeName === b.nodeName && !a.id;

function morph(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if ("keep" in old.dataset) return;
  const time = old.nodeName === "TIME";
  if (time && old.dateTime !== fresh.dateTime) return old.replaceWith(fresh);
  attributes(old, fresh, time ? "title" : "open");
  if (!time) children(old, fresh);
}

function attributes(old, fresh, kept) {
  for (const name of old.getAttributeNames()) if (name !== kept && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (name !== kept && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}
