// The guide's pictures: each task of docs/guide is done in both languages, and looks as the page looks. With SHIGU_PICTURES
// (`make pictures`) what is seen is written to docs/guide/pictures; without it the tasks alone are done, so that none goes stale unseen.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { drawn, quiet } from './page';
import { type Served, serve } from './server';

const WRITTEN = Boolean(process.env.SHIGU_PICTURES);
/** More is not worth its place in the program. */
const LARGEST = 100_000;
const ROWS = Array.from({ length: 60 }, (_, n) => {
  const revenue = n % 20 === 7 ? '很多' : 1000 + 37 * n;
  return `杭州测试${n + 1}号有限公司,西湖区,视觉智能,${revenue},${(120.05 + n / 2000).toFixed(4)},30.2500`;
});
const TABLE = ['企业名称,所属区县,所属集群,2025年营业收入(万元),经度,纬度', ...ROWS].join('\n');

interface Scene {
  /** Where the page is opened. */
  at: string;
  /** What is done there until the picture is as the guide shows it. */
  does?: (page: Page) => Promise<unknown>;
}
const circle = 'circle=120.20000,30.20000,4000';
const SCENES: Record<string, Scene> = {
  look: { at: 'zone=330108' },
  area: {
    at: `mode=query&${circle}&filter=revenue_2025 > 2000`,
    does: (page) => expect(page.getByTestId('sentence')).not.toBeEmpty(),
  },
  colours: {
    at: 'choropleth=by:revenue,as:density,cut:quantile,classes:5',
    does: async (page) => {
      await page.getByTestId('shade-open').click();
      await expect(page.getByTestId('legend-title')).toBeVisible();
    },
  },
  compare: {
    at: 'mode=compare',
    does: (page) => expect(page.getByTestId('matrix')).toHaveAttribute('aria-busy', 'false'),
  },
  report: {
    at: 'zone=330108',
    does: async (page) => {
      await page.getByTestId('export').click();
      await expect(page.getByTestId('report-preview')).toHaveAttribute('aria-busy', 'false');
      await page.waitForLoadState('networkidle');
    },
  },
  sites: {
    at: 'mode=sites',
    does: async (page) => {
      await page.getByTestId('sites-class').selectOption('robot');
      await page.getByTestId('sites-stage').selectOption('robotbody');
      await page.getByTestId('sites-vacant').fill('500');
      await page.keyboard.press('Enter');
      await expect(page.getByTestId('site-1')).toBeVisible();
      await drawn(page);
    },
  },
  trial: {
    at: `mode=query&${circle}`,
    does: async (page) => {
      await page.getByTestId('trial-begin').click();
      await expect(page.getByTestId('trial-figures')).toBeVisible();
      await page.getByTestId('trial-figures').scrollIntoViewIfNeeded();
    },
  },
  saved: {
    at: circle,
    does: async (page) => {
      await page.getByTestId('saved-open').click();
      for (const [name, folder] of [
        ['沿江四公里 Along the river', '调研 Survey'],
        ['会场周边 Around the hall', '调研 Survey'],
      ] as const) {
        await page.getByTestId('save-view').click();
        await page.getByTestId('saved-name').fill(name);
        await page.getByTestId('saved-folder-of').fill(folder);
        await page.getByTestId('saved-keep').click();
        await expect(page.getByTestId('saved-form')).toHaveCount(0);
      }
    },
  },
  consultation: {
    at: 'mode=data',
    does: async (page) => {
      await page.getByTestId('layout-new').click();
      await page.getByTestId('layout-title').fill('北向方案 Northern');
      await page.getByTestId('layout-make').click();
      await page.getByTestId('layout-choose').check();
      const base = new URL('.', page.url());
      const { layouts } = await (await page.request.get(`${base}layouts`)).json();
      const draft = `${base}drafts/${layouts[0].owner}`;
      const { tag } = await (await page.request.get(draft)).json();
      await page.request.put(`${draft}/changes/layout:node-P01`, {
        data: { collection: 'layout', id: 'node-P01', geometry: { type: 'Point', coordinates: [119.9, 30.4] } },
        headers: { 'if-match': `"${tag}"` },
      });
      await page.getByTestId('consult-new').click();
      await page.getByTestId('consult-title').fill('空间布局 Spatial layout');
      await page.getByTestId('consult-who').fill('西湖区 Xihu');
      await page.getByTestId('consult-make').click();
      const link = new URL(await page.getByTestId('round-link').inputValue());
      link.searchParams.set('lang', new URL(page.url()).searchParams.get('lang') ?? 'zh');
      await page.goto(String(link));
      await expect(page.getByTestId('plan-map')).toBeVisible();
      await page.waitForLoadState('networkidle');
    },
  },
  progress: {
    at: 'mode=progress',
    does: async (page) => {
      const base = new URL('.', page.url());
      const state = (item: string, status: string, evidence: string, department: string) =>
        page.request.post(`${base}plan/items/${item}`, {
          data: { status, as_of: '2026-06-30', evidence, department },
          headers: { 'if-match': '"0"' },
        });
      await state('measures.layout', 'under_way', '示例 Sample', '示例单位 Sample office');
      await state('guarantees.policy', 'done', '示例文件 Sample document', '示例单位 Sample office');
      await state('guarantees.talent', 'not_started', '', '');
      await page.reload();
      await expect(page.getByTestId('plan-item').first()).toBeVisible();
    },
  },
  freshness: {
    at: 'mode=data',
    does: async (page) => {
      await expect(page.getByTestId('fresh-line').first()).toBeVisible();
      await page.getByTestId('freshness').evaluate((part) => part.scrollIntoView({ block: 'start' }));
    },
  },
  edit: {
    at: 'item=enterprises:S00001',
    does: async (page) => {
      await page.getByTestId('card-edit').click();
      await expect(page.getByTestId('edit-form')).toBeVisible();
    },
  },
  tables: {
    at: 'mode=data',
    does: async (page) => {
      const buffer = Buffer.from(TABLE);
      await page.getByTestId('file').setInputFiles({ name: '名录.csv', mimeType: 'text/csv', buffer });
      await expect(page.getByTestId('import-report')).toHaveAttribute('aria-busy', 'false');
    },
  },
};

