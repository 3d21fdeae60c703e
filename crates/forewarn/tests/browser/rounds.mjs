// Decides in a review, sets up a monitor, and rotates several tokens together.

import assert from "node:assert/strict";

export async function rounds(page, base, { name, look }) {
  await page.goto(`${base}/reviews`);
  await page.click("td.act a.button");
  await page.selectOption("select[name=decision] >> nth=0", "keep");
  await page.click("text=Keep these decisions");
  assert.match(await page.innerText(".said"), /Kept|Done/);
  await page.goto(`${base}/monitors/new`);
  await page.fill("#name", `${name} report`);
  await page.click("text=Set it up");
  assert.match(await page.innerText("code.secret"), /\/ping\/\w{22}$/);
  // Newest first: the old value of a rotation ends before.
  await page.goto(`${base}/credentials?source=forewarn&name=first&sort=newest`);
  await page.check("input[name=id] >> nth=0");
  await page.click("button[value=rotate]");
  await look(page, "rotate-several");
  await page.click("button[value=rotate-now]");
  assert.match(await page.innerText("code.secret"), /^fwnp_/);
  await page.click("text=I have stored them");
}
