/**
 * The account's own settings: name, picture, address, password, second factor, passkeys, sign-ins, tokens of programs, and all that is one's own.
 * @module
 */

import { complain, whisper } from './announce.js';
import { account, session } from './api.js';
import { avatarOf, drawMe } from './avatars.js';
import { ask, confirm, openDialog, submitForm } from './dialogs.js';
import { button, field, h, iconButton, qrPicture } from './dom.js';
import { bytes, count, exactly, spoken, when } from './format.js';
import { canUsePasskeys, makePasskey } from './passkeys.js';

/** @param {{ id: string, email: string, displayName: string, avatar: string | null, emailConfirmed: boolean, hasSecondFactor: boolean }} me */
export function openAccount(me) {
  return openDialog('Your account', () => [
    part('Name', nameForm(me)),
    part('Picture', pictureForm(me)),
    part('E-mail', addressForm(me)),
    part('Password', passwordForm()),
    part('Second factor', factor(me)),
    part('Passkeys', passkeys()),
    part('Sign-ins', sessions()),
    part('Tokens of programs', tokens()),
    part('All that is yours', takeAlong()),
  ], { class: 'share' });
}

/** @param {string} title @param {Node} content */
const part = (title, content) => h('section', {}, h('h3', {}, title), content);

const secret = autocomplete => h('input', { type: 'password', autocomplete, required: true, maxLength: 1024 });

function nameForm(me) {
  const name = h('input', { type: 'text', value: me.displayName, required: true, maxLength: 100, autocomplete: 'name', 'data-first': '' });
  return submitForm([h('div', { class: 'form-row' }, field('How others see you', name), h('button', { class: 'button' }, 'Rename'))], [], async () => {
    const now = await account.rename(name.value.trim());
    drawMe(now);
    whisper('Your name is changed');
  });
}

// The server says the same; here it is said before anything is sent.
const LARGEST_PICTURE = 5 * 1024 * 1024;

function pictureForm(me) {
  const file = h('input', { type: 'file', required: true, accept: 'image/png,image/jpeg,image/webp' });
  const preview = h('div', { class: 'picture-preview' });
  const remove = button('Remove picture', () => act(() => account.removeAvatar(), async () => {
    show({ ...me, avatar: null });
    whisper('Your picture is removed');
  }));
  const show = now => {
    me = now;
    drawMe(me);
    remove.hidden = !me.avatar;
    file.value = '';
    preview.replaceChildren(avatarOf({ id: me.id, avatar: me.avatar, name: me.displayName }),
      h('span', { class: 'quiet' }, me.avatar ? 'Others see you like this.' : 'Others see your initials.'));
  };
  file.addEventListener('change', () => {
    if (!file.files.length) return show(me);
    const url = URL.createObjectURL(file.files[0]);
    const drawn = h('img', { alt: 'The picture that you chose', onload: () => URL.revokeObjectURL(url) });
    drawn.onerror = () => { URL.revokeObjectURL(url); drawn.replaceWith(h('span', { class: 'quiet' }, 'This file cannot be shown as a picture.')); };
    drawn.src = url;
    preview.replaceChildren(h('span', { class: 'avatar' }, drawn), h('span', { class: 'quiet' }, 'Not used yet.'));
  });
  show(me);
  return submitForm(
    [preview, field('A picture of you', file, 'PNG, JPEG or WebP, up to 5 MB. A square is cut out of its middle; where and with what it was taken is not kept.')],
    [remove, h('button', { class: 'button' }, 'Use this picture')], async () => {
      if (file.files[0].size > LARGEST_PICTURE) throw new Error('A picture of you has at most 5 MiB.');
      show(await account.changeAvatar(file.files[0]));
      whisper('Your picture is changed');
    });
}

function addressForm(me) {
  const email = h('input', { type: 'email', required: true, maxLength: 320, autocomplete: 'email', placeholder: me.email });
  const password = secret('current-password');
  return h('div', {},
    h('p', { class: 'hint' }, `${me.email} · ${me.emailConfirmed ? 'confirmed' : 'not confirmed'} `,
      !me.emailConfirmed && h('button', { type: 'button', class: 'text-button', onclick: () =>
        account.sendConfirmation().then(() => whisper('The mail is on its way'), problem => complain(problem, 'No mail was sent')) }, 'Send the mail again')),
    submitForm([field('New address', email, 'A link is sent there; the address counts when it was followed.'), field('Your password', password)],
      [h('button', { class: 'button' }, 'Send link')], async () => {
        await account.changeEmail({ email: email.value.trim(), password: password.value });
        password.value = '';
        whisper(`A link is on its way to ${email.value}`);
      }));
}

