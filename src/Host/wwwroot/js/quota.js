/**
 * How much space is used, and how much is set aside for uploads on their way.
 * @module
 */

import { quota } from './api.js';
import { byId } from './dom.js';
import { bytes, count } from './format.js';

const warnAt = 0.8;
const alarmAt = 0.95;

/** Never fails: an old figure is better than an error about a figure. */
export async function refreshQuota() {
  const now = await quota.read().catch(() => null);
  if (!now) return;
  const { limitBytes, usedBytes, reservedBytes, files } = now;
  const share = limitBytes ? (usedBytes + reservedBytes) / limitBytes : 1;
  const box = byId('quota');
  box.hidden = false;
  box.dataset.level = share >= alarmAt ? 'alarm' : share >= warnAt ? 'warn' : 'calm';
  byId('quota-used').style.width = width(usedBytes, limitBytes);
  byId('quota-reserved').style.width = width(reservedBytes, limitBytes);
  const meter = byId('quota-meter');
  meter.setAttribute('aria-valuenow', String(Math.min(100, Math.round(share * 100))));
  const words = `${bytes(usedBytes)} of ${bytes(limitBytes)} used`;
  meter.setAttribute('aria-valuetext', reservedBytes ? `${words}, ${bytes(reservedBytes)} set aside for uploads` : words);
  byId('quota-words').textContent = words;
  byId('quota-more').textContent = reservedBytes
    ? `${bytes(reservedBytes)} set aside for uploads`
    : share >= warnAt ? 'Nearly full. Empty the trash to free space.' : count(files, 'file');
}

/**
 * @param {number} part
 * @param {number} whole
 */
const width = (part, whole) => `${whole ? Math.min(100, part / whole * 100) : 0}%`;
