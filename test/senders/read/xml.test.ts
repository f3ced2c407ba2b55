import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  attributeOf,
  childOf,
  parseXml,
  typeOf,
  XML_DEPTH_MAX,
  XML_ELEMENTS_MAX,
} from "#src/senders/read/xml.ts";
import { runs } from "../../support/runs.ts";
import { mangled } from "../mangle.ts";
import { payload } from "../samples/payload.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseXml(bytes(text));
const read = (text: string) => {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(`Cannot read it: ${JSON.stringify(parsed.refusal)}`);
  return parsed.value;
};
const ruleOf = (body: string | Uint8Array) => {
  const parsed = parseXml(typeof body === "string" ? bytes(body) : body);
  return parsed.ok ? "none" : parsed.refusal.map(({ rule }) => rule).join();
};
const nested = (levels: number) => "<a>".repeat(levels) + "</a>".repeat(levels);

describe("parseXml(), reading", () => {
  test("keeps order, repeats, text as it is, attributes and namespaces", () => {
    const root = read(
      `<?xml version="1.0" encoding="utf-8"?>\n<!-- a list -->` +
        `<l:list xmlns:l="urn:l" xmlns="urn:d" at="1" l:at='2 &lt; 3'>` +
        `<b> x </b><a/><b>y</b><l:a n="">z</l:a></l:list>\n<!-- end -->\n`,
    );
    expect(root).toMatchObject({ name: "list", namespace: "urn:l", text: "", isNil: false });
    expect(root.children.map(({ name, namespace, text }) => [name, namespace, text])).toEqual([
      ["b", "urn:d", " x "],
      ["a", "urn:d", ""],
      ["b", "urn:d", "y"],
      ["a", "urn:l", "z"],
    ]);
    expect(attributeOf(root, "at")).toBe("1");
    expect(attributeOf(root, "at", "urn:l")).toBe("2 < 3");
    expect(attributeOf(root, "xmlns")).toBeUndefined();
    expect(childOf(root, "a", "urn:d")?.text).toBe("");
    expect(childOf(root, "a")?.text).toBe("z");
    expect(childOf(root, "c")).toBeUndefined();
  });

  test("lets a prefix mean what is nearest, however far outside", () => {
    const far = read(`<p:a xmlns:p="urn:1"><b xmlns:q="urn:q"><p:c/></b></p:a>`);
    expect(far.children[0]?.children[0]?.namespace).toBe("urn:1");
    const root = read(`<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"/><p:b/></p:a>`);
    expect(root.children.map(({ namespace }) => namespace)).toEqual(["urn:2", "urn:1"]);
  });

  test.each([
    ["&lt;&gt;&amp;&apos;&quot;", `<>&'"`],
    ["M&#252;ller &#x1F600;", "Müller 😀"],
    ["&amp;lt;", "&lt;"],
    ["&#38;#60;", "&#60;"],
    ["<![CDATA[a &lt; <b>]]>", "a &lt; <b>"],
    ["x<![CDATA[]]>y", "xy"],
    ["admin<!-- x -->@example.org", "admin@example.org"],
    ["a\r\nb\rc", "a\nb\nc"],
    ["a&#31;b\u0002", "a\u001Fb\u0002"],
  ])("reads %s", (written, text) => {
    expect(read(`<a>${written}</a>`).text).toBe(text);
  });

  test.each([
    [`<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>`, true],
    [`<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil=" 1 "></a>`, true],
    [`<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="false"/>`, false],
    [`<a xmlns:xsi="urn:another" xsi:nil="true"/>`, false],
    [`<a nil="true"/>`, false],
  ])("sees whether %s is nil", (text, isNil) => {
    expect(read(text).isNil).toBe(isNil);
  });

  test("reads a byte order mark, and no encoding", () => {
    expect(read(`\uFEFF<?xml version='1.0'?><a>é</a>`).text).toBe("é");
  });

  test("reads a type without its prefix", () => {
    const root = read(payload("salesforce-outbound-message.xml"));
    const outbound = "http://soap.sforce.com/2005/09/outbound";
    const body = childOf(root, "Body");
    const message = body && childOf(body, "notifications", outbound);
    const notice = message && childOf(message, "Notification");
    const record = notice && childOf(notice, "sObject");
    expect(record && typeOf(record)).toBe("Contact");
    expect(record?.children.map(({ text }) => text)).toEqual([
      "0035e00000Aa111AAA",
      "lena@example.org",
      "Müller & Söhne",
    ]);
  });

  test("reads up to its limits", () => {
    expect(parse(nested(XML_DEPTH_MAX)).ok).toBe(true);
    const many = `<a>${"<b/>".repeat(XML_ELEMENTS_MAX - 1)}</a>`;
    expect(read(many).children).toHaveLength(XML_ELEMENTS_MAX - 1);
  });

  test("takes no member of an object's prototype for a name", () => {
    expect(ruleOf("<__proto__><polluted>1</polluted></__proto__>")).toMatch(/none|xml/);
    expect(ruleOf(`<a constructor="1"><prototype/></a>`)).toMatch(/none|xml/);
    expect({}).not.toHaveProperty("polluted");
  });
});

