/**
 * Light or dark: the system's choice until the person makes another.
 * @module
 */

const dark = matchMedia('(prefers-color-scheme: dark)');
const kept = 'eventfiles.theme';

/** @returns {'light' | 'dark'} */
export const theme = () => {
  const chosen = localStorage.getItem(kept);
  return chosen === 'light' || chosen === 'dark' ? chosen : dark.matches ? 'dark' : 'light';
};

export function applyTheme() {
  document.documentElement.dataset.theme = theme();
}

/** @returns {'light' | 'dark'} what it is now */
export function toggleTheme() {
  const next = theme() === 'dark' ? 'light' : 'dark';
  if (next === (dark.matches ? 'dark' : 'light')) localStorage.removeItem(kept);
  else localStorage.setItem(kept, next);
  applyTheme();
  return next;
}

dark.addEventListener('change', applyTheme);
applyTheme();
