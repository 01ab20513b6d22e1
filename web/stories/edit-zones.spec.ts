// Zones that share borders: one vertex of several, a zone cut in two, zones that become one, and what a version changed on the map.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { clean, crossTo, drawn, onScreen, press, quiet } from './page';
import { type Served, serve } from './server';

let server: Served;
test.beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shigu-story-'));
  server = await serve('--geodata', '../tests/data/twolevel', '--data-dir', folder);
});
test.afterEach(() => server.stop());

async function form(page: Page, id: string, query = ''): Promise<void> {
  await page.goto(`${server.base}/${query || '?lang=zh'}`);
  await drawn(page);
  await quiet(page);
  await page.getByTestId('edit-open').click();
  await page.getByTestId('edit-layer').selectOption('parishes');
  await page.getByTestId(`edit-feature-${id}`).click();
  await expect(page.getByTestId('edit-form')).toBeVisible();
}
const changes = (page: Page) => page.getByTestId('edit-changes').locator('> li');
const ids = async (page: Page): Promise<string[]> => {
  const answer = await page.request.get(`${server.base}/collections/parishes/items?limit=100&f=json`);
  return ((await answer.json()).features as { id: string }[]).map((one) => one.id);
};

test('a vertex that zones share is dragged in all of them, and one undo takes it back', async ({ page }) => {
  await form(page, 'F11');
  await page.getByTestId('edit-reshape').click();
  const vertex = page.getByTestId('edit-vertex');
  await vertex.focus();
  // its fourth vertex is one of the neighbour, too
  for (let i = 0; i < 3; i++) await page.keyboard.press('PageDown');
  await expect(vertex).toContainText('4/');
  await expect(page.getByTestId('edit-shared')).toContainText('Azenha');
  await vertex.click();
  await drawn(page);
  const from = await onScreen(page, [-8.65039, 41.05581]);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 50, from.y + 20, { steps: 6 });
  await page.mouse.up();
  await expect(page.getByTestId('edit-undo')).toBeEnabled();
  await clean(page);
  await page.getByTestId('edit-leave').click();
  await expect(changes(page)).toHaveCount(2);
  for (const one of await changes(page).all()) await expect(one).toHaveAttribute('data-class', 'moved');
  await expect(page.getByTestId('edit-together').first()).toBeVisible();
  await expect(page.getByTestId('outline-legend')).toBeVisible();
  await page.getByTestId('edit-show-all').click();
  await page.getByTestId('edit-undo').click();
  await expect(changes(page)).toHaveText(['还没有修改']);
});

test('by keyboard: the shared vertex moves, a vertex is added in both and removed again', async ({ page }) => {
  await form(page, 'F11', '?lang=en');
  await page.getByTestId('edit-reshape').focus();
  await page.keyboard.press('Enter');
  const vertex = page.getByTestId('edit-vertex');
  await vertex.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('PageDown');
  await expect(page.getByTestId('edit-shared')).toContainText('Azenha');
  const undo = page.getByTestId('edit-undo');
  await page.keyboard.press('Insert');
  await expect(undo).toBeEnabled();
  await expect(page.getByTestId('edit-shared')).toContainText('Azenha');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(vertex).toContainText('5 of 11');
  await page.waitForTimeout(900);
  await page.keyboard.press('Delete');
  await expect(vertex).toContainText('of 10');
  await page.getByTestId('edit-leave').focus();
  await page.keyboard.press('Enter');
  await expect(changes(page)).toHaveCount(2);
  for (const one of await changes(page).all()) await expect(one).not.toHaveAttribute('data-class', 'problem');
});

test('a border that is moved on one side only is refused with place and area', async ({ page }) => {
  await form(page, 'F11');
  // sent as a program would, without the neighbour
  const draft = await (await page.request.get(`${server.base}/drafts`)).json();
  const zone = await (await page.request.get(`${server.base}/collections/parishes/items/F11?f=json`)).json();
  const ring = zone.geometry.coordinates[0] as [number, number][];
  zone.geometry.coordinates[0] = ring.map((at) => (at[0] === -8.65039 ? [-8.69, 41.05581] : at));
  const sent = await page.request.put(`${server.base}/drafts/${draft.own}/changes/parishes:F11`, {
    headers: { 'if-match': '"none"' },
    data: { collection: 'parishes', id: 'F11', geometry: zone.geometry },
  });
  expect(sent.status()).toBe(200);
  await page.reload();
  await drawn(page);
  await page.getByTestId('edit-open').click();
  await expect(changes(page).first()).toHaveAttribute('data-class', 'problem');
  await expect(page.getByTestId('edit-findings').first()).toContainText('平方公里的空隙');
  await page.getByTestId('edit-reason').fill('试');
  await expect(page.getByTestId('edit-publish')).toBeDisabled();
  await clean(page);
});

