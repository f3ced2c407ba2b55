declare namespace Cloudflare {
  interface Env {
    readonly ENVIRONMENT: string;
    readonly SHARDS: string;
    readonly MASTER_KEY: string;
    readonly ADMIN_TOKEN: string;
    readonly EVENTS_0: Queue<import("./edge/queue/message.ts").Message>;
    readonly DEAD_0: Queue<import("./edge/queue/message.ts").Message>;
    readonly MIRROR_0: D1Database;
    readonly ARCHIVE_0: R2Bucket;
    readonly CONFIG: KVNamespace;
    readonly DISTRIBUTOR: DurableObjectNamespace<import("./edge/objects/distributor.ts").Distributor>;
    readonly RECORD: DurableObjectNamespace<import("./edge/objects/record.ts").Record>;
    readonly API_RATE: RateLimit;
    readonly ASSETS: Fetcher;
    readonly VERSION: WorkerVersionMetadata;
  }
  interface GlobalProps {
    mainModule: typeof import("./worker.ts");
    durableNamespaces: "Distributor" | "Record";
  }
}
