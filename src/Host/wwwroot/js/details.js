/**
 * Everything about one file, in a panel beside the listing: facts, processing, versions, history.
 * @module
 */

import { files } from './api.js';
import { button, byId, h, iconButton } from './dom.js';
import { openErase } from './erase-dialog.js';
import { bytes, exactly, spoken } from './format.js';
import { icon, iconOf } from './icons.js';
import { listing } from './listing.js';
import { openShare } from './share-dialog.js';
import { versionsOf } from './versions.js';

/** @typedef {import('./listing.js').Item} Item */

const panel = byId('details');
let shown = '';
/** @type {Element | null} */
let before = null;
let timer = 0;

/** @param {Item} item */
export async function showDetails(item) {
  before = document.activeElement;
  shown = item.id;
  panel.hidden = false;
  panel.replaceChildren(head(item), h('p', { class: 'quiet', role: 'status' }, 'Loading…'));
  panel.querySelector('h2').focus();
  await draw(item);
}

export function hideDetails() {
  if (panel.hidden) return;
  clearTimeout(timer);
  const hadFocus = panel.contains(document.activeElement);
  shown = '';
  panel.hidden = true;
  panel.replaceChildren();
  if (hadFocus && before instanceof HTMLElement && before.isConnected) before.focus();
}

panel.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  event.preventDefault();
  hideDetails();
});

/** @param {Item} item */
const head = item => h('header', {}, h('h2', { tabIndex: -1 }, item.name), iconButton('close', 'Close details', hideDetails));

/** @param {Item} item */
async function draw(item) {
  clearTimeout(timer);
  const [file, status, versions, history, hold] = await Promise.allSettled([
    files.read(item.id), files.status(item.id), files.versions(item.id),
    item.shareId ? null : everyEvent(item.id), item.shareId ? null : files.hold(item.id)]);
  if (shown !== item.id) return;
  if (file.status === 'rejected') {
    panel.replaceChildren(head(item), h('p', { role: 'alert', class: 'form-error' }, file.reason.message));
    return;
  }
  const known = { ...item, ...file.value };
  const hadFocus = panel.contains(document.activeElement) && document.activeElement !== panel.querySelector('h2');
  panel.replaceChildren(...[
    head(known),
    picture(item),
    hold.value?.isHeld && held(),
    facts(known),
    actions(item),
    status.value && stepsOf(status.value),
    versions.value && versionsOf(item, versions.value.items ?? [], () => draw(item)),
    history.value && historyOf(history.value),
  ].filter(Boolean));
  if (hadFocus) panel.querySelector('h2').focus();
  if (['processing', 'uploading'].includes(status.value?.status) || status.value?.stages?.some(stage => stage.status === 'running')) timer = setTimeout(() => draw(item), 2_000);
}

/** @param {Item} item */
function picture(item) {
  const look = iconOf(item);
  const fresh = listing.items.find(({ id }) => id === item.id) ?? item;
  return h('div', { class: `details-picture item-picture tint-${look.tint}` }, icon(look.name),
    fresh.thumbnail && h('img', { src: fresh.thumbnail, alt: '', onload: event => event.target.parentElement.classList.add('has-picture') }));
}

// Why it stands is not for this page to know.
const held = () => h('p', { class: 'held', role: 'note' }, icon('lock'),
  h('span', {}, 'On legal hold: this file and its versions cannot be deleted for good.'));

/** @param {any} file */
function facts(file) {
  const rows = [
    ['Kind', file.contentType],
    ['Size', `${bytes(file.size)} (${file.size.toLocaleString()} bytes)`],
    ['Added', exactly(file.createdAt)],
    ['Changed', exactly(file.modifiedAt)],
    ['Virus scan', file.scan && spoken(file.scan)],
    ['Fingerprint', file.sha256 && h('code', { title: 'SHA-256 of the content' }, file.sha256)],
  ];
  return h('dl', { class: 'facts' }, ...rows.filter(([, value]) => value).flatMap(([name, value]) =>
    [h('dt', {}, name), h('dd', {}, value)]));
}

/** @param {Item} item */
function actions(item) {
  return h('div', { class: 'details-actions' },
    listing.place.kind === 'folder' && button('Share', () => openShare(item), { icon: 'share' }),
    h('a', { class: 'button', href: files.content(item.id), download: item.name }, icon('download'), h('span', {}, 'Download')),
    ['folder', 'trash'].includes(listing.place.kind) && button('Erase…', () => openErase(item)));
}

/** @param {any} status */
function stepsOf({ status, steps = [], stages = [], error }) {
  const line = (what, step, attributes = {}) => h('li', { class: step.status, ...attributes },
    icon({ succeeded: 'check', done: 'check', failed: 'warning' }[step.status] ?? 'retry'),
    h('span', {}, spoken(what)),
    h('span', { class: 'quiet' }, step.error ? step.error : spoken(step.status)));
  return h('section', {}, h('h3', {}, 'Processing'),
    h('p', { class: `state-line ${status}` }, spoken(status), error && `: ${error}`),
    h('ol', { class: 'steps' }, ...stages.flatMap(stage => [
      line(stage.stage, stage, { class: `stage ${stage.status}` }),
      ...steps.filter(step => stage.variants.includes(step.variant)).map(step => line(step.variant, step)),
    ])));
}

/** @param {string} id */
async function everyEvent(id) {
  const events = [];
  let cursor = null;
  do {
    const page = await files.history(id, { limit: 1000, cursor });
    events.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return events;
}

/** @param {any[]} events oldest first; shown the other way round */
function historyOf(events) {
  return events.length > 0 && h('section', {}, h('h3', {}, 'History'),
    h('ol', { class: 'history', reversed: true }, ...events.toReversed().map(event => h('li', {},
      h('span', {}, [spoken(event.what), event.actor?.displayName].filter(Boolean).join(' · ')),
      h('time', { class: 'quiet', dateTime: event.at, title: exactly(event.at) }, exactly(event.at))))));
}
