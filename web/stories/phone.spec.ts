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
