import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";

const HEAD_END = "\r\n\r\n";
/** Connections that are being opened at a time. */
const OPENING = 50;

/** Clients that follow one distributor, each with a connection of its own. */
export interface Clients {
  /** Resolves with the moment at which each of them had heard of a position. */
  readonly hear: (position: number) => Promise<readonly number[]>;
  readonly close: () => void;
}

/**
 * Opens WebSockets as bare sockets: ten thousand clients of a library would take more of the machine
 * than what is measured. They read what comes and note the position of each message.
 */
export async function openClients(port: number, path: string, count: number): Promise<Clients> {
  const sockets: Socket[] = [];
  const positions = Array.from({ length: count }, () => 0);
  const heardMs = Array.from({ length: count }, () => 0);
  let waiting: { position: number; left: number; done: () => void } | undefined;
  const told = (client: number, position: number) => {
    const before = positions[client] ?? 0;
    positions[client] = position;
    if (waiting === undefined || before >= waiting.position || position < waiting.position) return;
    heardMs[client] = performance.now();
    waiting.left -= 1;
    if (waiting.left === 0) waiting.done();
  };
  let next = 0;
  const open = async () => {
    while (next < count) {
      const client = next;
      next += 1;
      sockets.push(await upgrade(port, path, (position) => told(client, position)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(OPENING, count) }, open));
  return {
    hear: (position) =>
      new Promise((resolve) => {
        const left = positions.filter((at) => at < position).length;
        const done = () => {
          waiting = undefined;
          resolve([...heardMs]);
        };
        waiting = { position, left, done };
        if (left === 0) done();
      }),
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Resolves with the first message: by then the object knows the client. */
function upgrade(port: number, path: string, told: (position: number) => void): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const head = [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
  ];
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    let isOpen = false;
    socket.on("connect", () => socket.write(`${head.join("\r\n")}${HEAD_END}`));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("Cannot measure: a connection was closed")));
    socket.on("data", (chunk) => {
      received = received.length === 0 ? Buffer.from(chunk) : Buffer.concat([received, chunk]);
      if (!isOpen) {
        const end = received.indexOf(HEAD_END);
        if (end < 0) return;
        if (!received.subarray(0, 12).toString().endsWith(" 101")) {
          reject(new Error(`Cannot measure: ${received.subarray(0, 300).toString()}`));
          socket.destroy();
          return;
        }
        isOpen = true;
        received = received.subarray(end + HEAD_END.length);
      }
      received = takeFrames(received, (text) => {
        told(positionIn(text));
        resolve(socket);
      });
    });
  });
}

const POSITION = '"position":';

/** Parsing ten thousand messages whole would be measured with the rest. */
function positionIn(text: string): number {
  return Number.parseInt(text.slice(text.indexOf(POSITION) + POSITION.length), 10);
}

/** Hands out whole frames (RFC 6455 §5.2, a server's are not masked) and returns what is left. */
function takeFrames(received: Buffer, take: (text: string) => void): Buffer {
  let rest = received;
  while (rest.length >= 2) {
    const short = rest.readUInt8(1) & 0x7f;
    const start = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (rest.length < start) break;
    const wide = short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
    const length = short === 126 ? rest.readUInt16BE(2) : wide;
    if (rest.length < start + length) break;
    const isText = (rest.readUInt8(0) & 0x0f) === 1;
    if (isText) take(rest.subarray(start, start + length).toString());
    rest = rest.subarray(start + length);
  }
  return rest.length === received.length ? rest : Buffer.from(rest);
}
