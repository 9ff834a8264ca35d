/**
 * What was in a folder at another time: to look at and to save, and nothing else.
 * @module
 */

import { button, byId, field, h } from './dom.js';
import { openDialog, submitForm } from './dialogs.js';
import { exactly } from './format.js';
import { listing } from './listing.js';
import { goTo } from './router.js';

export function startPast() {
  byId('past').addEventListener('click', openPast);
  byId('looking-back-end').addEventListener('click', () => goTo({ kind: 'folder', id: isRoot() ? 'root' : listing.place.id }));
  listing.addEventListener('changed', draw);
}

const isRoot = () => listing.path.length <= 1;

function draw() {
  const { kind, asOf } = listing.place;
  byId('looking-back').hidden = kind !== 'past';
  if (kind === 'past') byId('looking-back-words').textContent = `As it was ${exactly(asOf)}. Nothing can be changed here.`;
}

/** @param {Date} date as a field for times has it, in the time of this place */
const local = date => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);

function openPast() {
  const { kind, asOf } = listing.place;
  return openDialog('Look back', dialog => {
    const when = h('input', { type: 'datetime-local', step: '1', required: true, max: local(new Date()), 'data-first': '',
      value: local(kind === 'past' ? new Date(asOf) : new Date()) });
    return [submitForm(
      [field('When', when, 'This folder is shown as it was then.')],
      [button('Cancel', () => dialog.close('')), h('button', { class: 'button primary' }, 'Show')],
      async () => {
        goTo({ kind: 'past', id: listing.folderId, asOf: new Date(when.value).toISOString() });
        dialog.close('yes');
      })];
  }, { class: 'small' });
}