const LAUGHS = `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>`;
const XXE = `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`;

describe("parseXml(), refusing", () => {
  test.each([
    ["billion laughs", LAUGHS, "doctype"],
    ["billion laughs behind a declaration", `<?xml version="1.0"?>\n${LAUGHS}`, "doctype"],
    ["an external entity", XXE, "doctype"],
    ["a DOCTYPE in small letters", XXE.replace("DOCTYPE", "doctype"), "doctype"],
    ["a DOCTYPE behind a comment", `<!-- x -->${XXE}`, "doctype"],
    ["a DOCTYPE inside of the root", `<a><!DOCTYPE a></a>`, "doctype"],
    ["another declaration", `<a><!ENTITY x "y"></a>`, "doctype"],
    ["an entity that HTML has", "<a>&nbsp;</a>", "entity"],
    ["an entity that nobody defined", "<a>&x;</a>", "entity"],
    ["an entity in an attribute", `<a b="&x;"/>`, "entity"],
    ["a lone ampersand in an attribute", `<a b="1 & 2"/>`, "entity"],
    ["NUL by number", "<a>&#0;</a>", "entity"],
    ["half of a pair by number", "<a>&#xD800;</a>", "entity"],
    ["a number beyond Unicode", "<a>&#x110000;</a>", "entity"],
    ["a level too many", nested(XML_DEPTH_MAX + 1), "depth"],
    ["an empty element a level too deep", nested(XML_DEPTH_MAX).replace("><", "><b/><"), "none"],
    ["100 000 nested tags", nested(100_000), "depth"],
    ["100 000 opened tags", "<a>".repeat(100_000), "depth"],
    ["too many elements", `<a>${"<b/>".repeat(XML_ELEMENTS_MAX)}</a>`, "length"],
    ["a tag too long", `<a b="${"x".repeat(20_000)}"/>`, "xml"],
    ["a processing instruction", `<?xml version="1.0"?><?php x ?><a/>`, "instruction"],
    ["a style sheet", `<?xml-stylesheet href="x"?><a/>`, "instruction"],
    ["a processing instruction inside", "<a><?x it's ?></a>", "instruction"],
    ["a second declaration", `<?xml version="1.0"?><?xml version="1.0"?><a/>`, "instruction"],
    ["UTF-16 declared", `<?xml version="1.0" encoding="UTF-16"?><a/>`, "encoding"],
    ["ISO-8859-1 declared", `<?xml version='1.0' encoding='iso-8859-1'?><a/>`, "encoding"],
    ["two roots", "<a></a><b></b>", "xml"],
    ["two empty roots", "<a/><b/>", "xml"],
    ["text before the root", "x<a/>", "xml"],
    ["text behind the root", "<a/>x", "xml"],
    ["CDATA behind the root", "<a/><![CDATA[x]]>", "xml"],
    ["no root", "<!-- x -->", "xml"],
    ["no bytes", "", "xml"],
    ["white space", " \n", "xml"],
    ["JSON", "{}", "xml"],
    ["an unclosed root", "<a>", "xml"],
    ["an unclosed child", "<a><b></a>", "xml"],
    ["tags closed in another order", "<a><b></a></b>", "xml"],
    ["another prefix to close", `<p:a xmlns:p="u" xmlns:q="u"></q:a>`, "xml"],
    ["a tag that closes nothing", "</a>", "xml"],
    ["a tag cut short", "<a", "xml"],
    ["a tag in a tag", "<a <b></a>", "xml"],
    ["an unclosed comment", "<a><!-- x</a>", "xml"],
    ["an unclosed section", "<a><![CDATA[x</a>", "xml"],
    ["an attribute twice", `<a b="1" b="2"/>`, "xml"],
    ["an attribute without quotes", "<a b=1/>", "xml"],
    ["an attribute without a value", "<a b/>", "xml"],
    ["a quote that is not closed", `<a b="1></a>`, "xml"],
    ["a name that is none", "<1a/>", "xml"],
    ["a lone ampersand", "<a>1 & 2</a>", "xml"],
    ["NUL", "<a>\0</a>", "xml"],
    ["a prefix that nobody declared", "<x:a/>", "namespace"],
    ["an attribute's prefix that nobody declared", `<a x:b="1"/>`, "namespace"],
    ["a prefix declared for a sibling", `<a><b xmlns:x="u"/><x:c/></a>`, "namespace"],
    ["a prefix undeclared", `<a xmlns:x=""><x:b/></a>`, "namespace"],
    ["two colons", `<a xmlns:x="u"><x:b:c/></a>`, "namespace"],
  ])("%s", (_name, text, rule) => {
    expect(ruleOf(text)).toBe(rule);
  });

  test.each([
    ["UTF-16", Buffer.from("\uFEFF<a/>", "utf16le")],
    ["Latin-1", Buffer.from("<a>é</a>", "latin1")],
    ["a byte cut off", bytes("<a>é</a>").slice(0, 4)],
  ])("bytes of %s", (_name, body) => {
    expect(ruleOf(Uint8Array.from(body))).toBe("utf8");
  });

  test("never throws, whatever is made of a message, and quotes none of it", () => {
    const whole = payload("salesforce-outbound-message.xml");
    fc.assert(
      fc.property(mangled(whole), (body) => {
        const parsed = parseXml(typeof body === "string" ? bytes(body) : body);
        const refusal = parsed.ok ? [] : parsed.refusal;
        expect(JSON.stringify(refusal)).not.toMatch(/00D5|lena/);
      }),
      { numRuns: runs(300) },
    );
  });

  // Each of them would outlast the test's time by far, if a pattern went back over it.
  const declared = (level: number) =>
    Array.from({ length: 800 }, (_, at) => ` xmlns:p${level}.${at}="u"`).join("");
  const around = Array.from({ length: 30 }, (_, level) => `<a${declared(level)}>`).join("");

  test.each([
    ["blanks in a tag", `<a${" ".repeat(16_000)}/>`],
    ["entities", `<a>${"&amp;".repeat(500_000)}</a>`],
    ["comments", `<a>${"<!---->".repeat(300_000)}</a>`],
    ["brackets", `<a>${"]]".repeat(1_000_000)}</a>`],
    ["beginnings of tags", "<".repeat(2_000_000)],
    ["declarations", `${around}${'<b xmlns:q="u"/>'.repeat(20_000)}${"</a>".repeat(30)}`],
    ["attributes", `<a>${`<b c="${"&quot;".repeat(2000)}"/>`.repeat(100)}</a>`],
  ])("comes to an end with what is made to be slow: %s", (_name, text) => {
    expect(parse(text)).toHaveProperty("ok");
  });
});
