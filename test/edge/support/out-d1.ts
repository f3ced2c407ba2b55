import { env } from "cloudflare:workers";

/** D1 of which every statement, batch and session is answered so while it is out. */
export function outD1(answer: () => Promise<never>) {
  const state = { isOut: true, asked: 0 };
  const ask = (): Promise<never> => {
    state.asked += 1;
    return answer();
  };
  const statement = (): object => ({ bind: statement, all: ask, first: ask, raw: ask, run: ask });
  const session = { prepare: statement, batch: ask, getBookmark: () => null };
  const out = { ...session, withSession: () => session };
  const binding = new Proxy(env.MIRROR_0, {
    get(real, name) {
      if (state.isOut && name in out) return Reflect.get(out, name);
      const value: unknown = Reflect.get(real, name);
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
  return Object.assign(state, { binding });
}

export const fails = (message: string) => () => Promise.reject(new Error(message));

/** D1 that commits the next batch of a session and breaks off before its answer comes. */
export function losingD1(message = "D1_ERROR: Network connection lost.") {
  const state = { isLosing: false };
  const losing = (session: D1DatabaseSession) => ({
    prepare: (query: string) => session.prepare(query),
    getBookmark: () => session.getBookmark(),
    async batch(statements: D1PreparedStatement[]) {
      const done = await session.batch(statements);
      if (!state.isLosing) return done;
      state.isLosing = false;
      throw new Error(message);
    },
  });
  const d1 = new Proxy(env.MIRROR_0, {
    get(real, name) {
      if (name === "withSession") return (from: string) => losing(real.withSession(from));
      const value: unknown = Reflect.get(real, name);
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
  return { state, d1 };
}
