import { assert } from "./assert.ts";

const codes = (text: string) => text.trim().split(/\s+/);

/** ISO 4217 codes in use and just withdrawn; metals, test codes and XDR have no minor unit. */
const CODES_BY_EXPONENT: readonly (readonly [number, readonly string[]])[] = [
  [0, codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")],
  [
    2,
    codes(`
      AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN
      BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
      GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP
      LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
      NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
      SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR
      ZMW ZWG
    `),
  ],
  [3, codes("BHD IQD JOD KWD LYD OMR TND")],
  [4, codes("CLF UYW")],
];

const EXPONENTS: ReadonlyMap<string, number> = new Map(
  CODES_BY_EXPONENT.flatMap(([exponent, list]) => list.map((code) => [code, exponent] as const)),
);

/** Digits after the point of one major unit (ISO 4217); undefined for a code we do not know. */
export const exponentOf = (currency: string): number | undefined => EXPONENTS.get(currency);

/**
 * An amount in minor units as people write it: `125.00`, `-0.05`, JPY `400`. Exact at any size.
 * A fraction of a minor unit or an unknown currency is a bug of the caller and throws.
 */
export function toDecimal(amountMinor: bigint | number, currency: string): string {
  const exponent = exponentOf(currency);
  assert(exponent !== undefined, "Cannot write an amount in an unknown currency");
  assert(
    typeof amountMinor === "bigint" || Number.isSafeInteger(amountMinor),
    "Cannot write an amount that is no safe integer of minor units",
  );

  const amount = BigInt(amountMinor);
  const sign = amount < 0n ? "-" : "";
  const digits = (amount < 0n ? -amount : amount).toString().padStart(exponent + 1, "0");
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

const DECIMAL = /^(-?)(\d{1,20})(?:\.(\d{0,20}))?$/;

/**
 * The minor units of an amount as people write it, `125.00` or `400`, exact: digits beyond the
 * currency's exponent may only be zeros. Undefined for anything else, an unknown currency, and an
 * amount beyond 2^53.
 */
export function fromDecimal(text: string, currency: string): number | undefined {
  const exponent = exponentOf(currency);
  return exponent === undefined ? undefined : scaled(text, exponent);
}

/** A decimal number times 10^exponent, where that is a safe integer: points are hundredths. */
export function scaled(text: string, exponent: number): number | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  if (/[^0]/.test(fraction.slice(exponent))) return undefined;
  const digits = whole + fraction.slice(0, exponent).padEnd(exponent, "0");
  const amount = Number(digits);
  if (!Number.isSafeInteger(amount)) return undefined;
  return sign === "-" && amount !== 0 ? -amount : amount;
}
