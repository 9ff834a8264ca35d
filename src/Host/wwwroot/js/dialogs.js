/**
 * Native modal dialogs: the browser keeps the focus inside, gives it back, and closes on Escape.
 * @module
 */

import { h, button, field, iconButton } from './dom.js';

/**
 * Shows a dialog until it is closed.
 * @param {string} title
 * @param {(dialog: HTMLDialogElement) => (Node | null | undefined | false)[]} content
 * @param {{ class?: string }} [options]
 * @returns {Promise<string>} the dialog's return value; empty when it was dismissed
 */
export function openDialog(title, content, options = {}) {
  const heading = h('h2', { id: `dialog-${++dialogs}`, 'aria-live': 'polite' }, title);
  const dialog = h('dialog', { class: `dialog ${options.class ?? ''}`, 'aria-labelledby': heading.id });
  dialog.append(h('header', {}, heading, iconButton('close', 'Close', () => dialog.close(''))));
  dialog.append(...content(dialog).filter(Boolean));
  dialog.addEventListener('pointerdown', event => { if (event.target === dialog) dialog.close(''); });
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.showModal();
  /** @type {HTMLElement | null} */ (dialog.querySelector('[data-first]'))?.focus();
  return new Promise(resolve => dialog.addEventListener('close', () => {
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
    resolve(dialog.returnValue);
  }));
}

let dialogs = 0;

/**
 * Asks before something that cannot be taken back.
 * @param {{ title: string, words: string, yes: string, danger?: boolean }} question
 * @returns {Promise<boolean>}
 */
export async function confirm({ title, words, yes, danger }) {
  const answer = await openDialog(title, dialog => [
    h('p', {}, words),
    h('footer', {},
      button('Cancel', () => dialog.close(''), { 'data-first': '' }),
      button(yes, () => dialog.close('yes'), { class: `button ${danger ? 'danger' : 'primary'}` })),
  ], { class: 'small' });
  return answer === 'yes';
}

/**
 * Asks for one line of text and stays open, with the reason, for as long as it is refused.
 * @param {{ title: string, label: string, value?: string, yes: string, optional?: boolean, maxLength?: number,
 *   submit: (value: string) => Promise<unknown> }} question
 * @returns {Promise<boolean>} whether it was done
 */
export async function ask({ title, label, value = '', yes, optional = false, maxLength = 255, submit }) {
  const answer = await openDialog(title, dialog => {
    const input = h('input', { type: 'text', value, required: !optional, maxLength, autocomplete: 'off', 'data-first': '' });
    return [submitForm(
      [field(label, input)],
      [button('Cancel', () => dialog.close('')), h('button', { class: 'button primary' }, yes)],
      async () => {
        await submit(input.value.trim());
        dialog.close('yes');
      })];
  }, { class: 'small' });
  return answer === 'yes';
}

/**
 * A form that says why it was refused and can only be sent once at a time.
 * @param {(Node | null | false)[]} fields
 * @param {Node[]} buttons
 * @param {() => Promise<unknown>} submit
 */
export function submitForm(fields, buttons, submit) {
  const error = h('p', { class: 'form-error', role: 'alert', hidden: true });
  const form = h('form', { class: 'form', onsubmit: async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (form.ariaBusy === 'true') return;
    form.ariaBusy = 'true';
    error.hidden = true;
    try {
      await submit();
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
    } finally {
      form.ariaBusy = 'false';
    }
  } }, fields, error, buttons.length ? h('footer', {}, ...buttons) : null);
  return form;
}
