// Areas and views under a name: kept, opened, compared, shown in order, printed, by mouse and by keyboard; two who change the same.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { clean, drawn, figure, HANDS, press, quiet } from './page';
import { type Served, serve } from './server';

const folder = () => mkdtempSync(join(tmpdir(), 'shigu-story-'));
let server: Served;
test.beforeEach(async () => {
  server = await serve('--data-dir', folder());
});
let stopped = false;
test.afterEach(async () => {
  if (!stopped) await server.stop();
  stopped = false;
});

async function open(page: Page, query = ''): Promise<void> {
  await page.goto(`${server.base}/${query}`);
  await drawn(page);
  await quiet(page);
  await page.getByTestId('saved-open').click();
}
const items = (page: Page) => page.getByTestId('saved-item');
async function keep(page: Page, name: string, of = ''): Promise<void> {
  await page.getByTestId('saved-name').fill(name);
  await page.getByTestId('saved-folder-of').fill(of);
  await page.getByTestId('saved-keep').click();
  await expect(page.getByTestId('saved-form')).toHaveCount(0);
}

test('an area is kept, used like a zone, compared, removed and put back', async ({ page }) => {
  await open(page);
  await expect(page.getByTestId('saved-none')).toBeVisible();
  await expect(page.getByTestId('save-area')).toBeDisabled();
  await clean(page);
  await page.goto(`${server.base}/?circle=120.20000,30.20000,3000`);
  await drawn(page);
  await quiet(page);
  const count = await figure(page, 'count');
  await page.getByTestId('saved-open').click();
  await page.getByTestId('save-area').click();
  await keep(page, '沿江三公里', '调研/一组');
  await expect(page).toHaveURL(/zone=saved:[0-9a-f]{16}/);
  await quiet(page);
  expect(await figure(page, 'count')).toBe(count);
  await expect(page.getByTestId('numbers')).toContainText('沿江三公里');
  await expect(items(page)).toHaveText([/沿江三公里/]);
  await clean(page);
  // the address alone shows the same
  await page.reload();
  await drawn(page);
  await quiet(page);
  expect(await figure(page, 'count')).toBe(count);
  await expect(page.getByTestId('numbers')).toContainText('沿江三公里');

  await page.getByTestId('saved-open').click();
  await page.getByTestId('saved-more').click();
  await page.getByTestId('saved-compare').click();
  await expect(page).toHaveURL(/mode=compare/);
  await expect(page.getByTestId('matrix').first()).toContainText('沿江三公里');
  await page.goBack();

  // a layer
  await drawn(page);
  await page.getByTestId('saved-open').click();
  const [layer] = await Promise.all([page.waitForEvent('download'), page.getByTestId('saved-layer').click()]);
  const geojson = JSON.parse(readFileSync(await layer.path(), 'utf8')) as {
    features: { properties: { name: string } }[];
  };
  expect(geojson.features.map((one) => one.properties.name)).toEqual(['沿江三公里']);

  // by keyboard: renamed, removed, put back
  await page.getByTestId('saved-more').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('saved-edit').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('江边');
  await page.keyboard.press('Enter');
  await expect(items(page)).toHaveText([/江边/]);
  await page.getByTestId('saved-remove').focus();
  await page.keyboard.press('Enter');
  await expect(items(page)).toHaveCount(0);
  await page.getByTestId('saved-undo').focus();
  await page.keyboard.press('Enter');
  await expect(items(page)).toHaveText([/江边/]);
});

