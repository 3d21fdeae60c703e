// Follows every link of ours, and looks at one page of each shape.

import assert from "node:assert/strict";

// Links that are no pages of ours to look at.
const ELSEWHERE = [/^\/docs/, /^\/openapi/, /^\/readyz/, /\.csv($|\?)/, /\.ndjson($|\?)/];
const NOUNS = /^\/(credentials|tokens|alerts|people|teams|service-accounts|roles|sources|channels|monitors|reviews)\/(?!new$)[^/]+/;
const PAGES_MAX = 80;

export const shape = (path) => path.split(/[?#]/)[0].replace(NOUNS, "/$1/one");

// Answers the shapes that were seen. Every page must be there for whom it is linked.
export async function everyPage(looker, page, base, prefix) {
  const seen = new Set();
  const waiting = ["/"];
  while (waiting.length > 0 && seen.size < PAGES_MAX) {
    const path = waiting.shift();
    const form = shape(path);
    if (seen.has(form) || ELSEWHERE.some((other) => other.test(path))) continue;
    seen.add(form);
    const response = await page.goto(base + path);
    assert.equal(response.status(), 200, `${prefix}${path}`);
    const name = form === "/" ? "overview" : form.slice(1).replaceAll("/", "-");
    await looker.look(page, prefix + name);
    const links = await page.$$eval("a[href^='/']", (all) => all.map((a) => a.getAttribute("href")));
    waiting.push(...links);
  }
  return seen;
}
