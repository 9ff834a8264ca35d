/**
 * Who is here: sign in, register, sign out.
 * @module
 */

import { Problem, letters, session, whenSignedOut } from './api.js';
import { byId, field, h } from './dom.js';
import { submitForm } from './dialogs.js';
import { canUsePasskeys, usePasskey } from './passkeys.js';

/** @typedef {{ id: string, email: string, displayName: string, isAdministrator: boolean }} Account */

const gate = byId('gate');
const form = byId('gate-form');

/**
 * Shows the page to whoever is signed in and the gate to everyone else.
 * @param {{ enter: (account: Account) => void, leave: () => void }} page
 */
export async function startSession(page) {
  const enter = (/** @type {Account} */ account) => {
    gate.hidden = true;
    byId('app').hidden = false;
    page.enter(account);
  };
  const leave = () => {
    if (!gate.hidden) return;
    byId('app').hidden = true;
    for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close('');
    page.leave();
    showGate('in', enter);
  };
  whenSignedOut(leave);
  byId('sign-out').addEventListener('click', async () => {
    await session.signOut().catch(() => {});
    leave();
  });
  try {
    enter(await session.me());
  } catch (problem) {
    showGate('in', enter);
    if (!(problem instanceof Problem && problem.status === 401)) complainAtGate(problem.message);
  } finally {
    byId('splash').hidden = true;
  }
}

/** @param {string} words */
function complainAtGate(words) {
  const error = form.querySelector('.form-error');
  error.textContent = words;
  error.hidden = false;
}

/**
 * @param {'in' | 'new'} kind
 * @param {(account: Account) => void} enter
 */
function showGate(kind, enter) {
  const isNew = kind === 'new';
  let isRegistered = false;
  const name = h('input', { type: 'text', name: 'name', autocomplete: 'name', required: true, maxLength: 100 });
  const email = h('input', { type: 'email', name: 'email', autocomplete: 'username', required: true, maxLength: 320 });
  const password = h('input', { type: 'password', name: 'password', autocomplete: isNew ? 'new-password' : 'current-password',
    required: true, maxLength: 1024 });
  const code = h('input', { type: 'text', name: 'code', autocomplete: 'one-time-code', maxLength: 64 });
  const codeField = field('Code', code, 'What your authenticator shows, or a recovery code.');
  codeField.hidden = true;
  gate.hidden = false;
  form.replaceChildren(...[
    h('h1', {}, isNew ? 'Create your account' : 'Sign in'),
    submitForm(
      [isNew && field('Name', name), field('E-mail', email),
        field('Password', password, isNew ? 'A few words that only you would put together.' : ''), codeField],
      [h('button', { class: 'button primary wide' }, isNew ? 'Create account' : 'Sign in')],
      async () => {
        const account = { email: email.value.trim(), password: password.value };
        if (isNew && !isRegistered) await session.register({ ...account, displayName: name.value.trim() });
        isRegistered = true;
        try {
          enter(await session.signIn({ ...account, ...(code.value.trim() && { code: code.value.trim() }) }));
        } catch (problem) {
          // The password was right: what is missing is the second step.
          if (!(problem instanceof Problem && problem.code === 'accounts.code-needed')) throw problem;
          codeField.hidden = false;
          code.required = true;
          code.focus();
          return;
        }
        form.replaceChildren();
      }),
    h('p', { class: 'gate-other' }, isNew ? 'You have an account? ' : 'You are new here? ',
      h('button', { type: 'button', class: 'text-button', onclick: () => showGate(isNew ? 'in' : 'new', enter) },
        isNew ? 'Sign in' : 'Create an account')),
    !isNew && h('p', { class: 'gate-other' },
      h('button', { type: 'button', class: 'text-button', onclick: () => showForgotten(enter) }, 'You forgot your password?'))].filter(Boolean));
  (isNew ? name : email).focus();
  session.ways().then(({ provider, signUp, passkeyDomain }) => {
    // Whoever was faster is past this form.
    if (!email.isConnected) return;
    if (!isNew && canUsePasskeys(passkeyDomain)) {
      form.append(submitForm([], [h('button', { class: 'button wide' }, 'Sign in with a passkey')], async () => {
        const account = await session.signInByPasskey(await usePasskey(await session.passkeyQuestion()));
        form.replaceChildren();
        enter(account);
      }));
    }
    if (provider) form.append(h('a', { class: 'button wide', href: '/api/auth/provider/start' }, `Sign in with ${provider}`));
    form.querySelector('.gate-other').hidden = !isNew && (signUp === 'invited' || signUp === 'closed');
  }, () => {});
}

/** @param {(account: Account) => void} enter */
function showForgotten(enter) {
  const email = h('input', { type: 'email', name: 'email', autocomplete: 'username', required: true, maxLength: 320 });
  form.replaceChildren(
    h('h1', {}, 'A new password'),
    submitForm([field('E-mail', email)], [h('button', { class: 'button primary wide' }, 'Send me a link')], async () => {
      await letters.forget(email.value.trim());
      form.replaceChildren(
        h('h1', { tabIndex: -1 }, 'Look into your mail'),
        h('p', {}, 'If there is an account with this address, a link to choose a new password is on its way. It is good for half an hour.'));
      form.querySelector('h1').focus();
    }),
    h('p', { class: 'gate-other' },
      h('button', { type: 'button', class: 'text-button', onclick: () => showGate('in', enter) }, 'Sign in')));
  email.focus();
}
