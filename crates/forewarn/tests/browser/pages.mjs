// Every page in a browser: with scripts and without, with the keyboard alone, in light and
// dark, wide and narrow. Starts a demonstration of its own. Ends with 0 when all is well,
// else names what is not.
//
// node pages.mjs FOREWARN NODE_MODULES_FOLDER CHROMIUM [FOLDER_FOR_SCREENSHOTS]

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [binary, npm, executablePath, folder] = process.argv.slice(2);
const require = createRequire(`${npm}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const PASSWORD = "correct horse battery staple";
const WIDTHS = [1280, 360];
const SCHEMES = ["light", "dark"];
// Axe's names for WCAG 2.2 AA, and what is good practice besides.
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
// Links that are no pages of ours to look at.
const ELSEWHERE = [/^\/docs/, /^\/openapi/, /^\/readyz/, /\.csv$/, /\.ndjson$/];
const NOUNS = /^\/(credentials|tokens|alerts|people|teams|service-accounts|roles|sources|channels)\/(?!new$)[^/]+/;
const PAGES_MAX = 80;

const wrong = [];

function started() {
  const server = spawn(binary, ["serve", "--demo", "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const ready = new Promise((resolve, reject) => {
    const hear = (bytes) => {
      said += bytes;
      const base = said.match(/listening on (http:\/\/\S+)/)?.[1];
      const setup = said.match(/(http:\/\/\S+\/setup\/\S+)/)?.[1];
      if (base && setup) resolve({ base, setup });
    };
    server.stdout.on("data", hear);
    server.stderr.on("data", hear);
    server.on("exit", () => reject(new Error(`the server ended: ${said}`)));
  });
  return { server, ready };
}

// Looks at the page as it stands: axe, its width, and its picture if wanted.
async function look(page, name) {
  for (const colorScheme of SCHEMES) {
    // What fades is half one colour and half the other for a moment.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) wrong.push(`${name}: ${wide} wide at ${width}`);
      if (folder) {
        const path = `${folder}/${name}-${colorScheme}-${width}.png`;
        await page.screenshot({ path, fullPage: true });
      }
      if (width !== WIDTHS[0]) continue;
      await page.evaluate(axe);
      const found = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), RULES);
      for (const { id, nodes } of found.violations) {
        const where = nodes.map((node) => node.target.join(" ")).slice(0, 3);
        wrong.push(`${name} ${colorScheme} ${width}: ${id} at ${where.join(", ")}`);
      }
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

// Notes what a page asks of elsewhere, and what its policy forbade.
function watch(page, base) {
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith("data:")) wrong.push(`asks ${url}`);
  });
  page.on("console", (message) => {
    // A form that is shown again comes with 422, which browsers call an error.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      wrong.push(`${page.url()}: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => wrong.push(`${page.url()}: ${error}`));
}

const value = (page) => page.locator("code.secret").innerText();
const id = (token) => token.split("_")[1];

// Opens the inbox once something stands in it: the first sweep may still be under way.
async function inbox(page, base) {
  for (let tries = 0; tries < 60; tries += 1) {
    await page.goto(`${base}/alerts?state=open`);
    if ((await page.locator("td.act button").count()) > 0) return;
    await page.waitForTimeout(500);
  }
  throw new Error("no alert stands in the inbox of the demonstration");
}

// Issues, rotates and acknowledges, as a person would.
async function walk(page, base, name) {
  await page.goto(`${base}/integrations`);
  await page.click("main >> text=API token");
  await page.click("main >> text=Generate token");
  if (name === "scripted") await look(page, "generate");
  await page.click("button[value=generate]");
  if (name === "scripted") await look(page, "generate-refused");
  await page.fill("#name", `${name} export`);
  await page.check("input[name=role][value='Continuous Integration']");
  await page.fill("#expires", "2030-03-01");
  await page.click("button[value=preview]");
  assert.equal(await page.inputValue("#name"), `${name} export`, "what was typed stays");
  await page.click("button[value=generate]");
  const first = await value(page);
  assert.match(first, /^fwnp_/);
  if (name === "scripted") {
    // A picture of a value is a value.
    if (folder) await page.evaluate(() => (document.querySelector("code.secret").textContent = "fwns_EXAMPLE00000_0123456789ABCDEFGHIJKLMNOPQRSTUV3orEql"));
    await look(page, "value");
    const download = page.waitForEvent("download");
    await page.click("text=Download as a file");
    assert.match((await download).suggestedFilename(), /^forewarn-token-\w+\.txt$/);
  }
  await page.click("text=I have stored it");
  assert.ok(!(await page.content()).includes(first), "the value is shown once");
  await page.click("main >> text=Rotate");
  await page.fill("#overlap", "2h");
  await page.click("main button[type=submit]");
  const second = await value(page);
  assert.notEqual(id(second), id(first));
  await page.click("text=I have stored it");
  const text = await page.innerText("main");
  assert.ok(text.includes(id(first)) && text.includes("not used yet"), "both values are shown");
  if (name === "scripted") await look(page, "rotated");
  await inbox(page, base);
  await page.locator("td.act button").first().click();
  assert.match(await page.innerText(".said"), /Acknowledged/);
}

