// What an admin keeps in order: people and what they may do, silences, policies, sources,
// channels, the audit log, sessions.

import assert from "node:assert/strict";

async function says(page, words) {
  assert.match(await page.innerText(".said"), words);
}

async function send(page) {
  await page.click("main form.form button[type=submit]");
}

// Adds one of them, changes it, and sees both.
async function addAndChange(page, base, { path, fields, change, look }) {
  await page.goto(`${base}/${path}/new`);
  await send(page);
  assert.equal(await page.locator("[aria-invalid=true]").count(), 1, `${path}: what is missing`);
  await look(page, `${path}-new-refused`);
  for (const [field, text] of Object.entries(fields)) await page.fill(`#${field}`, text);
  await send(page);
  await says(page, /Added/);
  for (const [field, text] of Object.entries(change)) await page.fill(`#${field}`, text);
  await send(page);
  await says(page, /Changed/);
}

export async function people(page, base, { name, look }) {
  const more = { look };
  const email = `${name}@example.org`;
  const person = { name: `${name} person`, email };
  await addAndChange(page, base, { path: "people", fields: person, change: { time_zone: "Asia/Kolkata" }, ...more });
  const team = { name: `${name} team`, members: email };
  await addAndChange(page, base, { path: "teams", fields: team, change: { parent: "Engineering" }, ...more });
  const account = { name: `${name}-bot`, team: `${name} team` };
  await addAndChange(page, base, { path: "service-accounts", fields: account, change: { team: "Platform" }, ...more });
  const role = { name: `${name} role`, scopes: "billing:read" };
  await addAndChange(page, base, { path: "roles", fields: role, change: { scopes: "billing:read billing:write" }, ...more });
  await page.click("main button.danger");
  await says(page, /Removed/);
}

export async function policies(page, base, { name, look }) {
  await page.goto(`${base}/policies`);
  await page.fill("#steps", "45d 14d 2d");
  await page.click("main form.filters button");
  assert.ok(await page.locator("#outcome-head").isVisible(), "what it would change is shown");
  await look(page, "policies-tried");
  await page.goto(`${base}/silences`);
  await send(page);
  assert.ok((await page.locator("[aria-invalid=true]").count()) > 0, "a silence without an end");
  await page.fill("#name", `${name}-*`);
  await page.fill("#until", new Date(Date.now() + 20 * 86400e3).toISOString().slice(0, 10));
  await page.fill("#reason", "moved on Tuesday");
  await send(page);
  await says(page, /Silenced/);
  await look(page, "silences-one");
  await page.locator("td.act button", { hasText: `${name}-*` }).click();
  await says(page, /Ended/);
}

// Sends a test, and verifies the chain of the audit log.
export async function upkeep(page, base, { look }) {
  await page.goto(`${base}/channels`);
  await page.locator("td button[type=submit]").first().click();
  await says(page, /on its way/);
  await page.goto(`${base}/audit`);
  await page.click("main a.button");
  await says(page, /./);
  await look(page, "audit-verified");
}

// Ends the session of another browser.
export async function sessions(page, base, { other }) {
  await page.goto(`${base}/sessions`);
  await page.locator("td.act button").first().click();
  await says(page, /ended/);
  await other.goto(`${base}/sessions`);
  assert.match(new URL(other.url()).pathname, /^\/sign-in/, "who was signed out signs in again");
}
