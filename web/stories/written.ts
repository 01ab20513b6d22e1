// Times that stories write down for docs/journeys.md (`make journeys`).
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from '@playwright/test';

/** Whether this run measures. `make test` does not: times mean nothing beside other work. */
export const MEASURED = process.env.SHIGU_MEASURE === '1';

/** A step of a journey, what the design allows for it at most, and how long it took. */
export interface Times {
  journey: string;
  step: { zh: string; en: string };
  rows: number;
  budget_ms: number;
  times_ms: number[];
}
const FILE = '../target/journeys.json';
const read = (): Times[] => (existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Times[]) : []);

export const forget = (journey: string): void => {
  const left = read().filter((one) => !one.journey.startsWith(journey));
  rmSync(FILE, { force: true });
  for (const one of left) note(one);
};
/** Written after each step, so that a failing step costs no other. */
export function note(one: Times): void {
  expect(one.times_ms.length, one.step.en).toBeGreaterThan(0);
  mkdirSync('../target', { recursive: true });
  const times_ms = one.times_ms.map((ms) => Math.round(ms * 10) / 10).sort((a, b) => a - b);
  writeFileSync(FILE, `${JSON.stringify([...read(), { ...one, times_ms }], null, 2)}\n`);
}
