// How long the steps of the journeys take: written down for docs/journeys.md, never judged. Only `make journeys` runs it.
import { expect, type Page, test } from '@playwright/test';
import { type Answer, answers, both, by, NEAR_TILE, shown } from './journey';
import { drawn, open, quiet } from './page';
import { hangzhouWith, type Served, serve } from './server';
import { forget, note } from './written';

/** From the reader's hand to the changed figure on the screen, with nothing on its way any more. The watch stands before the hand moves. */
async function timed(
  page: Page,
  watch: string,
  attribute: string | null,
  act: () => Promise<unknown>,
): Promise<number> {
  await page.evaluate(
    ({ watch, attribute }) => {
      const read = () => {
        const one = document.querySelector(watch);
        return attribute ? one?.getAttribute(attribute) : one?.textContent;
      };
      const old = read();
      const seen = new Promise<number>((done, fail) => {
        let from = 0;
        for (const type of ['click', 'change', 'keydown'])
          addEventListener(type, (event) => (from ||= event.timeStamp), { capture: true, once: true });
        const look = () => {
          const now = read();
          const waiting = document.querySelector(
            '[data-testid=numbers][aria-busy=true], [data-testid=matrix][aria-busy=true]',
          );
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
/** As many enterprises as the design's budgets are meant for; fewer to see whether the stories still tell. */
const ROWS = Number(process.env.SHIGU_TIMES_ROWS ?? 50_000);
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
          const ready =
            document.querySelector('[data-testid=map][data-idle=true]') &&
            document.querySelector('[data-testid=numbers][aria-busy=false]') &&
            document.querySelector('[data-testid=figure-count]');
          if (ready) Object.assign(window, { usable: performance.now() });
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
      await open(page, `${server.base}/`);
      await page.waitForFunction(() => 'usable' in window);
      const [paint, ready] = await page.evaluate(
        () =>
          [
            performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
            (window as unknown as { usable: number }).usable,
          ] as const,
      );
      paints.push(paint);
      usable.push(ready);
      await context.close();
    }
    note({ journey: 'J1', step: { zh: '首屏', en: 'first paint' }, rows: ROWS, budget_ms: 1000, times_ms: paints });
    note({
      journey: 'J1',
      step: { zh: '可用', en: 'map drawn, figures there' },
      rows: ROWS,
      budget_ms: 2000,
      times_ms: usable,
    });
  });

  test('J1: legend, search, tiles', async ({ page }) => {
    test.setTimeout(120_000);
    await open(page, `${server.base}/`);
    const clusters = await page
      .locator('[data-testid^=cluster-]')
      .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.testid!));
    note({
      journey: 'J1',
      step: { zh: '点图例', en: 'a cluster of the legend, figures follow' },
      rows: ROWS,
      budget_ms: 150,
      times_ms: await each(clusters.slice(0, 7), async (id) => {
        await drawn(page);
        return timed(page, by('figure-count'), 'data-value', () => page.getByTestId(id).click());
      }),
    });
    await open(page, `${server.base}/?fresh`);
    const cards = await each(['云城', '三江汇', '大创小镇', '中国视谷'], async (name) => {
      await page.keyboard.press('/');
      await page.getByTestId('search').fill(name);
      await expect(page.getByTestId('hit').first()).toContainText(name);
      await drawn(page);
      return timed(page, by('platform-card'), null, () => page.keyboard.press('Enter'));
    });
    note({
      journey: 'J1',
      step: { zh: '平台卡片', en: 'the card of a platform' },
      rows: ROWS,
      budget_ms: 150,
      times_ms: cards,
    });
    const tiles = answers(page, NEAR_TILE);
    await open(page, `${server.base}/?fresh#13.2/30.27/120.12`);
    await page.getByTestId('map').hover();
    for (let i = 0; i < 6; i++) {
      await page.mouse.wheel(0, i % 2 ? 300 : -300);
      await page.waitForTimeout(400);
      await drawn(page);
    }
    note({
      journey: 'J1',
      step: { zh: '放大', en: 'a tile of enterprises, as answered' },
      rows: ROWS,
      budget_ms: 50,
      times_ms: milliseconds(tiles),
    });
  });

  test('J2: zones, areas', async ({ page }) => {
    test.setTimeout(120_000);
    await open(page, `${server.base}/?mode=query`);
    note({
      journey: 'J2',
      step: { zh: '选区县', en: 'a district, the whole panel' },
      rows: ROWS,
      budget_ms: 400,
      times_ms: await each(['330110', '330108', '330106', '330114', '330109'], async (id) => {
        await drawn(page);
        return timed(page, by('figure-count'), 'data-value', () => page.getByTestId(`zone-${id}`).click());
      }),
    });
    await open(page, `${server.base}/?mode=query&fresh#10/30.25/120.15`);
    await page.getByTestId('draw-rectangle').click();
    await expect(page.getByTestId('drawing')).toContainText('Esc');
    await page.waitForTimeout(600);
    const map = (await page.getByTestId('map').boundingBox())!;
    const counts = answers(page, /\/summary/);
    await page.mouse.move(map.x + 250, map.y + 220);
    await page.mouse.down();
    await page.mouse.move(map.x + 380, map.y + 330, { steps: 8 });
    await page.mouse.up();
    await expect(page).toHaveURL(/drawn=/);
    await quiet(page);
    note({
      journey: 'J2',
      step: { zh: '画范围', en: 'the count of a drawn area, as answered' },
      rows: ROWS,
      budget_ms: 200,
      times_ms: milliseconds(counts),
    });
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
    note({
      journey: 'J2',
      step: { zh: '拖顶点', en: 'a corner dragged, counted again, as answered' },
      rows: ROWS,
      budget_ms: 120,
      times_ms: milliseconds(counts),
    });
  });

  test('J5: ten columns', async ({ page }) => {
    test.setTimeout(120_000);
    const comparisons = await each(['2020', '2021', '2022', '2023', '2024'], async (year) => {
      await page.goto(
        `${server.base}/?mode=compare&zones=330110,330108,330106,330114,330109,330111,330112,330113,330102,city&fresh=${year}`,
      );
      await shown(page);
      await both(page);
      return timed(page, by('row-revenue'), null, () => page.getByTestId('against').selectOption(year));
    });
    note({
      journey: 'J5',
      step: { zh: '十列对比', en: 'ten columns, another year beside them' },
      rows: ROWS,
      budget_ms: 500,
      times_ms: comparisons,
    });
  });

  for (const hand of ['mouse', 'keyboard'] as const) {
    test(`J9: a trial zone by ${hand}`, async ({ page }) => {
      test.setTimeout(240_000);
      const zh = hand === 'mouse' ? '鼠标' : '键盘';
      const steps: Record<string, number[]> = { begin: [], move: [], compare: [], export: [] };
      const use = async (id: string) => {
        if (hand === 'mouse') return page.getByTestId(id).click();
        await page.getByTestId(id).focus();
        await page.keyboard.press('Enter');
      };
      const counts = answers(page, /\/summary/);
      for (let round = 0; round < 5; round++) {
        await open(page, `${server.base}/?mode=query&fresh=${hand}${round}#11/30.2${round}/120.2`);
        // drawn: a circle about the middle of the map
        await use('draw-circle');
        await expect(page.getByTestId('drawing')).toBeVisible();
        await page.waitForTimeout(600);
        if (hand === 'mouse') {
          const map = (await page.getByTestId('map').boundingBox())!;
          const [x, y] = [map.x + map.width / 2, map.y + map.height / 2];
          await page.mouse.move(x, y, { steps: 3 });
          await page.mouse.down();
          await page.mouse.move(x + 90, y, { steps: 6 });
          await page.mouse.up();
        } else {
          await page.getByTestId('map').focus();
          await page.keyboard.press('ArrowRight');
          await page.keyboard.press('Space');
          await page.keyboard.press('Shift+ArrowRight');
          await page.keyboard.press('Shift+ArrowRight');
          await page.keyboard.press('Space');
        }
        await expect(page).toHaveURL(/circle=/);
        await quiet(page);
        await drawn(page);
        steps.begin!.push(await timed(page, by('trial-figures'), null, () => use('trial-begin')));
        await page.getByTestId('scenario-name').fill(`A ${hand} ${round}`);
        await use('scenario-save');
        for (let i = 0; i < 3; i++) {
          await page.waitForTimeout(300);
          steps.move!.push(await timed(page, by('trial-figures'), null, () => use('trial-east')));
        }
        await page.getByTestId('scenario-name').fill(`B ${hand} ${round}`);
        await use('scenario-save');
        for (const name of ['A', 'B']) {
          const box = page
            .getByTestId('scenarios')
            .locator('li', { hasText: `${name} ${hand} ${round}` })
            .locator('input');
          if (hand === 'mouse') await box.check();
          else {
            await box.focus();
            await page.keyboard.press('Space');
          }
        }
        steps.compare!.push(await timed(page, by('scenario-table'), null, () => use('scenario-compare')));
        const begun = Date.now();
        await Promise.all([page.waitForEvent('download'), use('scenario-file-docx')]);
        steps.export!.push(Date.now() - begun);
      }
      const named: [keyof typeof steps, string, string, number][] = [
        ['begin', '推演:开始', 'trial zone begun, all figures', 400],
        ['move', '推演:移动一步', 'trial zone moved, all figures', 400],
        ['compare', '推演:两个方案并排', 'two scenarios side by side', 500],
        ['export', '推演:两个方案存为 DOCX', 'two scenarios as DOCX, saved', 5000],
      ];
      note({
        journey: 'J9',
        step: { zh: `推演:画圆(${zh})`, en: `trial zone drawn, counted, as answered (${hand})` },
        rows: ROWS,
        budget_ms: 200,
        times_ms: milliseconds(counts),
      });
      for (const [key, chinese, english, budget_ms] of named)
        note({
          journey: 'J9',
          step: { zh: `${chinese}(${zh})`, en: `${english} (${hand})` },
          rows: ROWS,
          budget_ms,
          times_ms: steps[key]!,
        });
    });
  }

  // from the movement of the pointer to the end of the frame that has the outline there
  test('J9: the outline of a trial zone follows the pointer', async ({ page }) => {
    test.setTimeout(180_000);
    await page.addInitScript(() => {
      const painted = { moved: 0, frame: 0 };
      addEventListener('pointermove', (event) => Object.assign(painted, { moved: event.timeStamp, frame: 0 }), {
        capture: true,
      });
      new MutationObserver(() => {
        // a message runs after the frame that is being made
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => (painted.frame = performance.now());
        requestAnimationFrame(() => port2.postMessage(null));
      }).observe(document, { subtree: true, attributes: true, attributeFilter: ['d'] });
      Object.assign(window, { painted });
    });
    await open(page, `${server.base}/?mode=query&circle=120.20000,30.20000,4000#11/30.2/120.2`);
    await page.getByTestId('trial-begin').click();
    await expect(page.getByTestId('trial-figures')).toBeVisible();
    await page.getByTestId('trial-drag').click();
    await expect(page.getByTestId('drawing-size')).toBeVisible();
    await drawn(page);
    const map = (await page.getByTestId('map').boundingBox())!;
    const [x, y] = [map.x + map.width / 2, map.y + map.height / 2];
    await page.mouse.move(x, y, { steps: 3 });
    await page.mouse.down();
    const times: number[] = [];
    for (let i = 1; i <= 120; i++) {
      await page.mouse.move(x + (i % 40) * 3, y + (i % 20) * 2);
      const took = await page.evaluate(
        () =>
          new Promise<number>((done) => {
            const { painted } = window as unknown as { painted: { moved: number; frame: number } };
            const until = performance.now() + 2000;
            const look = () => {
              if (painted.frame > painted.moved || performance.now() > until) done(painted.frame - painted.moved);
              else setTimeout(look, 1);
            };
            look();
          }),
      );
      if (took > 0 && i > 5) times.push(took);
    }
    await page.mouse.up();
    expect(times.length).toBeGreaterThan(80);
    note({
      journey: 'J9',
      step: { zh: '推演:拖动范围', en: 'trial zone, from drag to paint (median 16, 99 % in 50)' },
      rows: ROWS,
      budget_ms: 50,
      times_ms: times,
    });
  });
});
