// Every screen by the rules of WCAG 2.2 AA as axe knows them: light, dark and on a phone; what it can't know by hand.
import { expect, type Page, test } from '@playwright/test';
import { clean, drawn, open, quiet } from './page';

const screens: [string, (page: Page, suffix: string) => Promise<void>][] = [
  ['browse', (page, s) => open(page, `./?${s}`)],
  ['zone', (page, s) => open(page, `./?zone=330110&cluster=vision&${s}`)],
  ['platform', (page, s) => open(page, `./?zone=P13&${s}`)],
  [
    'query',
    async (page, s) => {
      await page.goto(
        `./?mode=query&zone=330108&filter=${encodeURIComponent("employees_2025 > 20 AND cluster = 'vision'")}&list=count&${s}`,
      );
      await drawn(page);
      await page.waitForLoadState('networkidle');
    },
  ],
  [
    'compare',
    async (page, s) => {
      await page.goto(`./?mode=compare&zones=330110,330108,city&against=2023&by=revenue&${s}`);
      await expect(page.getByTestId('matrix')).toHaveAttribute('aria-busy', 'false');
      await expect(page.getByTestId('plans')).toContainText('%');
    },
  ],
  [
    'compare as outlines',
    async (page, s) => {
      await page.goto(`./?mode=compare&plain=1&zones=330110,city&${s}`);
      await expect(page.getByTestId('pair')).toHaveAttribute('data-idle', 'true');
      await page.getByTestId('plans').locator('summary').click();
    },
  ],
  [
    'statistics of zones',
    async (page, s) => {
      await page.goto(`./?mode=compare&zones=330110,city&${s}`);
      for (const part of ['quotients', 'change', 'chain', 'profile']) {
        await page.getByTestId(`${part}-show`).click();
        await expect(page.locator(`section:has([data-testid=${part}-show]) table`).first()).toBeVisible();
      }
    },
  ],
  [
    'hot areas',
    async (page, s) => {
      await page.goto(`./?hot=areas&${s}`);
      await drawn(page);
    },
  ],
  [
    'compare nothing yet',
    async (page, s) => {
      await page.goto(`./?mode=compare&zones=&${s}`);
      await expect(page.getByTestId('compare-empty')).toBeVisible();
    },
  ],
  [
    'share',
    async (page, s) => {
      await open(page, `./?zone=330110&${s}`);
      await page.getByTestId('share').click();
      await page.locator('dialog summary').click();
    },
  ],
  [
    'error',
    async (page, s) => {
      await page.goto(`./?zone=nowhere&${s}`);
      await expect(page.getByTestId('banner')).toBeVisible();
    },
  ],
  ['plain', (page, s) => open(page, `./?plain=1&zone=330108&${s}`)],
  [
    'embed',
    async (page, s) => {
      await page.goto(`./?embed=1&zone=330108&${s}`);
      await expect(page.getByTestId('map')).toHaveAttribute('data-idle', 'true', { timeout: 40_000 });
    },
  ],
];
for (const [name, show] of screens) {
  for (const suffix of ['theme=light&lang=zh', 'theme=dark&lang=en']) {
    test(`${name}, ${suffix}`, async ({ page }) => {
      await show(page, suffix);
      await clean(page);
    });
  }
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });
  for (const [name, show] of screens.filter(([name]) => !['embed', 'error', 'platform'].includes(name))) {
    test(`${name} on a phone`, async ({ page }) => {
      await show(page, 'theme=light&lang=zh');
      await clean(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    });
  }
});

test('the keyboard comes everywhere, in the order of the screen, and is seen', async ({ page }) => {
  await open(page);
  const stops: string[] = [];
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const on = document.activeElement as HTMLElement;
      if (on === document.body) return null;
      const box = on.getBoundingClientRect();
      const style = getComputedStyle(on);
      const shown = style.outlineStyle !== 'none' || on.matches('.skip, input[type=radio]');
      return {
        name: on.dataset.testid ?? on.getAttribute('aria-label') ?? on.textContent?.trim().slice(0, 20) ?? on.tagName,
        area: on.closest('header, aside, main, footer')?.tagName ?? '',
        shown,
        size: Math.min(box.width, box.height),
      };
    });
    if (!stop) break;
    stops.push(stop.area);
    expect(stop.shown, `${stop.name} shows no focus`).toBe(true);
  }
  const order = stops.filter((one, i) => one && one !== stops[i - 1]);
  expect(order.slice(0, 4)).toEqual(['HEADER', 'ASIDE', 'MAIN', 'ASIDE']);
});

test('targets are 24 pixels or more', async ({ page }) => {
  for (const link of ['./?zone=330110&cluster=vision', './?mode=compare']) {
    await page.goto(link);
    await page.waitForLoadState('networkidle');
    const small = await page.evaluate(() =>
      [
        ...document.querySelectorAll<HTMLElement>(
          'button, a[href], select, summary, label:has(input), input:not([type=checkbox], [type=radio])',
        ),
      ]
        .filter((one) => one.offsetParent && !one.closest('.maplibregl-map') && !one.matches('.hidden, .skip'))
        .map((one) => ({ one, box: one.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 1 && (box.width < 24 || box.height < 24))
        .map(({ one, box }) => `${one.outerHTML.slice(0, 90)} ${box.width}x${box.height}`),
    );
    expect(small).toEqual([]);
  }
});

test('less motion: nothing moves by itself, the map jumps', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page);
  await page.getByTestId('zone-330108').click();
  await quiet(page);
  const moving = await page.evaluate(
    () =>
      document
        .getAnimations()
        .filter((one) => one.playState === 'running' && Number(one.effect?.getComputedTiming().duration) > 0).length,
  );
  expect(moving).toBe(0);
});
