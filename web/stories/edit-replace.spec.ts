// Published boundaries take the place of a layer's areas, with source, number and date; rows of a zone that goes are of another.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { clean, drawn, quiet } from './page';
import { type Served, serve } from './server';

let server: Served;
let folder: string;
test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shigu-story-'));
  server = await serve('--geodata', '../tests/data/twolevel', '--data-dir', folder);
});
test.afterEach(() => server.stop());

const changes = (page: Page) => page.getByTestId('edit-changes').locator('> li');
interface Feature {
  id: string;
  properties: Record<string, unknown>;
  geometry: { coordinates: unknown };
}
const features = async (page: Page, layer: string): Promise<Feature[]> =>
  (await (await page.request.get(`${server.base}/collections/${layer}/items?limit=1000&f=json`)).json()).features;
/** A file of the layer as somebody publishes it: the ids in a column of their own. */
async function published(page: Page, layer: string, change: (all: Feature[]) => Feature[]): Promise<string> {
  const all = change(await features(page, layer)).map((one) => ({
    type: 'Feature',
    geometry: one.geometry,
    properties: { ...one.properties, code: one.id },
  }));
  const file = join(folder, `${layer}.geojson`);
  writeFileSync(file, JSON.stringify({ type: 'FeatureCollection', features: all }));
  return file;
}
async function layer(page: Page, id: string, lang: string): Promise<void> {
  await page.goto(`${server.base}/?lang=${lang}`);
  await drawn(page);
  await quiet(page);
  await page.getByTestId('edit-open').click();
  await page.getByTestId('edit-layer').selectOption(id);
}

test('a layer is replaced by a file, and the rows of a zone that goes are of another', async ({ page }) => {
  const file = await published(page, 'parishes', (all) =>
    all.filter((one) => one.id !== 'F22').map((one) => (one.id === 'F11' ? { ...one, id: 'N11' } : one)),
  );
  await layer(page, 'parishes', 'zh');
  await page.getByTestId('edit-replace').click();
  const form = page.getByTestId('edit-replace-form');
  await expect(form).toContainText('还缺:边界文件');
  await page.getByTestId('edit-replace-file').setInputFiles(file);
  await page.getByTestId('edit-replace-source').fill('测绘局 / Survey');
  await page.getByTestId('edit-replace-approval').fill('浙S(2026)18号');
  await expect(form).toContainText('还缺:批准日期');
  await clean(page);
  await page.getByTestId('edit-replace-dated').fill('2026-03-01');
  await page.getByTestId('edit-replace-send').click();
  // one goes, F11 is known by its name though its id is another
  await expect(changes(page).first()).toContainText('整套替换');
  await expect(page.getByTestId('edit-outcome-removed')).toContainText('消失 1 个');
  await expect(page.getByTestId('edit-outcome-new')).toHaveCount(0);
  await expect(changes(page).first()).toContainText('批准文号');
  const gone = changes(page).filter({ has: page.getByTestId('edit-declared') });
  await expect(gone).toContainText('有 4 条记录申报它');
  await page.getByTestId('edit-reason').fill('换为批复边界');
  await expect(page.getByTestId('edit-publish')).toBeDisabled();
  await page.getByTestId('edit-successor').selectOption('F21');
  await expect(gone).toContainText('4 条记录改属');
  await clean(page);
  await page.getByTestId('edit-publish').click();
  await expect(page.getByTestId('edit-made')).toContainText('v1');
  const declared = (await features(page, 'workshops')).map((one) => one.properties.concelho);
  expect(declared.filter((id) => id === 'F22')).toHaveLength(0);
  expect(declared.filter((id) => id === 'F21')).toHaveLength(28);
  const about = await (await page.request.get(`${server.base}/dataset`)).json();
  expect(about.collections.find((one: { id: string }) => one.id === 'parishes').approval).toBe('浙S(2026)18号');
});

