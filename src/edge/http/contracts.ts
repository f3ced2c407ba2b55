import * as z from "zod";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { type ApiContext, param, type Route } from "./route.ts";

export interface ContractPorts {
  /** A static asset of this deployment, by its path. */
  readonly asset: (path: string) => Promise<Response>;
}

/** JSON Schemas by type and version, as scripts/generate.ts writes them. */
type Contracts = Readonly<Record<string, Readonly<Record<string, ContractSchema>>>>;

interface ContractSchema {
  readonly title: string;
  readonly "x-ordering": string;
  readonly "x-key": string;
}

const FILE = "/contracts.json";
const NoQuery = z.object({});

/** They change with a deployment, and only by growing. */
const CACHE = { "Cache-Control": "public, max-age=300" };

/** `GET /v1/contracts` and `GET /v1/contracts/{type}/{version}` */
export function contractRoutes({ asset }: ContractPorts): readonly Route[] {
  let known: Contracts | undefined;
  async function contracts(): Promise<Contracts> {
    if (known !== undefined) return known;
    const response = await asset(FILE);
    if (!response.ok) throw new Error(`Cannot read ${FILE}: ${response.status}`);
    known = await response.json<Contracts>();
    return known;
  }

  async function list(c: ApiContext): Promise<Response> {
    const query = readQuery(c, NoQuery);
    if (!query.ok) return query.refusal;
    const items = Object.entries(await contracts()).flatMap(([type, versions]) =>
      Object.entries(versions).map(([version, schema]) => ({
        type,
        version: Number(version),
        ordering: schema["x-ordering"],
        key: schema["x-key"],
        href: `/v1/contracts/${type}/${version}`,
      })),
    );
    return Response.json({ items, next_cursor: null }, { headers: CACHE });
  }

  async function get(c: ApiContext): Promise<Response> {
    const query = readQuery(c, NoQuery);
    if (!query.ok) return query.refusal;
    const all = await contracts();
    const type = param(c, "type");
    const versions = Object.hasOwn(all, type) ? all[type] : undefined;
    const version = param(c, "version");
    const schema = versions !== undefined && Object.hasOwn(versions, version) && versions[version];
    if (!schema) return problem("not_found");
    return Response.json(schema, { headers: CACHE });
  }

  const path = "/v1/contracts";
  return [
    { method: "GET", path, permission: "public", handle: list },
    { method: "GET", path: `${path}/:type/:version`, permission: "public", handle: get },
  ];
}
