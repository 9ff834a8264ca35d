/**
 * The auditors' page: what happened to a file, a folder or a person's things, and how it stood at a moment.
 * @module
 */

import { Problem, audit, session } from './api.js';
import { submitForm } from './dialogs.js';
import { byId, field, h } from './dom.js';
import { count, exactly, spoken } from './format.js';
import { holdsSection } from './holds.js';
import './theme.js';

const page = byId('audit');
const perPage = 200;

/** @typedef {{ position: number, at: string, outcome: 'done' | 'refused', what: string, request: string | null, via: string | null,
 *   actor: { id: string, displayName: string | null } | null, stream: string, eventId: string, details: Record<string, unknown> }} Entry */

/** @param {string} title @param {string} words */
const say = (title, words) => page.replaceChildren(
  h('h2', {}, title), h('p', {}, words), h('p', {}, h('a', { class: 'button primary', href: '/' }, 'Go to your files')));

const option = (value, label) => h('option', { value }, label);

function fields() {
  const chosen = new URLSearchParams(location.hash.slice(1));
  const about = h('select', {}, option('file', 'A file'), option('folder', 'A folder'), option('person', 'A person'), option('', 'Everything'));
  const id = h('input', { type: 'text', autocomplete: 'off', spellcheck: false, maxLength: 36, placeholder: '0197c2a4-6f1e-…' });
  for (const kind of ['file', 'folder', 'person']) {
    if (chosen.has(kind)) [about.value, id.value] = [kind, chosen.get(kind)];
  }
  return {
    about, id,
    outcome: h('select', {}, option('', 'Done and refused'), option('done', 'Done'), option('refused', 'Refused')),
    kind: h('input', { type: 'text', autocomplete: 'off', spellcheck: false, maxLength: 200, placeholder: 'share.granted' }),
    from: h('input', { type: 'datetime-local' }),
    to: h('input', { type: 'datetime-local' }),
    asOf: h('input', { type: 'datetime-local', step: '1' }),
  };
}

const time = input => input.value ? new Date(input.value).toISOString() : null;

function ask() {
  const input = fields();
  const result = h('section', { class: 'audit', 'aria-live': 'polite' });
  const filter = () => ({
    ...(input.about.value && input.id.value.trim() ? { [input.about.value]: input.id.value.trim() } : {}),
    outcome: input.outcome.value || null, kind: input.kind.value.trim() || null, from: time(input.from), to: time(input.to),
    asOf: time(input.asOf),
  });
  page.replaceChildren(
    submitForm([h('div', { class: 'audit-fields' },
      field('About', input.about), field('Its id', input.id), field('Outcome', input.outcome), field('Kind', input.kind),
      field('From', input.from), field('Before', input.to), field('As it stood on', input.asOf))],
    [h('button', { class: 'button primary' }, 'Show')],
    () => show(filter(), result)),
    result, holdsSection());
  if (input.id.value) show(filter(), result).catch(problem => result.replaceChildren(h('p', { class: 'form-error', role: 'alert' }, problem.message)));
}

/** All that one question finds, page by page; stops where it is too much to look at. */
async function found(filter) {
  const entries = [];
  let cursor = null;
  do {
    const next = await audit.events({ ...filter, limit: perPage, cursor });
    entries.push(...next.items);
    cursor = next.nextCursor;
  } while (cursor && entries.length < 5 * perPage);
  return { entries, isWhole: !cursor };
}

async function show(filter, result) {
  const { entries, isWhole } = await found(filter);
  const list = h('ol', { class: 'timeline' });
  const access = h('div', { class: 'audit-access' });
  const summary = h('p', { class: 'quiet', role: 'status' });
  let drawn = 0;
  const draw = async (/** @type {Entry[]} */ shown) => {
    const turn = ++drawn;
    list.replaceChildren(...shown.map(row));
    summary.textContent = `${count(shown.length, 'entry', 'entries')}${isWhole ? '' : ', and more: narrow the question or take it along as a file'}`;
    const answer = await accessAt(filter.file, latest(shown));
    if (turn === drawn) access.replaceChildren(...answer);
  };
  result.replaceChildren(...[
    entries.length > 1 && travel(entries, filter, draw),
    h('div', { class: 'audit-tools' }, summary, save('NDJSON', filter, 'ndjson'), save('CSV', filter, 'csv')),
    access, list].filter(Boolean));
  await draw(entries);
}

