// Decides in a review, sets up a monitor and removes it, and rotates several tokens together.

import assert from "node:assert/strict";

const DECISIONS = ["keep", "rotate", "let-lapse", "not-ours"];

// Each decision once, as far as there are rows; what was decided is seen again.
export async function review(page, base, { name, look }) {
  await page.goto(`${base}/reviews`);
  await page.locator("td.act a.button").last().click();
  const where = page.url().split("?")[0];
  const choices = page.locator("select[name=decision]");
  const waiting = await choices.count();
  const words = await choices.first().locator("option").evaluateAll((all) => all.map((o) => o.value));
  assert.deepEqual(words, ["", ...DECISIONS]);
  const decided = Math.min(waiting, DECISIONS.length);
  for (let row = 0; row < decided; row += 1) {
    await choices.nth(row).selectOption(DECISIONS[row]);
    await page.locator("input[name=note]").nth(row).fill(`${name} said ${DECISIONS[row]}`);
  }
  await page.click("text=Save decisions");
  assert.match(await page.innerText(".said"), /Saved|Done/);
  await page.goto(`${where}?show=all`);
  const kept = page.locator("select[name=decision]");
  const stand = await kept.evaluateAll((all) => all.map((one) => one.value));
  for (const word of DECISIONS.slice(0, decided)) {
    // What is not ours is ours to see no more, but for who may see everything.
    assert.ok(stand.includes(word) || word === "not-ours", `${word} of ${stand}`);
  }
  await look(page, "review-decided");
}

// Sets one up from the credential it needs, reports in, changes it, and removes it.
export async function monitor(page, base, { name, look }) {
  await page.goto(`${base}/credentials?source=grafana`);
  await page.locator("tbody a").first().click();
  await page.click("text=Have a monitor notice");
  assert.match(await page.inputValue("#depends_on"), /\(crd_\w+\)$/);
  await page.fill("#period", "soon");
  await page.fill("#name", `${name} report`);
  await page.click("text=Set it up");
  assert.equal(await page.inputValue("#name"), `${name} report`, "what was typed stays");
  assert.ok((await page.locator("[aria-invalid=true]").count()) > 0);
  await look(page, "monitor-refused");
  await page.fill("#period", "6h");
  await page.click("text=Set it up");
  const address = await page.innerText("code.secret");
  assert.match(address, /\/ping\/\w{22}$/);
  const where = page.url().split("?")[0];
  assert.equal((await page.request.post(address)).status(), 200);
  await page.goto(where);
  for (let tries = 0; tries < 40 && !(await page.innerText("main")).includes("1 time"); tries += 1) {
    await page.waitForTimeout(250);
    await page.goto(where);
  }
  assert.match(await page.innerText("main"), /1 time/, "it was heard");
  await page.fill("#grace", "1h");
  await page.click("text=Save changes");
  assert.equal(await page.inputValue("#grace"), "1h");
  await page.click("text=Remove the monitor");
  await page.goto(`${base}/monitors`);
  assert.ok(!(await page.innerText("main")).includes(`${name} report`));
  const gone = await page.request.post(address);
  assert.equal(gone.status(), 404, "its address works no longer");
}

export async function rounds(page, base, { name, look }) {
  await review(page, base, { name, look });
  await monitor(page, base, { name, look });
  // Newest first: the old value of a rotation ends before.
  await page.goto(`${base}/credentials?source=forewarn&name=first&sort=newest`);
  await page.check("input[name=id] >> nth=0");
  await page.click("button[value=rotate]");
  await look(page, "rotate-several");
  await page.click("button[value=rotate-now]");
  assert.match(await page.innerText("code.secret"), /^fwnp_/);
  await page.click("text=I have stored it");
}
