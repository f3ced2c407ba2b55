import * as z from "zod";

const QUOTA_MAX = 1_000_000_000;

/** What a tenant may use up; what is absent is not limited beyond the platform's own limits. */
export const TenantQuotas = z.strictObject({
  /** Accepted events in a day of UTC; judged within minutes, as nobody counts at the edge. */
  events_per_day: z.int().min(1).max(QUOTA_MAX).exactOptional(),
});
export type TenantQuotas = Readonly<z.infer<typeof TenantQuotas>>;
