// Watched systems, as an admin tries and reads them; and the table over all of them: its
// views, its search in the address, and the same as a file.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

// What is read, and what cannot be.
export async function sources(page, base, { look }) {
  await page.goto(`${base}/sources`);
  const row = page.locator("tr", { has: page.locator("a", { hasText: "ledger" }) });
  await row.locator("button", { hasText: "Try" }).click();
  assert.match(await page.innerText("main"), /quarter-ledger/);
  assert.match(await page.innerText("main"), /This trial changed nothing/);
  await look(page, "source-tried");
  await page.click("text=Back to the sources");
  await row.locator("button", { hasText: "Read now" }).click();
  assert.match(await page.innerText(".said"), /being read/);
  for (let tries = 0; tries < 60; tries += 1) {
    await page.goto(`${base}/sources`);
    if (/2 credentials/.test(await row.innerText())) break;
    await page.waitForTimeout(500);
  }
  assert.match(await row.innerText(), /2 credentials/);
  const blind = page.locator("tbody tr").first();
  assert.match(await blind.innerText(), /missing[\s\S]*cannot be read/, "the blind one is first");
  await blind.locator("button", { hasText: "Try" }).click();
  assert.equal(await page.locator(".alert.crit").count(), 1, "why it cannot be read");
  await look(page, "source-blind");
  await page.click("text=Back to the sources");
  await look(page, "sources-read");
}

// Every view narrows by its address alone, and is there again for whoever is sent it.
export async function views(page, base) {
  await page.goto(`${base}/credentials`);
  const links = await page.locator(".views a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  assert.ok(links.length >= 5);
  for (const link of links) {
    const reply = await page.goto(base + link);
    assert.equal(reply.status(), 200, link);
    const current = await page.locator(".views a[aria-current=page]").getAttribute("href");
    assert.equal(current, link, "the view says which it is");
  }
  await page.goto(`${base}/credentials`);
  await page.fill("#name", "a");
  await page.selectOption("#sort", "name");
  await page.click("form[role=search] button[type=submit]");
  // Until the last row is there.
  await page.waitForURL(/sort=name/);
  const rows = await page.locator("tbody a bdi").allInnerTexts();
  const again = await page.context().newPage();
  await again.goto(page.url());
  assert.deepEqual(await again.locator("tbody a bdi").allInnerTexts(), rows);
  assert.equal(await again.inputValue("#name"), "a");
  assert.equal(await again.inputValue("#sort"), "name");
  await again.close();
}

// The same selection as a file, with one row for each that the page shows.
export async function csv(page, base) {
  await page.goto(`${base}/credentials?source=gitlab`);
  const names = await page.locator("tbody a bdi").allInnerTexts();
  const download = page.waitForEvent("download");
  await page.click("text=All of these as CSV");
  const file = await download;
  assert.match(file.suggestedFilename(), /\.csv$/);
  const [head, ...lines] = readFileSync(await file.path(), "utf8").trim().split(/\r?\n/);
  assert.match(head, /^id,/);
  assert.equal(lines.length, names.length);
  for (const name of names) assert.ok(lines.some((line) => line.includes(name)), name);
}

// What is not there, not allowed or not a page is told within the shell, with a way on.
export async function lost(page, base, look) {
  const ways = ["/no-such-page", "/credentials/crd_0000000000000000000000", "/credentials/act"];
  const codes = [404, 404, 405];
  for (const [at, path] of ways.entries()) {
    const reply = await page.goto(base + path);
    assert.equal(reply.status(), codes[at], path);
    assert.match(reply.headers()["content-type"], /^text\/html/, path);
    assert.ok((await page.locator("nav[aria-label=Main] a").count()) > 3, `${path}: no way on`);
    await look(page, `lost-${codes[at]}-${at}`);
    await page.click("text=To the first page");
    assert.ok(!page.url().includes(path));
  }
}
