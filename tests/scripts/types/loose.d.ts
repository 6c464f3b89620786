/**
 * For modules that aren't checked strictly yet: an element found by its id, or an event's target, may be of any kind.
 * A module that begins with `// @ts-check` is checked without this.
 */
interface AnyElement {
  checked: any;
  content: any;
  disabled: any;
  files: any;
  name: any;
  placeholder: any;
  selectionEnd: any;
  selectionStart: any;
  src: any;
  type: any;
  value: any;
  close(): any;
  setRangeText(...about: any[]): any;
  setSelectionRange(...about: any[]): any;
  showModal(): any;
}
interface HTMLElement extends AnyElement {}
interface Element {
  content: any;
  dataset: DOMStringMap;
  disabled: any;
  hidden: any;
  href: any;
  offsetTop: any;
  open: any;
  src: any;
  tabIndex: any;
  checked: any;
  value: any;
  focus(options?: FocusOptions): void;
  click(): void;
}
interface EventTarget extends AnyElement {
  closest(selector: string): any;
  contains(node: any): boolean;
  dataset: DOMStringMap;
  id: string;
  matches(selector: string): boolean;
}
interface Event {
  detail: any;
}
