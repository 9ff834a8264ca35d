/**
 * The erasure of one file, so that it can be shown afterwards: why, from when on, and where the receipt will be.
 * @module
 */

import { complain, tell } from './announce.js';
import { erasures } from './api.js';
import { button, field, h } from './dom.js';
import { openDialog, submitForm } from './dialogs.js';
import { exactly } from './format.js';

/** Article 17(1) of the GDPR. */
const grounds = {
  noLongerNeeded: 'It is not needed any more',
  consentWithdrawn: 'A consent was withdrawn',
  objection: 'Somebody objects',
  unlawfulProcessing: 'It should never have been kept',
  legalObligation: 'A law demands it',
};

/** @param {import('./listing.js').Item} item */
export async function openErase(item) {
  let asked = null;
  await openDialog(`Erase “${item.name}”`, dialog => {
    const ground = h('select', { 'data-first': '' }, ...Object.entries(grounds).map(([value, words]) => h('option', { value }, words)));
    return [
      h('p', {}, 'Every version goes, its name and all else that the record tells of it, and no restored backup brings it back. A receipt says so. Until it begins you can cancel it.'),
      submitForm([field('Why', ground)], [button('Cancel', () => dialog.close('')), h('button', { class: 'button danger' }, 'Erase')],
        async () => {
          asked = (await erasures.askFile(item.id, ground.value)).erasure;
          dialog.close('yes');
        }),
    ];
  }, { class: 'small' });
  if (asked) await shown(asked);
}

/** @param {{ id: string, beginsAt: string }} erasure */
async function shown(erasure) {
  const receipt = erasures.receipt(erasure.id);
  const answer = await openDialog('The erasure was asked for', dialog => [
    h('p', {}, `It begins ${exactly(erasure.beginsAt)}. Once it is done, its receipt is here: `, h('a', { href: receipt }, receipt)),
    h('footer', {},
      button('Leave the file as it is', () => dialog.close('cancel')),
      button('Done', () => dialog.close(''), { class: 'button primary', 'data-first': '' })),
  ], { class: 'small' });
  if (answer !== 'cancel') return;
  const left = await erasures.cancel(erasure.id).catch(complain);
  if (left) tell('The file stays as it is');
}
