import { connect, createServer, type Socket } from "node:net";

/** The network between a browser and the gateway, to be cut. */
export interface Relay {
  readonly url: string;
  /** Breaks every connection, and refuses new ones until it is mended. */
  readonly cut: () => void;
  readonly mend: () => void;
  readonly close: () => Promise<void>;
}

/** Passes on what comes, byte for byte; `blocksSockets`: as a proxy that knows no WebSockets. */
export async function openRelay(
  gateway: string,
  { blocksSockets = false }: { readonly blocksSockets?: boolean } = {},
): Promise<Relay> {
  const { hostname, port } = new URL(gateway);
  const open = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket) => {
    open.add(socket);
    // A cut connection is an error to its other end, and here nothing but over.
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
  };
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    keep(near);
    keep(far);
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
    near.once("data", (head) => {
      if (blocksSockets && /^upgrade: *websocket/im.test(String(head))) {
        near.destroy();
        return;
      }
      far.write(head);
      near.pipe(far);
    });
    far.pipe(near);
  });
  const cut = () => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    mend: () => {
      isCut = false;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        cut();
      }),
  };
}