test('by keyboard and in English: a layer that is not edited one by one is replaced, undone and done again', async ({
  page,
}) => {
  const file = await published(page, 'municipalities', (all) => all);
  // listened for from the start: asked for together with the key, the browser's own window is sometimes faster
  const chooser = page.waitForEvent('filechooser');
  await layer(page, 'municipalities', 'en');
  await expect(page.getByTestId('edit-layers')).toContainText('not edited one by one');
  await page.getByTestId('edit-replace').focus();
  await page.keyboard.press('Enter');
  // what is missing is where the keyboard goes
  await page.getByTestId('edit-replace-send').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('edit-replace-file')).toBeFocused();
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(file);
  await page.keyboard.press('Tab');
  await page.keyboard.type('Survey');
  await page.keyboard.press('Tab');
  await page.keyboard.type('No. 18');
  await page.getByTestId('edit-replace-dated').fill('2026-03-01');
  await page.getByTestId('edit-replace-send').focus();
  await page.keyboard.press('Enter');
  await expect(changes(page).first()).toContainText('approval number No. 18');
  await clean(page);
  await page.keyboard.press('Control+z');
  await expect(changes(page)).toHaveText(['No changes yet']);
  await page.keyboard.press('Control+Shift+z');
  await expect(changes(page).first()).toContainText('replaced');
  await page.getByTestId('edit-reason').fill('Published');
  await page.getByTestId('edit-publish').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('edit-made')).toContainText('v1');
});

test('what was schematic is not so called any more, anywhere on the page', async ({ page }) => {
  await server.stop();
  server = await serve('--data-dir', folder);
  const file = await published(page, 'platform-zones', (all) => all);
  await page.goto(`${server.base}/?lang=zh`);
  await drawn(page);
  const said = page.getByTestId('legend-schematic');
  await expect(said).toContainText('走廊/平台范围');
  await expect(said).not.toContainText('部分');
  await page.getByTestId('edit-open').click();
  await page.getByTestId('edit-layer').selectOption('platform-zones');
  await page.getByTestId('edit-replace').click();
  await page.getByTestId('edit-replace-file').setInputFiles(file);
  await page.getByTestId('edit-replace-source').fill('规划局');
  await page.getByTestId('edit-replace-approval').fill('浙S(2026)18号');
  await page.getByTestId('edit-replace-dated').fill('2026-03-01');
  await page.getByTestId('edit-replace-send').click();
  await page.getByTestId('edit-reason').fill('批复');
  await page.getByTestId('edit-publish').click();
  await expect(page.getByTestId('edit-made')).toContainText('v1');
  // of the group, what is published is not schematic and the corridor still is
  await expect(said).toContainText('走廊/平台范围(部分)');
  await expect(page.locator('li', { has: page.getByTestId('layer-areas') }).locator('.chip')).toHaveCount(0);
  const about = await (await page.request.get(`${server.base}/collections/platform-zones?f=json`)).json();
  expect(JSON.stringify([about.title, about.description ?? ''])).not.toMatch(/示意|chematic/);
  await page.goto(`${server.base}/?zone=P13`);
  await expect(page.getByTestId('scope')).toBeVisible();
  await quiet(page);
  await expect(page.locator('[data-panel=numbers] .chip.schematic')).toHaveCount(0);
  await clean(page);
});

test('zones are merged with the rows that declare them', async ({ page }) => {
  await layer(page, 'parishes', 'zh');
  await page.getByTestId('edit-feature-F21').click();
  await page.getByTestId('edit-merge').click();
  await expect(page.getByTestId('edit-merge-form')).toContainText('随之改属');
  await page.getByTestId('edit-merge-F22').check();
  await page.getByTestId('edit-merge-keep').click();
  await expect(page.getByTestId('edit-declared')).toContainText('4 条记录改属');
  await page.getByTestId('edit-reason').fill('并村');
  await page.getByTestId('edit-publish').click();
  await expect(page.getByTestId('edit-made')).toContainText('v1');
});
