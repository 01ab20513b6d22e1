// Ranks and courses: any figure of all zones, a figure of an area over time, a slider that plays, a map swiped over another.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { clean, drawn, HANDS, open, quiet } from './page';
import { type Served, serve } from './server';

let lanes: Served;
let months: Served;
test.beforeAll(async () => {
  lanes = await serve('--geodata', '../tests/data/fourfold');
  months = await serve('--geodata', '../tests/data/quayside');
});
test.afterAll(() => {
  lanes.stop();
  months.stop();
});

const ready = (page: Page) => expect(page.getByTestId('ranking')).toHaveAttribute('aria-busy', 'false');
const ranks = (page: Page) =>
  page.locator('tr[data-rank]').evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-rank'))));
async function saved(page: Page, button: string): Promise<string[]> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId(button).click()]);
  return readFileSync(await file.path(), 'utf8')
    .replace('\uFEFF', '')
    .trimEnd()
    .split('\r\n');
}

test('zones are ranked by any figure, by mouse: sorted, drawn as lines, saved, and found on the map', async ({
  page,
}) => {
  await open(page);
  await page.getByTestId('mode-ranking').click();
  await page.getByTestId('shade-by').selectOption('revenue');
  await ready(page);
  expect(await ranks(page)).toEqual(Array.from({ length: 13 }, (_, i) => i + 1));
  await page.getByTestId('ranking-by-rank').click();
  expect((await ranks(page))[0]).toBe(13);
  await page.getByTestId('shade-as').selectOption('growth');
  await ready(page);
  await expect(page.getByTestId('ranking')).toContainText('同口径');
  await page.getByTestId('shade-as').selectOption('value');
  const before = await page.getByTestId('series-chart').locator('text.name').count();
  await page.locator('[data-testid^="rank-line-"]:not(:checked)').first().check();
  await expect(page.getByTestId('series-chart').locator('text.name')).toHaveCount(before + 1);
  const lines = await saved(page, 'ranking-csv');
  expect(lines.slice(1, 14).every((line) => line.split(',').length === lines[0]!.split(',').length)).toBe(true);
  expect((await saved(page, 'ranking-chart-csv'))[0]!.split(',').length).toBe(before + 2);
  await clean(page);
  await page.locator('[data-testid^="rank-map-"]').first().click();
  await drawn(page);
  expect(new URL(page.url()).searchParams.get('zone')).toBeTruthy();
  expect(new URL(page.url()).searchParams.get('choropleth')).toBe('by:revenue');
});

test('by keyboard, in another city: a period that a figure lacks is a gap', async ({ page }) => {
  await page.goto(`${lanes.base}/?lang=en&mode=ranking&choropleth=by:land`);
  await ready(page);
  // published for 2021 and 2023: ranks are compared with 2021, and no line crosses 2022
  await expect(page.getByTestId('ranking-by-change')).toContainText('2021');
  await expect(page.getByTestId('series-chart').locator('circle')).toHaveCount(8);
  await page.getByTestId('ranking-by-value').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  expect((await ranks(page))[0]).toBe(4);
  await page.getByTestId('ranking-kind').focus();
  await page.keyboard.press('c');
  await ready(page);
  await expect(page).toHaveURL(/kind=campus/);
  // the number of rows does not follow the year here: no course is drawn of it
  await page.goto(`${lanes.base}/?lang=en&mode=ranking`);
  await ready(page);
  await expect(page.getByTestId('ranking-still')).toBeVisible();
  await expect(page.getByTestId('series-chart')).toHaveCount(0);
  await clean(page);
});

