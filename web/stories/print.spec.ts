// The map in view as a sheet of paper: chosen, seen and saved.
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { clean, HANDS, open } from './page';

test('a printed map has the layers that are switched on, and no others', async ({ page }) => {
  await open(page);
  const printed = async (): Promise<string> => {
    await page.getByTestId('print-open').click();
    await expect(page.getByTestId('print-preview')).toBeVisible();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('print-svg').click()]);
    await page.keyboard.press('Escape');
    return readFileSync(await file.path(), 'utf8');
  };
  // whether the legend names them; the whole drawing would be a long message
  const named = (svg: string): boolean[] => ['>水系<', '>载体与地块'].map((title) => svg.includes(title));
  expect(named(await printed())).toEqual([true, false]);
  await page.getByTestId('layer-premises').check();
  await page.getByTestId('layer-water').uncheck();
  expect(named(await printed())).toEqual([false, true]);
});

test('a map is printed: paper, title, legend and seal are chosen; PDF, PNG and SVG are saved', async ({ page }) => {
  await open(page);
  await page.getByTestId('print-open').click();
  await expect(page.getByTestId('print-preview')).toBeVisible();
  await page.getByTestId('print-name').fill('产业布局图');
  await page.getByTestId('print-orientation').selectOption('portrait');
  await page.getByTestId('print-key').uncheck();
  await clean(page);
  for (const [form, begins] of [
    ['pdf', '%PDF'],
    ['png', '\x89PNG'],
    ['svg', '<svg'],
  ] as const) {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`print-${form}`).click()]);
    const bytes = readFileSync(await file.path());
    expect(file.suggestedFilename()).toBe(`产业布局图.${form}`);
    expect(bytes.subarray(0, 200).toString('latin1')).toContain(begins);
    if (form === 'svg') expect(bytes.toString()).toContain('审图号');
  }
  // by keyboard
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('print')).toHaveCount(0);
  await page.getByTestId('print-open').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('print')).toBeVisible();
  await page.getByTestId('print-name').focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('键盘');
  await expect(page.getByTestId('print-pdf')).toBeEnabled();
  await page.getByTestId('print-pdf').focus();
  const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  expect(file.suggestedFilename()).toBe('键盘.pdf');
});

test('what the browser prints has the plan, though nobody came to it or it was folded', async ({ page }) => {
  await open(page);
  const plan = page.getByTestId('plan-block');
  await expect(plan).toHaveCount(1);
  await expect(plan).not.toBeInViewport();
  const prints = (when: 'beforeprint' | 'afterprint') => page.evaluate((name) => dispatchEvent(new Event(name)), when);
  const folds = [plan, plan.locator('details')];
  for (const [, hit] of HANDS) {
    await hit(plan.locator('summary').first());
    for (const fold of folds) await expect(fold).not.toHaveAttribute('open');
    await prints('beforeprint');
    for (const fold of folds) await expect(fold).toHaveAttribute('open');
    await prints('afterprint');
    for (const fold of folds) await expect(fold).not.toHaveAttribute('open');
    await hit(plan.locator('summary').first());
    await expect(plan).toHaveAttribute('open');
  }
});
