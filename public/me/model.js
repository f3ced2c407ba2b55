/** What the page knows before it has heard anything. */
export const NOTHING = { status: null, lines: [], lastId: null };

const LINES_MAX = 20;

/** What the page knows after one message of the live feed. */
export function heard(known, message) {
  if (message.type === "status") {
    const lines = message.reset === true ? [] : known.lines;
    return { status: message.status, lines, lastId: message.id };
  }
  if (message.type !== "change") return known;
  const status = { ...known.status, ...message.set };
  status.position = message.position;
  status.as_of = message.as_of;
  return { status, lines: withLines(known.lines, message.lines ?? []), lastId: message.id };
}

/**
 * What the page knows after a read of members that the feed cannot tell; nothing where the read is
 * older than what was heard meanwhile.
 */
export function withRead(known, names, status) {
  if (status.position < known.status.position) return undefined;
  const told = Object.fromEntries(names.map((name) => [name, status[name]]));
  return { ...known, status: { ...known.status, ...told } };
}

/** The newest lines, each once, as it stands now. */
export function withLines(known, told) {
  const lines = new Map(known.map((line) => [line.line_id, line]));
  for (const line of told) lines.set(line.line_id, line);
  const newest = [...lines.values()].toSorted(
    (a, b) => compare(b.effective_at, a.effective_at) || compare(a.line_id, b.line_id),
  );
  return newest.slice(0, LINES_MAX);
}

const compare = (a, b) => (a < b ? -1 : Number(a > b));

/** `1234567.80` of `USD` as `1,234,567.80 USD`: the digits are the API's, and none is added. */
export function moneyText({ amount, currency }) {
  const [, sign, whole, rest] = /^(-?)(\d+)(.*)$/.exec(amount);
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return `${sign === "-" ? "−" : ""}${grouped}${rest} ${currency}`;
}

/** Minor units as the API writes decimals, with as many digits behind the point as `like` has. */
export function decimalOf(minor, like) {
  const digits = /\.(\d+)$/.exec(like)?.[1].length ?? 0;
  const value = BigInt(minor);
  const text = String(value < 0n ? -value : value).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  const sign = value < 0n ? "-" : "";
  return digits === 0 ? sign + whole : `${sign}${whole}.${text.slice(-digits)}`;
}

/** Hundredths of a point. */
export const pointsText = (x100) =>
  x100 === null || x100 === undefined ? "–" : decimalOf(x100, ".00");

/** How long to wait before the next try: twice as long each time, half of it by chance. */
export function retryMs(tries, chance) {
  const most = Math.min(30_000, 1000 * 2 ** Math.min(tries, 5));
  return Math.round(most / 2 + (chance * most) / 2);
}

/** Takes whole frames of an event stream off a text; what is left waits for more. */
export function takeFrames(text) {
  const frames = text.split("\n\n");
  const rest = frames.pop() ?? "";
  const messages = frames.flatMap((frame) => {
    const data = frame
      .split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => line.slice("data: ".length));
    return data.length === 0 ? [] : [JSON.parse(data.join("\n"))];
  });
  return { messages, rest };
}

/** The tenant and the distributor whose page an address is; nothing where it is none. */
export function pageOf(pathname) {
  const [, me, tenant, distributor, more] = pathname.split("/");
  if (me !== "me" || !tenant || !distributor || more !== undefined) return undefined;
  return {
    path: `/v1/tenants/${tenant}/distributors/${distributor}`,
    key: `${tenant}/${distributor}`,
  };
}

/** What a refusal means for somebody who only has a link. */
export function refusalText(status) {
  if (status === 401) return "This link is no longer valid. Please ask for a new one.";
  if (status === 403 || status === 404) return "There is nothing to show under this link.";
  return undefined;
}
