// What is done about what ends: acknowledged, snoozed, left to lapse, given to somebody; one
// by one and several at once.

import assert from "node:assert/strict";

// Opens the inbox once something stands in it: the first sweep may still be under way.
export async function inbox(page, base) {
  for (let tries = 0; tries < 60; tries += 1) {
    await page.goto(`${base}/alerts?state=open`);
    if ((await page.locator("td.act button").count()) > 0) return;
    await page.waitForTimeout(500);
  }
  throw new Error("no alert stands in the inbox of the demonstration");
}

async function says(page, words) {
  assert.match(await page.innerText(".said"), words);
}

async function press(page, name) {
  await page.click(`main button[name=do][value=${name}]`);
}

// From the inbox: one, then two chosen ones.
export async function fromTheInbox(page, base) {
  await inbox(page, base);
  await page.locator("td.act button").first().click();
  await says(page, /Acknowledged/);
  await inbox(page, base);
  // The one at the top may end within a day, which nothing silences.
  await page.locator("tbody input[name=id]").last().check();
  await page.selectOption("#days", "1");
  await press(page, "snooze");
  await says(page, /Snoozed/);
}

// On its own page: a note, a snooze that is taken back, and the leave to lapse.
export async function onItsPage(page, base) {
  await inbox(page, base);
  // Of those that are about an end: nothing else may lapse.
  const rows = page.locator("tr", { has: page.locator("td[data-label=Ends] small") });
  await rows.filter({ has: page.locator("td.act button") }).last().locator("a").first().click();
  await page.fill("#note", "the move is under way");
  await press(page, "acknowledge");
  await says(page, /Acknowledged/);
  assert.match(await page.innerText("main"), /the move is under way/);
  await press(page, "snooze");
  await says(page, /Snoozed/);
  await press(page, "unsnooze");
  await says(page, /taken back/);
  await press(page, "let-lapse");
  await says(page, /may lapse/);
}

// Searches, looks at one, says who answers for it, and acts on several.
export async function credentials(page, base, { watcher, team }) {
  await page.goto(`${base}/credentials`);
  const name = await page.locator("tbody a bdi").first().innerText();
  await page.fill("#name", name.slice(0, 6));
  await page.click("form[role=search] button[type=submit]");
  assert.ok(new URL(page.url()).searchParams.get("name"), "the address keeps what is looked for");
  await page.locator("tbody a", { hasText: name }).first().click();
  assert.equal(await page.innerText("h1"), name);
  await page.fill("#lead_time", "soon");
  await page.fill("#watchers", watcher);
  await page.click("form:has(#lead_time) button[type=submit]");
  assert.equal(await page.inputValue("#watchers"), watcher, "what was typed stays");
  await page.fill("#lead_time", "45d");
  await page.click("form:has(#lead_time) button[type=submit]");
  await says(page, /Changed/);
  await page.goto(`${base}/credentials?source=grafana`);
  await page.locator("tbody input[name=id]").first().check();
  await page.fill("#bulk-team", team);
  await press(page, "assign");
  await says(page, /Changed/);
}
