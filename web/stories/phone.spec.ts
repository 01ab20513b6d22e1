// On a phone: the map fills the screen, the panels are a drawer with three stops, nothing runs over the edge.
import { expect, test } from '@playwright/test';
import { colours, drawn, open } from './page';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

test('drawer in three stops, by key and by tap', async ({ page }) => {
  await open(page);
  expect(await colours(page)).toBeGreaterThan(100);
  const drawer = page.getByTestId('drawer');
  await expect(drawer).toHaveAttribute('data-stop', '0');
  await drawer.locator('.handle').focus();
  await page.keyboard.press('ArrowUp');
  await expect(drawer).toHaveAttribute('data-stop', '1');
  await page.keyboard.press('ArrowUp');
  await expect(drawer).toHaveAttribute('data-stop', '2');
  await page.getByRole('tab').nth(1).click();
  await page.getByTestId('zone-330110').click();
  await page.getByRole('tab').first().click();
  await expect(page.getByTestId('scope')).toHaveText('余杭区');
  await page.keyboard.press('Tab');
  await drawer.locator('.handle').press('ArrowDown');
  await drawer.locator('.handle').press('ArrowDown');
  await expect(drawer).toHaveAttribute('data-stop', '0');
  await drawn(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test('the layout lies in the free part of the map, also where the drawer comes after it', async ({ page }) => {
  const camera = () => new URL(page.url()).hash;
  await open(page);
  await expect.poll(camera).toMatch(/^#/);
  const usual = camera();
  await page.route(/\/assets\/Drawer-.*\.js$/, async (route) => {
    await drawn(page);
    await route.continue();
  });
  await page.goto('about:blank');
  await open(page);
  await expect.poll(camera).toBe(usual);
});

test('tools and tasks within reach of a thumb, above the drawer at every stop; the legend is folded', async ({
  page,
}) => {
  await open(page);
  // the header has the tasks where there is room for them
  const box = async (id: string) => (await page.getByTestId(id).locator('visible=true').boundingBox())!;
  const tools = ['home', 'measure-open', 'print-open'];
  for (const id of [...tools, 'mode-browse', 'mode-query']) {
    const { y, height } = await box(id);
    expect(y, id).toBeGreaterThan(844 / 2);
    expect(height, id).toBeGreaterThanOrEqual(40);
  }
  await expect(page.locator('.legend')).not.toHaveAttribute('open');
  await page.getByTestId('drawer').locator('.handle').press('ArrowUp');
  await expect(async () => {
    const drawer = await box('drawer');
    for (const id of tools) expect((await box(id)).y + 40).toBeLessThanOrEqual(drawer.y);
  }).toPass();
  await page.getByTestId('measure-open').click();
  await expect(page.getByTestId('measure-open')).toHaveAttribute('aria-pressed', 'true');
  await page.getByTestId('mode-query').locator('visible=true').click();
  await expect(page).toHaveURL(/mode=query/);
});

test('a message stands above a screen without a map and covers none of its tools', async ({ page }) => {
  for (const mode of ['ranking', 'compare', 'sites', 'progress', 'data']) {
    await page.goto(`./?mode=${mode}&zone=nonsense`);
    const banner = (await page.getByTestId('banner').boundingBox())!;
    const beside = page.getByTestId('banner').locator('xpath=../following-sibling::*').first();
    await expect(beside).toBeVisible();
    expect((await beside.boundingBox())!.y, mode).toBeGreaterThanOrEqual(banner.y + banner.height);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), mode).toBeLessThanOrEqual(390);
  }
});

test('location quotients by a metric open in the drawer, with interval or why there is none', async ({ page }) => {
  await open(page, './?mode=query&zone=330110');
  await page.getByRole('tab').first().tap();
  await expect(page.getByTestId('drawer')).toHaveAttribute('data-stop', '1');
  const panel = page.getByTestId('weighed');
  await panel.locator('summary').tap();
  const rows = panel.locator('tbody tr');
  await expect(rows).not.toHaveCount(0);
  for (const row of await rows.all()) await expect(row).toContainText(/\d–\d|样本过少|不公开/);
  await panel.getByTestId('weighed-weight').selectOption('employees');
  await expect(panel.locator('thead')).toContainText('从业人数');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test('tables of statistics stand in one row, and the chosen one is seen', async ({ page }) => {
  await page.goto('./?mode=ranking&table=premises');
  await expect(page.getByTestId('table-premises')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('table-premises')).toBeInViewport({ ratio: 0.7 });
  expect((await page.getByTestId('tables').boundingBox())!.height).toBeLessThan(50);
});

test('a card lies above the chips of the map and ends above the drawer', async ({ page }) => {
  await page.goto('./?mode=query&list=count');
  await drawn(page);
  await page.getByTestId('row').nth(2).click();
  const card = page.getByTestId('point-card');
  await expect(card).toBeVisible();
  await expect(async () => {
    const [box, drawer] = [(await card.boundingBox())!, (await page.getByTestId('drawer').boundingBox())!];
    expect(box.y + box.height).toBeLessThanOrEqual(drawer.y);
    const at = { x: box.x + 20, y: box.y + box.height - 12 };
    const seen = await page.evaluate(
      ({ x, y }) => document.elementFromPoint(x, y)?.closest('[data-testid=point-card]') !== null,
      at,
    );
    expect(seen).toBe(true);
  }).toPass();
});
