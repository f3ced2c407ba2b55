import type { Destination } from "./compose/destination.ts";
import type { Distributor } from "./edge/objects/distributor.ts";
import type { Order } from "./edge/objects/order.ts";
import type { Record } from "./edge/objects/record.ts";
import type { Tree } from "./edge/objects/tree.ts";
import type { Message } from "./edge/message.ts";
import type worker from "./worker.ts";

declare global {
  namespace Cloudflare {
    /** The bindings of wrangler.toml. */
    interface Env {
      readonly ENVIRONMENT: string;
      readonly SHARDS: string;
      readonly MASTER_KEY: string;
      readonly ADMIN_TOKEN: string;
      readonly EVENTS_0: Queue<Message>;
      readonly SLOW_0: Queue<Message>;
      readonly DEAD_0: Queue<Message>;
      readonly MIRROR_0: D1Database;
      readonly ARCHIVE_0: R2Bucket;
      readonly CONFIG: KVNamespace;
      readonly DISTRIBUTOR: DurableObjectNamespace<Distributor>;
      readonly ORDER: DurableObjectNamespace<Order>;
      readonly RECORD: DurableObjectNamespace<Record>;
      readonly TREE: DurableObjectNamespace<Tree>;
      readonly DESTINATION: DurableObjectNamespace<Destination>;
      readonly API_RATE: RateLimit;
      readonly TENANT_RATE: RateLimit;
      readonly ASSETS: Fetcher;
      readonly VERSION: WorkerVersionMetadata;
      /** In tests alone. */
      readonly TEST_MIGRATIONS: { name: string; queries: string[] }[];
    }
    interface GlobalProps {
      mainModule: { default: typeof worker };
      durableNamespaces: "Distributor" | "Order" | "Record" | "Tree" | "Destination";
    }
  }
}
