import { describe, expect, test } from "vitest";
import { CATALOGUE, EVENT_TYPES } from "#src/core/contracts/catalogue.ts";
import { contractSchemas } from "#src/core/contracts/schema.ts";
import { SAMPLES } from "./samples.ts";

interface Schema {
  readonly $id: string;
  readonly description?: string;
  readonly type?: string;
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
  readonly additionalProperties?: unknown;
}

const schemas: Record<string, Record<string, Schema>> = JSON.parse(
  JSON.stringify(contractSchemas()),
);

const schemaOf = (type: string): Schema => {
  const schema = schemas[type]?.["1"];
  if (schema === undefined) throw new Error(`No schema of ${type}`);
  return schema;
};

describe("contractSchemas()", () => {
  test("has one schema for each type and version", () => {
    expect(Object.keys(schemas)).toEqual(EVENT_TYPES);
    expect(Object.values(schemas).map((versions) => Object.keys(versions))).toEqual(
      EVENT_TYPES.map(() => ["1"]),
    );
  });

  test.each(EVENT_TYPES.map((type) => ({ type })))("describes $type", ({ type }) => {
    const schema = schemaOf(type);
    const { ordering, revision } = CATALOGUE[type];
    const data = schema.properties["data"];

    expect(schema).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: `/v1/contracts/${type}/1`,
      "x-ordering": ordering,
      additionalProperties: true,
    });
    expect(schema.required).toEqual(
      expect.arrayContaining(["id", "type", "version", "occurred_at", "data"]),
    );
    expect(schema.required.includes("seq")).toBe(ordering === "strict");
    expect(schema.required.includes("rev")).toBe(ordering === "register" && revision === "none");
    expect(data?.additionalProperties).not.toBe(false);
    const { data: _, ...header } = schema.properties;
    const undescribed = Object.entries({ ...header, ...data?.properties }).filter(
      ([, { description }]) => !description,
    );
    expect(undescribed).toEqual([]);
    // What is required stands in every sample.
    expect(Object.keys(SAMPLES[type])).toEqual(expect.arrayContaining([...schema.required]));
    expect(Object.keys(SAMPLES[type].data)).toEqual(
      expect.arrayContaining([...(data?.required ?? [])]),
    );
  });

  test("says in words what a schema cannot", () => {
    expect(schemaOf("order.placed").properties["data"]?.description).toContain(
      "amount_minor = net_minor + tax_minor + shipping_minor",
    );
    expect(schemaOf("crm.field_changed").properties["data"]?.required).toContain("value");
    expect(schemaOf("inventory.adjusted")).toMatchObject({
      "x-key": "sku:{sku}:{location or -}",
    });
  });
});
