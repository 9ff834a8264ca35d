/**
 * Keeps what is shown true while the server works on it: asks again, ever more rarely when nothing changes.
 * @module
 */

import { isBusy, listing } from './listing.js';

const firstMs = 700;
const mostMs = 15_000;

let wait = firstMs;
let timer = 0;
let last = '';

export function startLive() {
  listing.addEventListener('changed', () => {
    const now = listing.items.filter(isBusy).map(({ id, status }) => id + status).join();
    if (now !== last) wait = firstMs;
    last = now;
    schedule();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    wait = firstMs;
    schedule();
  });
}

function schedule() {
  clearTimeout(timer);
  if (document.hidden || !listing.items.some(isBusy)) return;
  timer = setTimeout(async () => {
    wait = Math.min(mostMs, wait * 1.5);
    // An unreachable server is no news here: the next round asks again.
    await listing.refresh().catch(() => {});
    schedule();
  }, wait);
}
