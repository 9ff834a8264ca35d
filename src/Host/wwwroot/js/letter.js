/**
 * Where the links of mails lead. Nothing happens before a button is pressed: programs that look at mails open links too.
 * @module
 */

import { letters, session } from './api.js';
import { submitForm } from './dialogs.js';
import { byId, field, h } from './dom.js';
import './theme.js';

const card = byId('letter');
const [what, token] = location.hash.slice(1).split('=');
// The secret is not to stay in the address, where somebody might copy it from.
history.replaceState(null, '', location.pathname);

const newPassword = () => h('input', { type: 'password', name: 'password', autocomplete: 'new-password', required: true, minLength: 8, maxLength: 1024 });

/** @param {string} title @param {string} words */
function done(title, words) {
  card.replaceChildren(h('h1', { tabIndex: -1 }, title), h('p', {}, words), h('a', { class: 'button primary wide', href: '/' }, 'Go on'));
  card.querySelector('h1').focus();
}

/** @type {Record<string, () => Node[]>} */
const pages = {
  confirm: () => [
    h('h1', {}, 'Confirm your e-mail address'),
    submitForm([], [h('button', { class: 'button primary wide' }, 'Confirm')], async () => {
      await letters.confirm(token);
      done('Your address is confirmed', 'You can sign in with it.');
    }),
  ],
  reset: () => {
    const password = newPassword();
    return [
      h('h1', {}, 'Choose a new password'),
      submitForm([field('New password', password, 'Every sign-in of the account ends.')],
        [h('button', { class: 'button primary wide' }, 'Change password')], async () => {
          await letters.reset(token, password.value);
          done('Your password is changed', 'Sign in with the new one.');
        }),
    ];
  },
  invitation: () => {
    const email = h('input', { type: 'email', name: 'email', autocomplete: 'username', required: true, maxLength: 320 });
    const name = h('input', { type: 'text', name: 'name', autocomplete: 'name', required: true, maxLength: 100 });
    const password = newPassword();
    return [
      h('h1', {}, 'Create your account'),
      submitForm([field('Name', name), field('E-mail', email, 'The address that the invitation was sent to.'), field('Password', password)],
        [h('button', { class: 'button primary wide' }, 'Create account')], async () => {
          await session.register({ email: email.value.trim(), password: password.value, displayName: name.value.trim(), invitation: token });
          done('Your account is open', 'Sign in with your address and password.');
        }),
    ];
  },
};

/** Why somebody who came back from another server is not signed in. */
const refusals = {
  'accounts.link-unproved': 'There is an account with your address, and nobody has proved the address here. Sign in with its password first, and confirm the address.',
  'accounts.provider-email-unverified': 'The other server does not say that your e-mail address was proved there.',
  'accounts.code-at-home': 'Your account has a second factor: sign in with your password and code.',
  'accounts.disabled': 'Your account was disabled by an administrator.',
  'accounts.sign-up-closed': 'You have no account here, and none is opened any more.',
  'accounts.invitation-needed': 'You have no account here; they are opened by invitation.',
};

if (what === 'refused') {
  done('You are not signed in', refusals[token] ?? 'The other server does not vouch for you, or it took too long.');
} else if (token && Object.hasOwn(pages, what)) {
  card.replaceChildren(...pages[what]());
} else {
  done('This link is not complete', 'Copy all of it from the mail, to the end of the line.');
}
