// Whether the server can be reached: asks again, slower and slower, and wakes everything that failed.
import { ready } from '../api/shigu';
import { retryAll, trouble } from './data.svelte';

export const link = $state({ tries: 0 });
let timer: ReturnType<typeof setTimeout> | undefined;

async function probe(): Promise<void> {
  timer = undefined;
  link.tries += 1;
  try {
    await ready();
    link.tries = 0;
    retryAll();
  } catch {
    wait();
  }
}
function wait(): void {
  timer ??= setTimeout(probe, Math.min(30_000, 2_000 * 1.6 ** link.tries));
}

/** Follows the resources: a lost connection starts the knocking. */
export function watchLink(): () => void {
  addEventListener('online', () => void probe());
  return $effect.root(() => {
    $effect(() => {
      if (trouble()?.problem?.offline) wait();
    });
  });
}
