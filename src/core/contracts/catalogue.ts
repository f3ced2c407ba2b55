import { AdjustmentPosted } from "./adjustment.ts";
import { AutoshipChanged } from "./autoship.ts";
import { CdcGap, CdcRow } from "./cdc.ts";
import { ChargebackClosed, ChargebackOpened } from "./chargeback.ts";
import { CommissionPosted, CommissionReleased, CommissionReversed } from "./commission.ts";
import {
  byDistributor,
  byKeyedDistributor,
  byOrder,
  byPayment,
  commutative,
  type Contract,
  notice,
  register,
  strict,
} from "./contract.ts";
import { CrmFieldChanged } from "./crm.ts";
import { CustomerLinked } from "./customer.ts";
import { DistributorEnrolled, DistributorMoved, DistributorStatusChanged } from "./distributor.ts";
import type { GatewayEvent, OrderingClass } from "./event.ts";
import type { Data } from "./fields.ts";
import { InventoryAdjusted } from "./inventory.ts";
import { filling, keyed } from "./key.ts";
import { LeadUpserted } from "./lead.ts";
import { OrderCancelled, OrderPlaced } from "./order.ts";
import { PaymentConfirmed, PaymentFailed } from "./payment.ts";
import { PayoutFailed, PayoutInitiated, PayoutSettled } from "./payout.ts";
import { PeriodClosed } from "./period.ts";
import { RankChanged } from "./rank.ts";
import { changesOneThing, ReconCorrection } from "./reconciliation.ts";
import { RefundCompleted, RefundFailed } from "./refund.ts";
import { addsUp, neededBy, present, rowUnlessDeleted, together, where } from "./rule.ts";
import { SubjectErased } from "./subject.ts";
import { TicketUpserted } from "./ticket.ts";
import { VolumeSnapshot } from "./volume.ts";

const orderAddsUp = addsUp("amount_minor", ["net_minor", "tax_minor", "shipping_minor"]);
const paymentAddsUp = addsUp("amount_minor", ["net_minor", "tax_minor?", "shipping_minor?"]);
const disputeAddsUp = addsUp("amount_minor", ["net_minor", "tax_minor", "shipping_minor?"]);
const payoutAddsUp = addsUp("gross_minor", ["net_minor", "fee_minor?", "withholding_minor?"]);
const partsNeedNet = neededBy("net_minor", ["tax_minor", "shipping_minor"]);
const saleIsWhole = together(["net_minor", "cv_x100", "source_node", "order_kind"]);

/** Every type of DOMAIN §2.3. Versions are added, never changed. */
export const CATALOGUE = {
  "distributor.enrolled": register({
    data: DistributorEnrolled,
    keys: byDistributor,
    revision: "zero",
  }),
  "distributor.status_changed": register({
    data: DistributorStatusChanged,
    keys: byKeyedDistributor,
  }),
  "distributor.moved": strict({ data: DistributorMoved, keys: [keyed("tree", "tenant")] }),
  "customer.linked": register({ data: CustomerLinked, keys: [keyed("cust", "customer_id")] }),
  "lead.upserted": register({ data: LeadUpserted, keys: [keyed("lead", "crm", "object_id")] }),
  "order.placed": commutative({ data: OrderPlaced, keys: byOrder, rules: [orderAddsUp] }),
  "order.cancelled": commutative({ data: OrderCancelled, keys: byOrder }),
  "payment.confirmed": commutative({
    data: PaymentConfirmed,
    keys: byOrder,
    rules: [saleIsWhole, partsNeedNet, where("net_minor", paymentAddsUp)],
  }),
  "payment.failed": commutative({ data: PaymentFailed, keys: byOrder }),
  "refund.completed": commutative({
    data: RefundCompleted,
    keys: byPayment,
    rules: [partsNeedNet, where("net_minor", paymentAddsUp)],
  }),
  "refund.failed": commutative({ data: RefundFailed, keys: byPayment }),
  "chargeback.opened": commutative({
    data: ChargebackOpened,
    keys: byPayment,
    rules: [disputeAddsUp],
  }),
  "chargeback.closed": commutative({
    data: ChargebackClosed,
    keys: [...byPayment, keyed("dispute", "dispute_id")].map(filling),
    rules: [present("dispute_id", "dispute:{dispute_id}")],
  }),
  "volume.snapshot": register({ data: VolumeSnapshot, keys: byKeyedDistributor }),
  "commission.posted": strict({ data: CommissionPosted, keys: byDistributor }),
  "commission.reversed": strict({ data: CommissionReversed, keys: byKeyedDistributor }),
  "commission.released": strict({ data: CommissionReleased, keys: byKeyedDistributor }),
  "adjustment.posted": strict({ data: AdjustmentPosted, keys: byKeyedDistributor }),
  "rank.changed": register({ data: RankChanged, keys: byKeyedDistributor }),
  "period.closed": register({
    data: PeriodClosed,
    keys: [keyed("period", "period_id")],
    revision: "zero",
  }),
  "payout.initiated": strict({
    data: PayoutInitiated,
    keys: byKeyedDistributor,
    rules: [payoutAddsUp],
  }),
  "payout.settled": strict({ data: PayoutSettled, keys: byKeyedDistributor }),
  "payout.failed": strict({ data: PayoutFailed, keys: byKeyedDistributor }),
  "inventory.adjusted": register({
    data: InventoryAdjusted,
    keys: [keyed("sku", "sku", "location?")],
  }),
  "ticket.upserted": register({
    data: TicketUpserted,
    keys: [keyed("ticket", "system", "object_id")],
  }),
  "autoship.changed": register({
    data: AutoshipChanged,
    keys: [keyed("autoship", "autoship_id")],
  }),
  "crm.field_changed": register({
    data: CrmFieldChanged,
    keys: [keyed("crm", "crm", "object?", "object_id", "field")],
    revision: "data_occurred_at",
  }),
  "cdc.row": register({
    data: CdcRow,
    keys: [filling(keyed("cdc", "table", "pk"))],
    rules: [rowUnlessDeleted],
  }),
  "cdc.gap": notice({ data: CdcGap, keys: [keyed("cdc", "table")] }),
  "subject.erased": register({
    data: SubjectErased,
    keys: [keyed("dist", "distributor_id"), keyed("cust", "customer_id")].map(filling),
    revision: "zero",
  }),
  "recon.correction": commutative({
    data: ReconCorrection,
    keys: byKeyedDistributor,
    rules: [changesOneThing],
  }),
} as const satisfies Record<string, Contract>;

export type EventType = keyof typeof CATALOGUE;

/** A GatewayEvent whose `type` is known to the compiler: `switch (event.type)` narrows `data`. */
export type CatalogueEvent = { [Type in EventType]: EventOf<Type> }[EventType];

/** The event of one type, `EventOf<"payment.confirmed">`. */
export type EventOf<Type extends EventType> = Omit<GatewayEvent, "type" | "data"> & {
  readonly type: Type;
  readonly data: Data<(typeof CATALOGUE)[Type]["data"]>;
};

export const isEventType = (type: unknown): type is EventType =>
  typeof type === "string" && Object.hasOwn(CATALOGUE, type);

/** In the order of DOMAIN §2.3. */
export const EVENT_TYPES: readonly EventType[] = Object.keys(CATALOGUE).filter(isEventType);

export const orderingOf = (type: EventType): OrderingClass => CATALOGUE[type].ordering;

/** An event that {@link readEnvelope} accepted, with its data typed: it has passed its contract. */
export const narrow = (event: GatewayEvent): CatalogueEvent =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- readEnvelope judged data by type
  event as unknown as CatalogueEvent;
