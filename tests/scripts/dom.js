/** As much of a document as modules need that only build nodes: for node's test runner, where there is none. */

export class FakeElement {
  #attributes = new Map();
  #listeners = new Map();
  childNodes = [];

  constructor(tag) {
    this.tag = tag;
  }

  setAttribute(name, value) {
    this.#attributes.set(name, String(value));
  }

  addEventListener(name, listener) {
    this.#listeners.set(name, listener);
  }

  append(...nodes) {
    for (const node of nodes) {
      if (typeof node === "string" && typeof this.childNodes.at(-1) === "string") this.childNodes.push(this.childNodes.pop() + node);
      else if (node !== "") this.childNodes.push(node);
    }
  }

  /** [tag, {attribute: value}, ...children], for comparing. */
  get tree() {
    return [this.tag, Object.fromEntries(this.#attributes), ...this.childNodes.map((one) => one.tree ?? one)];
  }
}

/** Where there is no document yet, this one is it. */
export function pretend() {
  globalThis.document ??= { createElement: (tag) => new FakeElement(tag), createElementNS: (_, tag) => new FakeElement(tag) };
  globalThis.location ??= { href: "https://shop.example/messenger/" };
}
