import { describe, expect, test } from "vitest";
import { addressesIn, checkPoll } from "#src/pollers/check.ts";
import { joinSecrets, splitSecrets } from "#src/pollers/secrets.ts";
import { pollSettingsOf } from "#src/pollers/settings.ts";

const TOKEN = { kind: "token", token: "secret-0001" };
const hubspot = (more: object = {}, stream: object = {}) => ({
  kind: "hubspot",
  account: "62515",
  auth: TOKEN,
  streams: [{ name: "contacts", object: "contacts", fields: ["email"], ...stream }],
  ...more,
});
const list = (stream: object, more: object = {}) => ({
  kind: "http",
  auth: TOKEN,
  streams: [{ name: "orders", url: "https://shop.example/orders", id: "id", ...stream }],
  ...more,
});

const faultsOf = (poll: unknown, sender: string) =>
  checkPoll(poll, sender).map(({ path, rule }) => `${path} ${rule}`);

describe("options.poll", () => {
  test.each([
    { name: "HubSpot", poll: hubspot(), sender: "hubspot" },
    {
      name: "a day's list",
      poll: list({
        url: "https://x.example/t?d={day}",
        every: "day",
        at: "02:00",
        tz: "Europe/Berlin",
      }),
      sender: "woocommerce",
    },
    {
      name: "pages",
      poll: list({ url: "https://x.example/?p={page}", pages: { kind: "page" } }),
      sender: "custom",
    },
  ])("takes $name", ({ poll, sender }) => {
    expect(checkPoll(poll, sender)).toEqual([]);
  });

  test.each([
    { name: "no object", poll: 7, sender: "hubspot", fault: "options.poll type" },
    {
      name: "an unknown kind",
      poll: { kind: "sap" },
      sender: "hubspot",
      fault: "options.poll.kind enum",
    },
    {
      name: "another product's source",
      poll: hubspot(),
      sender: "shopify",
      fault: "options.poll.kind sender",
    },
    {
      name: "no portal",
      poll: hubspot({ account: undefined }),
      sender: "hubspot",
      fault: "options.poll.account required",
    },
    {
      name: "a credential HubSpot has not",
      poll: hubspot({ auth: { kind: "basic", user: "u", password: "p" } }),
      sender: "hubspot",
      fault: "options.poll.auth.kind enum",
    },
    {
      name: "a credential without its secret",
      poll: hubspot({ auth: { kind: "token" } }),
      sender: "hubspot",
      fault: "options.poll.auth.token required",
    },
    {
      name: "no stream",
      poll: hubspot({ streams: [] }),
      sender: "hubspot",
      fault: "options.poll.streams length",
    },
    {
      name: "a name that stands twice",
      poll: { ...hubspot(), streams: [...hubspot().streams, ...hubspot().streams] },
      sender: "hubspot",
      fault: "options.poll.streams[1].name unique",
    },
    {
      name: "an object that would end a path",
      poll: hubspot({}, { object: "../x" }),
      sender: "hubspot",
      fault: "options.poll.streams[0].object format",
    },
    {
      name: "a field that would end a query",
      poll: hubspot({}, { fields: ["a' OR 1"] }),
      sender: "hubspot",
      fault: "options.poll.streams[0].fields[0] format",
    },
    {
      name: "a round a second",
      poll: hubspot({}, { every_s: 1 }),
      sender: "hubspot",
      fault: "options.poll.streams[0].every_s minimum",
    },
    {
      name: "two schedules",
      poll: hubspot({}, { every_s: 60, every: "never" }),
      sender: "hubspot",
      fault: "options.poll.streams[0].every_s exclusive",
    },
    {
      name: "a time of day without days",
      poll: hubspot({}, { at: "02:00" }),
      sender: "hubspot",
      fault: "options.poll.streams[0].at unexpected",
    },
    {
      name: "no time of day",
      poll: hubspot({}, { every: "day", at: "24:00" }),
      sender: "hubspot",
      fault: "options.poll.streams[0].at format",
    },
    {
      name: "no time zone",
      poll: hubspot({}, { every: "day", tz: "Mars" }),
      sender: "hubspot",
      fault: "options.poll.streams[0].tz time_zone",
    },
    {
      name: "more than all of the product",
      poll: hubspot({ budget: { share: 1.5 } }),
      sender: "hubspot",
      fault: "options.poll.budget.share maximum",
    },
    {
      name: "an address with a password",
      poll: list({ url: "https://a:b@x.example/" }),
      sender: "custom",
      fault: "options.poll.streams[0].url url",
    },
    {
      name: "a place nobody fills",
      poll: list({ url: "https://x.example/{tenant}" }),
      sender: "custom",
      fault: "options.poll.streams[0].url place",
    },
    {
      name: "{since} without updated_at",
      poll: list({ url: "https://x.example/?s={since}" }),
      sender: "custom",
      fault: "options.poll.streams[0].updated_at required",
    },
    {
      name: "{page} without pages",
      poll: list({ url: "https://x.example/?p={page}" }),
      sender: "custom",
      fault: "options.poll.streams[0].pages place",
    },
    {
      name: "cursors without {cursor}",
      poll: list({ pages: { kind: "token", at: "next" } }),
      sender: "custom",
      fault: "options.poll.streams[0].pages place",
    },
    {
      name: "{day} of every five minutes",
      poll: list({ url: "https://x.example/?d={day}" }),
      sender: "custom",
      fault: "options.poll.streams[0].url place",
    },
    {
      name: "tokens from nowhere",
      poll: list({}, { auth: { kind: "client_credentials", client_id: "c", client_secret: "s" } }),
      sender: "custom",
      fault: "options.poll.auth.token_url required",
    },
    {
      name: "no organization for messages",
      poll: {
        kind: "salesforce",
        base_url: "https://a.my.salesforce.com",
        auth: TOKEN,
        streams: hubspot().streams,
      },
      sender: "salesforce-outbound-message",
      fault: "options.poll.account required",
    },
  ])("refuses $name", ({ poll, sender, fault }) => {
    expect(faultsOf(poll, sender)).toContain(fault);
    expect(JSON.stringify(checkPoll(poll, sender))).not.toContain("secret-0001");
  });
});

test("secrets are taken out of options, and put back, and nothing else is", () => {
  const options = { rules: [], poll: JSON.parse(JSON.stringify(hubspot())) };
  const { options: open, secrets } = splitSecrets(options);
  expect(JSON.stringify(open)).not.toContain("secret-0001");
  expect(secrets).toEqual({ token: "secret-0001" });
  expect(joinSecrets(open, secrets)).toEqual(options);
  expect(joinSecrets(open, secrets, () => "…")).toEqual({
    rules: [],
    poll: { ...options.poll, auth: { kind: "token", token: "…" } },
  });
  expect(pollSettingsOf(open, undefined)).toBeUndefined();
  expect(splitSecrets({ rules: [] })).toEqual({ options: { rules: [] }, secrets: undefined });
});

test("every address is named with its place", () => {
  const poll = JSON.parse(
    JSON.stringify(
      list(
        {},
        {
          auth: {
            kind: "client_credentials",
            client_id: "c",
            client_secret: "s",
            token_url: "https://id.example/t",
          },
        },
      ),
    ),
  );
  const settings = pollSettingsOf({ poll }, undefined);
  expect(settings && addressesIn(settings)).toEqual([
    { path: "options.poll.auth.token_url", url: "https://id.example/t" },
    { path: "options.poll.streams[0].url", url: "https://shop.example/orders" },
  ]);
});
