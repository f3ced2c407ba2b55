import type { Loose } from "./loose.ts";
import type { XmlElement } from "./xml.ts";

/**
 * What an element holds, as JSON would have it: its children by name, those of one name as a list,
 * and text where it has none. Attributes and prefixes are left out.
 */
export function membersOf({ children }: XmlElement): Loose {
  const byName = new Map<string, unknown[]>();
  for (const child of children) {
    const alike = byName.get(child.name);
    if (alike === undefined) byName.set(child.name, [valueOf(child)]);
    else alike.push(valueOf(child));
  }
  return Object.fromEntries(
    [...byName].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

function valueOf(element: XmlElement): unknown {
  if (element.isNil) return null;
  return element.children.length === 0 ? element.text.trim() : membersOf(element);
}