// Moves the focus on until it stands where it is wanted.
async function tabTo(page, selector) {
  for (let steps = 0; steps < 150; steps += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

// The same with nothing but keys.
async function keysOnly(page, base) {
  await page.goto(`${base}/tokens/new`);
  await tabTo(page, "#name");
  await page.keyboard.type("typed export");
  await tabTo(page, "input[name=role][value=None]");
  await page.keyboard.press("Space");
  await tabTo(page, "button[value=generate]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("code.secret");
  await tabTo(page, "a.button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("a.button[href$=rotate]");
  await tabTo(page, "a.button[href$=rotate]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#overlap");
  await tabTo(page, "main button[type=submit]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("code.secret");
  await inbox(page, base);
  await tabTo(page, "td.act button");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".said");
}

// Follows every link of ours, and looks at one page of each shape.
async function everyPage(page, base) {
  const seen = new Set();
  const waiting = ["/"];
  while (waiting.length > 0 && seen.size < PAGES_MAX) {
    const path = waiting.shift();
    const shape = path.split(/[?#]/)[0].replace(NOUNS, "/$1/one");
    if (seen.has(shape) || ELSEWHERE.some((other) => other.test(path))) continue;
    seen.add(shape);
    const response = await page.goto(base + path);
    assert.equal(response.status(), 200, path);
    await look(page, shape === "/" ? "overview" : shape.slice(1).replaceAll("/", "-"));
    const links = await page.$$eval("a[href^='/']", (all) => all.map((a) => a.getAttribute("href")));
    waiting.push(...links);
  }
  return seen;
}

async function main(browser, { base, setup }) {
  if (folder) mkdirSync(folder, { recursive: true });
  const context = await browser.newContext();
  const page = await context.newPage();
  watch(page, base);
  await page.goto(setup);
  await look(page, "setup");
  await page.fill("#name", "Ada Lovelace");
  await page.fill("#email", "ada@example.org");
  await page.fill("#password", PASSWORD);
  await page.click("main button[type=submit]");
  await page.click("text=I have stored it");
  await walk(page, base, "scripted");
  await keysOnly(page, base);
  const seen = await everyPage(page, base);
  for (const wanted of ["/tokens", "/tokens/one", "/alerts", "/alerts/one", "/sessions"]) {
    assert.ok(seen.has(wanted), `no link leads to ${wanted}`);
  }
  await context.close();

  const plain = await browser.newContext({ javaScriptEnabled: false });
  const bare = await plain.newPage();
  watch(bare, base);
  await bare.goto(`${base}/alerts`);
  await bare.click("main a.button");
  await bare.fill("#email", "ada@example.org");
  await bare.fill("#password", PASSWORD);
  await bare.click("form[action='/sign-in'] button");
  assert.equal(new URL(bare.url()).pathname, "/alerts", "back to where one wanted to go");
  await walk(bare, base, "scriptless");
  await plain.close();

  const stranger = await browser.newContext();
  const outside = await stranger.newPage();
  watch(outside, base);
  for (const path of ["/", "/sign-in", "/alerts"]) {
    await outside.goto(base + path);
    await look(outside, `stranger-${path.slice(1) || "front"}`);
  }
  await stranger.close();
  console.log(`${seen.size} pages`);
}

const { server, ready } = started();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  await main(browser, await ready);
} catch (error) {
  wrong.push(error.stack ?? String(error));
} finally {
  await browser.close();
  server.kill();
}
for (const line of new Set(wrong)) console.error(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
