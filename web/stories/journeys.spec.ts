// J1, J2 and J5 of the design, step by step, by mouse and by keyboard alone: the clicks are counted and held, the times only written down.
import { expect, type Page, test } from '@playwright/test';
import { drawn, figure, onScreen, open, quiet } from './page';
import { hangzhouWith, type Served, serve } from './server';
import { forget, note } from './written';

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
const by = (id: string) => `[data-testid="${id}"]`;
const zoomOf = (page: Page): number => Number(/#([\d.]+)\//.exec(page.url())?.[1]);
const CLOUD_CITY = [119.98, 30.31] as const;
const SQUARE = 'POLYGON((120.1 30.2, 120.3 30.2, 120.3 30.35, 120.1 30.35, 120.1 30.2))';
const shown = (page: Page): Promise<void> => expect(page.getByTestId('matrix')).toHaveAttribute('aria-busy', 'false');
const both = (page: Page): Promise<void> => expect(page.getByTestId('pair')).toHaveAttribute('data-idle', 'true', { timeout: 40_000 });

/** What every step of 浏览 must have brought. */
async function headlines(page: Page) {
  expect(await figure(page, 'count')).toBe(5000);
  await expect(page.getByText('一轴', { exact: true }).first()).toBeVisible();
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
/** Single enterprises are there: near enough, from a tile that was asked for. Tiles are fetched by the map's worker, so the page's own list of requests lacks them. */
async function dots(page: Page, tiles: readonly Answer[]) {
  await drawn(page);
  expect(zoomOf(page)).toBeGreaterThanOrEqual(13);
  expect(tiles.filter((one) => one.status === 200).length).toBeGreaterThan(0);
}
interface Answer {
  status: number;
  ms: number;
}
/** Every answer of a kind from now on, with the time between request and last byte by the browser's clock. */
function answers(page: Page, kind: RegExp): Answer[] {
  const all: Answer[] = [];
  page.on('requestfinished', async (request) => {
    if (!kind.test(request.url())) return;
    const ms = request.timing().responseEnd;
    all.push({ status: (await request.response())?.status() ?? 0, ms });
  });
  return all;
}
const NEAR_TILE = /\/xyz\/[^/]*enterprises[^/]*\/1[3-9]\//;
async function sameElsewhere(page: Page) {
  const other = await page.context().newPage();
  await open(other, page.url());
  for (const id of ['count', 'revenue', 'employees'] as const) expect(await figure(other, id)).toBe(await figure(page, id));
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
  await expect(page.getByTestId('sketch')).toContainText('Esc');
  await page.waitForTimeout(600);
  const map = (await page.getByTestId('map').boundingBox())!;
  await page.mouse.move(map.x + 250, map.y + 220);
  await page.mouse.down();
  await page.mouse.move(map.x + 380, map.y + 330, { steps: 8 });
  await expect(page.getByTestId('sketch-size')).toContainText('km²');
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

/** From the reader's hand to the changed figure on the screen, with nothing on its way any more. The watch stands before the hand moves. */
async function timed(page: Page, watch: string, attribute: string | null, act: () => Promise<unknown>): Promise<number> {
  await page.evaluate(
    ({ watch, attribute }) => {
      const read = () => {
        const one = document.querySelector(watch);
        return attribute ? one?.getAttribute(attribute) : one?.textContent;
      };
      const old = read();
      const seen = new Promise<number>((done, fail) => {
        let from = 0;
        for (const type of ['click', 'change', 'keydown']) addEventListener(type, (event) => (from ||= event.timeStamp), { capture: true, once: true });
        const look = () => {
          const now = read();
          const waiting = document.querySelector('[data-testid=numbers][aria-busy=true], [data-testid=matrix][aria-busy=true]');
          if (from && now && now !== old && !waiting) done(performance.now() - from);
          else if (from && performance.now() - from > 10_000) fail(new Error(`${watch} still says ${String(now)}`));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
      Object.assign(window, { seen });
    },
    { watch, attribute },
  );
  await act();
  return page.evaluate(() => (window as unknown as { seen: Promise<number> }).seen);
}
/** As many enterprises as the design's budgets are meant for. */
const ROWS = 50_000;
const each = async <T>(all: readonly T[], act: (one: T) => Promise<number>): Promise<number[]> => {
  const times: number[] = [];
  for (const one of all) times.push(await act(one));
  return times;
};
const milliseconds = (all: readonly Answer[]): number[] => all.map((one) => one.ms);

test.describe('times, written down', () => {
  let server: Served;
  test.beforeAll(async () => {
    forget('J');
    server = await serve('--geodata', hangzhouWith(ROWS));
  });
  test.afterAll(() => server?.stop());

  test('J1: first load', async ({ browser }) => {
    test.setTimeout(120_000);
    const paints: number[] = [];
    const usable: number[] = [];
    for (let round = 0; round < 5; round++) {
      const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' });
      const page = await context.newPage();
      await page.addInitScript(() => {
        const look = () => {
          const ready = document.querySelector('[data-testid=map][data-idle=true]') && document.querySelector('[data-testid=numbers][aria-busy=false]') && document.querySelector('[data-testid=figure-count]');
          if (ready) Object.assign(window, { usable: performance.now() });
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
      await open(page, `${server.base}/`);
      await page.waitForFunction(() => 'usable' in window);
      const [paint, ready] = await page.evaluate(() => [performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN, (window as unknown as { usable: number }).usable] as const);
      paints.push(paint);
      usable.push(ready);
      await context.close();
    }
    note({ journey: 'J1', step: { zh: '首屏', en: 'first paint' }, rows: ROWS, budget_ms: 1000, times_ms: paints });
    note({ journey: 'J1', step: { zh: '可用', en: 'map drawn, figures there' }, rows: ROWS, budget_ms: 2000, times_ms: usable });
  });

  test('J1: legend, search, tiles', async ({ page }) => {
    test.setTimeout(120_000);
    await open(page, `${server.base}/`);
    const clusters = await page.locator('[data-testid^=cluster-]').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.testid!));
    note({ journey: 'J1', step: { zh: '点图例', en: 'a cluster of the legend, figures follow' }, rows: ROWS, budget_ms: 150, times_ms: await each(clusters.slice(0, 7), async (id) => {
      await drawn(page);
      return timed(page, by('figure-count'), 'data-value', () => page.getByTestId(id).click());
    }) });
    await open(page, `${server.base}/?fresh`);
    const cards = await each(['云城', '三江汇', '大创小镇', '中国视谷'], async (name) => {
      await page.keyboard.press('/');
      await page.getByTestId('search').fill(name);
      await expect(page.getByTestId('hit').first()).toContainText(name);
      await drawn(page);
      return timed(page, by('platform-card'), null, () => page.keyboard.press('Enter'));
    });
    note({ journey: 'J1', step: { zh: '平台卡片', en: 'the card of a platform' }, rows: ROWS, budget_ms: 150, times_ms: cards });
    const tiles = answers(page, NEAR_TILE);
    await open(page, `${server.base}/?fresh#13.2/30.27/120.12`);
    await page.getByTestId('map').hover();
    for (let i = 0; i < 6; i++) {
      await page.mouse.wheel(0, i % 2 ? 300 : -300);
      await page.waitForTimeout(400);
      await drawn(page);
    }
    note({ journey: 'J1', step: { zh: '放大', en: 'a tile of enterprises, as answered' }, rows: ROWS, budget_ms: 50, times_ms: milliseconds(tiles) });
  });

  test('J2: zones, areas', async ({ page }) => {
    test.setTimeout(120_000);
    await open(page, `${server.base}/?mode=query`);
    note({ journey: 'J2', step: { zh: '选区县', en: 'a district, the whole panel' }, rows: ROWS, budget_ms: 400, times_ms: await each(['330110', '330108', '330106', '330114', '330109'], async (id) => {
      await drawn(page);
      return timed(page, by('figure-count'), 'data-value', () => page.getByTestId(`zone-${id}`).click());
    }) });
    await open(page, `${server.base}/?mode=query&fresh#10/30.25/120.15`);
    await page.getByTestId('draw-rectangle').click();
    await expect(page.getByTestId('sketch')).toContainText('Esc');
    await page.waitForTimeout(600);
    const map = (await page.getByTestId('map').boundingBox())!;
    const counts = answers(page, /\/summary/);
    await page.mouse.move(map.x + 250, map.y + 220);
    await page.mouse.down();
    await page.mouse.move(map.x + 380, map.y + 330, { steps: 8 });
    await page.mouse.up();
    await expect(page).toHaveURL(/drawn=/);
    await quiet(page);
    note({ journey: 'J2', step: { zh: '画范围', en: 'the count of a drawn area, as answered' }, rows: ROWS, budget_ms: 200, times_ms: milliseconds(counts) });
    await page.waitForTimeout(600);
    counts.length = 0;
    await page.mouse.move(map.x + 380, map.y + 330);
    await page.mouse.down();
    for (let i = 1; i <= 25; i++) {
      await page.mouse.move(map.x + 380 + i * 4, map.y + 330 + i * 2);
      await page.waitForTimeout(60);
    }
    await page.mouse.up();
    await quiet(page);
    note({ journey: 'J2', step: { zh: '拖顶点', en: 'a corner dragged, counted again, as answered' }, rows: ROWS, budget_ms: 120, times_ms: milliseconds(counts) });
  });

  test('J5: ten columns', async ({ page }) => {
    test.setTimeout(120_000);
    const comparisons = await each(['2020', '2021', '2022', '2023', '2024'], async (year) => {
      await page.goto(`${server.base}/?mode=compare&zones=330110,330108,330106,330114,330109,330111,330112,330113,330102,city&fresh=${year}`);
      await shown(page);
      await both(page);
      return timed(page, by('row-revenue'), null, () => page.getByTestId('against').selectOption(year));
    });
    note({ journey: 'J5', step: { zh: '十列对比', en: 'ten columns, another year beside them' }, rows: ROWS, budget_ms: 500, times_ms: comparisons });
  });
});
