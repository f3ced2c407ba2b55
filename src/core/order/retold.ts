import type { EventOf } from "../contracts/catalogue.ts";
import type { Goods, OrderState, Parts } from "./state.ts";
import { partsTold } from "./told.ts";

type Payment = EventOf<"payment.confirmed">["data"];

/** What a payment tells of its goods besides its amount. A thin one tells nothing of them. */
export type GoodsTold = Partial<
  Pick<Goods, keyof Parts | "cv_x100" | "pv_x100" | "source_node" | "order_kind" | "package">
>;

/** What this telling of a payment says of its goods. */
export const goodsToldBy = (data: Payment & { readonly package?: unknown }): GoodsTold => ({
  ...partsTold(data),
  ...(data.cv_x100 === undefined ? {} : { cv_x100: data.cv_x100 }),
  ...(data.pv_x100 === undefined ? {} : { pv_x100: data.pv_x100 }),
  ...(data.source_node === undefined ? {} : { source_node: data.source_node }),
  ...(data.order_kind === undefined ? {} : { order_kind: data.order_kind }),
  ...(typeof data.package === "string" ? { package: data.package } : {}),
});

/**
 * The goods that a known payment stands for: those that its sale was counted by, its order's where
 * it told none itself. Of a further payment, which buys nothing, what its first telling said.
 */
export const goodsOfPayment = (
  { sale }: OrderState,
  paymentId: string,
  told: GoodsTold | undefined,
): GoodsTold => (sale?.payment_id === paymentId ? sale : (told ?? {}));

const GOODS = [
  "net_minor",
  "tax_minor",
  "shipping_minor",
  "cv_x100",
  "pv_x100",
  "source_node",
  "order_kind",
  "package",
] as const;

/**
 * The first member that both have and that differs. What a telling leaves out contradicts nothing;
 * but a sale has all its members, and counted what nobody had told as points alike, or no package.
 */
export const differingIn = (known: GoodsTold, told: GoodsTold): string | undefined =>
  GOODS.find(
    (name) => known[name] !== undefined && told[name] !== undefined && known[name] !== told[name],
  );
