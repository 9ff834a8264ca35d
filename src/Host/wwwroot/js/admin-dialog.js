/**
 * What administrators do: accounts of others, and invitations.
 * @module
 */

import { admin } from './api.js';
import { act, fill } from './account-dialog.js';
import { whisper } from './announce.js';
import { confirm, openDialog, submitForm } from './dialogs.js';
import { button, field, h, iconButton } from './dom.js';
import { when } from './format.js';
import { overview } from './spaces.js';

/** @param {{ id: string }} me */
export function openAdmin(me) {
  return openDialog('Accounts', () => [accounts(me), overview(), invitations()], { class: 'share' });
}

function accounts(me) {
  const list = h('ul', { class: 'share-list' });
  const search = h('input', { type: 'search', maxLength: 254, autocomplete: 'off', 'data-first': '' });
  const more = button('Show more', () => draw(next));
  let next = null;
  const draw = async (cursor = null) => {
    await fill(list, async () => {
      const page = await admin.accounts({ q: search.value.trim() || null, cursor, limit: 50 });
      next = page.nextCursor;
      more.hidden = !next;
      return page;
    }, 'Nobody.', row);
  };
  const row = one => [
    h('span', { class: 'share-who' }, h('strong', {}, one.displayName), h('span', { class: 'quiet' }, one.email), h('span', { class: 'quiet' }, about(one))),
    one.id !== me.id && h('span', {},
      toggle(one, 'administrator', one.isAdministrator, ['Make administrator', 'Dismiss as administrator']),
      toggle(one, 'auditor', one.isAuditor, ['Make auditor', 'Dismiss as auditor']),
      one.hasSecondFactor && button('Reset second factor', () => act(() => admin.resetFactor(one.id), draw)),
      toggle(one, 'disabled', one.isDisabled, ['Disable', 'Enable'])),
  ];
  const toggle = (one, what, isOn, [turnOn, turnOff]) => button(isOn ? turnOff : turnOn, async () => {
    if (isOn || await confirm({ title: `${turnOn}: ${one.displayName}?`, words: one.email, yes: turnOn, danger: what === 'disabled' })) {
      await act(() => admin.switch(one.id, what, !isOn), draw);
    }
  });
  draw();
  return h('section', {}, h('h3', {}, 'Accounts'),
    submitForm([h('div', { class: 'form-row' }, field('Name or address', search), h('button', { class: 'button' }, 'Find'))], [], () => draw()), list, more);
}

const about = one => [
  `since ${when(one.createdAt)}`, one.isAdministrator && 'administrator', one.isAuditor && 'auditor', one.isService && 'service',
  one.hasSecondFactor && 'second factor', !one.emailConfirmed && !one.isService && 'address not confirmed', one.isDisabled && 'disabled',
].filter(Boolean).join(' · ');

function invitations() {
  const list = h('ul', { class: 'share-list' });
  const email = h('input', { type: 'email', required: true, maxLength: 320, autocomplete: 'off', placeholder: 'name@example.org' });
  const draw = () => fill(list, () => admin.invitations(), 'Nobody is invited.', one => [
    h('span', { class: 'share-who' }, h('strong', {}, one.email), h('span', { class: 'quiet' }, `Until ${when(one.expiresAt)}`)),
    iconButton('close', `Withdraw the invitation of ${one.email}`, () => act(() => admin.withdraw(one.id), draw)),
  ]);
  draw();
  return h('section', {}, h('h3', {}, 'Invitations'),
    submitForm([h('div', { class: 'form-row' }, field('E-mail', email), h('button', { class: 'button' }, 'Invite'))], [], async () => {
      await admin.invite(email.value.trim());
      whisper(`${email.value} is invited`);
      email.value = '';
      await draw();
    }), list);
}
