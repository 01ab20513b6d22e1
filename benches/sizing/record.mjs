// What the page asks of the service at each step of a planner's session, in a browser: `node record.mjs BASE` prints JSON, a list of
// requests for each step. Seeded places, so that two runs ask the same. run.py keeps it in requests.json.
import { chromium } from '../../web/node_modules/@playwright/test/index.mjs';

const base = process.argv[2];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 } })).newPage();
const steps = {};
/** How often a step was made, where it was more than once. */
const times = { zone: 4, class: 2, zoom: 4, pan: 4 };
let step = 'open';
page.on('requestfinished', (request) => {
  const url = new URL(request.url());
  // the icon is asked for by the headless browser each time the title changes
  if (!request.url().startsWith(base) || url.pathname === '/favicon.svg') return;
  (steps[step] ??= []).push([request.method(), url.pathname + url.search, request.postData() ?? '']);
});
page.on('pageerror', (cause) => console.error('pageerror', String(cause)));
/** The map has drawn everything it asked for, and no number is on its way. */
const rest = async () => {
  await page.waitForFunction(
    () =>
      document.querySelector('[data-testid=map]')?.dataset.idle === 'true' &&
      document.querySelector('[data-testid=numbers]')?.getAttribute('aria-busy') === 'false',
    undefined,
    { timeout: 60000 },
  );
  await page.waitForTimeout(700);
};
const begin = async (name) => {
  await rest();
  step = name;
  steps[name] ??= [];
};
const frame = async () => (await page.getByTestId('map').boundingBox());
const drag = async (dx, dy) => {
  const map = await frame();
  const [x, y] = [map.x + map.width / 2, map.y + map.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx, y + dy, { steps: 8 });
  await page.mouse.up();
  await rest();
};
const wheel = async (by) => {
  const map = await frame();
  await page.mouse.move(map.x + map.width / 2, map.y + map.height / 2);
  await page.mouse.wheel(0, by);
  await page.waitForTimeout(400);
  await rest();
};

await page.goto(`${base}/?lang=zh`, { waitUntil: 'commit' });
await rest();
await begin('zone');
const zones = await page.$$eval('nav [data-testid^="zone-"]', (all) => all.map((one) => one.dataset.testid));
for (const zone of zones.slice(0, 4)) {
  await page.getByTestId(zone).click();
  await rest();
}
await begin('class');
const clusters = await page.$$eval('[data-testid^="cluster-"]', (all) => all.map((one) => one.dataset.testid));
for (const cluster of clusters.slice(0, 2)) {
  await page.getByTestId(cluster).click();
  await rest();
}
step = 'again';
// another page than the one before, as what stands after `#` loads nothing anew
await page.goto(`${base}/?lang=zh&again=1#12/30.25/120.15`);
await begin('zoom');
for (const by of [-450, -450, 450, 450]) await wheel(by);
await begin('pan');
for (const [dx, dy] of [[-400, 0], [0, -300], [300, 200], [-200, 350]]) await drag(dx, dy);
await begin('search');
await page.keyboard.press('/');
await page.keyboard.type('杭州云', { delay: 120 });
await page.waitForTimeout(1500);
await page.keyboard.press('Escape');
await page.keyboard.press('Escape');
await begin('drawn');
await page.keyboard.press('d');
await page.waitForTimeout(1500);
const map = await frame();
for (const [x, y] of [[400, 300], [650, 280], [700, 520], [420, 560]]) {
  await page.mouse.click(map.x + x, map.y + y);
  await page.waitForTimeout(350);
}
await page.keyboard.press('Enter');
await page.waitForTimeout(1500);
await begin('rows');
const rows = page.getByTestId('open-rows');
if (await rows.count()) await rows.first().click();
await page.waitForTimeout(2500);
await browser.close();
console.log(JSON.stringify({ times, steps }));
