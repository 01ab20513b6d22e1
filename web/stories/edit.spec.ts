// Editing on the page: by mouse and by keyboard, one person and two, with what is wrong said where it is typed.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { clean, drawn, figure, HANDS, onScreen, press, quiet } from './page';
import { type Served, serve } from './server';

const PASSWORD = '一个足够长的口令 2026';
const folder = () => mkdtempSync(join(tmpdir(), 'shigu-story-'));
let server: Served;
test.afterEach(() => server.stop());

async function open(page: Page, query = ''): Promise<void> {
  await page.goto(`${server.base}/${query}`);
  await drawn(page);
  await quiet(page);
}
const field = (page: Page, name: string) => page.locator(`#edit-${name}`);

test.describe('one person', () => {
  test.beforeEach(async () => {
    server = await serve('--data-dir', folder());
  });

  for (const [hand, hit] of HANDS) {
    test(`once the server is back what could not be fetched comes by itself, and a lost part of the page after a reload, ${hand}`, async ({
      page,
    }) => {
      await open(page);
      await hit(page.getByTestId('edit-open'));
      const away = (url: URL) => /\/(items|readyz)\b|\/Print-.*\.js$/.test(url.pathname);
      await page.route(away, (route) => route.abort());
      await page.getByTestId('edit-layer').selectOption('layout');
      await expect(page.getByTestId('edit-layers').getByRole('alert')).toContainText('断开');
      await page.unroute(away);
      await expect(page.getByTestId('edit-feature-axis')).toBeVisible();
      await page.getByTestId('edit-panel').press('Escape');
      await page.route(away, (route) => route.abort());
      await hit(page.getByTestId('print-open'));
      const banner = page.getByTestId('banner');
      await expect(banner).toContainText('正在重连');
      await page.unroute(away);
      await expect(banner).toContainText('请刷新后重试');
      await hit(banner.getByRole('button', { name: '重试' }));
      await drawn(page);
      await hit(page.getByTestId('print-open'));
      await expect(page.getByTestId('print')).toBeVisible();
    });
  }

  test('an enterprise is corrected and moved by mouse, and one is added', async ({ page }) => {
    await open(page, '?item=enterprises:S00001');
    const before = (await figure(page, 'count'))!;
    await page.getByTestId('card-edit').click();
    await expect(page.getByTestId('edit-form')).toBeVisible();
    // what is wrong is said as an import says it, and stays in the form
    await field(page, 'credit_code').fill('91330110MA2ABCDE1X');
    await field(page, 'founded').fill('1066');
    await page.getByTestId('edit-keep').click();
    await expect(page.getByTestId('edit-findings')).toContainText('校验位不对');
    await expect(field(page, 'founded')).toHaveAttribute('aria-invalid', 'true');
    await clean(page);
    await field(page, 'credit_code').fill('');
    await field(page, 'founded').fill('2012');
    // the place is clicked on the map
    await page.getByTestId('edit-pick').click();
    const map = (await page.getByTestId('map').boundingBox())!;
    await page.mouse.click(map.x + map.width * 0.7, map.y + map.height * 0.3);
    await expect(page.getByTestId('edit-pick')).toHaveAttribute('aria-pressed', 'false');
    const place = await field(page, 'place').inputValue();
    expect(place).toMatch(/^1\d\d\.\d+, \d\d\.\d+$/);
    await page.getByTestId('edit-keep').click();
    const changes = page.getByTestId('edit-changes').locator('> li');
    await expect(changes).toHaveCount(1);
    await expect(changes.first()).toHaveAttribute('data-class', 'moved');
    await expect(changes.first()).toContainText('2012');
    await clean(page);

    await page.getByTestId('edit-add').click();
    await field(page, 'name').fill('杭州新设立的试验企业');
    await field(page, 'place').fill('120.21, 30.21');
    await page.getByTestId('edit-keep').click();
    await expect(changes).toHaveCount(2);
    await expect(changes.nth(1)).toHaveAttribute('data-class', 'new');
    // nobody sees it yet; a reload loses nothing
    expect(await figure(page, 'count')).toBe(before);
    await open(page);
    await expect(page.getByTestId('edit-open')).toContainText('2');
    await page.getByTestId('edit-open').click();
    await expect(page.getByTestId('edit-publish')).toBeDisabled();
    await page.getByTestId('edit-undo').click();
    await expect(changes).toHaveCount(1);
    await page.getByTestId('edit-redo').click();
    await expect(changes).toHaveCount(2);
    await page.getByTestId('edit-reason').fill('按年报更正');
    await page.getByTestId('edit-publish').click();
    await expect(page.getByTestId('edit-made')).toContainText('v1');
    await expect.poll(() => figure(page, 'count')).toBe(before + 1);
    await expect(changes).toHaveText(['还没有修改']);
    await page.goto(`${server.base}/?mode=data`);
    await expect(page.getByTestId('version-1')).toContainText('在页面上修改');
  });

  test('the same by keyboard: a row is corrected, one is removed, a step is undone', async ({ page }) => {
    await open(page, '?item=enterprises:S00002');
    await page.getByTestId('card-edit').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('edit-form')).toBeVisible();
    await expect(page.getByTestId('edit-form').locator('h3')).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(field(page, 'name')).toBeFocused();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('改名后的企业');
    await page.keyboard.press('Enter');
    const changes = page.getByTestId('edit-changes').locator('> li');
    await expect(changes.first()).toContainText('改名后的企业');
    await page.getByTestId('edit-changes').getByRole('button', { name: '再改' }).focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('edit-remove').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await expect(changes.first()).toHaveAttribute('data-class', 'removed');
    await page.getByTestId('edit-reason').focus();
    await page.getByTestId('edit-add').focus();
    await page.keyboard.press('ControlOrMeta+z');
    await expect(changes.first()).toHaveAttribute('data-class', 'changed');
    await page.keyboard.press('ControlOrMeta+Shift+z');
    await expect(changes.first()).toHaveAttribute('data-class', 'removed');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('edit-panel')).toHaveCount(0);
    await expect(page.getByTestId('edit-open')).toContainText('1');
  });
});

