/**
 * What can be done with items, and the menu that offers it.
 * @module
 */

import { complain, tell } from './announce.js';
import { archive, bulk, copies, files, folders, shares } from './api.js';
import { showDetails } from './details.js';
import { ask, confirm } from './dialogs.js';
import { h } from './dom.js';
import { count } from './format.js';
import { listing } from './listing.js';
import { editTags, setFavourite } from './marks.js';
import { openMenu } from './menu.js';
import { chooseFolder } from './move-dialog.js';
import { preview } from './preview.js';
import { freeing, refreshQuota } from './quota.js';
import { rename } from './rename.js';
import { openRetention } from './retention-dialog.js';
import { goTo } from './router.js';
import { selection } from './selection.js';
import { openShare } from './share-dialog.js';
import { openTransfer } from './transfers.js';
import { newVersion } from './versions.js';

/** @typedef {import('./listing.js').Item} Item */

/** @param {Item[]} items */
const named = items => items.length === 1 ? `“${items[0].name}”` : count(items.length, 'item');

/** @param {Item} item */
export function open(item) {
  const { kind, asOf } = listing.place;
  if (kind === 'past') item.kind === 'folder' ? goTo({ kind, id: item.id, asOf }) : saveAsItWas(item);
  else if (kind === 'trash') item.kind === 'file' && showDetails(item);
  else if (item.kind === 'folder') goTo({ kind: 'folder', id: item.id });
  else preview(item);
}

/** How many items a request may name. */
const atOnce = 1000;

/**
 * Does the same with each item, says which were refused and why, and shows what is now.
 * @param {Item[]} items
 * @param {(item: Item) => Promise<unknown>} act
 * @param {string} refused how a refusal begins
 * @returns {Promise<Item[]>} those it was done with
 */
async function each(items, act, refused) {
  const done = [];
  for (const item of items) {
    try {
      await act(item);
      done.push(item);
    } catch (error) {
      complain(error, `${refused} “${item.name}”`);
    }
  }
  await Promise.allSettled([listing.refresh(), refreshQuota()]);
  return done;
}

/**
 * The same in one request for all of them.
 * @param {Item[]} items
 * @param {string} action
 * @param {string} refused how a refusal begins
 * @param {{ folderId?: string }} [more]
 * @returns {Promise<Item[]>} those it was done with
 */
async function together(items, action, refused, more) {
  const done = [];
  for (let from = 0; from < items.length; from += atOnce) {
    const some = items.slice(from, from + atOnce);
    const reply = await bulk(action, some, more).catch(error => { complain(error); });
    reply?.results.forEach(({ problem }, index) => {
      if (problem) complain(new Error(problem.detail), `${refused} “${some[index].name}”`);
      else done.push(some[index]);
    });
  }
  await Promise.allSettled([listing.refresh(), refreshQuota()]);
  return done;
}

/** @param {Item[]} items */
export async function remove(items) {
  const { kind } = listing.place;
  if (kind === 'past') return undefined;
  if (kind === 'trash') return removeForGood(items);
  if (kind === 'shared') return leave(items);
  const done = await together(items, 'trash', 'Still here:');
  if (done.length) tell(`${named(done)} moved to the trash`, { label: 'Undo', act: () => restore(done) });
}

/** @param {Item[]} items that others share with this person */
async function leave(items) {
  const sure = await confirm({ title: 'Leave the share?', words: `${named(items)} stays with its owner; you can no longer open it.`,
    yes: 'Leave', danger: true });
  if (sure) await each(items, item => shares.revoke(item.shareId), 'Still shared:');
}

/** @param {Item[]} items */
export async function restore(items) {
  const done = await together(items, 'restore', 'Not restored:');
  if (done.length) tell(`${named(done)} restored`);
}

/** @param {Item[]} items */
export async function removeForGood(items) {
  const sure = await confirm({ title: 'Delete for good?', words: `${named(items)} and every version will be gone. This cannot be undone.`,
    yes: 'Delete for good', danger: true });
  if (!sure) return;
  await freeing(async () => {
    const done = await together(items, 'delete', 'Still in the trash:');
    if (done.length) tell(`${named(done)} deleted for good`);
    return done.length;
  });
}

export async function emptyTrash() {
  const sure = await confirm({ title: 'Empty the trash?', words: `Everything in ${listing.place.id ? 'the space’s trash' : 'it'} will be gone. This cannot be undone.`,
    yes: 'Empty the trash', danger: true });
  if (!sure) return;
  await freeing(async () => {
    const emptied = await files.emptyTrash(listing.place.id).catch(complain);
    if (emptied) tell(emptied.kept ? `${count(emptied.kept, 'item')} must be kept; the rest is gone` : 'The trash is empty');
    await Promise.allSettled([listing.refresh(), refreshQuota()]);
    return emptied?.files ?? 0;
  });
}

/**
 * @param {Item[]} items
 * @param {{ id: string, name: string }} folder
 */
export async function moveTo(items, folder) {
  const done = await together(items, 'move', 'Not moved:', { folderId: folder.id });
  if (done.length) tell(`${named(done)} moved to “${folder.name}”`);
}

