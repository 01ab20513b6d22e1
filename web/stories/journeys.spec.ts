// J1, J2 and J5 of the design, step by step, by mouse and by keyboard alone: the clicks are counted. Their times: times.spec.ts.
import { expect, type Page, test } from '@playwright/test';
import { type Answer, answers, both, by, NEAR_TILE, shown } from './journey';
import { drawn, figure, onScreen, open, quiet } from './page';

/** How many clicks a journey may cost, and a hand that counts them. What is drawn on the map and zoomed by the wheel is no click. */
const MOST = { browse: 3, query: 3, compare: 5 } as const;
class Mouse {
  clicks = 0;
  constructor(readonly page: Page) {}
  async click(id: string) {
    this.clicks += 1;
    await this.page.getByTestId(id).click();
  }
  async at(place: { x: number; y: number }) {
    this.clicks += 1;
    await this.page.mouse.click(place.x, place.y);
  }
  /** Opening a list of choices is a click, the choice another. */
  async select(id: string, value: string) {
    this.clicks += 2;
    await this.page.getByTestId(id).selectOption(value);
  }
}
/** Keys that do what a click does are counted; going there by Tab and typing are not. */
class Keys {
  presses = 0;
  constructor(readonly page: Page) {}
  async press(key: string) {
    this.presses += 1;
    await this.page.keyboard.press(key);
  }
  async reach(selector: string) {
    for (let i = 0; i < 250; i++) {
      await this.page.keyboard.press('Tab');
      if (await this.page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    }
    throw new Error(`Tab never comes to ${selector}`);
  }
}
const zoomOf = (page: Page): number => Number(/#([\d.]+)\//.exec(page.url())?.[1]);
const CLOUD_CITY = [119.98, 30.31] as const;
const SQUARE = 'POLYGON((120.1 30.2, 120.3 30.2, 120.3 30.35, 120.1 30.35, 120.1 30.2))';

/** What every step of 浏览 must have brought. */
async function headlines(page: Page) {
  expect(await figure(page, 'count')).toBe(5000);
  await expect(page.locator('label', { hasText: '一轴' }).first()).toBeVisible();
  await expect(page.getByTestId('zone-330110')).toContainText('余杭区');
}
async function isolated(page: Page) {
  await quiet(page);
  await expect(page.getByTestId('cluster-vision')).toHaveAttribute('aria-pressed', 'true');
  const count = Number((await page.getByTestId('cluster-vision').locator('.count').textContent())!.replace(/\D/g, ''));
  expect(await figure(page, 'count')).toBe(count);
}
async function cloudCity(page: Page) {
  const card = page.getByTestId('platform-card');
  await expect(card).toContainText('规划');
  await expect(page.getByTestId('numbers')).toContainText('云城人工智能创新城');
  await expect(card.locator('summary')).toBeVisible();
  await expect(page.getByTestId('open-rows')).toBeVisible();
  await expect(page.getByTestId('export')).toBeVisible();
}
/**
 * Single enterprises are there: near enough, from a tile that was asked for.
 * The map's worker fetches tiles, so the page's own list of requests lacks them.
 */
async function dots(page: Page, tiles: readonly Answer[]) {
  await drawn(page);
  expect(zoomOf(page)).toBeGreaterThanOrEqual(13);
  await expect.poll(() => tiles.filter((one) => one.status === 200).length).toBeGreaterThan(0);
}
async function sameElsewhere(page: Page) {
  const other = await page.context().newPage();
  await open(other, page.url());
  for (const id of ['count', 'revenue', 'employees'] as const)
    expect(await figure(other, id)).toBe(await figure(page, id));
  await cloudCity(other);
  expect(Math.abs(zoomOf(other) - zoomOf(page))).toBeLessThan(0.01);
  await other.close();
}
async function rowsOfArea(page: Page) {
  const count = await figure(page, 'count');
  await expect(page.getByTestId('rows')).toHaveAttribute('data-total', String(count));
  await expect(page.getByTestId('rows-meaning')).toBeVisible();
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThan(5000);
}
async function compared(page: Page) {
  await shown(page);
  await both(page);
  await expect(page.getByTestId('row-revenue').locator('td').first()).toContainText(/[▲▼]/);
  await expect(page.getByTestId('column-330108')).toBeVisible();
  const trend = page.getByTestId('trend-ai_revenue');
  await trend.scrollIntoViewIfNeeded();
  await expect(trend).toContainText('只显示到 2020 年');
}

test('J1 by mouse', async ({ page }) => {
  const hand = new Mouse(page);
  const tiles = answers(page, NEAR_TILE);
  await open(page);
  await headlines(page);
  await hand.click('cluster-vision');
  await isolated(page);
  await drawn(page);
  await hand.at(await onScreen(page, CLOUD_CITY));
  await cloudCity(page);
  await drawn(page);
  const { x, y } = await onScreen(page, CLOUD_CITY);
  await page.mouse.move(x, y);
  for (let i = 0; i < 40 && zoomOf(page) < 13; i++) {
    await page.mouse.wheel(0, -240);
    await page.waitForTimeout(250);
  }
  await dots(page, tiles);
  await sameElsewhere(page);
  expect(hand.clicks).toBeLessThanOrEqual(MOST.browse);
});

test('J1 by keyboard', async ({ page }) => {
  const keys = new Keys(page);
  const tiles = answers(page, NEAR_TILE);
  await open(page);
  await headlines(page);
  await keys.reach(by('cluster-vision'));
  await keys.press('Enter');
  await isolated(page);
  await keys.press('/');
  await page.keyboard.type('云城');
  await expect(page.getByTestId('hit').first()).toContainText('云城');
  await keys.press('Enter');
  await cloudCity(page);
  await keys.reach('.maplibregl-canvas');
  for (let i = 0; i < 8 && !(zoomOf(page) >= 13); i++) {
    await page.keyboard.press('=');
    await page.waitForTimeout(500);
  }
  await dots(page, tiles);
  await sameElsewhere(page);
  expect(keys.presses).toBeLessThanOrEqual(MOST.browse);
});

test('J2 by mouse', async ({ page }) => {
  const hand = new Mouse(page);
  await open(page, './#10/30.25/120.15');
  await hand.click('mode-query');
  await hand.click('draw-rectangle');
  await expect(page.getByTestId('drawing')).toContainText('Esc');
  await page.waitForTimeout(600);
  const map = (await page.getByTestId('map').boundingBox())!;
  await page.mouse.move(map.x + 250, map.y + 220);
  await page.mouse.down();
  await page.mouse.move(map.x + 380, map.y + 330, { steps: 8 });
  await expect(page.getByTestId('drawing-size')).toContainText('km²');
  await page.mouse.up();
  await expect(page).toHaveURL(/drawn=/);
  await quiet(page);
  await expect(page.getByTestId('chip-area')).toContainText('圈选');
  await expect(page.getByTestId('bar-vision')).toBeVisible();
  await hand.click('rows-count');
  await rowsOfArea(page);
  expect(hand.clicks).toBeLessThanOrEqual(MOST.query);
});

test('J2 by keyboard: a boundary from the clipboard', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const keys = new Keys(page);
  await open(page);
  await page.evaluate((text) => navigator.clipboard.writeText(text), SQUARE);
  await keys.reach(by('mode-query'));
  await keys.press('Enter');
  await keys.press('Control+V');
  await expect(page).toHaveURL(/drawn=/);
  await quiet(page);
  await expect(page.getByTestId('chip-area')).toContainText('圈选');
  await keys.reach(by('rows-count'));
  await keys.press('Enter');
  await rowsOfArea(page);
  expect(keys.presses).toBeLessThanOrEqual(MOST.query);
});

test('J2 by keyboard: an area that there is', async ({ page }) => {
  const keys = new Keys(page);
  await open(page);
  await keys.reach(by('zone-330108'));
  await keys.press('Enter');
  await quiet(page);
  await expect(page.getByTestId('scope')).toHaveText('滨江区');
  await keys.reach(by('rows-count'));
  await keys.press('Enter');
  await rowsOfArea(page);
  expect(keys.presses).toBeLessThanOrEqual(MOST.query);
});

test('J5 by mouse', async ({ page }) => {
  const hand = new Mouse(page);
  await open(page, './?zone=330110');
  await hand.click('mode-compare');
  await shown(page);
  await hand.click('pick-330108');
  await hand.select('against', '2023');
  await compared(page);
  expect(hand.clicks).toBeLessThanOrEqual(MOST.compare);
});

test('J5 by keyboard', async ({ page }) => {
  const keys = new Keys(page);
  await open(page, './?zone=330110');
  await keys.reach(by('mode-compare'));
  await keys.press('Enter');
  await shown(page);
  await keys.reach(by('against'));
  await keys.press('2023'.slice(-1) === '3' ? 'ArrowDown' : 'ArrowUp');
  await shown(page);
  await expect(page).toHaveURL(/against=\d{4}/);
  await keys.reach(by('pick-330108'));
  await keys.press('Space');
  await compared(page);
  expect(keys.presses).toBeLessThanOrEqual(MOST.compare);
});
