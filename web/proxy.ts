// What the development server hands on to the service: the paths of the service's own description.
import { readFileSync } from 'node:fs';

interface Description {
  paths: Record<string, unknown>;
}

const description = JSON.parse(readFileSync(new URL('openapi.json', import.meta.url), 'utf8')) as Description;

/** The first segments of a description's paths; `/` itself is the page. */
export function resources(paths: readonly string[]): string[] {
  const first = paths.map((path) => path.split('/')[1] ?? '').filter((name) => name !== '');
  return [...new Set(first)].sort();
}

/** A pattern of the addresses that are the service's, as Vite takes it. */
export function pattern(names: readonly string[]): string {
  const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return `^/(${escaped.join('|')})(/|\\?|$)`;
}

export const servicePattern = pattern(resources(Object.keys(description.paths)));
