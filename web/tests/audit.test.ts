// The audit list has a word for everything that the service writes down, and a name for every path that it keeps.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACTIONS } from '../src/i18n/audit';
import { auditText } from '../src/panels/accounts/auditText';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('the audit list', () => {
  it('has a word for all that is written down', () => {
    const names = /fn id\(self\)[^}]*\}/.exec(read('../../src/service/accounts/audit.rs'))![0];
    const all = [...names.matchAll(/=> "([\w-]+)"/g)].map((one) => one[1]!);
    expect(all.length).toBeGreaterThan(10);
    expect([...ACTIONS].sort()).toEqual(all.sort());
  });
  it('names every kind of path that is recorded as what it is', () => {
    const recorded = /let action = match[\s\S]*?_ => None/.exec(read('../../src/http/middleware/recorded.rs'))![0];
    const roots = new Set(
      [...recorded.matchAll(/\["(\w+)"(?: \| "(\w+)")?/g)].flatMap(([, a, b]) => (b ? [a!, b] : [a!])),
    );
    expect(roots.size).toBeGreaterThan(8);
    for (const root of roots) {
      const said = auditText('publish', `/${root}/x1/y`);
      expect(said, root).toMatch(/\p{Script=Han}|^x1$/u);
      expect(said).not.toContain('/');
    }
  });
});
