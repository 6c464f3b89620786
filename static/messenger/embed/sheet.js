/** The launcher's look. A constructed sheet: it needs no 'unsafe-inline' in the page's policy. */
const RULES = `
:host { all: initial !important; position: fixed !important; inset: auto !important; width: 0 !important; height: 0 !important; z-index: 2147483000 !important; color-scheme: light dark !important; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.root {
  --surface: light-dark(#fff, #151a23); --ink: light-dark(#161b26, #e8ecf3); --ink-2: light-dark(#4a5468, #aab4c5); --line: light-dark(#e4e7ee, #262e3b);
  --shadow: 0 8px 24px -6px light-dark(rgb(16 24 40 / .22), rgb(0 0 0 / .6)), 0 2px 6px light-dark(rgb(16 24 40 / .08), rgb(0 0 0 / .4));
  --focus: 0 0 0 2px var(--surface), 0 0 0 4px var(--ink);
  font: 420 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--ink); text-align: start;
}
button { font: inherit; color: inherit; cursor: pointer; }
:focus-visible { outline: 2px solid transparent; box-shadow: var(--focus) !important; }
svg { width: 24px; height: 24px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.launcher {
  position: fixed; inset-block-end: var(--bottom); display: flex; align-items: center; justify-content: center; gap: 8px; min-width: 56px; height: 56px;
  padding: 0; border: 0; border-radius: 28px; background: var(--brand); color: var(--on-brand); box-shadow: var(--shadow);
  transition: transform 140ms ease, filter 140ms ease;
}
.launcher:hover { filter: brightness(1.08); transform: translateY(-1px); }
.launcher.words { padding: 0 20px; font-weight: 600; font-size: 15px; }
.left .launcher, .left .panel, .left .teaser { left: var(--side); }
.right .launcher, .right .panel, .right .teaser { right: var(--side); }
.count {
  position: absolute; inset-block-start: -4px; inset-inline-end: -4px; display: grid; place-items: center; min-width: 22px; height: 22px; padding: 0 6px;
  border-radius: 11px; background: #b42318; color: #fff; font-size: 12px; font-weight: 700; font-variant-numeric: tabular-nums; box-shadow: 0 0 0 2px var(--surface);
}
.panel {
  position: fixed; inset-block-end: calc(var(--bottom) + 72px); width: min(400px, var(--wide, 100vw) - 2 * var(--edge)); height: min(680px, var(--tall, 100vh) - var(--bottom) - 96px);
  overflow: hidden; border: 1px solid var(--line); border-radius: 14px; background: var(--surface); box-shadow: var(--shadow); animation: rise 180ms cubic-bezier(.2, .7, .3, 1);
}
.panel.bare { inset-block-end: var(--bottom); }
.panel.away { visibility: hidden; pointer-events: none; animation: none; }
@keyframes rise { from { opacity: 0; transform: translateY(8px); } }
iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
.wait { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 12px; padding: 24px; text-align: center; text-wrap: balance; background: var(--surface); }
.wait i { width: 28px; height: 28px; border: 3px solid var(--line); border-block-start-color: var(--brand); border-radius: 50%; animation: turn .8s linear infinite; }
.wait a { color: inherit; }
@keyframes turn { to { transform: rotate(1turn); } }
.teaser {
  position: fixed; inset-block-end: calc(var(--bottom) + 72px); display: flex; align-items: flex-start; width: min(320px, var(--wide, 100vw) - 2 * var(--edge));
  border: 1px solid var(--line); border-radius: 14px; background: var(--surface); box-shadow: var(--shadow); animation: rise 180ms cubic-bezier(.2, .7, .3, 1);
}
.right .teaser { border-end-end-radius: 5px; }
.left .teaser { border-end-start-radius: 5px; }
.teaser button { border: 0; background: none; border-radius: 12px; }
.teaser .main { display: grid; flex: 1; gap: 2px; min-width: 0; padding: 12px 0 12px 16px; text-align: start; }
:dir(rtl) .teaser .main { padding: 12px 16px 12px 0; }
.teaser b { font-weight: 600; overflow-wrap: anywhere; }
.teaser p { display: -webkit-box; margin: 0; overflow: hidden; color: var(--ink-2); overflow-wrap: anywhere; -webkit-box-orient: vertical; -webkit-line-clamp: 3; }
.teaser .dismiss { display: grid; place-items: center; flex: none; width: 36px; height: 36px; margin: 4px; color: var(--ink-2); }
.teaser svg { width: 18px; height: 18px; }
@media (max-width: 560px) {
  .panel { inset: 0 !important; width: 100%; height: 100%; height: 100dvh; border: 0; border-radius: 0; }
  .open .launcher { display: none; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } .launcher:hover { transform: none; } }
@media (forced-colors: active) { .launcher, .count { border: 1px solid; } }
@media print { .root { display: none; } }
`;

export function addSheet(root) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(RULES);
  root.adoptedStyleSheets = [sheet];
}
