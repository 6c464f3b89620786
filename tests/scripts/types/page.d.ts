/** What our pages have beside the browser's own. */
declare const htmx: { process(node: Node): void; trigger(node: Element, name: string): void };

interface Window {
  /** By static/messenger/embed/embed.js on a company's site. */
  ContactCenter?: any;
}
declare let ContactCenter: any;
