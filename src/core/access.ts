/** Every permission a route can ask for. Contracts and OpenAPI are public and ask for none. */
export const EVERY_PERMISSION = [
  "tenant:read",
  "tenant:write",
  "source:read",
  "source:write",
  "key:read",
  "key:write",
  "status:read",
  "line:read",
  "ledger:read",
  "payout:read",
  "break:read",
  "break:write",
  "event:read",
  "held:read",
  "held:write",
  "pipeline:read",
  "replay:read",
  "replay:write",
  "audit:read",
  "plan:read",
  "plan:write",
  "run:read",
  "run:write",
  "report:read",
  "record:read",
  "message:read",
  "tree:read",
  "writeoff:write",
  "link:write",
  "tenant:delete",
  "metrics:read",
  "alert:read",
  "destination:read",
  "destination:write",
  "delivery:read",
  "delivery:write",
] as const;

export type Permission = (typeof EVERY_PERMISSION)[number];

const permissions = (...granted: readonly Permission[]): ReadonlySet<Permission> =>
  new Set(granted);

const every = permissions(...EVERY_PERMISSION);
const everyRead = permissions(...EVERY_PERMISSION.filter((name) => name.endsWith(":read")));

/** Who may do what (DESIGN §7). What is not here is refused. */
export const PERMISSIONS = {
  /** Only about the key's own subject: see {@link may}. */
  distributor: permissions("status:read", "line:read", "ledger:read", "report:read", "tree:read"),
  support: permissions("status:read", "record:read", "tree:read", "link:write"),
  finance: permissions(
    "status:read",
    "line:read",
    "ledger:read",
    "payout:read",
    "break:read",
    "break:write",
    "plan:read",
    "run:read",
    "run:write",
    "report:read",
    "record:read",
    "message:read",
    "tree:read",
    "writeoff:write",
    "alert:read",
  ),
  operator: permissions(
    "status:read",
    "source:read",
    "source:write",
    "event:read",
    "held:read",
    "held:write",
    "pipeline:read",
    "replay:read",
    "replay:write",
    "plan:read",
    "plan:write",
    "run:read",
    "record:read",
    "message:read",
    "tree:read",
    "link:write",
    "metrics:read",
    "alert:read",
    "destination:read",
    "destination:write",
    "delivery:read",
    "delivery:write",
  ),
  auditor: everyRead,
  admin: every,
} as const satisfies Record<string, ReadonlySet<Permission>>;

export type AccessRole = keyof typeof PERMISSIONS;

/** Stands for every tenant in the caller that ADMIN_TOKEN makes: no tenant can be named so. */
export const EVERY_TENANT = "*";

export interface Claimant {
  readonly tenant: string;
  readonly role: AccessRole;
  /** The distributor a `distributor` speaks for. */
  readonly subject?: string;
  /** What the credential is narrowed to. A name that its role does not have grants nothing. */
  readonly scopes?: readonly string[];
  /** Names come masked, whatever the role: somebody made the credential who may not see them. */
  readonly isMasked?: boolean;
}

/** What a request is about: a tenant, or one distributor of it. */
export interface Place {
  readonly tenant: string;
  readonly distributorId?: string;
}

/**
 * `hidden` looks like something that does not exist: saying «forbidden» would tell that it does.
 * `forbidden` is about the role alone, and the same whatever the place holds.
 */
export type Access = "allowed" | "forbidden" | "hidden";

/**
 * Decides whether a caller may do this there. Nobody but {@link EVERY_TENANT} passes the border of
 * its tenant; a distributor reaches nothing but its own pages.
 */
export function may(caller: Claimant, permission: Permission, place: Place): Access {
  if (caller.tenant !== EVERY_TENANT && caller.tenant !== place.tenant) return "hidden";
  if (!isGranted(caller, permission)) return "forbidden";
  if (caller.role !== "distributor") return "allowed";
  if (place.distributorId === undefined) return "forbidden";
  return caller.subject === place.distributorId ? "allowed" : "hidden";
}

type Grants = Pick<Claimant, "role" | "scopes">;

/** Whether a credential carries a permission, wherever it is used: by its role and its scopes. */
function isGranted({ role, scopes }: Grants, permission: Permission): boolean {
  const granted: ReadonlySet<Permission> = PERMISSIONS[role];
  return granted.has(permission) && scopes?.includes(permission) !== false;
}

/**
 * Whether a credential may hand out another one. What it gives away it must have itself: a key that
 * is narrowed to making keys would otherwise make one that is not.
 */
export const mayGive = (giver: Grants, given: Grants): boolean =>
  EVERY_PERMISSION.every((name) => !isGranted(given, name) || isGranted(giver, name));

/** The scopes of a list that a role has not, by their places. */
export const foreignScopes = (role: AccessRole, scopes: readonly string[]): readonly number[] => {
  const granted: ReadonlySet<string> = PERMISSIONS[role];
  return scopes.flatMap((name, at) => (granted.has(name) ? [] : [at]));
};

/** What a distributor's own page is made of: as much as a signed link can show. */
const PAGE = ["status:read", "line:read", "ledger:read", "report:read"] as const;

/**
 * What a link shows that somebody of this role makes: no more than the role sees itself, or a link
 * would be a way around it. Scopes of the maker are left aside, as `link:write` is what they allow.
 */
export const scopesOfLink = (role: AccessRole): readonly Permission[] =>
  PAGE.filter((name) => isGranted({ role }, name));

/** Support helps distributors without reading who they are: names and addresses come masked. */
export const seesPersonalData = ({
  role,
  isMasked,
}: Pick<Claimant, "role" | "isMasked">): boolean => role !== "support" && isMasked !== true;
