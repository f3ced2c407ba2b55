import type { Browser, BrowserContextOptions, Page, Request } from "playwright-core";

/** One person's look at the gateway: a browser that remembers nothing of anybody else's. */
export interface Visit {
  readonly page: Page;
  /** Everything that was asked for, WebSockets too. */
  readonly asked: readonly string[];
  readonly requests: readonly Request[];
  /** What was asked of any other host; none of it was let through. */
  readonly foreign: readonly string[];
  /** Errors and warnings of the console, where breaches of a CSP stand too; uncaught errors; dialogs. */
  readonly complaints: readonly string[];
  /** Each message that a WebSocket brought, in its order. */
  readonly heard: readonly string[];
  readonly leave: () => Promise<void>;
}

/** Opens an empty page that may reach this origin alone. */
export async function startVisit(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext(options);
  const { host } = new URL(origin);
  const asked: string[] = [];
  const requests: Request[] = [];
  const foreign: string[] = [];
  const complaints: string[] = [];
  const heard: string[] = [];
  const note = (address: string) => {
    const url = new URL(address);
    asked.push(address);
    if (/^(?:https?|wss?):$/.test(url.protocol) && url.host !== host) foreign.push(address);
  };
  await context.route(
    (url) => url.host !== host,
    (route) => route.abort(),
  );
  context.on("request", (request) => {
    note(request.url());
    requests.push(request);
  });
  const page = await context.newPage();
  page.on("websocket", (socket) => {
    note(socket.url());
    socket.on("framereceived", ({ payload }) => heard.push(String(payload)));
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const leave = () => context.close();
  return { page, asked, requests, foreign, complaints, heard, leave };
}
