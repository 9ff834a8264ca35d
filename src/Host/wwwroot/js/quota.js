/**
 * How much space is used, and how much is set aside for uploads on their way.
 * @module
 */

import { quota } from './api.js';
import { byId } from './dom.js';
import { bytes, count, exactly } from './format.js';
import { refreshSpace } from './spaces.js';

const warnAt = 0.8;
const alarmAt = 0.95;
const firstMs = 300;
const mostMs = 15_000;
const mostRounds = 60;

let asked = 0;
let answered = 0;
/** How many files take up space, as far as is known. */
let charged = 0;

/** Never fails: an old figure is better than an error about a figure. */
export async function refreshQuota() {
  const turn = ++asked;
  refreshSpace();
  const [now, made] = await Promise.all([quota.read().catch(() => null), quota.explain().catch(() => null)]);
  // Answers may overtake each other: an older one never replaces a newer one.
  if (!now || turn < answered) return;
  answered = turn;
  charged = now.files;
  show(now, made);
}

/**
 * Deletes files for good. Their space is free a moment later, when the server has removed their bytes: until then the
 * figure is asked for again, ever more rarely.
 * @param {() => Promise<number>} remove gives how many it deleted
 */
export async function freeing(remove) {
  const before = charged;
  const left = before - await remove();
  let wait = firstMs;
  for (let round = 0; round < mostRounds && charged > left && !byId('app').hidden; round++) {
    await new Promise(done => setTimeout(done, wait));
    // What it is made of costs more to find out: only when there is something new.
    if ((await quota.read().catch(() => null))?.files !== charged) await refreshQuota();
    wait = Math.min(mostMs, wait * 1.5);
  }
}

/**
 * @param {any} now
 * @param {any} made what the used space is made of; null when that is not to be had
 */
function show(now, made) {
  const { limitBytes, usedBytes, reservedBytes } = now;
  const share = limitBytes ? (usedBytes + reservedBytes) / limitBytes : 1;
  const box = byId('quota');
  box.hidden = false;
  box.dataset.level = share >= alarmAt || isOver(now) ? 'alarm' : share >= warnAt || now.graceUntil ? 'warn' : 'calm';
  byId('quota-used').style.width = width(usedBytes, limitBytes);
  byId('quota-reserved').style.width = width(reservedBytes, limitBytes);
  const meter = byId('quota-meter');
  meter.setAttribute('aria-valuenow', String(Math.min(100, Math.round(share * 100))));
  const words = `${bytes(usedBytes)} of ${bytes(limitBytes)} used`;
  meter.setAttribute('aria-valuetext', reservedBytes ? `${words}, ${bytes(reservedBytes)} set aside for uploads` : words);
  byId('quota-words').textContent = words;
  byId('quota-words').title = [`${count(usedBytes, 'byte')} used`, ...parts(made)].join('\n');
  byId('quota-shared').hidden = !made?.sharedBytes;
  byId('quota-shared').textContent = made?.sharedBytes ? `${bytes(made.sharedBytes)} saved: the same bytes are stored once` : '';
  const small = made?.compressed;
  byId('quota-compressed').hidden = !small?.objects;
  byId('quota-compressed').textContent = small?.objects ? `${bytes(small.plainBytes)} compressed to ${bytes(small.storedBytes)} in the store` : '';
  byId('quota-more').title = reservedBytes ? `${count(reservedBytes, 'byte')} set aside` : '';
  byId('quota-more').textContent = reservedBytes ? `${bytes(reservedBytes)} set aside for uploads` : advice(now, share);
}

/**
 * What is most worth knowing of the space.
 * @param {any} now
 * @param {number} share of the limit that is taken
 */
function advice(now, share) {
  if (isOver(now)) return `More than your soft limit of ${bytes(now.softLimitBytes)} for too long: nothing can be added until there is less.`;
  if (now.graceUntil) return `More than your soft limit of ${bytes(now.softLimitBytes)}: from ${exactly(now.graceUntil)} on nothing can be added.`;
  if (now.maxFiles !== null && now.files >= now.maxFiles) return `As many files as you may have: ${count(now.files, 'file')}, the trash included.`;
  if (share >= warnAt) return 'Nearly full. Empty the trash to free space.';
  return now.maxFiles === null ? count(now.files, 'file') : `${now.files} of ${count(now.maxFiles, 'file')}`;
}

/** @param {any} now */
const isOver = now => now.graceUntil !== null && new Date(now.graceUntil) <= new Date();

/**
 * @param {any} made
 * @returns {string[]}
 */
const parts = made => !made ? [] : [
  [made.currentBytes, 'in current versions'], [made.formerBytes, 'in former versions'], [made.trashBytes, 'in the trash'],
  [made.leavingBytes, 'about to be removed'], [-made.sharedBytes, 'shared'],
].filter(([size]) => size).map(([size, where]) => `${size < 0 ? '−' : ''}${bytes(Math.abs(size))} ${where}`);

/**
 * @param {number} part
 * @param {number} whole
 */
const width = (part, whole) => `${whole ? Math.min(100, part / whole * 100) : 0}%`;
