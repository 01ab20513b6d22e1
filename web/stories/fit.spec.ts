// A chosen zone lies where nothing covers it: beside chips, buttons, legend and marks, above the drawer.
import { expect, type Page, test } from '@playwright/test';
import { drawn, onScreen, open } from './page';

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
/** The box of a zone in pixels of the page, by the camera that stands in the address. */
async function boxOf(page: Page, zone: string): Promise<Box> {
  const answer = await page.request.get(`./summary?zone=${zone}`);
  expect(answer.ok()).toBe(true);
  const [west, south, east, north] = ((await answer.json()) as { zone: { bbox: [number, number, number, number] } })
    .zone.bbox;
  const [nw, se] = [await onScreen(page, [west, north]), await onScreen(page, [east, south])];
  return { left: nw.x, top: nw.y, right: se.x, bottom: se.y };
}
/** What lies over the map, as the reader sees it. */
const over = (page: Page): Promise<Box[]> =>
  page.evaluate(() =>
    [
      ...document.querySelectorAll(
        '[data-testid=chips], [data-testid=point-card], .stage .buttons, .stage .corner, .stage .arrows, [data-testid=drawer], [data-testid=plain-note]',
      ),
    ].map((one) => {
      const { left, top, right, bottom } = one.getBoundingClientRect();
      return { left, top, right, bottom };
    }),
  );

async function free(page: Page, zone: string): Promise<void> {
  await drawn(page);
  await expect(page).toHaveURL(/#\d/);
  const frame = (await page.getByTestId('map').boundingBox())!;
  const box = await boxOf(page, zone);
  const said = `${zone}: ${JSON.stringify(box)}`;
  expect(box.left, said).toBeGreaterThan(frame.x);
  expect(box.top, said).toBeGreaterThan(frame.y);
  expect(box.right, said).toBeLessThan(frame.x + frame.width);
  expect(box.bottom, said).toBeLessThan(frame.y + frame.height);
  const things = await over(page);
  expect(things.length).toBeGreaterThan(3);
  for (const one of things) {
    const apart = one.left >= box.right || one.right <= box.left || one.top >= box.bottom || one.bottom <= box.top;
    expect(apart, `${said} under ${JSON.stringify(one)}`).toBe(true);
  }
  // and no smaller than it needs to be
  expect(Math.max((box.right - box.left) / frame.width, (box.bottom - box.top) / frame.height)).toBeGreaterThan(0.35);
}

const DISTRICTS = ['330110', '330127', '330108', '330114'];
for (const [name, size] of [
  ['desktop', { width: 1366, height: 768 }],
  ['large screen', { width: 1920, height: 1080 }],
  ['phone', { width: 390, height: 844 }],
] as const) {
  test.describe(name, () => {
    test.use({ viewport: size, hasTouch: name === 'phone', reducedMotion: 'reduce' } as never);
    test('districts by link', async ({ page }) => {
      for (const zone of DISTRICTS) {
        await page.goto('about:blank');
        await open(page, `./?zone=${zone}`);
        await free(page, zone);
      }
    });
    for (const late of ['summary', 'indicators', 'plan', 'dataset', 'site'])
      test(`where the answer of ${late} comes late`, async ({ page }) => {
        await page.route(new RegExp(`/${late}(\\?|$)`), async (route) => {
          await new Promise((later) => setTimeout(later, 1500));
          await route.continue();
        });
        await open(page, './?zone=330110');
        await free(page, '330110');
      });
    test('in the plain map too', async ({ page }) => {
      await open(page, './?plain=1&zone=330110');
      await free(page, '330110');
    });
  });
}

test('one after another from the list', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page);
  for (const zone of DISTRICTS) {
    await page.getByTestId(`zone-${zone}`).click();
    await expect(page).toHaveURL(new RegExp(`zone=${zone}`));
    await expect(async () => free(page, zone)).toPass();
  }
});

test('on a phone with the drawer half open', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, './?zone=330110');
  await page.getByTestId('drawer').locator('.handle').press('ArrowUp');
  await expect(page.getByTestId('drawer')).toHaveAttribute('data-stop', '1');
  await expect(async () => free(page, '330110')).toPass();
});
