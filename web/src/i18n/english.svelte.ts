// The English words, fetched by those who read them: most readers never do.
import type { zh } from './zh';

let words = $state.raw<Record<keyof typeof zh, string> | null>(null);
export const english = (): Record<keyof typeof zh, string> | null => words;
export async function fetchEnglish(): Promise<void> {
  words ??= (await import('./en')).en;
}
