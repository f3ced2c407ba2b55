import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { quantile } from "./rounds.ts";

const HEAD_END = "\r\n\r\n";
const CHUNKS_END = "\r\n0\r\n\r\n";

export interface Load {
  readonly port: number;
  /** Whole requests, written before the round: sending one costs a write, and nothing else. */
  readonly requests: readonly Buffer[];
  readonly connections: number;
  readonly seconds: number;
  readonly status: number;
}

export interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly answers: number;
  /** Share of the round that the generator's own thread was busy: near 1, it is the bottleneck. */
  readonly generatorBusy: number;
}

/** Lays a request out as the bytes that go over the wire. */
export function layRequest(
  line: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Buffer {
  const all = { Host: "127.0.0.1", "Content-Length": String(Buffer.byteLength(body)), ...headers };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([`${line} HTTP/1.1`, ...head, "", body].join("\r\n"));
}

/**
 * Keeps a fixed number of requests open, one a connection, all kept alive. Written on sockets, as
 * an HTTP client of Node takes as much of the second core as the Worker takes of the first.
 */
export async function load(options: Load): Promise<Round> {
  const { connections, seconds } = options;
  const latencies: number[] = [];
  const before = performance.eventLoopUtilization();
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, (_, index) => drive(options, { index, endMs, latencies })),
  );
  const tookS = (performance.now() - startMs) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / tookS,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    answers: latencies.length,
    generatorBusy: performance.eventLoopUtilization(before).utilization,
  };
}

interface Lane {
  readonly index: number;
  readonly endMs: number;
  readonly latencies: number[];
}

function drive(options: Load, { index, endMs, latencies }: Lane): Promise<void> {
  const { port, requests, connections, status } = options;
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  return new Promise((resolve, reject) => {
    let next = index;
    let sentMs = 0;
    let received = "";
    const send = () => {
      const request = requests[next % requests.length];
      next += connections;
      sentMs = performance.now();
      if (request !== undefined) socket.write(request);
    };
    const settle = () => {
      const nowMs = performance.now();
      if (statusOf(received) !== status) {
        reject(new Error(`Cannot measure: expected ${status}, got ${received.slice(0, 600)}`));
        socket.destroy();
        return;
      }
      received = "";
      latencies.push(nowMs - sentMs);
      if (nowMs >= endMs) finish(socket, resolve);
      else send();
    };
    socket.setEncoding("latin1");
    socket.on("connect", send);
    socket.on("data", (chunk) => {
      received += String(chunk);
      if (isWhole(received)) settle();
    });
    socket.on("error", reject);
  });
}

function finish(socket: Socket, resolve: () => void): void {
  socket.end();
  socket.destroy();
  resolve();
}

const statusOf = (received: string): number => Number(received.slice(9, 12));

/** One request is open at a time, so that what ends well is whole. */
function isWhole(received: string): boolean {
  const at = received.indexOf(HEAD_END);
  if (at < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, at));
  if (length === null) return received.endsWith(CHUNKS_END);
  return received.length >= at + HEAD_END.length + Number(length[1]);
}