function passwordForm() {
  const [current, next] = [secret('current-password'), secret('new-password')];
  next.minLength = 8;
  return submitForm([field('Current password', current), field('New password', next, 'Your other sign-ins end.')],
    [h('button', { class: 'button' }, 'Change password')], async () => {
      await account.changePassword({ currentPassword: current.value, newPassword: next.value });
      current.value = next.value = '';
      whisper('Your password is changed');
    });
}

function factor(me) {
  const box = h('div', {});
  const ask = (words, verb, then) => {
    const password = secret('current-password');
    box.replaceChildren(h('p', { class: 'hint' }, words),
      submitForm([field('Your password', password)], [h('button', { class: 'button' }, verb)], () => then(password.value)));
  };
  const off = () => ask('An authenticator app makes a code that is needed besides your password.', 'Set up', async password => {
    const { secret: letters, uri, qrCode } = await account.prepareFactor(password);
    const code = h('input', { type: 'text', required: true, inputMode: 'numeric', autocomplete: 'one-time-code', maxLength: 7 });
    box.replaceChildren(
      h('p', { class: 'hint' }, 'Scan this with your authenticator app, ', h('a', { href: uri }, 'open it in an app on this device'), ', or type the secret in:'),
      qrPicture(qrCode, 'The secret as a QR code'),
      h('p', {}, h('code', { class: 'secret' }, letters.match(/.{1,4}/g).join(' '))),
      submitForm([field('Code that the app shows', code)], [h('button', { class: 'button primary' }, 'Turn on')], async () => {
        const { codes } = await account.confirmFactor(code.value);
        box.replaceChildren(
          h('p', {}, 'The second factor is on. Each of these codes opens your account once when the app is lost; they are not shown again:'),
          h('pre', { class: 'secret' }, codes.join('\n')), button('I have kept them', on));
      }));
    code.focus();
  });
  const on = () => ask('Signing in needs a code of your authenticator app.', 'Remove', async password => {
    await account.removeFactor(password);
    whisper('The second factor is removed');
    off();
  });
  (me.hasSecondFactor ? on : off)();
  return box;
}

function passkeys() {
  const [list, add] = [h('ul', { class: 'share-list' }), h('div', {})];
  const draw = () => fill(list, () => account.passkeys(), 'You have none.', one => [
    h('span', { class: 'share-who' }, h('strong', {}, one.name),
      h('span', { class: 'quiet' }, `Added ${when(one.addedAt)} · ${one.usedAt ? `last used ${when(one.usedAt)}` : 'never used'}`),
      one.suspectedAt && h('span', { class: 'form-error' }, `Refused ${when(one.suspectedAt)}: there may be a copy. Remove it.`)),
    iconButton('pencil', `Rename ${one.name}`, () => ask({
      title: 'Rename the passkey', label: 'Name', value: one.name, yes: 'Rename', maxLength: 100,
      submit: name => account.renamePasskey(one.id, name),
    }).then(done => done && draw())),
    iconButton('close', `Remove ${one.name}`, async () => {
      if (await confirm({ title: 'Remove the passkey?', words: `Nobody signs in with “${one.name}” any more.`, yes: 'Remove', danger: true })) {
        await act(() => account.removePasskey(one.id), draw);
      }
    }),
  ]);
  draw();
  const name = h('input', { type: 'text', required: true, maxLength: 100, autocomplete: 'off' });
  const password = secret('current-password');
  const form = submitForm([h('div', { class: 'form-grid' }, field('What you call it', name), field('Your password', password))],
    [h('button', { class: 'button' }, 'Add passkey')], async () => {
      const credential = await makePasskey(await account.preparePasskey(password.value));
      await account.addPasskey({ name: name.value.trim(), credential });
      name.value = password.value = '';
      whisper('The passkey is added');
      await draw();
    });
  session.ways().then(({ passkeyDomain }) => add.append(canUsePasskeys(passkeyDomain) ? form
    : h('p', { class: 'hint' }, `They can be added with a browser that knows them, at ${passkeyDomain}.`)), () => {});
  return h('div', {}, h('p', { class: 'hint' }, 'With a passkey you sign in by your device alone, without password and code.'), list, add);
}

