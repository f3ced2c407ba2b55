// These run in the browser: each stands alone, as its source is what is sent there.

/** Texts whose contrast is below WCAG 2.2 1.4.3 (AA): 4.5, of large ones 3. */
export function faintTexts() {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const ground = channels(getComputedStyle(at).backgroundColor);
      if ((ground[3] ?? 1) === 1) return ground;
    }
    return [255, 255, 255];
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && !element.disabled;
  return [...document.body.querySelectorAll("*")].flatMap((element) => {
    const text = [...element.childNodes]
      .filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
      .map(({ data }) => data.trim())
      .join("");
    if (text === "" || !isShown(element)) return [];
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const [size, weight] = [fontSize, fontWeight].map(Number.parseFloat);
    const least = size >= 24 || (size >= 18.66 && weight >= 700) ? 3 : 4.5;
    const found = contrast(channels(color), groundOf(element));
    return found < least ? [`${text}: ${found.toFixed(2)}`] : [];
  });
}

/** What has the keyboard's focus, and how thick the line around it is; nothing at the page's end. */
export function focused() {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const width = outlineStyle === "none" ? 0 : Number.parseFloat(outlineWidth);
  return { name: element.id || element.className, width };
}

/** How much wider than the window the page is. */
export const overhang = () =>
  document.documentElement.scrollWidth - document.documentElement.clientWidth;

/** Everything that moves or would on a change. */
export const motions = () => [
  ...document.getAnimations().map((animation) => animation.constructor.name),
  ...[...document.querySelectorAll("*")]
    .filter((element) => {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
      const isStill = transitionDuration === "0s" && animationName === "none";
      return !isStill || scrollBehavior === "smooth";
    })
    .map(({ tagName }) => tagName),
];

/** The levels of the headings that are shown, in their order. */
export const headingLevels = () =>
  [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter((heading) => heading.checkVisibility())
    .map(({ tagName }) => Number(tagName.slice(1)));

/** Ids that stand twice, and references to ids that are of nothing. */
export function brokenIds() {
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
  const named = ["aria-labelledby", "aria-describedby", "for"].flatMap((name) =>
    [...document.querySelectorAll(`[${name}]`)].flatMap((element) =>
      element.getAttribute(name).split(" "),
    ),
  );
  return [...twice, ...named.filter((id) => !ids.includes(id))];
}

/** What would act, load or run beside the page's own files. */
export const foreignParts = () =>
  [...document.querySelectorAll("img, iframe, object, embed, base, form, script:not([src])")]
    .map(({ outerHTML }) => outerHTML)
    .concat(
      [...document.querySelectorAll("*")]
        .filter((element) => element.getAttributeNames().some((name) => name.startsWith("on")))
        .map(({ outerHTML }) => outerHTML),
    );

/** Where a page can keep something. */
export async function storage() {
  const databases = await indexedDB.databases();
  return {
    session: Object.fromEntries(Object.entries(sessionStorage)),
    local: Object.fromEntries(Object.entries(localStorage)),
    cookies: document.cookie,
    databases: databases.map(({ name }) => name),
    caches: await caches.keys(),
    state: JSON.stringify(history.state),
    referrer: document.referrer,
    name: window.name,
  };
}
