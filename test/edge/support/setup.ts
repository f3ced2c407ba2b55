import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";

await applyD1Migrations(env.MIRROR_0, env.TEST_MIGRATIONS);
