// @ts-check
/** Parts that are loaded when they are needed first. */
/** @type {Promise<void> | null} */
let extras = null;

/**
 * Load a part that isn't needed at first, with its styles, icons and words; `name` as in ./name.js.
 * @param {string} name
 * @param {any} kit
 */
export async function need(name, kit) {
  extras ??= import("./extras.js").then(({ bring }) => bring(kit));
  try {
    const [part] = await Promise.all([import(`./${name}.js`), extras]);
    return part;
  } catch (error) {
    extras = null; // the line is down: the next time asks again
    throw error;
  }
}
