// Folders that lack something: no register, no zones and no figures, no classes, one figure. What is not there is left out.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { clean, drawn, open } from './page';
import { serve } from './server';

/** Neither a problem over the page nor an error in it. */
async function whole(page: Page, folder: string, link: string, looks: () => Promise<void>): Promise<void> {
  const server = await serve('--geodata', `../tests/data/${folder}`);
  const failed: string[] = [];
  page.on('pageerror', (error) => failed.push(error.message));
  try {
    await page.goto(`${server.base}/${link}`);
    await drawn(page);
    await looks();
    await expect(page.getByTestId('banner')).toHaveCount(0);
    expect(failed).toEqual([]);
  } finally {
    await server.stop();
  }
}

test('without a register the layers are shown, and nothing asks for figures', async ({ page }) => {
  await whole(page, 'bare', '?lang=en', async () => {
    await expect(page.getByTestId('no-register')).toBeVisible();
    for (const id of ['mode-query', 'mode-compare', 'export', 'figure-count'])
      await expect(page.getByTestId(id)).toHaveCount(0);
  });
  const server = await serve(
    '--geodata',
    '../tests/data/bare',
    '--data-dir',
    mkdtempSync(join(tmpdir(), 'shigu-story-')),
  );
  try {
    // there is no table to bring or to ask for; versions and layouts there are
    await page.goto(`${server.base}/?lang=en&mode=data`);
    await expect(page.getByTestId('data-no-register')).toBeVisible();
    await expect(page.getByTestId('layouts')).toBeVisible();
    for (const id of ['choose-file', 'template', 'rounds']) await expect(page.getByTestId(id)).toHaveCount(0);
    await clean(page);
  } finally {
    await server.stop();
  }
});

test('without zones, classes, figures and years there is a number of rows and a list', async ({ page }) => {
  await whole(page, 'wells', '?lang=en', async () => {
    await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', '15');
    for (const id of ['mode-compare', 'figure-hhi', 'period']) await expect(page.getByTestId(id)).toHaveCount(0);
    await expect(page.locator('#clusters-title, #bars-title, fieldset .years')).toHaveCount(0);
    await page.getByTestId('export').click();
    await expect(page.getByTestId('report-dialog')).toBeVisible();
    await expect(page.getByTestId('report-period')).toHaveCount(0);
    await expect(page.getByTestId('report-scope').locator('option')).toHaveCount(2);
  });
});

test('an address that compares zones shows the map where there are none', async ({ page }) => {
  for (const mode of ['compare', 'ranking'])
    await whole(page, 'wells', `?mode=${mode}`, async () => {
      await expect(page.getByTestId('mode-browse')).toHaveAttribute('aria-current', 'page');
      await expect(page.getByTestId(`mode-${mode}`)).toHaveCount(0);
      await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', '15');
    });
});

test('a dataset in two languages is opened in the language of the browser', async ({ browser }) => {
  for (const [locale, said] of [
    ['en-US', 'Compare'],
    ['de-DE', 'Compare'],
    ['zh-CN', '对比'],
  ] as const) {
    const page = await browser.newPage({ locale });
    await whole(page, 'farms', '', () => expect(page.getByTestId('mode-compare')).toHaveText(said));
    await page.close();
  }
});

test('a register without classes has its zones and its figures in the units of the language', async ({ page }) => {
  await whole(page, 'farms', '?lang=en', async () => {
    await expect(page.locator('#clusters-title, #bars-title')).toHaveCount(0);
    await expect(page.getByTestId('figure-sales')).toContainText('USD million');
    await page.getByTestId('mode-compare').click();
    await expect(page.getByTestId('compare')).toBeVisible();
    await expect(page.getByTestId('plans')).toHaveCount(0);
  });
});

test('one figure is one figure', async ({ page }) => {
  await whole(page, 'solo', '?lang=en', async () => {
    await expect(page.locator('[data-testid^=figure-]')).toHaveCount(3);
    await expect(page.getByTestId('figure-output')).toBeVisible();
  });
});

test('a country or a village: the camera starts at the extent of the data', async ({ page }) => {
  for (const folder of ['wells', 'twolevel', 'fourfold']) {
    const server = await serve('--geodata', `../tests/data/${folder}`);
    try {
      const { bounds } = (await (await fetch(`${server.base}/dataset`)).json()) as { bounds: number[] };
      await open(page, `${server.base}/`);
      const [, lat, lon] = new URL(page.url()).hash.slice(1).split('/').map(Number) as [number, number, number];
      expect(lon).toBeGreaterThan(bounds[0]!);
      expect(lon).toBeLessThan(bounds[2]!);
      expect(lat).toBeGreaterThan(bounds[1]!);
      expect(lat).toBeLessThan(bounds[3]!);
    } finally {
      await server.stop();
    }
  }
});