/** What the window shows, as WebP. */
async function picture(page: Page): Promise<Buffer> {
  const png = (await page.screenshot({ animations: 'disabled', caret: 'hide' })).toString('base64');
  const said = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d')!.drawImage(image, 0, 0);
    const written = await canvas.convertToBlob({ type: 'image/webp', quality: 0.55 });
    return [...new Uint8Array(await written.arrayBuffer())];
  }, png);
  return Buffer.from(said);
}

for (const lang of WRITTEN ? ['zh', 'en'] : ['zh'])
  test.describe(lang, () => {
    let server: Served;
    test.use({ viewport: { width: 1200, height: 720 } });
    test.beforeAll(async () => {
      server = await serve('--geodata', '../geodata/hangzhou', '--data-dir', mkdtempSync(join(tmpdir(), 'shigu-')));
    });
    test.afterAll(() => server.stop());
    for (const [name, { at, does }] of Object.entries(SCENES))
      test(`picture ${name}`, async ({ page }) => {
        const faults: string[] = [];
        page.on('pageerror', (error) => faults.push(String(error)));
        await page.goto(`${server.base}/?lang=${lang}&${at}`);
        if (!/mode=(data|compare|sites|progress)/.test(at)) {
          await drawn(page);
          await quiet(page);
        }
        await does?.(page);
        expect(faults).toEqual([]);
        if (!WRITTEN) return;
        await page.waitForTimeout(700);
        const bytes = await picture(page);
        expect(bytes.length, `${name} is too large a picture`).toBeLessThan(LARGEST);
        writeFileSync(`../docs/guide/pictures/${name}.${lang}.webp`, bytes);
      });
  });
