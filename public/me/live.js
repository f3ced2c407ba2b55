import { refusalText, retryMs, takeFrames } from "./model.js";

const PROTOCOL = "upline.live.v1";
const BEAT_MS = 25_000;
/** A connection that says nothing for so long, when it begins or after a heartbeat, is dead. */
const SILENCE_MS = 10_000;
/** A stream says something every 15 seconds. */
const STREAM_SILENCE_MS = 40_000;
/** After so much the server has to hear that we read. */
const CONFIRM_CHARS = 200 * 1024;
/** WebSockets that failed where a read did not: some proxies let none through, but a stream. */
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
    feed.tell("waiting");
    const status = wasOpen ? undefined : await statusOf(feed);
    const refusal = refusalText(status);
    if (refusal !== undefined) return feed.tell("ended", refusal);
    // While nothing else passes either, a WebSocket that fails tells nothing of what is between.
    if (!isStream) failedSockets = wasOpen ? 0 : failedSockets + Number(status === 200);
    await pause(retryMs(tries, Math.random()));
  }
}

/** Ends early when the network is back. */
function pause(ms) {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      removeEventListener("online", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    addEventListener("online", finish);
  });
}

function addressOf({ path, lastId }) {
  const address = new URL(`${path}/live`, location.href);
  const id = lastId();
  if (id !== null) address.searchParams.set("last_event_id", id);
  return address;
}

const bearer = ({ token }) => ({ Authorization: `Bearer ${token}` });

/** How a read is answered where no connection comes about: a WebSocket does not tell why. */
async function statusOf(feed) {
  try {
    const signal = AbortSignal.timeout(SILENCE_MS);
    const address = new URL(feed.path, location.href);
    const { status } = await fetch(address, { headers: bearer(feed), signal });
    return status;
  } catch {
    return undefined;
  }
}

function openSocket(feed) {
  const address = addressOf(feed);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  try {
    return new WebSocket(address, [PROTOCOL, `bearer.${feed.token}`]);
  } catch {
    // A link that was cut or ran into the text around it: no token that a protocol can carry.
    return undefined;
  }
}

/** Resolves when the connection has ended: whether it ever was one. */
function bySocket(feed) {
  return new Promise((resolve) => {
    const socket = openSocket(feed);
    if (socket === undefined) return resolve(false);
    let isOpen = false;
    let unconfirmed = 0;
    let silence = setTimeout(() => finish(), SILENCE_MS);
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
      clearTimeout(silence);
      isOpen = true;
      feed.tell("live");
    });
    socket.addEventListener("message", take);
    socket.addEventListener("close", finish);
  });
}

/** The same by Server-Sent Events; an EventSource could bring no credential. */
async function byStream(feed) {
  const dead = new AbortController();
  let silence;
  const stir = () => {
    clearTimeout(silence);
    silence = setTimeout(() => dead.abort(), STREAM_SILENCE_MS);
  };
  let isOpen = false;
  stir();
  try {
    const headers = { ...bearer(feed), Accept: "text/event-stream" };
    const response = await fetch(addressOf(feed), { headers, signal: dead.signal });
    if (!response.ok || response.body === null) return false;
    isOpen = true;
    feed.tell("live");
    await readFrames(response.body, feed.hear, stir);
  } catch {
    // The connection broke: what is missing comes with the next one.
  } finally {
    clearTimeout(silence);
  }
  return isOpen;
}

async function readFrames(body, hear, stir) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    stir();
    const { messages, rest } = takeFrames(text + value);
    text = rest;
    for (const message of messages) hear(message);
  }
}
