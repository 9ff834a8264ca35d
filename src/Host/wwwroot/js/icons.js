/**
 * The page's icons: strokes on a grid of 24.
 * @module
 */

const strokes = {
  folder: ['M3 7.5A2.5 2.5 0 0 1 5.5 5h3.2c.7 0 1.3.3 1.8.8L12 7.3h6.5A2.5 2.5 0 0 1 21 9.8v6.7a2.5 2.5 0 0 1-2.5 2.5h-13A2.5 2.5 0 0 1 3 16.5z'],
  'folder-plus': ['M3 7.5A2.5 2.5 0 0 1 5.5 5h3.2c.7 0 1.3.3 1.8.8L12 7.3h6.5A2.5 2.5 0 0 1 21 9.8v6.7a2.5 2.5 0 0 1-2.5 2.5h-13A2.5 2.5 0 0 1 3 16.5z', 'M12 10.5v5M9.5 13h5'],
  file: ['M7 3h6.5L19 8.5V18a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3V5.5', 'M5 6a3 3 0 0 1 3-3h5v3.5A2.5 2.5 0 0 0 15.5 9H19'],
  picture: ['M6 4h12a2.5 2.5 0 0 1 2.5 2.500v11A2.5 2.5 0 0 1 18 20H6a2.5 2.5 0 0 1-2.5-2.500v-11A2.5 2.5 0 0 1 6 4z', 'M9 10.200a1.3 1.3 0 1 0 0-2.6 1.3 1.3 0 0 0 0 2.600z', 'm4 17 4.6-4.2 3.2 2.8 3.6-4 5 5'],
  text: ['M6 3h7l6 6v9.500A2.5 2.5 0 0 1 16.5 21h-9A2.5 2.5 0 0 1 5 18.500V5.5', 'M8.5 12.500h7M8.5 16h5M8.5 9h2.5'],
  film: ['M5.5 5h13A2.5 2.5 0 0 1 21 7.500v9a2.5 2.5 0 0 1-2.5 2.500h-13A2.5 2.5 0 0 1 3 16.500v-9A2.5 2.5 0 0 1 5.5 5z', 'm10.5 9.3 4.5 2.7-4.5 2.700z'],
  music: ['M9 17.500V6l10-2v11.5', 'M6.5 20a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM16.5 18a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z'],
  archive: ['M4 5h16v4H4z', 'M5.5 9v8.500A2.5 2.5 0 0 0 8 20h8a2.5 2.5 0 0 0 2.5-2.500V9M10 12.500h4'],
  upload: ['M12 16V5M7.5 9.2 12 4.700l4.5 4.5', 'M4.5 15.500v1.800A2.7 2.7 0 0 0 7.2 20h9.600a2.7 2.7 0 0 0 2.7-2.700v-1.8'],
  download: ['M12 4.500v11M7.5 11.300l4.5 4.5 4.5-4.5', 'M4.5 16v1.300A2.7 2.7 0 0 0 7.2 20h9.600a2.7 2.7 0 0 0 2.7-2.700V16'],
  trash: ['M4.5 7h15M9.5 7V5.500A1.5 1.5 0 0 1 11 4h2a1.5 1.5 0 0 1 1.5 1.500V7', 'm6.3 7 .8 10.700A2.5 2.5 0 0 0 9.6 20h4.800a2.5 2.5 0 0 0 2.5-2.300L17.7 7M10.3 11v5M13.7 11v5'],
  restore: ['M4.5 12a7.5 7.5 0 1 0 2.4-5.500L4.5 8.7', 'M4.5 4.700v4h4M12 8v4.300l2.8 1.7'],
  person: ['M12 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z', 'M5.8 19.500a6.2 6.2 0 0 1 12.4 0'],
  people: ['M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.8 19.500a6.2 6.2 0 0 1 12.4 0', 'M15.5 4.800a3.5 3.5 0 0 1 0 6.400M17.5 14a6.2 6.2 0 0 1 3.7 5.5'],
  share: ['M17 8.500a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.600zM6.5 14.800a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.600zM17 21.100a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.600z', 'm9 10.7 5.6-3.400M9 13.400l5.6 3.3'],
  link: ['M10.2 13.800a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.700l-1.2 1.2', 'M13.8 10.200a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.700l1.2-1.2'],
  grid: ['M5 4.500h4.500a.5.5 0 0 1 .5.5v4.500a.5.5 0 0 1-.5.5H5a.5.5 0 0 1-.5-.5V5a.5.5 0 0 1 .5-.5zM14.5 4.500H19a.5.5 0 0 1 .5.5v4.500a.5.5 0 0 1-.5.5h-4.500a.5.5 0 0 1-.5-.5V5a.5.5 0 0 1 .5-.5zM5 14h4.500a.5.5 0 0 1 .5.5V19a.5.5 0 0 1-.5.5H5a.5.5 0 0 1-.5-.5v-4.500A.5.5 0 0 1 5 14zM14.5 14H19a.5.5 0 0 1 .5.5V19a.5.5 0 0 1-.5.5h-4.500a.5.5 0 0 1-.5-.5v-4.500a.5.5 0 0 1 .5-.5z'],
  list: ['M9 6.500h11M9 12h11M9 17.500h11M4.5 6.500h.01M4.5 12h.01M4.5 17.500h.01'],
  more: ['M12 6h.01M12 12h.01M12 18h.01'],
  star: ['m12 4 2.5 5 5.500.8-4 3.900.950 5.500L12 16.600l-4.950 2.600.950-5.500-4-3.900 5.500-.8z'],
  tag: ['M4 5.500v5.700c0 .6.2 1.100.7 1.600l6.600 6.600a2 2 0 0 0 2.800 0l5.100-5.100a2 2 0 0 0 0-2.800L12.600 4.900a2 2 0 0 0-1.500-.7H5.400A1.400 1.400 0 0 0 4 5.500z', 'M8.300 8.500h.01'],
  close: ['M6 6l12 12M18 6 6 18'],
  check: ['m5 12.5 4.7 4.700L19.5 7.3'],
  pause: ['M9 6v12M15 6v12'],
  play: ['M8 5.500v13l10.5-6.500z'],
  retry: ['M19.5 12a7.5 7.5 0 1 1-2.4-5.500l2.4 2.2', 'M19.5 4.700v4h-4'],
  pencil: ['m14.5 5.5 4 4M4.5 19.500l.8-4.300L15.7 4.800a1.8 1.8 0 0 1 2.5 0l1 1a1.8 1.8 0 0 1 0 2.500L8.8 18.700z'],
  move: ['M3 7.500A2.5 2.5 0 0 1 5.5 5h3.200c.7 0 1.3.3 1.8.8L12 7.300h6.500A2.5 2.5 0 0 1 21 9.800v6.700a2.5 2.5 0 0 1-2.5 2.500h-13A2.5 2.5 0 0 1 3 16.500z', 'M8.5 13.200h6.500M12.7 10.700l2.5 2.5-2.5 2.5'],
  info: ['M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5M12 8h.01'],
  warning: ['M12 4 2.8 19.500h18.400z', 'M12 10v4.500M12 17h.01'],
  copy: ['M10 8.500h7.500A1.5 1.5 0 0 1 19 10v8.500a1.5 1.5 0 0 1-1.5 1.500H10a1.5 1.5 0 0 1-1.5-1.500V10A1.5 1.5 0 0 1 10 8.500z', 'M15.5 8.500v-3A1.5 1.5 0 0 0 14 4H6.500A1.5 1.5 0 0 0 5 5.500V14a1.5 1.5 0 0 0 1.5 1.500h2'],
  chevron: ['m9.5 6 6 6-6 6'],
  down: ['m6 9.5 6 6 6-6'],
  eye: ['M2.8 12S6.3 5.8 12 5.8 21.2 12 21.2 12 17.7 18.2 12 18.2 2.8 12 2.8 12z', 'M12 14.700a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.400z'],
  clock: ['M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17z', 'M12 7.500V12l3 2'],
  sun: ['M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.800v2M12 19.200v2M4.8 4.800l1.5 1.500M17.7 17.700l1.5 1.500M2.8 12h2M19.2 12h2M4.8 19.200l1.5-1.500M17.7 6.300l1.5-1.5'],
  moon: ['M20 14.200A8.3 8.3 0 0 1 9.8 4 8.3 8.3 0 1 0 20 14.200z'],
  leave: ['M13.5 4.500h-6A2.5 2.5 0 0 0 5 7v10a2.5 2.5 0 0 0 2.5 2.500h6', 'M10 12h10M16.5 8.3 20.2 12l-3.7 3.7'],
  lock: ['M7.5 10.500h9A1.5 1.5 0 0 1 18 12v6.500a1.5 1.5 0 0 1-1.5 1.500h-9A1.5 1.5 0 0 1 6 18.500V12a1.5 1.5 0 0 1 1.5-1.500z', 'M8.5 10.500V8a3.5 3.5 0 0 1 7 0v2.5'],
  home: ['m3.8 11.5 7-6.600a1.8 1.8 0 0 1 2.4 0l7 6.6', 'M6 9.800v7.700A2.5 2.5 0 0 0 8.5 20h7a2.5 2.5 0 0 0 2.5-2.500V9.8'],
  book: ['M12 6.500C10.5 5.2 8 4.7 4 4.700v13c4 0 6.5.5 8 1.8 1.5-1.3 4-1.8 8-1.800v-13c-4 0-6.5.5-8 1.800zM12 6.500v13'],
};

