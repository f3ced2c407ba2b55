import * as z from "zod";
import { CATALOGUE, EVENT_TYPES } from "./catalogue.ts";
import type { Contract } from "./contract.ts";
import { Header, Sequence } from "./header.ts";
import { formText } from "./key.ts";
import { Revision } from "./revision.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** Reading ignores what a contract does not know, so nothing is closed. */
const ORDERING_SAYS = {
  strict: "strict: applied in the order of seq, without gaps",
  register: "register: the highest (epoch, rev) is current",
  commutative: "commutative: a fact under its business id, in any order",
  notice: "notice: a hint to read the subject again",
} as const;

/**
 * JSON Schema 2020-12 of the whole envelope by type and version, for `/v1/contracts`. Slow: for
 * the build, not for a request. What a schema cannot say stands in descriptions.
 */
export function contractSchemas(): Record<string, Record<string, object>> {
  return Object.fromEntries(
    EVENT_TYPES.map((type) => [
      type,
      { [String(CATALOGUE[type].version)]: envelopeSchema(type, CATALOGUE[type]) },
    ]),
  );
}

function envelopeSchema(type: string, contract: Contract): object {
  const { version, ordering, keys, rules } = contract;
  const header = jsonSchema(Header);
  const place = placeOf(contract);
  const rulesText = rules.map(({ says }) => says).join("; ");
  const data = {
    ...jsonSchema(contract.data),
    ...(rulesText !== "" && { description: rulesText }),
  };
  const required = Array.isArray(header["required"]) ? header["required"] : [];
  return {
    $schema: DIALECT,
    $id: `/v1/contracts/${type}/${version}`,
    title: `${type}, version ${version}`,
    description: `${ORDERING_SAYS[ordering]}. Members ending in _minor are integers everywhere.`,
    type: "object",
    "x-ordering": ordering,
    "x-key": keys.map(formText).join(" or "),
    properties: {
      ...propertiesOf(header),
      type: { const: type, description: "The type of the catalogue" },
      version: { const: version, description: "Version of the type's contract" },
      ...place.properties,
      data,
    },
    required: [...required, ...place.required, "data"],
    additionalProperties: true,
  };
}

function placeOf({ ordering, revision }: Contract): {
  properties: Record<string, object>;
  required: string[];
} {
  if (ordering === "strict")
    return { properties: { seq: jsonSchema(Sequence) }, required: ["seq"] };
  if (ordering !== "register") return { properties: {}, required: [] };
  const isRequired = revision === "none";
  return { properties: { rev: jsonSchema(Revision) }, required: isRequired ? ["rev"] : [] };
}

function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const json = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io: "input",
    unrepresentable: "any",
  });
  return Object.fromEntries(Object.entries(json).filter(([name]) => name !== "$schema"));
}

const propertiesOf = (schema: Record<string, unknown>): Record<string, unknown> => {
  const properties = schema["properties"];
  return typeof properties === "object" && properties !== null ? { ...properties } : {};
};
