// The development server hands every path of the service's description on, and no file of the page.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pattern, resources, servicePattern } from '../proxy';
import config from '../vite.config';

const document = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, unknown>;
};
const proxy = new RegExp(servicePattern);

describe('the proxy of the development server', () => {
  it('is what vite is configured with', () => {
    expect(Object.keys(config.server?.proxy ?? {})).toEqual([servicePattern]);
  });

  it('takes every path of the description', () => {
    const paths = Object.keys(document.paths).filter((path) => path !== '/');
    expect(paths.length).toBeGreaterThan(50);
    for (const path of paths) {
      const filled = path.replace(/\{[^}]+\}/g, '1');
      expect(proxy.test(filled), path).toBe(true);
      expect(proxy.test(`${filled}?lang=en`), path).toBe(true);
    }
    for (const once of ['/session', '/accounts', '/audit', '/imports', '/versions', '/reports']) {
      expect(proxy.test(once), once).toBe(true);
    }
  });

  it('leaves the page its own files', () => {
    for (const path of ['/', '/src/main.ts', '/assets/a.js', '/searching', '/styleXjson', '/?zone=1']) {
      expect(proxy.test(path), path).toBe(false);
    }
  });

  it('takes what the description adds', () => {
    expect(resources(['/', '/a/{b}', '/a', '/c.d'])).toEqual(['a', 'c.d']);
    expect(new RegExp(pattern(['c.d'])).test('/cxd')).toBe(false);
  });
});