const svg = 'http://www.w3.org/2000/svg';

/**
 * An icon, silent to screen readers: what stands beside it says what it means.
 * @param {string} name
 */
export function icon(name) {
  const picture = document.createElementNS(svg, 'svg');
  picture.setAttribute('viewBox', '0 0 24 24');
  picture.setAttribute('class', `icon icon-${name}`);
  picture.setAttribute('aria-hidden', 'true');
  for (const stroke of strokes[name] ?? strokes.file) {
    const path = document.createElementNS(svg, 'path');
    path.setAttribute('d', stroke);
    picture.append(path);
  }
  return picture;
}

/**
 * The icon and the tint of a kind of content.
 * @param {{ kind?: string, contentType?: string | null }} item
 * @returns {{ name: string, tint: string, says: string }}
 */
export function iconOf({ kind, contentType }) {
  const type = contentType ?? '';
  if (kind === 'folder') return { name: 'folder', tint: 'folder', says: 'Folder' };
  if (type.startsWith('image/')) return { name: 'picture', tint: 'picture', says: 'Picture' };
  if (type.startsWith('video/')) return { name: 'film', tint: 'film', says: 'Video' };
  if (type.startsWith('audio/')) return { name: 'music', tint: 'film', says: 'Sound' };
  if (type === 'application/pdf') return { name: 'text', tint: 'pdf', says: 'PDF' };
  if (/zip|tar|compressed|gzip/.test(type)) return { name: 'archive', tint: 'archive', says: 'Archive' };
  if (type.startsWith('text/') || /json|xml|word|document/.test(type)) return { name: 'text', tint: 'text', says: 'Document' };
  return { name: 'file', tint: 'text', says: 'File' };
}
