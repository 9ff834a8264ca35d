/**
 * Spaces of groups: how full the one is that is shown, and what administrators do with all of them.
 * @module
 */

import { act, fill } from './account-dialog.js';
import { groups, spaces } from './api.js';
import { confirm, openDialog, submitForm } from './dialogs.js';
import { button, byId, field, h } from './dom.js';
import { bytes, count, when } from './format.js';
import { listing } from './listing.js';
import { addressOf } from './router.js';

const mebibyte = 2 ** 20;

let asked = 0;

export function startSpaces() {
  listing.addEventListener('opened', () => refreshSpace());
}

/** Never fails, as with one's own figures. */
export async function refreshSpace() {
  const turn = ++asked;
  const space = isInside() ? await shown().catch(() => null) : null;
  if (turn !== asked) return;
  const box = byId('space');
  box.hidden = !space;
  if (!space) return;
  const inTrash = listing.place.kind === 'trash';
  box.dataset.level = levelOf(space);
  box.replaceChildren(meter(space), h('p', {}, `${space.name}, the space of ${space.groupName}: ${words(space)}`),
    space.isManager && h('a', { href: addressOf(inTrash ? { kind: 'folder', id: space.folderId } : { kind: 'trash', id: space.groupId }) },
      inTrash ? 'Back to the space' : 'Trash of the space') || '');
}

/** Only what is not one's own can be in a space: for one's own folders nobody is asked. */
const isInside = () => listing.place.kind === 'trash' ? Boolean(listing.place.id) : listing.isOthers;

async function shown() {
  if (listing.place.kind === 'trash') return spaces.of(listing.place.id);
  const { items } = await spaces.mine();
  return items.find(space => space.folderId === listing.path[0]?.id) ?? null;
}

/** @param {any} space */
const levelOf = space => space.warnedPercent >= 95 ? 'alarm' : space.warnedPercent >= 80 || space.graceUntil ? 'warn' : 'calm';

/** @param {any} space */
export const words = space => [`${bytes(space.usedBytes)} of ${bytes(space.limitBytes)} used`,
  space.reservedBytes && `${bytes(space.reservedBytes)} set aside`,
  space.maxFiles === null ? count(space.files, 'file') : `${space.files} of ${count(space.maxFiles, 'file')}`].filter(Boolean).join(', ');

/** @param {any} space */
export function meter(space) {
  const share = space.limitBytes ? Math.min(1, (space.usedBytes + space.reservedBytes) / space.limitBytes) : 1;
  const part = h('span', { class: 'bar-fill' });
  part.style.width = `${share * 100}%`;
  return h('div', { class: 'bar', role: 'meter', 'aria-label': `Space of ${space.groupName} used`, 'aria-valuemin': '0', 'aria-valuemax': '100',
    'aria-valuenow': String(Math.round(share * 100)), 'aria-valuetext': words(space) }, part);
}

/** A group's space, for those in it. @param {any} group @param {() => void} close closes the dialogs around */
export function spaceOf(group, close) {
  const box = h('section', { hidden: true });
  spaces.of(group.id).then(space => {
    box.hidden = false;
    const link = (place, text) => h('a', { href: addressOf(place), onclick: close }, text);
    box.append(h('h3', {}, space.name), meter(space), h('p', { class: 'quiet' }, words(space)),
      h('p', {}, link({ kind: 'folder', id: space.folderId }, 'Open the space'),
        ...space.isManager ? [' · ', link({ kind: 'trash', id: space.groupId }, 'Trash of the space')] : []));
  }, () => {});
  return box;
}

/** All groups and their spaces, for administrators. */
export function overview() {
  const list = h('ul', { class: 'share-list' });
  const more = button('Show more', () => draw(next));
  let next = null;
  const draw = (cursor = null) => fill(list, async () => {
    const page = await spaces.all({ cursor, limit: 50 });
    next = page.nextCursor;
    more.hidden = !next;
    return page;
  }, 'There is no group.', row);
  const row = group => [
    h('span', { class: 'share-who' }, h('strong', {}, group.name),
      h('span', { class: 'quiet' }, [group.isLeft ? 'nobody manages it any more' : group.ownerEmail, `${group.members} in it`,
        `since ${when(group.createdAt)}`].filter(Boolean).join(' · ')),
      group.space && h('span', { class: `quiet level-${levelOf(group.space)}` }, `${group.space.name}: ${words(group.space)}`),
      group.space && meter(group.space)),
    h('span', {},
      button(group.space ? 'Limits…' : 'Open a space…', async () => { if (await edit(group)) await draw(); }),
      group.space && group.isLeft && button('Name a manager…', async () => { if (await appoint(group)) await draw(); }),
      group.space && button('Close the space', async () => {
        if (await confirm({ title: `Close the space of ${group.name}?`, words: 'It can be closed when nothing is in it, the trash included.',
          yes: 'Close it', danger: true })) await act(() => spaces.close(group.id), () => draw());
      })),
  ];
  draw();
  return h('section', {}, h('h3', {}, 'Groups and their spaces'), list, more);
}

/** @param {any} group @returns {Promise<boolean>} whether it was done */
async function edit(group) {
  const now = group.space;
  const name = h('input', { type: 'text', required: true, maxLength: 255, autocomplete: 'off', value: now?.name ?? group.name, 'data-first': '' });
  const size = (value, required) => h('input', { type: 'number', min: '0', step: 'any', required, value: value ?? '' });
  const limit = size(now ? now.limitBytes / mebibyte : 10240, true);
  const soft = size(now?.softLimitBytes == null ? null : now.softLimitBytes / mebibyte, false);
  const most = size(now?.maxFileBytes == null ? null : now.maxFileBytes / mebibyte, false);
  const many = h('input', { type: 'number', min: '0', step: '1', value: now?.maxFiles ?? '' });
  const bytesOf = input => input.value === '' ? null : Math.round(Number(input.value) * mebibyte);
  return await openDialog(now ? `The space of ${group.name}` : `A space for ${group.name}`, dialog => [submitForm(
    [field('Name', name), field('Limit in MiB', limit), field('Soft limit in MiB (two weeks; empty for none)', soft),
      field('Largest file in MiB (empty for any)', most), field('How many files (empty for any)', many)],
    [h('button', { class: 'button primary' }, now ? 'Save' : 'Open it')],
    async () => {
      await (now ? spaces.change : spaces.open)(group.id, {
        name: name.value.trim(), limitBytes: bytesOf(limit), softLimitBytes: bytesOf(soft), maxFileBytes: bytesOf(most),
        maxFiles: many.value === '' ? null : Number(many.value),
      });
      dialog.close('done');
    })]) === 'done';
}

/** @param {any} group @returns {Promise<boolean>} whether it was done */
async function appoint(group) {
  const who = h('input', { type: 'text', required: true, maxLength: 320, autocomplete: 'off', spellcheck: false, 'data-first': '' });
  return await openDialog(`Who manages ${group.name}?`, dialog => [submitForm(
    [field('E-mail', who)], [h('button', { class: 'button primary' }, 'Make manager')],
    async () => {
      await groups.admit(group.id, who.value.trim(), true);
      dialog.close('done');
    })]) === 'done';
}
