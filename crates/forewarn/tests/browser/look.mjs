// Looks at a page as it stands: axe, its width on small screens, its picture.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const SCHEMES = ["light", "dark"];
// A desk, a small telephone, and 1280 pixels at 400 % (WCAG 1.4.10).
const DESK = 1280;
const TELEPHONE = 360;
const ZOOMED = 320;
// Axe's names for WCAG 2.2 AA, and what is good practice besides.
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
// No value may stand in a picture.
const SAMPLE = "fwns_EXAMPLE00000_0123456789ABCDEFGHIJKLMNOPQRSTUV3orEql";

export class Looker {
  // Without a folder no pictures are kept.
  constructor(npm, folder) {
    const require = createRequire(`${npm}/`);
    this.axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
    this.folder = folder;
    this.wrong = [];
  }

  // Light and dark, wide and narrow.
  async look(page, name) {
    for (const colorScheme of SCHEMES) {
      // What fades is half one colour and half the other for a moment.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const width of [DESK, TELEPHONE]) {
        await this.fits(page, width, name);
        if (this.folder) {
          await hideValue(page);
          const path = `${this.folder}/${name}-${colorScheme}-${width}.png`;
          await page.screenshot({ path, fullPage: true });
        }
        await this.judge(page, `${name} ${colorScheme} ${width}`);
      }
    }
    await this.fits(page, ZOOMED, name);
    await page.setViewportSize({ width: DESK, height: 900 });
  }

  // Nobody has to scroll in two directions.
  async fits(page, width, name) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) this.wrong.push(`${name}: ${wide} wide at ${width}`);
  }

  async judge(page, what) {
    // A page without scripts still lets a test run one.
    await page.evaluate(this.axe);
    const found = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), RULES);
    for (const { id, nodes } of found.violations) {
      const where = nodes.map((node) => node.target.join(" ")).slice(0, 3);
      this.wrong.push(`${what}: ${id} at ${where.join(", ")}`);
    }
  }

  // Notes what a page asks of elsewhere, and what its policy forbade.
  watch(page, base) {
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(base) && !url.startsWith("data:")) this.wrong.push(`asks ${url}`);
    });
    page.on("console", (message) => {
      // A form that is shown again comes with 422, which browsers call an error.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        this.wrong.push(`${page.url()}: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => this.wrong.push(`${page.url()}: ${error}`));
  }
}

async function hideValue(page) {
  await page.evaluate((sample) => {
    for (const secret of document.querySelectorAll("code.secret")) {
      if (secret.textContent.startsWith("fwn")) secret.textContent = sample;
    }
  }, SAMPLE);
}
