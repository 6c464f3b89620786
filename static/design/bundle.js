// @ts-check
/** What is made of npm's packages (contactcenter/up/bundles.py), where it was built: pages do without where it wasn't. */

/**
 * The module of an entry in ../bundles/; null where it isn't built, or the line is down. A page that does without says
 * so: `data-without` of its root element names what it lacks.
 * @template Module
 * @param {string} name of the entry
 * @param {() => Promise<Module>} load the import itself, so that types and tools see it
 * @returns {Promise<Module | null>}
 */
export async function bundled(name, load) {
  const root = document.documentElement;
  try {
    return await load();
  } catch {
    root.dataset.without = [root.dataset.without, name].filter(Boolean).join(" ");
    console.info(`${name} isn't built here: this page does without it.`);
    return null;
  }
}
