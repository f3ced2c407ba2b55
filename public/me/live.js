import { refusalText, retryMs, takeFrames } from "./model.js";

const PROTOCOL = "upline.live.v1";
const BEAT_MS = 25_000;
/** A connection that says nothing for so long after a heartbeat is dead. */
const SILENCE_MS = 10_000;
/** After so much the server has to hear that we read. */
const CONFIRM_CHARS = 200 * 1024;
/** WebSockets that failed before they opened: some proxies let none through, but a stream. */
const SOCKET_TRIES_MAX = 2;

/**
 * Follows a status until its credential is refused, and comes back by itself whenever a connection
 * ends. Of the feed, `hear` gets each message, in order and once; `tell` the state of the connection:
 * connecting, live, waiting, ended.
 */
export async function follow(feed) {
  let tries = 0;
  let failedSockets = 0;
  feed.tell("connecting");
  for (;;) {
    const isStream = failedSockets >= SOCKET_TRIES_MAX;
    const wasOpen = await (isStream ? byStream(feed) : bySocket(feed));
    tries = wasOpen ? 0 : tries + 1;
    if (!isStream) failedSockets = wasOpen ? 0 : failedSockets + 1;
    feed.tell("waiting");
    const refusal = wasOpen ? undefined : await refusalOf(feed);
    if (refusal !== undefined) return feed.tell("ended", refusal);
    await new Promise((resolve) => setTimeout(resolve, retryMs(tries, Math.random())));
  }
}

function addressOf({ path, lastId }) {
  const address = new URL(`${path}/live`, location.href);
  const id = lastId();
  if (id !== null) address.searchParams.set("last_event_id", id);
  return address;
}

const bearer = ({ token }) => ({ Authorization: `Bearer ${token}` });

/** Why no connection comes about: a WebSocket does not tell. */
async function refusalOf(feed) {
  try {
    const { status } = await fetch(new URL(feed.path, location.href), { headers: bearer(feed) });
    return refusalText(status);
  } catch {
    return undefined;
  }
}

/** Resolves when the connection has ended: whether it ever was one. */
function bySocket(feed) {
  const address = addressOf(feed);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return new Promise((resolve) => {
    const socket = new WebSocket(address, [PROTOCOL, `bearer.${feed.token}`]);
    let isOpen = false;
    let unconfirmed = 0;
    let silence;
    const beat = () => {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send("ping");
      clearTimeout(silence);
      silence = setTimeout(() => finish(), SILENCE_MS);
    };
    const beating = setInterval(beat, BEAT_MS);
    const take = ({ data }) => {
      clearTimeout(silence);
      if (data === "pong") return;
      feed.hear(JSON.parse(data));
      unconfirmed += data.length;
      if (unconfirmed < CONFIRM_CHARS) return;
      unconfirmed = 0;
      beat();
    };
    const finish = () => {
      clearInterval(beating);
      clearTimeout(silence);
      socket.removeEventListener("message", take);
      socket.close();
      resolve(isOpen);
    };
    socket.addEventListener("open", () => {
      isOpen = true;
      feed.tell("live");
    });
    socket.addEventListener("message", take);
    socket.addEventListener("close", finish);
  });
}

/** The same by Server-Sent Events; an EventSource could bring no credential. */
async function byStream(feed) {
  let isOpen = false;
  try {
    const headers = { ...bearer(feed), Accept: "text/event-stream" };
    const response = await fetch(addressOf(feed), { headers });
    if (!response.ok || response.body === null) return false;
    isOpen = true;
    feed.tell("live");
    await readFrames(response.body, feed.hear);
  } catch {
    // The connection broke: what is missing comes with the next one.
  }
  return isOpen;
}

async function readFrames(body, hear) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const { messages, rest } = takeFrames(text + value);
    text = rest;
    for (const message of messages) hear(message);
  }
}
