/**
 * The theme: "light", "dark" or "system". Kept in localStorage, and in a cookie so that the server can
 * write data-theme into the page and the first paint is right. Other tabs follow.
 *
 * A control is any element with data-theme-set="light|dark|system", or data-theme-cycle, which steps through
 * the three. aria-pressed and data-theme-now are kept true on them.
 */
const KEY = "theme";
const CHOICES = ["system", "light", "dark"];
const YEAR_SECONDS = 31_536_000;

/** The choice now: "light", "dark" or "system". */
export function getTheme() {
  return document.documentElement.dataset.theme || "system";
}

/** Apply a choice to this page and remember it. Anything unknown counts as "system". */
export function setTheme(choice) {
  const theme = CHOICES.includes(choice) ? choice : "system";
  show(theme);
  const kept = theme === "system" ? `${KEY}=; max-age=0` : `${KEY}=${theme}; max-age=${YEAR_SECONDS}`;
  document.cookie = `${kept}; path=/; samesite=lax`;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be blocked; the cookie alone is enough.
  }
}

function show(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const control of document.querySelectorAll("[data-theme-set]")) {
    control.setAttribute("aria-pressed", String(control.dataset.themeSet === theme));
  }
  for (const control of document.querySelectorAll("[data-theme-cycle]")) control.dataset.themeNow = theme;
}

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

document.addEventListener("click", (event) => {
  const control = event.target.closest?.("[data-theme-set], [data-theme-cycle]");
  if (!control) return;
  const next = CHOICES[(CHOICES.indexOf(getTheme()) + 1) % CHOICES.length];
  setTheme(control.dataset.themeSet ?? next);
});
addEventListener("storage", (event) => {
  if (event.key === KEY) show(CHOICES.includes(event.newValue) ? event.newValue : "system");
});

// A browser that dropped the cookie but kept the storage: write it again, for the next page.
const remembered = stored();
if (CHOICES.includes(remembered) && remembered !== getTheme()) setTheme(remembered);
else show(getTheme());
