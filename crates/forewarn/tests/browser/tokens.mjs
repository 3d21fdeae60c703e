// What is done with tokens: generated, rotated, revoked; with a mouse, and with keys alone.

import assert from "node:assert/strict";
import { inbox } from "./alerts.mjs";

export const value = (page) => page.locator("code.secret").innerText();
const id = (token) => token.split("_")[1];

// Issues, rotates and revokes, as a person would. `look` sees what no link leads to.
export async function tokens(page, base, { name, role, look }) {
  await page.goto(`${base}/integrations`);
  await page.click("main >> text=API token");
  await page.click("main >> text=Generate token");
  await look(page, "generate");
  await page.click("button[value=generate]");
  await look(page, "generate-refused");
  await page.fill("#name", `${name} export`);
  await page.check(`input[name=role][value='${role}']`);
  await page.fill("#expires", "2030-03-01");
  await page.click("button[value=preview]");
  assert.equal(await page.inputValue("#name"), `${name} export`, "what was typed stays");
  await look(page, "generate-preview");
  await page.click("button[value=generate]");
  const first = await value(page);
  assert.match(first, /^fwnp_/);
  const download = page.waitForEvent("download");
  await page.click("text=Download as a file");
  assert.match((await download).suggestedFilename(), /^forewarn-token-\w+\.txt$/);
  await look(page, "value");
  await page.click("text=I have stored it");
  assert.ok(!(await page.content()).includes(first), "the value is shown once");
  const second = await rotate(page);
  assert.notEqual(id(second), id(first));
  const text = await page.innerText("main");
  assert.ok(text.includes(id(first)) && text.includes("not used yet"), "both values are shown");
  await look(page, "rotated");
  await page.click("main >> text=Revoke");
  await look(page, "revoke");
  await page.click("main button.danger");
  assert.match(await page.innerText(".said"), /Revoked/);
  await look(page, "revoked");
}

async function rotate(page) {
  await page.click("main >> text=Rotate");
  await page.fill("#overlap", "2h");
  await page.click("main button[type=submit]");
  const second = await value(page);
  await page.click("text=I have stored it");
  return second;
}

// Moves the focus on until it stands where it is wanted, and can be seen there.
async function tabTo(page, selector) {
  for (let steps = 0; steps < 150; steps += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate((wanted) => {
      const here = document.activeElement;
      const { outlineStyle, boxShadow } = getComputedStyle(here);
      const shown = outlineStyle !== "none" || boxShadow !== "none";
      return { there: here.matches(wanted), shown };
    }, selector);
    if (!at.there) continue;
    assert.ok(at.shown, `the focus on ${selector} cannot be seen`);
    return;
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

async function press(page, selector, key = "Enter") {
  await tabTo(page, selector);
  await page.keyboard.press(key);
}

// Issues, rotates and acknowledges with nothing but keys.
export async function keysOnly(page, base) {
  await page.goto(`${base}/tokens/new`);
  await tabTo(page, "#name");
  await page.keyboard.type("typed export");
  await press(page, "input[name=role][value=None]", "Space");
  await press(page, "button[value=generate]");
  await page.waitForSelector("code.secret");
  await press(page, "a.button");
  await page.waitForSelector("a.button[href$=rotate]");
  await press(page, "a.button[href$=rotate]");
  await page.waitForSelector("#overlap");
  await press(page, "main button[type=submit]");
  await page.waitForSelector("code.secret");
  await inbox(page, base);
  await press(page, "td.act button");
  await page.waitForSelector(".said");
}
