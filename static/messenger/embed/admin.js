/** The live preview beside a configuration's form: the form goes to the server as one types, the page comes back. */
const WAIT_MS = 350;

addEventListener("DOMContentLoaded", async () => {
  const stage = document.querySelector("[data-stage]");
  const form = document.getElementById("messengerconfiguration_form");
  if (!stage || !form) return;
  const { Launcher } = await import(stage.dataset.launcher);
  const preview = new Preview(stage, form, Launcher);
  form.addEventListener("input", () => preview.soon());
  form.addEventListener("change", () => preview.soon());
  document.querySelector("[data-preview-bar]").addEventListener("change", () => preview.soon());
  preview.show();
});

class Preview {
  #stage;
  #form;
  #Launcher;
  #launcher = null;
  #frame = null;
  #timer = 0;
  #number = 0;
  #open = true;

  constructor(stage, form, Launcher) {
    this.#stage = stage;
    this.#form = form;
    this.#Launcher = Launcher;
  }

  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.show(), WAIT_MS);
  }

  /** A new frame loads behind the old one, and takes its place when it is there. */
  show() {
    const frame = document.createElement("iframe");
    frame.name = `preview-${++this.#number}`;
    frame.title = this.#stage.dataset.title;
    frame.className = "coming";
    frame.tabIndex = -1;
    this.#stage.append(frame);
    const submitted = this.#submit(frame.name);
    frame.addEventListener("load", () => {
      submitted.remove();
      if (frame.name === `preview-${this.#number}` && this.#draw(frame)) this.#replace(frame);
      else frame.remove();
    });
  }

  #submit(target) {
    const copy = document.createElement("form");
    Object.assign(copy, { method: "post", action: this.#stage.dataset.address, target, hidden: true });
    const bar = new FormData(document.querySelector("[data-preview-bar]"));
    for (const [name, value] of [...new FormData(this.#form), ...bar, ["configuration", this.#stage.dataset.configuration]]) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      copy.append(field);
    }
    document.body.append(copy);
    copy.submit();
    return copy;
  }

  #replace(frame) {
    this.#frame?.remove();
    this.#frame = frame;
    frame.className = "";
    frame.hidden = !this.#open;
    this.#stage.dataset.shown = this.#number;
  }

  /** The launcher as the answered page describes it. False: the answer is no preview (logged out, an error). */
  #draw(frame) {
    const config = frame.contentDocument?.getElementById("messenger-config")?.textContent;
    if (!config) return false;
    const { launcher: settings, teaser } = JSON.parse(config).preview;
    const { sideSpace, bottomSpace } = settings.look.position;
    const shown = settings.look.launcher.visibility !== "Off";
    this.#launcher?.remove();
    const act = { toggle: () => this.#toggle(settings, teaser), close: () => {}, dismiss: () => {}, slot: 0 };
    this.#launcher = new this.#Launcher(settings, act, this.#stage);
    frame.style.setProperty(this.#Launcher.side(settings), `${sideSpace}px`);
    frame.style.bottom = `${bottomSpace + (shown ? 72 : 0)}px`;
    this.#state(settings, teaser);
    return true;
  }

  #toggle(settings, teaser) {
    this.#open = !this.#open;
    this.#frame.hidden = !this.#open;
    this.#state(settings, teaser);
  }

  #state(settings, sample) {
    const { visibility } = settings.look.launcher;
    const teaser = { id: "sample", from: "Ana", text: sample };
    this.#launcher.draw({
      open: false, // its own panel stays away: the frame stands in its place
      shown: visibility !== "Off",
      unread: this.#open ? 0 : 1,
      teaser: settings.teaser && !this.#open ? teaser : null,
    });
  }
}
