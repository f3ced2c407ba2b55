const PLACE = "upline.console";

/** The tab's memory; none where a browser is set to keep nothing. */
function memory() {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

/** Who signed in in this tab, where somebody did. */
export function remembered() {
  try {
    const { tenant, key } = JSON.parse(memory()?.getItem(PLACE) ?? "");
    return typeof tenant === "string" && typeof key === "string" ? { tenant, key } : undefined;
  } catch {
    return undefined;
  }
}

export const remember = ({ tenant, key }) =>
  memory()?.setItem(PLACE, JSON.stringify({ tenant, key }));

export const forget = () => memory()?.removeItem(PLACE);
