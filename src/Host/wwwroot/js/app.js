/**
 * Puts the page together.
 * @module
 */

import { openAccount } from './account-dialog.js';
import * as actions from './actions.js';
import { openAdmin } from './admin-dialog.js';
import { complain } from './announce.js';
import { session } from './api.js';
import { drawMe } from './avatars.js';
import { hideDetails } from './details.js';
import { startDrag } from './drag.js';
import { byId } from './dom.js';
import { icon } from './icons.js';
import { startKeyboard } from './keyboard.js';
import { keyOf, listing } from './listing.js';
import { enterLive, leaveLive, startLive } from './live.js';
import { drawTags, startMarks } from './marks.js';
import { refreshQuota } from './quota.js';
import { startPast } from './past.js';
import { rename } from './rename.js';
import { place, whenMoved } from './router.js';
import { startSearch } from './search.js';
import { selection } from './selection.js';
import { startSession } from './session.js';
import { toggleTheme, theme } from './theme.js';
import { startSpaces } from './spaces.js';
import { startToolbar } from './toolbar.js';
import { refreshTransfers, startTransfers } from './transfers.js';
import { startUploadPanel } from './upload-panel.js';
import { uploads } from './uploads.js';
import { startView } from './view.js';

for (const spot of document.querySelectorAll('[data-icon]')) spot.prepend(icon(spot.dataset.icon));

// The address belongs to the places: skipping to the files must not change it.
document.querySelector('[data-skip]').addEventListener('click', event => {
  event.preventDefault();
  byId('main').focus();
});

const chooser = byId('chooser');
chooser.addEventListener('change', () => {
  uploads.add([...chooser.files].map(file => ({ file, folderId: listing.folderId })));
  chooser.value = '';
});
const chooseFiles = () => chooser.click();

startView({
  open: actions.open,
  toggle: (item, event) => event.shiftKey ? selection.extend(keyOf(item)) : selection.toggle(keyOf(item)),
  menu: actions.menu,
}, chooseFiles);
startToolbar(chooseFiles);
startSpaces();
startSearch();
startKeyboard({ rename, remove: actions.remove, menu: actions.menu });
startDrag(actions.moveTo);
startUploadPanel();
startLive();
startMarks();
startPast();
startTransfers();

/** Many uploads may end at once: one look at the listing serves them all. */
let settle = 0;
const afterUpload = () => {
  clearTimeout(settle);
  settle = setTimeout(() => Promise.allSettled([listing.refresh(), refreshQuota()]), 150);
};
uploads.addEventListener('done', afterUpload);
uploads.addEventListener('cancelled', afterUpload);
uploads.addEventListener('listed', () => refreshQuota());
uploads.addEventListener('begun', () => refreshQuota());

const themeButton = byId('theme');
const drawTheme = () => {
  const other = theme() === 'dark' ? 'light' : 'dark';
  themeButton.replaceChildren(icon(other === 'dark' ? 'moon' : 'sun'));
  themeButton.title = themeButton.ariaLabel = `Switch to ${other} colours`;
};
themeButton.addEventListener('click', () => { toggleTheme(); drawTheme(); });
drawTheme();

const goHere = () => {
  selection.clear();
  hideDetails();
  return listing.open(place());
};
whenMoved(() => { if (!byId('app').hidden) goHere(); });

// What stands there may have changed since the page was opened.
byId('settings').addEventListener('click', () => session.me().then(openAccount, problem => complain(problem, 'Your account cannot be shown')));
byId('accounts').addEventListener('click', () => session.me().then(openAdmin, problem => complain(problem, 'Accounts cannot be shown')));

startSession({
  enter: async account => {
    drawMe(account);
    byId('accounts').hidden = !account.isAdministrator;
    byId('audit').hidden = !account.isAuditor;
    await drawTags();
    await goHere();
    enterLive();
    refreshTransfers();
    await uploads.recall(account.id).catch(error => complain(error, 'Unfinished uploads cannot be listed'));
  },
  leave: () => {
    leaveLive();
    uploads.leave();
    selection.clear();
    hideDetails();
  },
});
