/** An element as far as the page of a distributor uses one. */
export interface Shown {
  textContent: string;
  hidden: boolean;
  disabled: boolean;
  readonly dataset: Record<string, string>;
  readonly children: readonly Shown[];
}

/** Everything that a reader sees of an element. */
export const textOf = ({ textContent, children }: Shown): string =>
  [textContent, ...children.map(textOf)].filter((text) => text !== "").join(" ");

class Element implements Shown {
  textContent = "";
  className = "";
  hidden = false;
  disabled = false;
  readonly dataset: Record<string, string> = {};
  children: Element[] = [];

  append(...children: Element[]): void {
    this.children.push(...children);
  }

  replaceChildren(...children: Element[]): void {
    this.children = children;
  }

  addEventListener(): void {}
}

/** What a page finds in a browser, as far as this one looks: enough to run its scripts in Node. */
export function openBrowser(address: string) {
  const url = new URL(address);
  const elements = new Map<string, Element>();
  const kept = new Map<string, string>();
  const location = { href: url.href, pathname: url.pathname, hash: url.hash };
  const at = (id: string): Element => {
    const known = elements.get(id) ?? new Element();
    elements.set(id, known);
    return known;
  };
  Object.assign(globalThis, {
    location,
    addEventListener: () => {},
    removeEventListener: () => {},
    document: { getElementById: at, createElement: () => new Element() },
    history: {
      replaceState: (_state: unknown, _title: string, path: string) => {
        Object.assign(location, { hash: "", href: new URL(path, url).href });
      },
    },
    sessionStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    },
  });
  return {
    location,
    kept,
    show: (id: string): Shown => at(id),
    text: (id: string): string => textOf(at(id)),
  };
}
