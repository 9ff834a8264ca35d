/**
 * Legal holds, for auditors: which stand, another one, and the end of one.
 * @module
 */

import { holds } from './api.js';
import { ask, submitForm } from './dialogs.js';
import { button, field, h } from './dom.js';
import { exactly } from './format.js';

const kinds = { file: 'A file', folder: 'A folder and all in it', account: 'All of a person' };

/** The section of the auditors' page. */
export function holdsSection() {
  const list = h('ul', { class: 'holds' });
  const more = button('Show more', () => draw(next), { hidden: true });
  let next = null;
  const draw = async (cursor = null) => {
    try {
      const page = await holds.list({ limit: 50, cursor });
      next = page.nextCursor;
      more.hidden = !next;
      const rows = page.items.map(hold => row(hold, draw));
      if (cursor) list.append(...rows);
      else list.replaceChildren(...rows.length ? rows : [h('li', { class: 'quiet' }, 'Nothing is on hold.')]);
    } catch (problem) {
      list.replaceChildren(h('li', { class: 'form-error', role: 'alert' }, problem.message));
    }
  };
  const kind = h('select', {}, ...Object.entries(kinds).map(([value, words]) => h('option', { value }, words)));
  const id = h('input', { type: 'text', required: true, autocomplete: 'off', spellcheck: false, maxLength: 36, placeholder: '0197c2a4-6f1e-…' });
  const reason = h('input', { type: 'text', required: true, autocomplete: 'off', maxLength: 1000 });
  draw();
  return h('section', { class: 'audit', 'aria-labelledby': 'holds-heading' }, h('h2', { id: 'holds-heading' }, 'Legal holds'),
    h('p', { class: 'quiet' }, 'What is on hold nobody deletes for good, no rule either. Why it is held, auditors alone see.'),
    submitForm(
      [h('div', { class: 'audit-fields' }, field('Hold', kind), field('The id of what is held', id), field('Reason', reason))],
      [h('button', { class: 'button' }, 'Place a hold')],
      async () => {
        await holds.place({ kind: kind.value, targetId: id.value.trim(), reason: reason.value.trim() });
        id.value = reason.value = '';
        await draw();
      }),
    list, more);
}

const row = (hold, draw) => h('li', { 'data-hold': hold.id },
  h('span', {}, h('strong', {}, hold.reason), ' ', h('span', { class: 'quiet' }, `${kinds[hold.kind]}, ${hold.targetId}, since ${exactly(hold.placedAt)}`)),
  button('Lift…', () => ask({
    title: 'Lift this hold?', label: 'Reason', yes: 'Lift it', maxLength: 1000,
    submit: async why => {
      await holds.lift(hold.id, why);
      await draw();
    },
  })));
