import { anything, fault } from "./parts.js";

/** Anything of the tenant's that has no view of its own, as the API tells it. */
const look = async ({ room, api, place, signal, announce }, parts) => {
  const answer = await api.read(parts, { query: place.query, signal });
  if (signal.aborted) return;
  room.append(answer.ok ? anything(answer.body) : fault(answer.text));
  if (answer.ok) announce("Shown");
};

export const showLook = (context) => look(context, context.place.rest);

export const showItem = (context) => look(context, [context.place.view, ...context.place.rest]);
