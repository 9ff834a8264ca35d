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

if (token && Object.hasOwn(pages, what)) {
  card.replaceChildren(...pages[what]());
} else {
  done('This link is not complete', 'Copy all of it from the mail, to the end of the line.');
}
