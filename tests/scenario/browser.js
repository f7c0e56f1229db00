// Looks at the pages that are given: browser.js FOLDER URL...
const { chromium } = require("playwright-core");
const WAIT = { timeout: 60000 };

async function look(browser, url, width, colorScheme, folder) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const origin = new URL(url).origin;
  const bad = [];
  page.on("request", (r) => {
    if (r.url() !== url && !(origin !== "null" && r.url() === origin + "/events")) bad.push("asks for " + r.url());
  });
  page.on("console", (m) => bad.push("says " + m.text()));
  page.on("pageerror", (e) => bad.push("fails: " + e));
  await page.goto(url, WAIT);
  const title = await page.title();
  if (title.length < 3) bad.push("somebody changed the title to " + title);
  if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) bad.push("is wider than the window");
  if (url.startsWith("http")) {
    const before = await page.textContent("main .answer");
    await page.waitForFunction((b) => document.querySelector("main .answer").textContent !== b, before, WAIT);
  }
  const name = (url.startsWith("http") ? "status" : "report") + `-${width}-${colorScheme}`;
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true, ...WAIT });
  await context.close();
  // What axe looks at hardly depends on the width.
  if (width > 1000) bad.push(...(await check(browser, url, width, colorScheme)));
  return bad.map((b) => `${name} ${b}`);
}

// In a context without the page's policy, which would keep axe out, too.
async function check(browser, url, width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(url, WAIT);
  await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const found = await page.evaluate(() => axe.run());
  await context.close();
  return found.violations.map((v) => `breaks ${v.id}: ${v.nodes[0].html.slice(0, 200)}`);
}

async function main() {
  const [folder, ...urls] = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"], ...WAIT });
  const bad = [];
  for (const url of urls)
    for (const width of [390, 1280])
      for (const scheme of ["light", "dark"]) bad.push(...(await look(browser, url, width, scheme, folder)));
  await browser.close();
  for (const b of bad) console.log(b);
  process.exitCode = bad.length ? 1 : 0;
}

main();