test.describe('features of layers', () => {
  test.beforeEach(async () => {
    server = await serve('--data-dir', folder());
  });
  const positions = async (page: Page, collection: string, id: string) => {
    const answer = await page.request.get(`${server.base}/collections/${collection}/items/${id}?f=json`);
    return (await answer.json()).geometry.coordinates as [number, number][];
  };

  test('a line is reshaped and renamed by mouse, an area is drawn, both are one version', async ({ page }) => {
    await open(page);
    const before = await positions(page, 'layout', 'axis');
    await page.getByTestId('edit-open').click();
    await page.getByTestId('edit-layer').selectOption('layout');
    await page.getByTestId('edit-feature-axis').click();
    await expect(page.getByTestId('edit-form')).toBeVisible();
    await page.getByTestId('edit-reshape').click();
    // the vertex is brought to where it is seen, then dragged
    await page.getByTestId('edit-vertex').click();
    await drawn(page);
    const from = await onScreen(page, before[0]!);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + 60, from.y + 40, { steps: 6 });
    await page.mouse.up();
    const changes = page.getByTestId('edit-changes').locator('> li');
    await expect(page.getByTestId('edit-undo')).toBeEnabled();
    await field(page, 'name').fill('改线的轴');
    await clean(page);
    await page.getByTestId('edit-keep').click();
    await expect(changes).toHaveCount(1);
    await expect(changes.first()).toHaveAttribute('data-class', 'moved');
    await expect(changes.first()).toContainText('改线的轴');
    // an area is drawn by clicks; what it lacks is said at its fields
    await page.getByTestId('edit-layer').selectOption('platform-zones');
    await page.getByTestId('edit-feature-add').click();
    await page.getByTestId('edit-draw-Polygon').click();
    const map = (await page.getByTestId('map').boundingBox())!;
    for (const [x, y] of [
      [0.55, 0.3],
      [0.75, 0.35],
      [0.6, 0.5],
    ] as const) {
      await page.mouse.click(map.x + map.width * x, map.y + map.height * y);
    }
    await page.getByTestId('edit-draw-end').click();
    await expect(page.getByTestId('edit-findings').first()).toBeVisible();
    await expect(field(page, 'name')).toHaveAttribute('aria-invalid', 'true');
    await page.getByTestId('edit-leave').click();
    await expect(changes.nth(1)).toHaveAttribute('data-class', 'problem');
    await page.getByTestId('edit-undo').click();
    await expect(changes).toHaveCount(1);
    await page.getByTestId('edit-reason').fill('按批复调整线位');
    await clean(page);
    await page.getByTestId('edit-publish').click();
    await expect(page.getByTestId('edit-made')).toContainText('v1');
    const after = await positions(page, 'layout', 'axis');
    expect(after.length).toBe(before.length);
    expect(after[0]![0]).toBeGreaterThan(before[0]![0]);
    expect(after[0]![1]).toBeLessThan(before[0]![1]);
    expect(after.slice(1)).toEqual(before.slice(1));
  });

  test('an area is drawn by arrow keys; what it lacks is said, and undo takes it back', async ({ page }) => {
    await open(page);
    await press(page.getByTestId('edit-open'));
    await page.getByTestId('edit-layer').selectOption('platform-zones');
    await press(page.getByTestId('edit-feature-add'));
    await press(page.getByTestId('edit-draw-Polygon'));
    const put = page.getByTestId('cross-put');
    await put.focus();
    await expect(page.getByTestId('cross')).toBeVisible();
    const shape = page.getByTestId('edit-shape');
    for (const [i, keys] of [['ArrowRight'], ['Shift+ArrowRight', 'Shift+ArrowRight'], ['Shift+ArrowDown']].entries()) {
      for (const key of keys) await page.keyboard.press(key);
      await page.keyboard.press('Space');
      await expect(shape).toContainText(`已有 ${i + 1} 个`);
    }
    await page.keyboard.press('Backspace');
    await expect(shape).toContainText('已有 2 个');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Space');
    await clean(page);
    await press(page.getByTestId('edit-draw-end'));
    await expect(page.getByTestId('cross')).toHaveCount(0);
    await expect(page.getByTestId('edit-findings').first()).toBeVisible();
    await expect(field(page, 'name')).toHaveAttribute('aria-invalid', 'true');
    await expect(shape).toContainText('面');
    await press(page.getByTestId('edit-leave'));
    const changes = page.getByTestId('edit-changes').locator('> li');
    await expect(changes.first()).toHaveAttribute('data-class', 'problem');
    await page.keyboard.press('ControlOrMeta+z');
    await expect(changes).toHaveText(['还没有修改']);
  });

  test('a point is moved and a line gets a vertex by keyboard; a step is undone', async ({ page }) => {
    await open(page);
    await page.getByTestId('edit-open').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('edit-layer').selectOption('layout');
    await page.getByTestId('edit-feature-belt').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('edit-form').locator('h3')).toBeFocused();
    const shape = page.getByTestId('edit-shape');
    await page.getByTestId('edit-reshape').focus();
    await page.keyboard.press('Enter');
    const vertex = page.getByTestId('edit-vertex');
    await vertex.focus();
    const count = (await positions(page, 'layout', 'belt')).length;
    await expect(vertex).toContainText(`1/${count}`);
    const said = await vertex.textContent();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowUp');
    await expect(page.getByTestId('edit-undo')).toBeEnabled();
    expect(await vertex.textContent()).not.toBe(said);
    await page.keyboard.press('PageDown');
    await expect(vertex).toContainText(`2/${count}`);
    await page.keyboard.press('Insert');
    await expect(shape).toContainText(`${count + 1} 个位置`);
    await page.keyboard.press('ControlOrMeta+z');
    await expect(shape).toContainText(`${count} 个位置`);
    await page.keyboard.press('ControlOrMeta+z');
    await expect(vertex).toBeVisible();
    await expect(page.getByTestId('edit-undo')).toBeDisabled();
    await page.keyboard.press('ControlOrMeta+Shift+z');
    await expect(page.getByTestId('edit-undo')).toBeEnabled();
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('edit-changes').locator('> li').first()).toHaveAttribute('data-class', 'moved');
  });
});

