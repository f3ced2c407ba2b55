import { hashOf, moneyText, spanBetween, spanText } from "./model.js";
import { element, facts, fault, link, section, soft, tableOf, when } from "./parts.js";
import { toned } from "./words.js";

/** One event: what it says of itself, its way through the gateway, and what it changed. */
export async function showEvent({ room, api, place, signal, announce }) {
  const [id] = place.rest;
  const answer = await api.read(["events", id], { signal });
  if (signal.aborted) return;
  if (!answer.ok) return room.append(fault(answer.text));
  const { body } = answer;
  room.append(
    facts([
      ["Event", body.event_id],
      ["Outcome", toned(body.outcome)],
      ["Code", body.code],
      ["Source", link(hashOf("sources", [body.source]), body.source)],
      ["Sender's id", body.id],
      ["Type", body.type],
      ["About", aboutOf(body.key)],
      [
        "Repeats or contradicts",
        body.of === null ? "–" : link(hashOf("events", [body.of]), body.of),
      ],
      ["Position in its log", body.position],
    ]),
    ...faultsOf(body.errors),
    section("Stages", stagesOf(body)),
    section("Archive", archiveOf(body.archive)),
    section("Effects", effectsOf(body.effects.transfers)),
  );
  announce(`Event ${body.outcome}`);
}

const aboutOf = (key) => (key === null ? "–" : link(hashOf("events", [], { subject: key }), key));

function faultsOf(errors) {
  if (errors.length === 0) return [];
  const columns = [
    { name: "Where", cell: ({ path }) => path },
    { name: "Rule", cell: ({ rule }) => rule },
    { name: "What is wrong", kind: "text", cell: ({ message }) => message },
  ];
  return [section("Errors", tableOf("Rules that it breaks", columns, errors).wide)];
}

function stagesOf({ occurred_at: occurred, received_at: received, recorded_at: recorded }) {
  const stages = [
    { name: "Happened, as its sender says", time: occurred },
    { name: "Received", time: received, from: occurred },
    { name: "Decided", time: recorded, from: received },
  ];
  const columns = [
    { name: "Stage", cell: ({ name }) => name },
    { name: "When", cell: ({ time }) => when(time) },
    { name: "After", kind: "number", cell: ({ from, time }) => spanOf(from, time) },
  ];
  return tableOf("Stages of the event", columns, stages).wide;
}

function spanOf(from, to) {
  const ms = spanBetween(from, to);
  return ms === undefined ? "–" : spanText(ms);
}

const archiveOf = ({ object, delivery_id: delivery }) =>
  facts([
    ["Object in R2", object ?? "not archived yet"],
    ["Came with", delivery],
  ]);

function effectsOf(transfers) {
  if (transfers.length === 0) return soft("It posted nothing");
  const columns = [
    { name: "Rule", cell: ({ rule }) => rule },
    { name: "Debit", cell: ({ debit }) => debit },
    { name: "Credit", cell: ({ credit }) => credit },
    { name: "Amount", kind: "number", cell: ({ amount }) => moneyText(amount) },
    { name: "About", kind: "text", cell: ({ reference }) => reference },
    { name: "Takes effect", cell: ({ effective_at: time }) => when(time) },
  ];
  return element("div", {}, tableOf("What it posted", columns, transfers).wide);
}
