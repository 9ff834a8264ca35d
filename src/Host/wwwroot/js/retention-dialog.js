/**
 * How long what is in a folder stays: its own rule, and what holds with those above.
 * @module
 */

import { whisper } from './announce.js';
import { folders } from './api.js';
import { button, field, h } from './dom.js';
import { openDialog, submitForm } from './dialogs.js';
import { count, exactly } from './format.js';

const fields = [
  ['deleteAfterDays', 'Delete files for good after', 'days', 36_525],
  ['keepAtLeastDays', 'Keep files and versions at least', 'days', 36_525],
  ['keepVersions', 'Of each file keep so many versions', 'versions', 10_000],
  ['keepVersionDays', 'Keep versions for', 'days', 36_525],
  ['emptyTrashAfterDays', 'Empty the trash after', 'days', 36_525],
];

/** @param {{ id: string, name: string }} folder */
export function openRetention(folder) {
  return openDialog(`Retention of “${folder.name}”`, dialog => {
    const content = h('div', {}, h('p', { class: 'quiet', role: 'status' }, 'Loading…'));
    folders.retention(folder.id).then(
      found => {
        content.replaceChildren(...form(folder, found, dialog));
        content.querySelector('input').focus();
      },
      problem => content.replaceChildren(h('p', { class: 'form-error', role: 'alert' }, problem.message)));
    return [content];
  });
}

/** @returns {Node[]} */
function form(folder, { own, effective, nextSweep }, dialog) {
  const inputs = fields.map(([name, label, unit, max]) => ({
    name, label: `${label} (${unit})`,
    input: h('input', { type: 'number', min: '1', max: String(max), step: '1', inputMode: 'numeric', value: own?.[name] ?? '' }),
  }));
  const since = h('select', {}, h('option', { value: 'modified' }, 'their last change'), h('option', { value: 'created' }, 'their creation'));
  since.value = own?.since ?? 'modified';
  const end = (/** @type {string} */ words) => {
    whisper(words);
    dialog.close('yes');
  };
  const [first, ...others] = inputs.map(({ label, input }) => field(label, input));
  return [
    h('p', {}, words(effective), nextSweep && ` The next look at it is ${exactly(nextSweep)}.`),
    submitForm(
      [first, field('Counted from', since), ...others,
        h('p', { class: 'hint' }, 'What is left empty the folder above decides. What a rule deletes is gone for good; what is on legal hold stays. The current version always stays, and so do versions with a label.')],
      [own && button('Remove the rule', async () => {
        await folders.unkeep(folder.id);
        end('The folder has no rule of its own any more');
      }, { class: 'button danger' }), button('Cancel', () => dialog.close('')), h('button', { class: 'button primary' }, 'Save')].filter(Boolean),
      async () => {
        await folders.keep(folder.id, {
          since: since.value, ...Object.fromEntries(inputs.map(({ name, input }) => [name, input.value ? input.valueAsNumber : null])),
        });
        end('The rule holds');
      }),
  ];
}

/** @param {any} rule what holds */
function words(rule) {
  const parts = [
    rule.deleteAfterDays && `files are deleted ${count(rule.deleteAfterDays, 'day')} after their ${rule.since === 'created' ? 'creation' : 'last change'}`,
    rule.keepAtLeastDays && `nothing is deleted for good within ${count(rule.keepAtLeastDays, 'day')}`,
    rule.keepVersions && `the newest ${count(rule.keepVersions, 'version')} of each file stay`,
    rule.keepVersionDays && `versions stay for ${count(rule.keepVersionDays, 'day')}`,
    rule.emptyTrashAfterDays && `the trash is emptied after ${count(rule.emptyTrashAfterDays, 'day')}`,
  ].filter(Boolean);
  return parts.length ? `Here ${parts.join(', ')}.` : 'Here everything stays until somebody deletes it.';
}
