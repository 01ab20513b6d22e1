// Figures are asked of three districts by link: one sends its workbook back, one has to mend it, one is missing; a start of the program
// in between loses nothing, and what is accepted becomes one version.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { clean, figure, quiet } from './page';
import { type Served, serve } from './server';

const NORTH = '330113';
const SOUTH = '330108';
const MISSING = '330106';
const PORT = '127.0.0.1:8974';
let folder: string;
let server: Served;
const start = async () => (server = await serve('--listen', PORT, '--data-dir', folder));
test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shigu-story-'));
  await start();
});
test.afterEach(() => server.stop());

async function participant(browser: Browser, link: string, viewport = { width: 1366, height: 768 }): Promise<Page> {
  const page = await (await browser.newContext({ viewport, locale: 'zh-CN' })).newPage();
  await page.goto(link);
  await expect(page.getByTestId('own-for')).toBeVisible();
  return page;
}
const table = (revenue: string) => ({
  name: '填报.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(
    `企业名称,所属区县,所属集群,2025年营业收入(万元)\n杭州测试填报有限公司,滨江区,视觉智能,${revenue}\n`,
  ),
});
const verdict = (page: Page, wanted: string) =>
  expect(page.getByTestId('own-verdict')).toHaveAttribute('data-verdict', wanted);
const count = async (page: Page, zone: string) => {
  await page.goto(`${server.base}/?zone=${zone}`);
  await quiet(page);
  return (await figure(page, 'count'))!;
};

test('three districts are asked, two deliver, one version', async ({ page, browser }) => {
  const before = await count(page, SOUTH);
  await page.goto(`${server.base}/?mode=data`);
  await page.getByTestId('round-new').click();
  await page.getByTestId('round-title').fill('年度数据');
  for (const zone of [NORTH, SOUTH, MISSING]) await page.getByTestId(`round-zone-${zone}`).check();
  await clean(page);
  await page.getByTestId('round-make').click();
  await expect(page.getByTestId('round-link')).toHaveCount(3);
  const links = await page
    .getByTestId('round-link')
    .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
  const named = await page.getByTestId('round-links').locator('label').allTextContents();
  const of = (name: string) => links[named.indexOf(name)]!;

  // one sends the workbook back as it is, in a browser of its own
  const north = await participant(browser, of('临平区'));
  await clean(north);
  const [book] = await Promise.all([north.waitForEvent('download'), north.getByTestId('own-workbook').click()]);
  expect(book.suggestedFilename()).toBe('年度数据-临平区.xlsx');
  await north.getByTestId('own-file').setInputFiles(await book.path());
  await verdict(north, 'accepted');
  await expect(north.getByTestId('delivery-counts')).toContainText('有问题 0');
  // on a phone, in English: a figure that is none
  const south = await participant(browser, of('滨江区'), { width: 390, height: 780 });
  await south.getByTestId('lang').click();
  await expect(south.getByTestId('own-for')).toContainText('for ');
  await south.getByTestId('own-file').setInputFiles(table('很多'));
  await verdict(south, 'faulty');
  await clean(south);
  const [marked] = await Promise.all([south.waitForEvent('download'), south.getByTestId('own-faults').click()]);
  expect(marked.suggestedFilename()).toContain('.xlsx');
  await page.getByTestId('round-refresh').click();
  await expect(page.getByTestId('participant').and(page.locator('[data-stage=faulty]'))).toHaveCount(1);
  await clean(page);

  // the program ends and starts; the link still leads in, and the mended file takes the place of the first
  await server.stop();
  await start();
  await south.reload();
  await verdict(south, 'faulty');
  await south.getByTestId('own-file').setInputFiles(table('1234.5'));
  await verdict(south, 'accepted');

  await page.goto(`${server.base}/?mode=data`);
  await page.getByTestId('round').click();
  await expect(page.getByTestId('round-counts')).toContainText('未交 1');
  await expect(page.getByTestId('participant').and(page.locator('[data-stage=delivered]'))).toHaveCount(2);
  await page.getByTestId('round-merge').click();
  await expect(page.getByTestId('round-merged')).toContainText('v1');
  await expect(page.getByTestId('participant').and(page.locator('[data-stage=merged]'))).toHaveCount(2);
  expect(await count(page, SOUTH)).toBe(before + 1);

  // a link that is revoked leads nowhere
  await page.goto(`${server.base}/?mode=data`);
  await page.getByTestId('round').click();
  const missing = page.getByTestId('participant').and(page.locator('[data-stage=missing]'));
  await missing.getByTestId('link-revoke').click();
  await missing.getByTestId('link-revoke-yes').click();
  await expect(missing).toContainText('链接已收回');
  const gone = await (await browser.newContext()).newPage();
  await gone.goto(of('西湖区'));
  await expect(gone.getByTestId('own-ended')).toBeVisible();
});
