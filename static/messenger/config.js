/** The page's configuration with a sane value for whatever it leaves out. */
const EXTRAS = {
  sound: true, transcript: true, endButton: false, notifications: false, emoji: true, survey: { enabled: false },
  answerTime: null, opening: null, prefill: "", campaign: {},
};
const CONVERSATIONS = { autoStart: false, clear: false, markdown: false, humanize: true };

/** Complete, so that nothing else needs to ask whether a key is there. */
export function complete(given) {
  const { conversations = {}, homeScreen = {}, look = {}, extras = {} } = given;
  return {
    attachments: true,
    embedded: false,
    identity: false,
    labels: {},
    language: document.documentElement.lang || "en",
    ...given,
    features: given.features ?? [],
    limits: { textBytes: 4096, maxFileSizeKB: 10_240, ...given.limits },
    look: { companyName: "", logoUrl: "", greeting: "", ...look },
    homeScreen: { enabled: false, suggestions: [], ...homeScreen },
    conversations: {
      ...CONVERSATIONS,
      ...conversations,
      disconnect: { enabled: false, type: "Send", ...conversations.disconnect },
      typing: { agent: true, user: true, ...conversations.typing },
    },
    extras: { ...EXTRAS, ...extras },
  };
}
