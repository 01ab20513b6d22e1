// Whether the server can be reached: asks again, slower and slower, and wakes everything that failed.
import { ready } from '../api/shigu';
import { retryAll, trouble } from './data.svelte';
import { askAgain, isUnanswered } from './resource.svelte';

export const link = $state({ tries: 0 });
let timer: ReturnType<typeof setTimeout> | undefined;

async function probe(): Promise<void> {
  timer = undefined;
  link.tries += 1;
  try {
    await ready();
    link.tries = 0;
    retryAll();
    askAgain();
  } catch {
    wait();
  }
}
function wait(): void {
  timer ??= setTimeout(probe, Math.min(30_000, 2_000 * 1.6 ** link.tries));
}

/** Asks at once, as where a part of the page did not come. */
export function knock(): void {
  clearTimeout(timer);
  void probe();
}

/** Follows the resources: a lost connection starts the knocking. */
export function watchLink(): () => void {
  addEventListener('online', () => void probe());
  return $effect.root(() => {
    $effect(() => {
      if (trouble()?.problem?.offline || isUnanswered()) wait();
    });
  });
}
