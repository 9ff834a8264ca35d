/**
 * Numbers and times as people read them, in the browser's language.
 * @module
 */

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** @param {number} bytes in steps of 1000, as the unit names mean */
export function bytes(bytes) {
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** step;
  return new Intl.NumberFormat(undefined, {
    style: 'unit', unit: units[step], unitDisplay: step ? 'short' : 'long', maximumFractionDigits: value < 10 && step ? 1 : 0,
  }).format(value);
}

/** @param {number} seconds */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round(seconds % 3600 / 60)} min`;
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'medium' });

/** @param {string | null | undefined} at today's times as a time, else the day */
export function when(at) {
  if (!at) return '';
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString() ? time.format(date) : day.format(date);
}

/** @param {string | null | undefined} at */
export const exactly = at => at ? exact.format(new Date(at)) : '';

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export const count = (n, one, many = `${one}s`) => `${n.toLocaleString()} ${n === 1 ? one : many}`;

/** @param {string} words `pdf_thumbnail` or `upload.completed.v1` as a person would write it */
export function spoken(words) {
  const spaced = words.replace(/\.v\d+$/, '').replace(/[_.-]+/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
