/** The messenger's icons: paths on a 24 px grid, in the page from the start, so that none needs the network. */
const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  alert: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.5V13M12 16.5v.01",
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 21h4",
  bot: "M7 8h10a3 3 0 0 1 3 3v5a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-5a3 3 0 0 1 3-3M12 8V4M9 13v1M15 13v1",
  calendar: "M5 6h14v14H5zM5 10h14M9 3.5V7M15 3.5V7",
  chat: "M4 5h16v11H9l-5 4z",
  check: "m4 12.500 5 5L20 6.5",
  checks: "m2 12.500 4.500 4.500L15 8M11 16l1.200 1L22 7",
  clip: "m20 11-8.500 8.500a5 5 0 0 1-7-7L13 4a3.400 3.400 0 0 1 4.800 4.800L9.500 17a1.700 1.700 0 0 1-2.400-2.400L15 6.8",
  clock: "M12 3.5a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17M12 7v5l3.500 2",
  cloud: "M7 18.500h9.500a4 4 0 0 0 .8-7.900A5.500 5.500 0 0 0 7 9.600a4.500 4.500 0 0 0 0 8.900zM4 4l16 16",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  down: "m6 9.500 6 6 6-6",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5.500M12 7.500v.01",
  left: "m14.500 6-6 6 6 6",
  list: "M9 6h11M9 12h11M9 18h11M4.500 6v.01M4.500 12v.01M4.500 18v.01",
  pin: "M12 21s-6.500-6-6.500-11a6.500 6.500 0 0 1 13 0c0 5-6.500 11-6.500 11M12 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  retry: "M19.500 12a7.500 7.500 0 1 1-2.300-5.400L20 9M20 4v5h-5",
  right: "m9.500 6 6 6-6 6",
  save: "M12 4v11M7.500 10.500 12 15l4.500-4.500M4 19.500h16",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8.500 14.500c1.800 2.300 5.200 2.300 7 0M9 9.500v.01M15 9.500v.01",
  sound: "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4.500 4.500 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11",
  trash: "M5 7h14M9.500 7V4.500h5V7M7 7l1 13h8l1-13",
  up: "M12 19V5.500M6 11l6-6 6 6",
  x: "m6 6 12 12M18 6 6 18",
};

/** An icon; hidden from screen readers, the words beside it say it. `size`: "sm" (14 px), "" (18 px), "lg". */
export function icon(name, size = "sm") {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("class", `icon ${size}`);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name] ?? PATHS.chat);
  svg.append(path);
  return svg;
}