test('a saved area comes into view, stands in the picker of the comparison and on its maps', async ({ page }) => {
  await page.goto(`${server.base}/?circle=119.05000,29.60000,3000`);
  await drawn(page);
  await quiet(page);
  await page.getByTestId('saved-open').click();
  await page.getByTestId('save-area').click();
  await keep(page, '湖边');
  const id = /saved:[0-9a-f]{16}/.exec(page.url())![0];
  // from elsewhere, by its address and by the list
  await page.goto(`${server.base}/?zone=330108`);
  await drawn(page);
  await quiet(page);
  await page.getByTestId('saved-open').click();
  await items(page).first().getByRole('button').first().click();
  await expect(page).toHaveURL(new RegExp(id));
  const camera = () => new URL(page.url()).hash.slice(1).split('/').map(Number);
  await expect
    .poll(() =>
      camera()
        .slice(1)
        .map((n) => Math.round(n * 10) / 10),
    )
    .toEqual([29.6, expect.closeTo(119.05, 1)]);
  expect(camera()[0]).toBeGreaterThan(10);
  await page.goto(`${server.base}/?mode=compare&zones=330108,city`);
  await page.getByTestId('pick-saved').locator('summary').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId(`pick-${id}`).focus();
  await page.keyboard.press('Space');
  await expect(page.getByTestId('matrix').first()).toContainText('湖边');
  await expect(page).toHaveURL(new RegExp(`zones=330108,city,${id}`));
  await clean(page);
});

test('what is written on the map is printed with it', async ({ page }) => {
  await open(page, '?zone=330110');
  await page.getByTestId('notes-open').click();
  await page.getByTestId('note-says').fill('这里扩建');
  await page.getByTestId('note-says').press('Enter');
  await page.getByTestId('print-open').click();
  const asked = page.waitForRequest((request) => request.url().includes('annotations='));
  await page.getByTestId('print-notes').check();
  expect(decodeURIComponent((await asked).url())).toContain('这里扩建');
  await expect(page.getByTestId('print-preview')).toBeVisible();
  await page.getByTestId('print-notes').focus();
  const without = page.waitForRequest(
    (request) => /map\?/.test(request.url()) && !request.url().includes('annotations='),
  );
  await page.keyboard.press('Space');
  await without;
});

test('by keyboard: an arrow and an area are placed by a cross, the view is kept and printed', async ({ page }) => {
  await open(page, '?zone=330110');
  await page.getByTestId('notes-open').focus();
  await page.keyboard.press('Enter');
  const notes = page.getByTestId('notes');
  for (const [kind, corners] of [
    ['arrow', 2],
    ['area', 3],
  ] as const) {
    await press(page.getByTestId(`note-${kind}`));
    await page.getByTestId('cross-put').focus();
    for (let i = 0; i < corners; i++) {
      await page.keyboard.press('Space');
      if (i < corners - 1) await page.keyboard.press(i ? 'Shift+ArrowDown' : 'Shift+ArrowRight');
    }
    if (kind === 'area') await press(page.getByTestId('note-done'));
    await expect(notes.locator(`[data-kind=${kind}]`)).toHaveCount(1);
  }
  await press(page.getByTestId('save-view'));
  await page.keyboard.type('键盘');
  await page.getByTestId('saved-folder-of').fill('汇报');
  await page.getByTestId('saved-folder-of').press('Enter');
  await expect(page.getByTestId('saved-title')).toHaveText('键盘');
  await clean(page);
  const [file] = await Promise.all([page.waitForEvent('download'), press(page.getByTestId('briefing-print'))]);
  expect(file.suggestedFilename()).toBe('汇报.pdf');
});