for (const [hand, hit] of HANDS)
  test(`two persons: one changes, the other publishes; the same field of one row is decided, ${hand}`, async ({
    page,
    browser,
  }) => {
    server = await serve('--accounts', '--two-persons', '--data-dir', folder());
    const claim = async (on: Page, link: string, name?: string) => {
      await on.goto(link);
      if (name) await on.getByTestId('enter-name').fill(name);
      await on.getByTestId('password-first').fill(PASSWORD);
      await on.getByTestId('password-second').fill(PASSWORD);
      await on.getByTestId('password-set').click();
      await quiet(on);
    };
    await claim(page, server.said(/http\S+claim=\S+/), '王工');
    await page.goto(`${server.base}/?mode=accounts`);
    await page.getByTestId('new-name').fill('李工');
    await page.getByTestId('new-role').selectOption('reviewer');
    await page.getByTestId('new-make').click();
    await expect(page.getByTestId('account-李工')).toBeVisible();
    const other = await (await browser.newContext()).newPage();
    await claim(other, await page.getByTestId('one-time').inputValue());

    const change = async (on: Page, founded: string) => {
      await open(on, '?item=enterprises:S00003');
      await hit(on.getByTestId('card-edit'));
      await field(on, 'founded').fill(founded);
      await hit(on.getByTestId('edit-keep'));
      await expect(on.getByTestId('edit-changes').locator('> li').first()).toContainText(founded);
    };
    const submit = async (on: Page, reason: string) => {
      await expect(on.getByTestId('edit-publish')).toHaveCount(0);
      await on.getByTestId('edit-reason').fill(reason);
      await hit(on.getByTestId('edit-submit'));
      await expect(on.getByTestId('edit-panel')).toContainText('等待另一人发布');
    };
    const back = async (on: Page, remark: string) => {
      await open(on);
      await hit(on.getByTestId('edit-open'));
      await hit(on.getByTestId('edit-waiting').getByRole('button'));
      await on.getByTestId('edit-reason').fill(remark);
      await hit(on.getByTestId('edit-return'));
      await expect(on.getByTestId('edit-waiting')).toHaveCount(0);
    };
    const publish = async (on: Page) => {
      await open(on);
      await hit(on.getByTestId('edit-open'));
      await hit(on.getByTestId('edit-waiting').getByRole('button'));
      await hit(on.getByTestId('edit-publish'));
      await expect(on.getByTestId('edit-made')).toBeVisible();
    };
    await change(page, '2011');
    await change(other, '2013');
    await submit(other, '年报');
    // given back with a remark, and submitted again
    await back(page, '请附年报页码');
    await open(other);
    await hit(other.getByTestId('edit-open'));
    await expect(other.getByTestId('edit-panel')).toContainText('请附年报页码');
    await submit(other, '年报第 3 页');
    await publish(page);
    // the own draft is there, with the conflict
    await open(page);
    await hit(page.getByTestId('edit-open'));
    await expect(page.getByTestId('edit-conflict')).toContainText('已被他人改动');
    await expect(page.getByTestId('edit-mine')).toContainText('2011');
    await expect(page.getByTestId('edit-theirs')).toContainText('2013');
    await clean(page);
    await hit(page.getByTestId('edit-mine'));
    await expect(page.getByTestId('edit-conflict')).toHaveCount(0);
    await submit(page, '以登记为准');
    await publish(other);
    await other.goto(`${server.base}/?mode=data`);
    await expect(other.getByTestId('version-2')).toContainText('李工');
  });

test('on a phone and in English', async ({ page }) => {
  server = await serve('--data-dir', folder());
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.base}/?lang=en`);
  await drawn(page);
  await page.getByTestId('edit-open').click();
  await expect(page.getByTestId('edit-changes')).toContainText('No changes yet');
  await clean(page);
  // what is wrong comes into view, wherever the form was
  await page.goto(`${server.base}/?lang=en&theme=dark&item=enterprises:S00001`);
  await page.getByTestId('card-edit').click();
  await field(page, 'founded').fill('1066');
  await page.getByTestId('edit-keep').click();
  await expect(page.getByTestId('edit-form').getByTestId('edit-findings')).toBeInViewport();
  await clean(page);
});
