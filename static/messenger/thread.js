/** The messages of one guest session, in order and each once, with what the other side has seen of ours. */
const RANK = { Sent: 0, Delivered: 1, Read: 2 };
const NOTHING = { time: 0, at: null };

export class Thread {
  #messages = new Map();
  #marks = { Delivered: NOTHING, Read: NOTHING };
  #early = new Map(); // receipts that named a message before it came
  #sorted = null;

  /** Add or refresh a message; true if it wasn't known. */
  put(message) {
    const known = this.#messages.get(message.id);
    const clientId = message.clientId ?? known?.clientId ?? null;
    this.#messages.set(message.id, { ...known, ...message, clientId });
    this.#sorted = null;
    const early = this.#early.get(message.id);
    if (early) this.receipt(early.status, message.id, early.at);
    if (message.mine && message.status) this.receipt(message.status, message.id, null);
    return !known;
  }

  /** All up to that message are delivered or read. `at`: when (ms), if known. */
  receipt(status, id, at) {
    if (!(status in this.#marks)) return;
    const message = this.#messages.get(id);
    if (!message) {
      this.#early.set(id, { status, at });
      return;
    }
    this.#early.delete(id);
    for (const rank of ["Delivered", "Read"].slice(0, RANK[status])) {
      if (message.time > this.#marks[rank].time) this.#marks[rank] = { time: message.time, at };
    }
  }

  /** {status: "Sent"|"Delivered"|"Read", at: ms or null} of one of our messages. */
  statusOf(message) {
    for (const status of ["Read", "Delivered"]) {
      if (message.time <= this.#marks[status].time) return { status, at: this.#marks[status].at };
    }
    return { status: "Sent", at: null };
  }

  get ids() {
    return new Set(this.#messages.keys());
  }

  /** By the server's time; equal times in order of arrival. */
  get messages() {
    this.#sorted ??= [...this.#messages.values()].sort((a, b) => a.time - b.time);
    return this.#sorted;
  }

  /** The newest message of the other side, or null. */
  get lastTheirs() {
    return this.messages.findLast((message) => !message.mine && message.kind === "message") ?? null;
  }

  /** Who answered last: {name, image, bot}, or null after the conversation ended. */
  get counterpart() {
    for (const message of this.messages.toReversed()) {
      if (message.presence === "Disconnect") return null;
      if (!message.mine && message.author.name) return message.author;
    }
    return null;
  }

  clear() {
    this.#messages.clear();
    this.#early.clear();
    this.#marks = { Delivered: NOTHING, Read: NOTHING };
    this.#sorted = null;
  }
}
