// Times of the page over a nation, in a browser: `node browser.mjs BASE ROUNDS` prints JSON. Times are taken in the page, from the click
// to the frame in which the figures stand.
import { chromium } from '../../web/node_modules/@playwright/test/index.mjs';

const [base, rounds] = [process.argv[2], Number(process.argv[3] ?? 5)];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
const out = { usable: [], map: [], panel: [], below: [], list: [], drawing: [] };
const processor = { usable: [], panel: [], below: [] };
const system = await browser.newBrowserCDPSession();
/** Milliseconds of processor time that pages have taken so far: scripts and layout, without what draws in the place of a graphics card. */
const taken = async () => {
  const { processInfo } = await system.send('SystemInfo.getProcessInfo');
  return processInfo.filter((one) => one.type === 'renderer').reduce((sum, one) => sum + one.cpuTime * 1000, 0);
};
/** Of a step, milliseconds to its end, milliseconds to what comes on the way, and processor time. */
const step = async (name, until, onTheWay) => {
  const before = await taken();
  const [done, met] = await until();
  out[name].push(done);
  if (onTheWay) out[onTheWay].push(met);
  processor[name]?.push((await taken()) - before);
};

/** Milliseconds from the click on until a condition of the page holds, and until `argument.meet` was there; looked at each frame. */
const until = (page, condition, argument) =>
  page.evaluate(
    ([condition, argument]) =>
      new Promise((done, fail) => {
        const holds = new Function('argument', `return (${condition})`);
        const begun = performance.now();
        let met = null;
        const look = () => {
          const now = performance.now() - (argument?.from ?? begun);
          if (met === null && argument?.meet && document.querySelector(argument.meet)) met = now;
          if (holds(argument)) done([now, met]);
          else if (performance.now() - begun > 30000) fail(new Error(`never: ${condition}`));
          else requestAnimationFrame(look);
        };
        if (argument?.click) document.querySelector(`[data-testid="${argument.click}"]`).click();
        look();
      }),
    [condition, argument],
  );
const SETTLED =
  "document.querySelector('[data-testid=numbers]')?.getAttribute('aria-busy') === 'false' && document.querySelector('[data-testid=scope]')";
const DRAWN = "document.querySelector('[data-testid=map]')?.dataset.idle === 'true'";
/** Until the map stands and its last frame has been painted: what draws in the place of a graphics card is behind by some frames. */
const rest = async (page) => {
  await until(page, DRAWN);
  await page.waitForTimeout(500);
};
const FIGURES = `${SETTLED} && document.querySelectorAll('nav [data-testid^="zone-"]').length > 30 && document.querySelector('.live:not(.busy)')`;

for (let round = 0; round < rounds; round++) {
  const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
  page.on('pageerror', (cause) => console.error('pageerror', String(cause)));
  const begun = await taken();
  await page.goto(base, { waitUntil: 'commit' });
  // from the navigation on
  out.usable.push((await until(page, FIGURES, { from: 0 }))[0]);
  processor.usable.push((await taken()) - begun);
  out.map.push((await until(page, DRAWN, { from: 0 }))[0]);
  const tops = await page.$$eval('nav [data-testid^="zone-"]', (all) => all.map((one) => one.dataset.testid));
  for (let i = 0; i < 4; i++) {
    const top = tops[(round * 4 + i) % tops.length];
    const name = await page.$eval(`[data-testid="${top}"] span`, (one) => one.textContent);
    const shown = `document.querySelector('[data-testid=scope]').textContent === argument.name && ${SETTLED} && document.querySelector('.live:not(.busy)')`;
    const id = top.slice('zone-'.length);
    // the list stands below the chosen one before or with its figures
    const meet = `[data-testid^="below-${id}-"] button`;
    await rest(page);
    await step('panel', () => until(page, `${shown} && document.querySelector(argument.meet)`, { click: top, name, meet }), 'list');
    // one level down: the panel of a city, and what lies below it
    const below = await page.$eval(`[data-testid^="below-${id}-"] button`, (one) => one.dataset.testid);
    const own = await page.$eval(`[data-testid="${below}"] span`, (one) => one.textContent);
    await rest(page);
    await step('below', () => until(page, shown, { click: below, name: own }));
    // up again, and down to the next one while the map is still drawn
    const next = tops[(round * 4 + i + 7) % tops.length];
    await page.$eval(`[data-testid="${top}"]`, (one) => one.click());
    await step('drawing', () =>
      until(page, 'document.querySelector(argument.meet)', {
        click: next,
        meet: `[data-testid^="below-${next.slice('zone-'.length)}-"] button`,
      }),
    );
  }
  await page.context().close();
}
await browser.close();
console.log(JSON.stringify({ wall: out, processor }));
