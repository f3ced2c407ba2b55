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
