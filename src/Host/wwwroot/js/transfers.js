/**
 * Transfers of ownership: a file or folder is offered to somebody, who takes it or not. Above the listing stands what waits
 * for an answer; a dialog has all that is open, either way.
 * @module
 */

import { complain, tell, whisper } from './announce.js';
import { transfers } from './api.js';
import { openDialog, submitForm } from './dialogs.js';
import { button, byId, field, h } from './dom.js';
import { count, exactly } from './format.js';
import { listing } from './listing.js';
import { refreshQuota } from './quota.js';

/** What who gave something away may do afterwards. */
const kept = { '': 'Nothing any more', viewer: 'View', commenter: 'Comment', editor: 'Edit' };

/** @typedef {{ id: string, status: string, name: string | null, fileId: string | null, folderId: string | null, from: any, to: any,
 *   keeps: string | null, expiresAt: string | null, files: number, filesMoved: number, failures: any[] }} Transfer */

/** @type {{ incoming: Transfer[], outgoing: Transfer[] }} */
let open = { incoming: [], outgoing: [] };

export function startTransfers() {
  byId('transfers-open').addEventListener('click', openTransfers);
  document.addEventListener('visibilitychange', () => { if (!document.hidden && !byId('app').hidden) refreshTransfers(); });
}

/** Asks what is open, and says so above the listing. Never fails: what is open can be looked at later, too. */
export async function refreshTransfers() {
  const [incoming, outgoing] = await Promise.all([isOpen('incoming'), isOpen('outgoing')].map(asked => asked.catch(() => null)));
  if (!incoming || !outgoing) return;
  open = { incoming, outgoing };
  const words = [
    incoming.length && `${count(incoming.length, 'item')} offered to you`,
    outgoing.length && `${count(outgoing.length, 'item')} offered by you`,
  ].filter(Boolean).join(' · ');
  byId('transfers').hidden = !words;
  byId('transfers-words').textContent = words;
}

/** @param {'incoming' | 'outgoing'} direction */
async function isOpen(direction) {
  const { items } = await transfers.list(direction);
  return items.filter(({ status }) => status === 'offered' || status === 'running');
}

/** @param {{ id: string, name: string, kind?: string }} item a file or a folder */
export async function openTransfer(item) {
  const to = h('input', { type: 'text', required: true, maxLength: 320, autocomplete: 'off', spellcheck: false, 'data-first': '',
    placeholder: 'name@example.org' });
  const keep = h('select', {}, Object.entries(kept).map(([value, words]) => h('option', { value }, words)));
  const answer = await openDialog(`Transfer “${item.name}”`, dialog => [
    submitForm([
      h('p', {}, item.kind === 'folder'
        ? 'The folder goes to somebody else with all that is in it, its versions, shares and history. Nothing changes until they accept; then it takes up their space and not yours.'
        : 'The file goes to somebody else with its versions, shares, links and history. Nothing changes until they accept; then it takes up their space and not yours.'),
      field('E-mail of the new owner', to), field('What you may do afterwards', keep),
    ], [button('Cancel', () => dialog.close('')), h('button', { class: 'button primary' }, 'Offer')], async () => {
      await transfers.offer(item, { to: to.value.trim(), keep: keep.value || undefined });
      dialog.close('yes');
    }),
  ], { class: 'small' });
  if (!answer) return;
  tell(`“${item.name}” is offered to ${to.value.trim()}`);
  await refreshTransfers();
}

function openTransfers() {
  const [incoming, outgoing] = [h('ul', { class: 'share-list' }), h('ul', { class: 'share-list' })];
  const draw = async () => {
    await refreshTransfers();
    fill(incoming, open.incoming, 'Nothing is offered to you.', one => entry(one, `from ${nameOf(one.from)}`, one.status === 'offered' && [
      button('Decline', () => answer(() => transfers.decline(one.id), `You have declined “${one.name}”`, draw)),
      button('Accept', () => answer(() => accept(one), null, draw), { class: 'button primary' }),
    ]));
    fill(outgoing, open.outgoing, 'You offer nothing.', one => entry(one, `to ${nameOf(one.to)}`, one.status === 'offered' && [
      button('Withdraw', () => answer(() => transfers.withdraw(one.id), `“${one.name}” stays yours`, draw)),
    ]));
  };
  draw();
  return openDialog('Transfers of ownership', () => [
    h('section', {}, h('h3', {}, 'Offered to you'),
      h('p', { class: 'hint' }, 'What you accept is yours from then on, goes into your files, and takes up your space.'), incoming),
    h('section', {}, h('h3', {}, 'Offered by you'), outgoing),
  ], { class: 'share' });
}

/**
 * @param {Transfer} one
 * @param {string} who
 * @param {false | Node[]} answers
 */
const entry = (one, who, answers) => [
  h('span', { class: 'share-who' }, h('strong', { title: one.name ?? '' }, one.name ?? 'Something that is gone'), h('span', { class: 'quiet' }, who),
    h('span', { class: 'quiet' }, one.status === 'running' ? `Going over: ${one.filesMoved} of ${count(one.files, 'file')}` : `until ${exactly(one.expiresAt)}`)),
  ...answers || [],
];

/** @param {{ displayName?: string, email?: string }} party */
const nameOf = ({ displayName, email }) => displayName ?? email ?? 'a closed account';

/**
 * @param {HTMLElement} list
 * @param {Transfer[]} all
 * @param {string} empty
 * @param {(one: Transfer) => Node[]} draw
 */
const fill = (list, all, empty, draw) =>
  list.replaceChildren(...all.length ? all.map(one => h('li', {}, ...draw(one))) : [h('li', { class: 'quiet' }, empty)]);

/**
 * @param {() => Promise<unknown>} act
 * @param {string | null} words
 * @param {() => Promise<void>} draw
 */
async function answer(act, words, draw) {
  try {
    await act();
    if (words) tell(words);
  } catch (error) {
    complain(error);
  }
  await draw();
}

/** @param {Transfer} one */
async function accept(one) {
  await transfers.accept(one.id);
  whisper(`“${one.name}” is on its way to you`);
  follow(one);
}

/** Says when it has gone over. @param {Transfer} one */
async function follow(one) {
  let now = { ...one, status: 'running' };
  for (let wait = 300; now.status === 'running' && !byId('app').hidden; wait = Math.min(5_000, wait * 1.5)) {
    await new Promise(resolve => { setTimeout(resolve, wait); });
    now = await transfers.read(one.id).catch(() => now);
  }
  if (now.status === 'done') tell(`“${one.name}” is yours`);
  else if (now.status === 'incomplete') {
    complain(new Error(`${count(now.failures.length, 'item')} stayed where it was.`), `“${one.name}” has not gone over completely`);
  }
  await Promise.allSettled([listing.refresh(), refreshQuota(), refreshTransfers()]);
}