for (const [hand, use] of HANDS)
  test(`where nothing matches no zone has a rank, and the condition is taken off ${hand}`, async ({ page }) => {
    await page.goto(`./?lang=en&mode=ranking&filter=${encodeURIComponent('founded >= 2100')}`);
    await ready(page);
    await expect(page.getByTestId('ranking-none')).toContainText('No zone has any matching');
    await expect(page.locator('tr[data-rank]')).toHaveCount(0);
    await expect(page.getByTestId('ranking-ranked')).toContainText('0 with a rank');
    await expect(page.getByTestId('ranking-chart')).toHaveCount(0);
    await clean(page);
    await use(page.getByTestId('ranking-clear'));
    await ready(page);
    expect((await ranks(page))[0]).toBe(1);
    await expect(page.getByTestId('ranking-none')).toHaveCount(0);
  });

test('what can’t be had is said: the server is stopped, or a machine between answers for it', async ({ page }) => {
  const server = await serve('--geodata', '../tests/data/fourfold');
  await page.goto(`${server.base}/?lang=en&mode=ranking`);
  await ready(page);
  await page.route(/\/zones\/ranking/, (route) =>
    route.fulfill({ status: 502, contentType: 'text/html', body: '<p>Bad' }),
  );
  const said = page.getByTestId('ranking').getByRole('alert');
  await page.getByTestId('ranking-kind').selectOption({ index: 1 });
  await expect(said).toContainText('cannot be reached');
  await expect(said).toContainText('502');
  await server.stop();
  await page.unroute(/\/zones\/ranking/);
  await said.getByRole('button').first().click();
  await expect(said).not.toContainText('502');
  await expect(said).toContainText('cannot be reached');
  await clean(page);
});

test('a figure of the area over months is a chart and a file', async ({ page }) => {
  await open(page, `${months.base}/?lang=en`);
  await quiet(page);
  await page.getByTestId('course-catch').click();
  const chart = page.getByTestId('series').getByTestId('series-chart');
  await expect(chart.locator('circle')).toHaveCount(15);
  expect((await saved(page, 'series-csv')).filter((line) => /^20\d\d-\d\d,/.test(line))).toHaveLength(15);
  await page.getByTestId('series-of').selectOption('count');
  await expect(page.getByTestId('series-still')).toBeVisible();
  await clean(page);
  await page.getByTestId('course-catch').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('series-close').press('Enter');
  await expect(page.getByTestId('series')).toHaveCount(0);
});

test('periods are moved by a slider and played one after the other', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await open(page, `${months.base}/?lang=zh&period=2024-01`);
  await page.getByTestId('play-open').click();
  await page.getByTestId('play-slider').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page).toHaveURL(/period=2023-12/);
  await page.getByTestId('play-start').click();
  await expect(page).toHaveURL(/period=2024-02/, { timeout: 60_000 });
  // the last one ends it
  await expect(page.getByTestId('play-start')).toHaveAttribute('aria-label', '播放', { timeout: 60_000 });
  await expect(page.getByTestId('play-slider')).toHaveValue('14');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect(page.getByTestId('play-start')).toHaveCount(0);
  await page.getByTestId('play-back').click();
  await expect(page.getByTestId('play-slider')).toHaveValue('13');
  await clean(page);
});

test('one map lies on the other, with a divider for mouse and keys', async ({ page }) => {
  await page.goto('./?mode=compare&against=2023');
  await page.getByTestId('swipe').click();
  await expect(page).toHaveURL(/swipe=1/);
  await expect(page.getByTestId('pair')).toHaveAttribute('data-idle', 'true', { timeout: 40_000 });
  const divider = page.getByTestId('divider');
  await divider.focus();
  await page.keyboard.press('ArrowRight');
  await expect(divider).toHaveAttribute('aria-valuenow', '51');
  await page.keyboard.press('Home');
  await expect(divider).toHaveAttribute('aria-valuenow', '0');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(divider).toHaveAttribute('aria-valuenow', '10');
  const box = (await divider.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + 300, box.y + 90, { steps: 5 });
  await page.mouse.up();
  expect(Number(await divider.getAttribute('aria-valuenow'))).toBeGreaterThan(25);
  await clean(page);
});
