// Many enterprises: panned and zoomed without an error, then the last of their rows.
import { expect, test } from '@playwright/test';
import { drawn, open } from './page';
import { hangzhouWith, type Served, serve } from './server';
import { forget, MEASURED, note } from './written';

// a million in `make journeys`; fewer where the program is not built for speed
const ROWS = Number(process.env.SHIGU_ROWS ?? 100_000);
let server: Served;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  server = await serve('--geodata', hangzhouWith(ROWS));
});
test.afterAll(() => server?.stop());

test('stays fluid and whole', async ({ page }) => {
  test.setTimeout(240_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (said) => said.type() === 'error' && faults.push(said.text()));
  page.on('response', (answer) => answer.status() >= 400 && faults.push(`${answer.status()} ${answer.url()}`));
  await open(page, `${server.base}/?mode=query#10.5/30.25/120.15`);
  await page.evaluate(() => {
    const frames: number[] = [];
    let last = performance.now();
    const tick = (now: number) => {
      frames.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    Object.assign(window, { frames });
  });
  const map = (await page.getByTestId('map').boundingBox())!;
  const [x, y] = [map.x + map.width / 2, map.y + map.height / 2];
  const until = Date.now() + 20_000;
  for (let turn = 0; MEASURED ? Date.now() < until : turn < 12; turn++) {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + (turn % 2 ? 160 : -160), y + (turn % 3 ? 60 : -90), { steps: 12 });
    await page.mouse.up();
    for (let i = 0; i < 4; i++) {
      await page.mouse.wheel(0, turn % 8 < 4 ? -160 : 160);
      await page.waitForTimeout(120);
    }
  }
  if (MEASURED) {
    const frames = (await page.evaluate(() => (window as unknown as { frames: number[] }).frames)).sort(
      (a, b) => a - b,
    );
    const median = frames[Math.floor(frames.length / 2)]!;
    forget('frames');
    note({
      journey: 'frames',
      step: { zh: '20 秒平移缩放,每帧', en: 'panned and zoomed for 20 s, a frame' },
      rows: ROWS,
      budget_ms: 100,
      times_ms: frames,
    });
    // drawn without a graphics card; a page that stands still for a quarter of a second a frame is broken anyway
    expect(median).toBeLessThan(250);
  }
  await drawn(page);
  await page.getByTestId('open-rows').click();
  await expect(page.getByTestId('rows')).toHaveAttribute('data-total', String(ROWS));
  await page.getByTestId('rows-window').focus();
  await page.keyboard.press('End');
  await expect(page.locator(`[aria-rowindex="${ROWS + 1}"]`)).toHaveAttribute('data-id', /./);
  await page.keyboard.press('PageUp');
  await expect(page.getByTestId('row').first()).toHaveAttribute('data-id', /./);
  expect(faults).toEqual([]);
});