test('by keyboard: a zone is split by a line of the cross, looked at and kept, and undone', async ({ page }) => {
  await form(page, 'F22', '?lang=en');
  await press(page.getByTestId('edit-split'));
  const put = page.getByTestId('cross-put');
  const line = async (...ends: [number, number][]) => {
    await drawn(page);
    await put.focus();
    for (const [i, at] of ends.entries()) {
      await crossTo(page, at);
      await page.keyboard.press('Space');
      await expect(page.getByText(`${i + 1} so far`)).toBeVisible();
    }
    await press(page.getByTestId('edit-draw-end'));
  };
  // a line that ends within does not cut
  await line([-8.44, 41.0], [-8.44, 41.04]);
  await expect(page.getByTestId('edit-split-why')).toContainText('begin and end outside');
  await line([-8.45, 41.0], [-8.445, 41.1]);
  await expect(page.getByTestId('edit-split-form')).toContainText('the larger keeps');
  await page.getByTestId('edit-split-name').focus();
  await page.keyboard.type('Boa Vista de Baixo');
  await press(page.getByTestId('edit-split-keep'));
  await expect(changes(page)).toHaveCount(3);
  for (const one of await changes(page).all()) await expect(one).not.toHaveAttribute('data-class', 'problem');
  await clean(page);
  // keys are still in the panel
  await page.keyboard.press('ControlOrMeta+z');
  await expect(changes(page)).toHaveText(['No changes yet']);
});

test('a zone is split by a line and zones are merged; the version is looked at on the map', async ({ page }) => {
  await form(page, 'F22');
  await page.getByTestId('edit-split').click();
  await page.getByTestId('edit-reshape').waitFor({ state: 'detached' });
  const line = async (...ends: [number, number][]) => {
    // clicks on a map that still moves are no corners
    await page.getByTestId('edit-draw-end').waitFor();
    await drawn(page);
    for (const [i, at] of ends.entries()) {
      const { x, y } = await onScreen(page, at);
      // a click before the map takes positions is none
      await expect(async () => {
        await page.mouse.click(x, y);
        await expect(page.getByText(`已有 ${i + 1} 个`)).toBeVisible({ timeout: 2000 });
      }).toPass();
    }
    await page.getByTestId('edit-draw-end').click();
  };
  // a line that ends within does not cut
  await line([-8.44, 41.0], [-8.44, 41.04]);
  await expect(page.getByTestId('edit-split-why')).toBeVisible();
  await line([-8.45, 41.0], [-8.445, 41.1]);
  await expect(page.getByTestId('edit-split-form')).toContainText('较大的保留');
  await clean(page);
  await page.getByTestId('edit-split-name').fill('Boa Vista de Baixo');
  await page.getByTestId('edit-split-id').fill('F24');
  await page.getByTestId('edit-split-keep').click();
  // the neighbour above gets the vertex where the line met the common border
  await expect(changes(page)).toHaveCount(3);
  for (const one of await changes(page).all()) await expect(one).not.toHaveAttribute('data-class', 'problem');
  await page.getByTestId('edit-reason').fill('分设');
  await page.getByTestId('edit-publish').click();
  await expect(page.getByTestId('edit-made')).toContainText('v1');
  expect(await ids(page)).toContain('F24');

  // and one again, by keyboard
  await page.getByTestId('edit-layer').selectOption('parishes');
  await page.getByTestId('edit-feature-F22').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('edit-merge').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('edit-merge-F24').focus();
  await page.keyboard.press(' ');
  await clean(page);
  await page.getByTestId('edit-merge-keep').focus();
  await page.keyboard.press('Enter');
  await expect(changes(page)).toHaveCount(2);
  await expect(changes(page).nth(1)).toHaveAttribute('data-class', 'removed');
  await page.getByTestId('edit-reason').fill('并回');
  await page.getByTestId('edit-publish').click();
  await expect(page.getByTestId('edit-made')).toContainText('v2');
  expect(await ids(page)).not.toContain('F24');

  await page.goto(`${server.base}/?mode=data`);
  await page.getByTestId('map-2').focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/changes=2/);
  await expect(page.getByTestId('version-map-row')).toHaveCount(2);
  await expect(page.getByTestId('outline-legend')).toContainText('原轮廓');
  await drawn(page);
  await page.getByTestId('version-map-row').first().click();
  await clean(page);
  await page.reload();
  await expect(page.getByTestId('version-map-row')).toHaveCount(2);
  await page.getByTestId('version-map').getByRole('button', { name: '不再显示' }).click();
  await expect(page.getByTestId('version-map')).toHaveCount(0);
});

test('on a phone the zone that is cut lies above the panel, and the cross begins there; axe, dark, in English', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await form(page, 'F22', '?lang=en&theme=dark');
  await page.getByTestId('edit-split').click();
  await drawn(page);
  const zone = await (await page.request.get(`${server.base}/collections/parishes/items/F22?f=json`)).json();
  const panel = (await page.getByTestId('edit-panel').boundingBox())!;
  for (const at of zone.geometry.coordinates[0] as [number, number][]) {
    const { x, y } = await onScreen(page, at);
    expect(y).toBeLessThan(panel.y);
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(390);
  }
  await page.getByTestId('cross-put').focus();
  const cross = (await page.getByTestId('cross').boundingBox())!;
  expect(cross.y + cross.height).toBeLessThan(panel.y);
  await clean(page);
});