/** @param {Item[]} items */
export async function move(items) {
  const folder = await chooseFolder(`Move ${named(items)}`, items);
  if (folder) await moveTo(items, folder);
}

/** @param {Item[]} items */
export async function copy(items) {
  const folder = await chooseFolder(`Copy ${named(items)}`, items, { yes: 'Copy here', mayStay: true });
  if (!folder) return;
  const done = await together(items.filter(({ kind }) => kind === 'file'), 'copy', 'Not copied:', { folderId: folder.id });
  const begun = [];
  for (const item of items.filter(({ kind }) => kind === 'folder')) {
    try {
      begun.push({ item, ...await folders.copy(item.id, folder.id) });
    } catch (error) {
      complain(error, `Not copied: “${item.name}”`);
    }
  }
  if (done.length) tell(`${named(done)} copied to “${folder.name}”`);
  await Promise.all(begun.map(each => follow(each, folder)));
}

/** Says when a folder has been copied; it is there from the beginning and fills. */
async function follow({ item, id }, folder) {
  tell(`Copying “${item.name}”…`);
  await listing.refresh().catch(() => {});
  let now = { status: 'running' };
  for (let wait = 300; now.status === 'running'; wait = Math.min(5_000, wait * 1.5)) {
    await new Promise(resolve => { setTimeout(resolve, wait); });
    now = await copies.read(id).catch(() => now);
  }
  if (now.status === 'done') tell(`“${item.name}” copied to “${folder.name}”`);
  else complain(new Error(`${count(now.failures.length, 'item')} could not be copied.`), `“${item.name}” is not complete`);
  await Promise.allSettled([listing.refresh(), refreshQuota()]);
}

/**
 * A file as it is; a folder, or several items, as one archive.
 * @param {Item[]} items
 */
export async function download(items) {
  const [first] = items;
  if (items.length === 1) {
    save(first.kind === 'file' ? files.content(first.id) : folders.archive(first.id), first.kind === 'file' ? first.name : `${first.name}.zip`);
    return;
  }
  try {
    save(await archive(items), 'files.zip');
  } catch (error) {
    complain(error, 'Not downloaded');
  }
}

/** @param {Item} item as it was: its version may be a former one by now */
const saveAsItWas = item => save(files.content(item.id, { version: item.version }), item.name);

/** @param {string} href @param {string} name */
function save(href, name) {
  const link = h('a', { href, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

export const newFolder = () => ask({
  title: 'New folder', label: 'Name', yes: 'Create',
  submit: async name => {
    await folders.create(name, listing.folderId === 'root' ? undefined : listing.folderId);
    await listing.refresh();
  },
});

/**
 * @param {Item} item
 * @param {{ button?: HTMLElement, x?: number, y?: number }} at
 */
export function menu(item, at) {
  openMenu(entries(item, selection.with(item)), { ...at, label: `Actions for ${item.name}` });
}

/**
 * @param {Item} item
 * @param {Item[]} items
 * @returns {Parameters<typeof openMenu>[0]}
 */
function entries(item, items) {
  const { kind } = listing.place;
  const one = items.length === 1;
  const file = item.kind === 'file';
  const own = kind === 'folder';
  if (kind === 'trash') {
    return [
      { label: 'Restore', icon: 'restore', act: () => restore(items) },
      one && file && { label: 'Details', icon: 'info', act: () => showDetails(item) },
      { label: 'Delete for good', icon: 'trash', danger: true, act: () => removeForGood(items) },
    ];
  }
  if (kind === 'past') {
    return [one && { label: file ? 'Download this version' : 'Open', icon: file ? 'download' : 'folder', act: () => open(item) }];
  }
  return [
    one && { label: file ? 'Preview' : 'Open', icon: file ? 'eye' : 'folder', act: () => open(item) },
    { label: one && file ? 'Download' : 'Download as ZIP', icon: 'download', act: () => download(items) },
    own && one && { label: 'Share…', icon: 'share', act: () => openShare(item) },
    (own || item.role === 'editor') && one && file && { label: 'Upload a new version…', icon: 'upload', act: () => newVersion(item) },
    (own || item.role === 'editor') && one && { label: 'Rename', icon: 'pencil', keys: 'F2', act: () => rename(item) },
    own && { label: 'Move…', icon: 'move', act: () => move(items) },
    kind !== 'shared' && { label: 'Copy…', icon: 'copy', act: () => copy(items) },
    { label: items.every(({ favourite }) => favourite) ? 'Remove from favourites' : 'Add to favourites', icon: 'star',
      act: () => setFavourite(items, !items.every(({ favourite }) => favourite)) },
    own && one && !file && { label: 'Retention…', icon: 'clock', act: () => openRetention(item) },
    own && one && { label: 'Transfer ownership…', icon: 'person', act: () => openTransfer(item) },
    { label: 'Tags…', icon: 'tag', act: () => editTags(items) },
    one && file && { label: 'Details', icon: 'info', act: () => showDetails(item) },
    kind === 'shared' && { label: 'Leave share', icon: 'leave', danger: true, act: () => leave(items) },
    own && { label: 'Move to trash', icon: 'trash', keys: 'Del', danger: true, act: () => remove(items) },
  ];
}
