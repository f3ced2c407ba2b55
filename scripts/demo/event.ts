export type SourceName = "core" | "bank" | "crm" | "shop";

/** An event of our own contract, as a core writes it. */
export interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly version: 1;
  readonly occurred_at: string;
  readonly key: string;
  readonly seq?: number;
  readonly rev?: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One event before it is signed and sent: an envelope, or what a product says in its own words. */
export interface DemoEvent {
  readonly source: SourceName;
  readonly payload: object;
  /** Only where it is one: what the calculator reckons with. */
  readonly envelope?: Envelope;
}
