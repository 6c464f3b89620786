/**
 * The loader: <script async src="https://HOST/messenger/embed.js" data-deployment="ID"></script>
 *
 * Its only global is ContactCenter. A page may use it before this file is here, as a list of calls:
 *   (window.ContactCenter ||= []).push(["open"], (messengers) => messengers.get("ID").prefill("Hello"));
 * Once here, ContactCenter.open() and its like mean the first deployment of the page, get(id) gives any.
 */
(() => {
  const METHODS = [
    "open", "close", "toggle", "show", "hide", "send", "prefill", "setAttributes", "setContext", "signIn", "signOut",
    "destroy",
  ];
  let last = null; // a promise of the messenger that was asked for before
  const script = document.currentScript;
  const known = window.ContactCenter;
  const api = known && !Array.isArray(known) ? known : start(Array.isArray(known) ? known : []);
  if (script?.dataset.deployment) api.load(script.dataset.deployment, { ...script.dataset, src: script.src });

  function start(waiting) {
    const all = new Map();
    const api = {
      /** Draw a deployment's messenger. Loading it a second time changes nothing. */
      load(id, options = {}) {
        if (!all.has(id)) all.set(id, handle(id, options, () => all.delete(id)));
        flush();
        return all.get(id);
      },
      get: (id) => all.get(id),
      /** ["open"], or a function that gets this object. */
      push(...calls) {
        waiting.push(...calls);
        if (all.size) flush();
      },
    };
    for (const name of [...METHODS, "on"]) {
      api[name] = (...given) => {
        const first = all.values().next().value;
        return first ? first[name](...given) : api.push([name, ...given]);
      };
    }
    const flush = () => {
      for (const call of waiting.splice(0)) typeof call === "function" ? call(api) : api[call[0]]?.(...call.slice(1));
    };
    window.ContactCenter = api;
    return api;
  }

  /** One deployment's messenger; what is called before its code is here waits. */
  function handle(id, options, gone) {
    const listeners = new Map();
    const emit = (name, detail) => {
      for (const listener of listeners.get(name) ?? []) listener(detail);
    };
    const real = load(id, options, emit, last);
    last = real;
    const own = {
      id,
      /** "ready", "open", "close", "message", "unread", "state". Gives the function that stops it. */
      on(name, listener) {
        listeners.set(name, (listeners.get(name) ?? new Set()).add(listener));
        return () => listeners.get(name).delete(listener);
      },
    };
    for (const name of METHODS) {
      own[name] = (...given) => {
        if (name === "destroy") gone();
        return real.then((messenger) => messenger?.[name](...given));
      };
    }
    return own;
  }

  async function load(id, { language = document.documentElement.lang, src }, emit, before) {
    const base = new URL(".", src ?? script.src);
    const address = new URL(`${encodeURIComponent(id)}/launcher.js`, base);
    if (language) address.searchParams.set("lang", language);
    const { Messenger, settings } = await import(address.href).catch(() => ({}));
    await before?.catch(() => {}); // they stand side by side in the order in which they were asked for
    if (!Messenger) console.warn(`ContactCenter: deployment ${id} can't be loaded from ${base.origin}.`);
    else if (!Messenger.allowedHere(settings)) console.warn(`ContactCenter: deployment ${id} doesn't allow this site.`);
    else return new Messenger(settings, emit);
    return null;
  }
})();
