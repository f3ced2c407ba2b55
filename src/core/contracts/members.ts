/**
 * Calls back for each item of a list, by position, or member of an object, by name, in order, until
 * one answers false. Every envelope is walked whole, so nothing is allocated per member.
 */
export function eachMember(
  container: object,
  visit: (segment: string | number, member: unknown) => boolean | void,
): void {
  if (isList(container)) {
    for (let i = 0; i < container.length; i += 1) {
      if (visit(i, container[i]) === false) return;
    }
    return;
  }
  if (!isNamed(container)) return;
  for (const name of Object.keys(container)) {
    if (visit(name, container[name]) === false) return;
  }
}

/** Array.isArray alone would give a list of `any`. */
const isList = (container: object): container is readonly unknown[] => Array.isArray(container);

const isNamed = (container: object): container is Record<string, unknown> => !isList(container);