/**
 * In the order of the log times go back now and then: who came into it first had looked at the clock later.
 * @param {Entry[]} entries
 * @returns {Entry | null}
 */
const latest = entries => entries.reduce((last, one) => last && new Date(last.at) > new Date(one.at) ? last : one, null);

/** A way through time: at each event the server is asked what the log said then. */
function travel(entries, filter, draw) {
  const label = h('output', { class: 'quiet' });
  const slider = h('input', { type: 'range', min: '1', max: String(entries.length), value: String(entries.length), id: 'travel' });
  const tell = () => {
    const at = entries[slider.valueAsNumber - 1];
    label.textContent = exactly(at.at);
    slider.setAttribute('aria-valuetext', label.textContent);
    return at;
  };
  slider.addEventListener('input', tell);
  let asked = 0;
  slider.addEventListener('change', async () => {
    const [moment, turn] = [tell(), ++asked];
    try {
      const then = await found({ ...filter, asOf: moment.position });
      if (turn === asked) await draw(then.entries);
    } catch (problem) {
      if (turn === asked) label.textContent = problem.message;
    }
  });
  tell();
  return h('div', { class: 'audit-travel' }, h('label', { htmlFor: 'travel' }, 'Go back in time'), label, slider);
}

/** Who could open the file at that moment, as the log tells. */
async function accessAt(fileId, moment) {
  if (!fileId || !moment) return [];
  try {
    const past = await audit.access(fileId, moment.at, new Date(new Date(moment.at).getTime() + 1).toISOString());
    // What begins with the moment is how it stood then; the rest of the millisecond is later.
    const then = past.people.filter(span => new Date(span.from) <= new Date(moment.at));
    return [h('h2', {}, 'Who could open it then'), h('ul', {}, ...then.map(span =>
      h('li', {}, span.who.displayName ?? span.who.email ?? span.who.id, ' ', h('span', { class: 'quiet' }, span.role))))];
  } catch (problem) {
    // What was refused about a file that never was has no past.
    if (problem instanceof Problem && problem.status < 500) return [];
    throw problem;
  }
}

const save = (name, filter, format) => h('a', { class: 'button', href: audit.file(filter, format), download: '' }, `Save as ${name}`);

/** @param {Entry} entry */
function row(entry) {
  const isRefused = entry.outcome === 'refused';
  const details = h('details', { ontoggle: () => { if (details.open && details.childElementCount === 1) open(details, entry); } }, h('summary', {}, 'Details'));
  return h('li', { class: isRefused ? 'refused' : '', 'data-event': entry.eventId },
    h('span', {}, h('strong', {}, spoken(isRefused ? entry.details.request ?? entry.what : entry.what)),
      isRefused && h('span', { class: 'refused-word' }, ` refused: ${entry.details.code ?? ''}`)),
    h('span', { class: 'quiet' }, [exactly(entry.at), who(entry), entry.address && `from ${entry.address}`, `position ${entry.position}`].filter(Boolean).join(' · ')),
    details);
}

const who = entry => entry.actor ? entry.actor.displayName ?? entry.actor.id : entry.via === 'api' ? 'somebody who had not signed in' : 'the system';

/** The fields, and what led to it. */
async function open(details, entry) {
  const causes = h('p', { class: 'quiet' }, 'Looking for what led to it…');
  details.append(h('pre', {}, JSON.stringify(entry.details, null, 2)), h('p', { class: 'quiet' }, `Event ${entry.eventId} in ${entry.stream}`), causes);
  try {
    const { steps, command } = await audit.causes(entry.eventId);
    causes.textContent = [...steps.map(step => spoken(step.what)), command && `${spoken(command.request ?? 'a command')} by ${who(command)}`]
      .filter(Boolean).join(' ← ');
  } catch (problem) {
    causes.textContent = problem.message;
  }
}

try {
  const me = await session.me();
  if (me.isAuditor) ask();
  else say('This is for auditors', 'An administrator names who reads the audit log.');
} catch (problem) {
  say('Sign in first', problem instanceof Problem && problem.status === 401 ? 'The audit log is for auditors.' : problem.message);
}