test('views are kept with what is written on the map, shown in order by keyboard, and printed', async ({ page }) => {
  await open(page, '?zone=330110');
  await page.getByTestId('notes-open').click();
  await page.getByTestId('note-says').fill('这里扩建');
  await page.getByTestId('note-says').press('Enter');
  await expect(page.getByTestId('notes').locator('text')).toHaveText(['这里扩建']);
  // an arrow by mouse
  await page.getByTestId('note-arrow').click();
  const map = (await page.getByTestId('map').boundingBox())!;
  await page.mouse.click(map.x + map.width * 0.4, map.y + map.height * 0.4);
  await page.mouse.click(map.x + map.width * 0.5, map.y + map.height * 0.5);
  await expect(page.getByTestId('notes').locator('[data-kind=arrow]')).toHaveCount(1);
  await page.getByTestId('save-view').click();
  await page.getByTestId('saved-note').fill('先看余杭。');
  await keep(page, '一、余杭', '汇报');
  await expect(page.getByTestId('saved-title')).toHaveText('一、余杭');
  await clean(page);
  await page.goto(`${server.base}/?zone=330108&year=2024`);
  await drawn(page);
  await quiet(page);
  await page.getByTestId('saved-open').click();
  await page.getByTestId('save-view').click();
  await keep(page, '二、滨江', '汇报');

  await page.getByTestId('briefing').click();
  await expect(page.getByTestId('saved-title')).toHaveText('一、余杭');
  await expect(page.getByTestId('saved-step')).toHaveText('1 / 2');
  await expect(page).toHaveURL(/zone=330110/);
  await expect(page.getByTestId('notes').locator('text')).toHaveText(['这里扩建']);
  await page.keyboard.press('PageDown');
  await expect(page.getByTestId('saved-title')).toHaveText('二、滨江');
  await expect(page).toHaveURL(/zone=330108/);
  await expect(page).toHaveURL(/year=2024/);
  await expect(page.getByTestId('notes').locator('text')).toHaveCount(0);
  await page.getByTestId('saved-previous').click();
  await expect(page.getByTestId('saved-title')).toHaveText('一、余杭');
  // the same on the plain page
  await page.goto(page.url().replace('?', '?plain=1&'));
  await expect(page.getByTestId('notes').locator('text')).toHaveText(['这里扩建']);
  await page.getByTestId('saved-shut').click();
  await expect(page).not.toHaveURL(/saved=/);

  await page.getByTestId('saved-open').click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('briefing-print').click()]);
  expect(file.suggestedFilename()).toBe('汇报.pdf');
  expect(
    readFileSync(await file.path())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
});

for (const [hand, use] of HANDS) {
  test(`who changes what another has changed sees what is kept now; a stopped server is said, ${hand}`, async ({
    page,
    browser,
  }) => {
    await open(page, '?zone=330110');
    await use(page.getByTestId('save-area'));
    await keep(page, '甲');
    const other = await (await browser.newContext()).newPage();
    await open(other);
    for (const one of [page, other]) {
      await use(one.getByTestId('saved-more'));
      await use(one.getByTestId('saved-edit'));
    }
    await keep(page, '甲改');
    await other.getByTestId('saved-name').fill('乙改');
    await use(other.getByTestId('saved-keep'));
    await expect(other.getByTestId('saved-current')).toContainText('甲改');
    await expect(other.getByTestId('saved-problem')).toBeVisible();
    await clean(other);
    await use(other.getByTestId('saved-keep'));
    await expect(items(other)).toHaveText([/乙改/]);
    await server.stop();
    stopped = true;
    await use(other.getByTestId('saved-remove'));
    await expect(other.getByTestId('saved-problem')).toBeVisible();
    await expect(items(other)).toHaveText([/乙改/]);
    await other.context().close();
  });
}

test('on a phone a briefing shows its maps, not the drawer over them', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.base}/?zone=330110`);
  await drawn(page);
  const drawer = page.getByTestId('drawer');
  for (let i = 0; i < 2; i++) await drawer.locator('.handle').press('ArrowUp');
  await page.getByRole('tab').nth(1).click();
  await page.getByTestId('saved-open').click();
  await page.getByTestId('save-view').click();
  await keep(page, '一', '汇报');
  for (let i = 0; i < 2; i++) await drawer.locator('.handle').press('ArrowUp');
  await page.getByTestId('briefing').click();
  await expect(drawer).toHaveAttribute('data-stop', '0');
  await expect(page.getByTestId('saved-title')).toBeVisible();
  await clean(page);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });
  test('what is kept comes into view where its head is at the lower edge', async ({ page }) => {
    await page.goto(`${server.base}/`);
    await drawn(page);
    await page.getByTestId('drawer').locator('.handle').press('ArrowUp');
    await page.getByRole('tab').nth(1).tap();
    const head = page.getByTestId('saved-open');
    await head.evaluate((element) => element.scrollIntoView({ block: 'end' }));
    await head.dispatchEvent('click');
    await expect(page.getByTestId('saved-none')).toBeVisible();
    const below = async (): Promise<number> => {
      const [one, body] = [await page.getByTestId('saved').boundingBox(), await page.locator('#panel').boundingBox()];
      return one!.y + one!.height - body!.y - body!.height;
    };
    await expect.poll(below).toBeLessThanOrEqual(1);
  });
});
