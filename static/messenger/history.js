/**
 * Earlier messages, over REST with a short-lived JWT from the socket. Newest pages first; after a reconnect it
 * reads back until it meets a message that is already here, so that a gap of any length closes.
 */
import { frames, readMessage } from "./protocol.js";

const PAGE_SIZE = 25;
const MOST_PAGES = 8; // in one go: the server allows ten a minute
const RETRY_MS = 8000;
const JWT_MS = 10_000;

export class History {
  more = false; // are there older messages?
  synced = false; // has the newest page been read?
  loading = false;
  #url;
  #features;
  #send;
  #jwt = null;
  #asked = null;
  #page = 0;
  #retry = 0;
  #round = 0; // of resets: what was asked for an earlier session is not for this one

  /**
   * @param {string} url of the messages; @param {string[]} features extensions that it should tell of
   * @param {(frame) => boolean} send asks the socket for a JWT
   */
  constructor(url, features, send) {
    this.#url = url;
    this.#features = features.join(",");
    this.#send = send;
  }

  /** The socket's answer to getJwt. */
  receiveJwt({ jwt, exp }) {
    this.#jwt = { jwt, until: exp ? exp * 1000 - 5000 : Date.now() + 60_000 };
    this.#asked?.resolve(jwt);
    this.#asked = null;
  }

  /** A new session: nothing read yet. */
  reset() {
    clearTimeout(this.#retry);
    this.#round += 1;
    if (this.#asked) this.#giveUp(this.#asked);
    this.#jwt = null;
    this.#page = 0;
    this.more = false;
    this.synced = false;
  }

  /**
   * Read from the newest page until a message that `knows(id)`; calls `take(messages)` per page and `done()`
   * once the gap is closed. Tries again later if the server or the line fails.
   */
  async sync(knows, take, done) {
    clearTimeout(this.#retry);
    const round = this.#round;
    const first = this.#page === 0; // nothing here yet: the newest page is enough, older ones on demand
    try {
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const { messages, pageCount } = await this.#read(page);
        if (round !== this.#round) return;
        const met = messages.some((message) => knows(message.id));
        take(messages);
        this.#page = Math.max(this.#page, page);
        this.more = this.#page < pageCount;
        if (first || met || page >= pageCount) break;
      }
      this.synced = true;
      done();
    } catch {
      if (round === this.#round) this.#retry = setTimeout(() => this.sync(knows, take, done), RETRY_MS);
    }
  }

  /** One page further back. */
  async older(take) {
    if (this.loading || !this.more) return;
    this.loading = true;
    const round = this.#round;
    try {
      const { messages, pageCount } = await this.#read(this.#page + 1);
      if (round !== this.#round) return;
      this.#page += 1;
      this.more = this.#page < pageCount && messages.length > 0;
      take(messages);
    } catch {
      // The reader scrolls up again, or the next sync goes on.
    } finally {
      this.loading = false;
    }
  }

  async #read(pageNumber) {
    const query = new URLSearchParams({ pageNumber: String(pageNumber), pageSize: String(PAGE_SIZE), ...(this.#features && { features: this.#features }) });
    const response = await fetch(`${this.#url}?${query}`, {
      headers: { Authorization: `bearer ${await this.#token()}`, Accept: "application/json" },
      credentials: "omit",
    });
    if (response.status === 401) this.#jwt = null;
    if (!response.ok) throw new Error(`history: ${response.status}`);
    const { entities = [], pageCount = 1 } = await response.json();
    return { messages: entities.map((entity) => readMessage(entity, Date.now())), pageCount };
  }

  #token() {
    if (this.#jwt && this.#jwt.until > Date.now()) return this.#jwt.jwt;
    if (this.#asked) return this.#asked.promise;
    const asked = {};
    asked.promise = new Promise((resolve, reject) => Object.assign(asked, { resolve, reject }));
    this.#asked = asked;
    setTimeout(() => this.#giveUp(asked), JWT_MS);
    if (!this.#send(frames.jwt())) this.#giveUp(asked);
    return asked.promise;
  }

  #giveUp(asked) {
    asked.reject(new Error("history: no token"));
    if (this.#asked === asked) this.#asked = null;
  }
}
