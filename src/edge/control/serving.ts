import type { Directory } from "./directory.ts";

/** A directory for whoever asks from outside: a tenant on its way out is nobody's any more. */
export const serving = <Known extends Pick<Directory, "tenant" | "source">>(
  directory: Known,
): Known => ({
  ...directory,
  async tenant(name: string) {
    const found = await directory.tenant(name);
    return found?.deleting === undefined ? found : undefined;
  },
  async source(tenant: string, name: string) {
    const found = await directory.source(tenant, name);
    return found?.tenant.deleting === undefined ? found : undefined;
  },
});
