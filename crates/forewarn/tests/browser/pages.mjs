// Every page and every flow in a browser: as the first admin, as a member, as somebody
// without any right and as a stranger; with scripts and without, with the keyboard alone;
// in light and dark, wide, narrow and zoomed. Starts a demonstration of its own. Ends with
// 0 when all is well, else names what is not.
//
// node pages.mjs FOREWARN NODE_MODULES_FOLDER CHROMIUM [FOLDER_FOR_SCREENSHOTS]

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";

import * as admin from "./admin.mjs";
import * as alerts from "./alerts.mjs";
import { everyPage } from "./crawl.mjs";
import { Looker } from "./look.mjs";
import { rounds } from "./rounds.mjs";
import { demonstration, member, nobody } from "./server.mjs";
import * as sources from "./sources.mjs";
import { keysOnly, tokens } from "./tokens.mjs";

const [binary, npm, executablePath, folder] = process.argv.slice(2);
const { chromium } = createRequire(`${npm}/`)("playwright-core");

// A trial of a policy foresees ninety days, in a build that is not optimised, beside others.
const PATIENCE_MS = 180_000;
const PASSWORD = "correct horse battery staple";
const EMAIL = "ada@example.org";
// Pages that must be reached by links alone.
const ADMINS = ["/tokens", "/tokens/one", "/alerts", "/alerts/one", "/sessions", "/people/one", "/roles/new"];
const OWN = ["/mine", "/mine/notifications", "/tokens", "/alerts", "/sessions"];
// What somebody without any right is told they may not.
const CLOSED = ["/tokens/new", "/people", "/sources", "/audit"];

class Walk {
  constructor(browser, looker, house) {
    Object.assign(this, { browser, looker, house, base: house.base });
  }

  async open(options) {
    const context = await this.browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    this.looker.watch(page, this.base);
    return page;
  }

  // The first admin, by the link.
  async founded() {
    const page = await this.open();
    await page.goto(this.house.setup);
    await this.looker.look(page, "setup");
    await page.fill("#name", "Ada Lovelace");
    await page.fill("#email", EMAIL);
    await page.fill("#password", PASSWORD);
    await page.click("main button[type=submit]");
    await page.click("text=I have stored it");
    return page;
  }

  // Signs in on the way to a page, and arrives there.
  async signedIn(page, field, entries) {
    await page.goto(`${this.base}/alerts`);
    await page.click("main a.button");
    for (const [name, text] of Object.entries(entries)) await page.fill(`#${name}`, text);
    await page.press(field, "Enter");
    await page.waitForURL(`${this.base}/alerts`);
    return page;
  }

  async byToken(value, options) {
    return this.signedIn(await this.open(options), "#token", { token: value });
  }

  async byPassword(options) {
    const entries = { email: EMAIL, password: PASSWORD };
    return this.signedIn(await this.open(options), "#password", entries);
  }

  // All that an admin does.
  async everything(page, name, look, other) {
    const role = "Continuous Integration";
    await tokens(page, this.base, { name, role, look });
    await rounds(page, this.base, { name, look });
    await alerts.fromTheInbox(page, this.base);
    await alerts.onItsPage(page, this.base);
    await alerts.credentials(page, this.base, { watcher: EMAIL, team: "Security" });
    await sources.sources(page, this.base, { look });
    await sources.views(page, this.base);
    await sources.csv(page, this.base);
    await sources.lost(page, this.base, look);
    await admin.people(page, this.base, { name, look });
    await admin.policies(page, this.base, { name, look });
    await admin.upkeep(page, this.base, { look });
    await admin.sessions(page, this.base, { other });
  }

  look = (page, name) => this.looker.look(page, name);

  async asAdmin() {
    const page = await this.founded();
    await this.everything(page, "scripted", this.look, await this.byPassword());
    await keysOnly(page, this.base);
    const seen = await everyPage(this.looker, page, this.base, "");
    for (const wanted of ADMINS) assert.ok(seen.has(wanted), `no link leads to ${wanted}`);
    const scriptless = { javaScriptEnabled: false };
    const bare = await this.byPassword(scriptless);
    await this.everything(bare, "scriptless", async () => {}, await this.byPassword());
    return seen.size;
  }

  // Somebody with a token of their own: their pages, and one more thing.
  async asOneOf(value, prefix, more) {
    const page = await this.byToken(value);
    const seen = await everyPage(this.looker, page, this.base, prefix);
    for (const wanted of OWN) assert.ok(seen.has(wanted), `no link leads ${prefix} to ${wanted}`);
    for (const path of CLOSED) assert.ok(!seen.has(path) || prefix !== "nobody-", path);
    await more(page, this.look, "scripted");
    await more(await this.byToken(value, { javaScriptEnabled: false }), async () => {}, "bare");
    return seen.size;
  }

  async asMember() {
    const value = await member(this.house);
    return this.asOneOf(value, "member-", async (page, _, name) => {
      const role = "Member";
      await tokens(page, this.base, { name: `member ${name}`, role, look: async () => {} });
      await alerts.inbox(page, this.base);
      await page.locator("td.act button").first().click();
      assert.match(await page.innerText(".said"), /Acknowledged/);
    });
  }

  async asNobody() {
    const value = await nobody(this.house);
    return this.asOneOf(value, "nobody-", async (page, look) => {
      for (const path of CLOSED) {
        assert.equal((await page.goto(this.base + path)).status(), 403, path);
      }
      await look(page, "nobody-refused");
      await page.goto(`${this.base}/alerts`);
      assert.equal(await page.locator("td.act button").count(), 0);
    });
  }

  async asStranger() {
    const page = await this.open();
    assert.equal((await page.goto(`${this.base}/no-such-page`)).status(), 404);
    await this.looker.look(page, "stranger-lost");
    for (const path of ["/", "/sign-in", "/alerts"]) {
      await page.goto(this.base + path);
      await this.looker.look(page, `stranger-${path.slice(1) || "front"}`);
    }
  }
}

if (folder) mkdirSync(folder, { recursive: true });
const looker = new Looker(npm, folder);
const house = await demonstration(binary);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const walk = new Walk(browser, looker, house);
  const seen = [await walk.asAdmin(), await walk.asMember(), await walk.asNobody()];
  await walk.asStranger();
  console.log(`${seen.join(", ")} pages`);
} catch (error) {
  looker.wrong.push(error.stack ?? String(error));
} finally {
  await browser.close();
  house.stop();
}
for (const line of new Set(looker.wrong)) console.error(line);
process.exitCode = looker.wrong.length > 0 ? 1 : 0;
