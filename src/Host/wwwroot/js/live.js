/**
 * Keeps what is shown true while the server works on it: the server tells of each change as it happens. Where it cannot be
 * followed the page asks again, ever more rarely when nothing changes.
 * @module
 */

import { changes } from './api.js';
import { isBusy, listing } from './listing.js';

const firstMs = 700;
const mostMs = 15_000;
const againMs = 60_000;

let wait = firstMs;
let timer = 0;
let last = '';
let isHere = false;
/** @type {EventSource | null} */
let stream = null;
let comingBack = 0;
let soon = 0;

export function startLive() {
  listing.addEventListener('changed', () => {
    const now = listing.items.filter(isBusy).map(({ id, status }) => id + status).join();
    if (now !== last) wait = firstMs;
    last = now;
    schedule();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return close();
    wait = firstMs;
    follow();
    schedule();
  });
}

/** Somebody has signed in. */
export function enterLive() {
  isHere = true;
  follow();
}

export function leaveLive() {
  isHere = false;
  close();
}

/** A page that nobody looks at holds no connection: a browser has few of them for all pages of a server together. */
function follow() {
  if (stream || !isHere || document.hidden) return;
  clearTimeout(comingBack);
  const mine = stream = changes();
  let isNew = true;
  mine.addEventListener('reset', () => {
    // The listing is being opened anyway when the page is.
    if (!isNew || listing.state === 'ready') refresh();
    isNew = false;
  });
  mine.addEventListener('file', ({ data }) => { if (listing.hear(JSON.parse(data))) refreshSoon(); });
  mine.addEventListener('gone', ({ data }) => { if (listing.find(`file:${JSON.parse(data).id}`)) refreshSoon(); });
  mine.addEventListener('end', close);
  mine.addEventListener('open', schedule);
  mine.addEventListener('error', () => {
    // By itself a browser comes again after a broken connection, and never after a refusal.
    if (mine.readyState !== EventSource.CLOSED) return schedule();
    close();
    comingBack = setTimeout(follow, againMs);
    schedule();
  });
}

function close() {
  clearTimeout(comingBack);
  stream?.close();
  stream = null;
}

// An unreachable server is no news here: the next round asks again.
const refresh = () => listing.refresh().catch(() => {});

// Of many changes at once the listing is read anew once.
const refreshSoon = () => { soon ||= setTimeout(() => { soon = 0; refresh(); }, 500); };

function schedule() {
  clearTimeout(timer);
  if (document.hidden || !listing.items.some(isBusy)) return;
  if (stream?.readyState === EventSource.OPEN) wait = mostMs;
  timer = setTimeout(async () => {
    wait = Math.min(mostMs, wait * 1.5);
    await refresh();
    schedule();
  }, wait);
}