function sessions() {
  const list = h('ul', { class: 'share-list' });
  const draw = () => fill(list, () => account.sessions(), 'None.', one => [
    h('span', { class: 'share-who' }, h('strong', {}, one.isCurrent ? 'Here' : one.kind === 'web' ? 'A browser' : 'A program'),
      h('span', { class: 'quiet' }, one.device), h('span', { class: 'quiet' }, `Since ${when(one.openedAt)}`)),
    !one.isCurrent && iconButton('close', `End the sign-in of ${exactly(one.openedAt)}`, () => act(() => account.endSession(one.id), draw)),
  ]);
  draw();
  return h('div', {}, list, button('Sign out everywhere else', () => act(() => account.endOthers(), draw)));
}

function tokens() {
  const [list, fresh] = [h('ul', { class: 'share-list' }), h('div', {})];
  const name = h('input', { type: 'text', required: true, maxLength: 100, autocomplete: 'off' });
  const scopes = ['read', 'write', 'admin', 'audit'].map(scope => h('input', { type: 'checkbox', value: scope, checked: scope === 'read', id: `scope-${scope}` }));
  const days = h('input', { type: 'number', min: '1', max: '366', value: '90', required: true });
  const draw = () => fill(list, () => account.tokens(), 'No program acts in your name.', one => [
    h('span', { class: 'share-who' }, h('strong', {}, one.name), h('span', { class: 'quiet' }, one.scopes.join(', ')),
      h('span', { class: 'quiet' }, `Until ${when(one.expiresAt)} · ${one.lastUsedOn ? `last used ${one.lastUsedOn}` : 'never used'}`)),
    iconButton('close', `Revoke ${one.name}`, async () => {
      if (await confirm({ title: 'Revoke the token?', words: `What uses “${one.name}” cannot do anything here any more.`, yes: 'Revoke', danger: true })) {
        await act(() => account.revokeToken(one.id), draw);
      }
    }),
  ]);
  draw();
  const form = submitForm([
    h('div', { class: 'form-grid' }, field('What it is for', name), field('Days', days)),
    h('fieldset', {}, h('legend', {}, 'What it may do'), scopes.map(box => h('label', { htmlFor: box.id }, box, ` ${box.value}`))),
  ], [h('button', { class: 'button' }, 'Make token')], async () => {
    const made = await account.makeToken({
      name: name.value.trim(),
      scopes: scopes.filter(box => box.checked).map(box => box.value),
      expiresAt: new Date(Date.now() + Number(days.value) * 86_400_000 - 60_000).toISOString(),
    });
    fresh.replaceChildren(h('p', {}, 'Copy it now: it is not shown again.'), h('p', {}, h('code', { class: 'secret' }, made.token)));
    name.value = '';
    await draw();
  });
  return h('div', {}, form, fresh, list);
}

// While it is made, it is looked at again until the dialog is closed.
const LOOK_AGAIN_MS = 2000;

function takeAlong() {
  const [state, ask] = [h('div', { role: 'status' }), button('Export my data', () => account.export().then(draw, problem => complain(problem, 'This was not done')))];
  function draw(one) {
    ask.disabled = one?.status === 'making';
    state.replaceChildren(...(!one ? []
      : one.status === 'making' ? [h('p', { class: 'quiet' }, 'Being made…'), h('progress', { max: 100, value: one.percent, 'aria-label': 'Export' })]
      : one.status === 'ready' ? [h('p', {}, h('a', { href: `/api/exports/${one.id}/content`, download: '' }, `Download (${bytes(one.size)})`)),
        h('p', { class: 'quiet' }, `${count(one.files, 'file')}, ${count(one.versions, 'former version')}. It can be downloaded until ${when(one.expiresAt)}.`)]
      : [h('p', { class: 'quiet' }, `The last one is over: ${spoken(one.status).toLowerCase()}.`)]));
    if (one?.status === 'making') setTimeout(() => state.isConnected && look(), LOOK_AGAIN_MS);
  }
  const look = () => account.lastExport().then(draw, problem => problem.status === 404 ? draw(null) : complain(problem, 'This cannot be shown'));
  look();
  return h('div', {}, h('p', { class: 'hint' }, 'Your data, what happened, and your files with all their versions, as one ZIP archive. It is made in the background.'), state, ask);
}

/**
 * @param {HTMLElement} list
 * @param {() => Promise<{ items: any[] }>} read
 * @param {string} none
 * @param {(item: any) => any[]} row
 */
export async function fill(list, read, none, row) {
  try {
    const { items } = await read();
    list.replaceChildren(...(items.length ? items.map(item => h('li', {}, row(item))) : [h('li', { class: 'quiet' }, none)]));
  } catch (problem) {
    complain(problem, 'This cannot be shown');
  }
}

/** @param {() => Promise<unknown>} what @param {() => Promise<void>} then */
export const act = (what, then) => what().then(then, problem => complain(problem, 'This was not done'));
