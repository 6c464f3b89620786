/** Colleagues who are named in the next note of each conversation. */
const named = new Map(); // conversation → [{id, name}]

/** Those whose name still stands in the text, once each. */
export function mentionsIn(conversation, text) {
  const found = (named.get(conversation) ?? []).filter(({ name }) => text.includes(`@${name}`));
  return [...new Map(found.map((one) => [one.id, one])).values()];
}

export const putMentions = (conversation, people) => named.set(conversation, people);
export const clearMentions = (conversation) => named.delete(conversation);
