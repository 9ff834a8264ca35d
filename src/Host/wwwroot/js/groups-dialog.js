/**
 * The groups a person is in: made, filled, left and ended.
 * @module
 */

import { complain, whisper } from './announce.js';
import { groups } from './api.js';
import { avatarOf } from './avatars.js';
import { confirm, openDialog, submitForm } from './dialogs.js';
import { button, field, h, iconButton } from './dom.js';
import { spaceOf } from './spaces.js';

export function openGroups() {
  return openDialog('Groups', () => [mine()], { class: 'share' });
}

function mine() {
  const list = h('ul', { class: 'share-list' });
  const name = h('input', { type: 'text', required: true, maxLength: 100, autocomplete: 'off', 'data-first': '' });
  const draw = () => fill(list, groups.mine, 'You are in no group.', group => [
    avatarOf(group),
    h('span', { class: 'share-who' }, h('strong', {}, group.name), h('span', { class: 'quiet' }, `${group.members} in it`)),
    button(group.isManager ? 'Members…' : 'Look…', async () => { await openMembers(group); await draw(); }),
  ]);
  draw();
  const form = submitForm(
    [h('div', { class: 'form-row' }, field('A new group', name), h('button', { class: 'button primary' }, 'Make'))], [],
    async () => {
      await groups.add(name.value.trim());
      name.value = '';
      await draw();
    });
  return h('section', {}, form, list);
}

/** @param {{ id: string, name: string, isOwner: boolean, isManager: boolean }} group */
function openMembers(group) {
  return openDialog(group.name, dialog => {
    const list = h('ul', { class: 'share-list' });
    const who = h('input', { type: 'text', required: true, maxLength: 320, autocomplete: 'off', spellcheck: false, 'data-first': '' });
    const manages = h('input', { type: 'checkbox' });
    const draw = () => fill(list, async () => ({ items: (await groups.read(group.id)).members }), '', member => [
      avatarOf(member),
      h('span', { class: 'share-who' }, h('strong', {}, member.name ?? 'Gone'), h('span', { class: 'quiet' }, member.email ?? '')),
      h('span', { class: 'quiet' }, member.role),
      group.isManager && member.role !== 'owner' && iconButton('close', `Take ${member.email ?? member.name} out`,
        () => act(() => groups.dismiss(group.id, member.id), draw)),
    ]);
    draw();
    const form = group.isManager && submitForm(
      [h('div', { class: 'form-row' }, field('E-mail, or the id of a group', who), h('button', { class: 'button primary' }, 'Add')),
        h('label', { class: 'check' }, manages, ' May change who is in it')], [],
      async () => {
        await groups.admit(group.id, who.value.trim(), manages.checked);
        whisper(`${who.value} is in the group`);
        who.value = '';
        await draw();
      });
    const end = group.isOwner && button('End this group', async () => {
      const sure = await confirm({ title: 'End this group?', words: 'What was shared with it is shared with nobody through it any more.',
        yes: 'End it', danger: true });
      if (sure) await act(() => groups.remove(group.id), async () => dialog.close(''));
    }, { class: 'button danger' });
    return [h('section', {}, form, list, end), spaceOf(group, () => document.querySelectorAll('dialog[open]').forEach(one => one.close('')))];
  }, { class: 'share' });
}

/**
 * @param {HTMLElement} list
 * @param {() => Promise<{ items: any[] }>} read
 * @param {string} empty
 * @param {(entry: any) => (Node | false)[]} entry
 */
async function fill(list, read, empty, entry) {
  try {
    const { items } = await read();
    list.replaceChildren(...items.length ? items.map(one => h('li', {}, ...entry(one))) : [h('li', { class: 'quiet' }, empty)]);
  } catch (error) {
    list.replaceChildren(h('li', { class: 'form-error', role: 'alert' }, error.message));
  }
}

/**
 * @param {() => Promise<unknown>} change
 * @param {() => Promise<void>} then
 */
async function act(change, then) {
  try {
    await change();
    await then();
  } catch (error) {
    complain(error);
  }
}
