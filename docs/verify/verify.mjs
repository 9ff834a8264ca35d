#!/usr/bin/env node
// Verifies receipts, proofs, checkpoints, exported logs and what people took along of EventFiles offline. It needs Node
// and nothing else, and shares no code with the server: read it before you trust it.
//
//   node verify.mjs FILE --key VERIFIER-KEY [--checkpoint FILE] [--witness VERIFIER-KEY]... [--json]
//
// FILE is a proof (*.tlog-proof), a receipt or the answer of /api/audit/proofs/…, a checkpoint, an exported log (which
// needs --checkpoint), a person's export (a ZIP archive, which needs no key), or a test vector of RFC 6962. --checkpoint names a checkpoint that you remember: the log must have
// grown from it. Exit codes: 0 all holds, 1 something does not, 2 it cannot be verified so.
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { createInflateRaw } from 'node:zlib';

const LOG = 1;
const WITNESS = 4;
const LONGEST_BODY = 60_000;

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
export const leafHash = entry => sha256(Buffer.of(0), entry);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const isHash = bytes => Buffer.isBuffer(bytes) && bytes.length === 32;

// Only one way of writing counts: what differs in bits that nobody reads is not the same proof.
function base64(text) {
  if (typeof text !== 'string') return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

const whole = text => (/^(0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null);
const half = number => Math.floor(number / 2);

/** RFC 9162, 2.1.3.2. */
export function isIncluded(index, size, leaf, path, root) {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (![leaf, root, ...path].every(isHash)) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const neighbour of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(neighbour, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = nodeHash(hash, neighbour);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && hash.equals(root);
}

/** RFC 9162, 2.1.4.2. From an empty log nothing is shown. */
export function isConsistent(fromSize, size, fromRoot, root, path) {
  if (!Number.isSafeInteger(fromSize) || !Number.isSafeInteger(size) || fromSize <= 0 || fromSize > size) return false;
  if (!fromRoot || !root) return false;
  if (fromSize === size) return path.length === 0 && fromRoot.equals(root);
  if (path.length === 0 || ![fromRoot, root, ...path].every(isHash)) return false;
  const isWholeTree = Number.isInteger(Math.log2(fromSize));
  const steps = isWholeTree ? [fromRoot, ...path] : path;
  let [at, last] = [fromSize - 1, size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [former, latter] = [steps[0], steps[0]];
  for (const step of steps.slice(1)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [former, latter] = [nodeHash(step, former), nodeHash(step, latter)];
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      latter = nodeHash(latter, step);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && former.equals(fromRoot) && latter.equals(root);
}

/** Whole subtrees, the largest first: the root over leaves as they come. */
export class RunningRoot {
  size = 0;
  #subtrees = [];

  add(leaf) {
    this.#subtrees.push(leaf);
    for (let size = this.size++; size % 2 === 1; size = half(size)) {
      const [left, right] = this.#subtrees.splice(-2);
      this.#subtrees.push(nodeHash(left, right));
    }
  }

  root() {
    return this.#subtrees.length === 0 ? sha256() : this.#subtrees.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** A public key as signed notes write it: name+id+key. */
export function readKey(text) {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec((text ?? '').trim());
  const raw = match && base64(match[3]);
  if (!raw || raw.length !== 33 || (raw[0] !== LOG && raw[0] !== WITNESS)) return null;
  const id = sha256(match[1], '\n', raw).subarray(0, 4);
  if (id.toString('hex') !== match[2]) return null;
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw.subarray(1)]);
  return { name: match[1], kind: raw[0], id, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}

function readNote(text) {
  const end = text.lastIndexOf('\n\n');
  if (end < 0 || !text.endsWith('\n')) return null;
  const signatures = text.slice(end + 2, -1).split('\n').map(line => {
    const match = /^— (\S+) (\S+)$/.exec(line);
    return match && { name: match[1], raw: base64(match[2]) };
  });
  return signatures.every(one => one?.raw?.length > 4) ? { text: text.slice(0, end + 1), signatures } : null;
}

export function readCheckpoint(text) {
  const note = readNote(text);
  const lines = note?.text.split('\n') ?? [];
  const [size, root] = [whole(lines[1]), base64(lines[2])];
  return lines.length >= 4 && lines.slice(0, -1).every(line => line) && size !== null && isHash(root)
    ? { origin: lines[0], size, root, note } : null;
}

export function hasSigned(key, note) {
  return note.signatures.some(({ name, raw }) => {
    if (name !== key.name || !raw.subarray(0, 4).equals(key.id)) return false;
    const signature = raw.subarray(4);
    if (key.kind === LOG) return signature.length === 64 && verifySignature(null, Buffer.from(note.text), key.key, signature);
    if (signature.length !== 72) return false;
    const said = `cosignature/v1\ntime ${signature.readBigUInt64BE()}\n${note.text}`;
    return verifySignature(null, Buffer.from(said), key.key, signature.subarray(8));
  });
}

const bad = (kind, detail, more) => ({ isGood: false, kind, detail, ...more });
const good = (kind, detail, more) => ({ isGood: true, kind, detail, ...more });

function signed(checkpoint, trusted, document, kind) {
  const no = detail => bad(kind, detail, { treeSize: checkpoint.size });
  if (checkpoint.origin !== trusted.log.name || !hasSigned(trusted.log, checkpoint.note))
    return no('The log has not signed this checkpoint with the key that you trust.');
  for (const witness of trusted.witnesses)
    if (!hasSigned(witness, checkpoint.note)) return no(`The witness ${witness.name} has not signed this checkpoint.`);
  const before = trusted.remembered;
  if (!before || kind === 'export') return null;
  if (before.origin !== checkpoint.origin || !hasSigned(trusted.log, before.note))
    return no('The checkpoint that you remember is not one of this log.');
  if (before.size > checkpoint.size) return no('The log is shorter than the checkpoint that you remember: it was rolled back.');
  if (before.size === checkpoint.size)
    return before.root.equals(checkpoint.root) ? null : no('The log is another than the one that you remember: it was forked.');
  if (before.size === 0) return null;
  const growth = document?.consistency;
  if (growth?.fromSize !== before.size || !Array.isArray(growth.path))
    return no(`It does not show that the log grew from the checkpoint that you remember: ask for it with ?from=${before.size}.`);
  return isConsistent(before.size, checkpoint.size, before.root, checkpoint.root, growth.path.map(base64)) ? null
    : no('The log did not grow from the checkpoint that you remember: it was rewritten.');
}

function proof(text, trusted, document) {
  const middle = text.indexOf('\n\n');
  const checkpoint = middle < 0 ? null : readCheckpoint(text.slice(middle + 2));
  if (!checkpoint) return bad('proof', 'No checkpoint follows the proof.');
  const lines = text.slice(0, middle).split('\n');
  if (lines[0] !== 'c2sp.org/tlog-proof@v1') return bad('proof', 'It is no proof of the kind that this program knows.');
  const leaf = lines[1]?.startsWith('extra ') ? base64(lines[1].slice(6)) : null;
  if (!leaf) return bad('proof', 'What was hashed does not stand in the proof.');
  const index = lines[2]?.startsWith('index ') ? whole(lines[2].slice(6)) : null;
  if (index === null) return bad('proof', 'It does not say which leaf it is about.');
  const wrong = signed(checkpoint, trusted, document, 'proof');
  if (wrong) return wrong;
  const about = { treeSize: checkpoint.size };
  if (!isIncluded(index, checkpoint.size, leafHash(leaf), lines.slice(3).map(base64), checkpoint.root))
    return bad('proof', 'The hashes do not lead from the event to what the log signed.', { ...about, firstBadIndex: index });
  const told = beside(document, lines, text, leaf, checkpoint);
  if (told) return bad('proof', `Its field ${told} says something else than what is proven.`, about);
  const grown = document ? earlier(document.before, index, checkpoint, trusted) : null;
  if (grown) return bad('proof', grown, about);
  return good('proof', `The event is leaf ${index} of ${checkpoint.size} of ${checkpoint.origin}.`, { ...about, leaf: leaf.toString() });
}

// A receipt says how the log stood before.
function earlier(before, index, later, trusted) {
  if (before === undefined || before === null) return null;
  const known = typeof before.checkpoint === 'string' ? readCheckpoint(before.checkpoint) : null;
  if (!known || known.origin !== later.origin || !hasSigned(trusted.log, known.note))
    return 'The log has not signed what is said to have been before.';
  if (known.size > index) return 'What is said to have been before covers the event already.';
  const path = Array.isArray(before.path) ? before.path.map(base64) : [null];
  return isConsistent(known.size, later.size, known.root, later.root, path) ? null
    : 'The log did not grow from how it stood before: it was rewritten.';
}

// What stands beside the proof, for people and programs to read, must be what is proven.
function beside(document, lines, text, leaf, checkpoint) {
  if (!document) return null;
  const says = (name, isSo) => name in document && !isSo(document[name]) ? name : null;
  return says('eventId', id => id === JSON.parse(leaf.toString()).id)
    ?? says('index', index => `index ${index}` === lines[2])
    ?? says('treeSize', size => size === checkpoint.size)
    ?? says('leaf', bytes => `extra ${bytes}` === lines[1])
    ?? says('path', path => Array.isArray(path) && path.join('\n') === lines.slice(3).join('\n'))
    ?? says('checkpoint', note => text.endsWith(`\n\n${note}`))
    ?? says('receipt', receipt => receipt === JSON.parse(leaf.toString()).data?.receipt)
    ?? says('stage', stage => stage === JSON.parse(leaf.toString()).data?.stage);
}

const ofInclusion = ['leafIdx', 'treeSize', 'root', 'leafHash'];
const ofConsistency = ['size1', 'size2', 'root1', 'root2'];

// A test vector says nothing of any log: what has a field besides is none, so that no receipt passes for one.
export function isVector(json) {
  const names = Object.keys(json);
  return [ofInclusion, ofConsistency].some(asked =>
    asked.every(name => names.includes(name)) && names.every(name => [...asked, 'proof', 'desc', 'wantErr'].includes(name)))
    && (json.proof == null || Array.isArray(json.proof));
}

export function vector(json) {
  const hashes = (json.proof ?? []).map(base64);
  const holds = 'leafIdx' in json
    ? isIncluded(json.leafIdx, json.treeSize, base64(json.leafHash), hashes, base64(json.root))
    : isConsistent(json.size1, json.size2, base64(json.root1), base64(json.root2), hashes);
  const should = json.wantErr !== true;
  return { isGood: holds === should, kind: 'vector', detail: `A test vector, which proves nothing of a log: it ${holds ? 'holds' : 'does not hold'}, and ${should ? 'should' : 'should not'}.` };
}

// The text of one field of an object, as it stands in the line: numbers and spaces count.
function raw(line, field) {
  let [depth, inText, start, name, key, found] = [0, false, 0, null, null, null];
  for (let at = 0; at < line.length; at++) {
    const letter = line[at];
    if (inText) {
      if (letter === '\\') at++;
      else if (letter === '"') {
        inText = false;
        if (depth === 1 && key === null) name = JSON.parse(line.slice(start, at + 1));
      }
    } else if (letter === '"') {
      inText = true;
      if (depth === 1 && key === null) start = at;
    } else if (letter === ':' && depth === 1) {
      [key, start] = [name, at + 1];
    } else if ((letter === ',' && depth === 1) || (letter === '}' && depth === 1)) {
      // Of two of one name the last counts, as whoever reads it would have it.
      if (key === field) found = line.slice(start, at);
      key = null;
    } else if (letter === '{' || letter === '[') depth++;
    if (!inText && (letter === '}' || letter === ']')) depth--;
  }
  return found;
}

const quoted = text => (text === undefined || text === null ? 'null'
  : `"${text.replace(/[\u0000-\u001f"\\]/g, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`);

function instant(text) {
  const [, seconds, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(text);
  return `${seconds}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

/** The bytes that were hashed of an event: docs/adr/0056. */
export function leafOf(line) {
  const happened = JSON.parse(line);
  const body = raw(line, 'data');
  return Buffer.from(`{"position":${happened.position},"id":"${happened.id}","stream":${quoted(happened.stream)}`
    + `,"version":${happened.version},"type":${quoted(happened.type)},"at":"${instant(happened.at)}"`
    + `,"tenant":${quoted(happened.tenant)},"actor":${quoted(happened.actor)},"correlationId":${quoted(happened.correlationId)}`
    + `,"causationId":${quoted(happened.causationId)},"headers":${raw(line, 'headers') ?? 'null'}`
    + (Buffer.byteLength(body) <= LONGEST_BODY ? `,"data":${body}}` : `,"dataSha256":"${sha256(body).toString('hex')}"}`));
}

// What stands in an export beside events.
const OTHERS = ['{"log":', '{"chunk":', '{"password":', '{"manifest":'];

// Lines end with a line feed and nothing else: a text may hold U+2028, at which node:readline ends one in some versions of Node.
async function* linesOf(path) {
  let rest = [];
  for await (const part of createReadStream(path)) {
    let start = 0;
    for (let end; (end = part.indexOf(0x0a, start)) >= 0; start = end + 1) {
      yield Buffer.concat([...rest, part.subarray(start, end)]).toString();
      rest = [];
    }
    rest.push(part.subarray(start));
  }
  const last = Buffer.concat(rest).toString();
  if (last) yield last;
}

async function exported(path, trusted) {
  const checkpoint = trusted.remembered;
  if (!checkpoint) return bad('export', 'An exported log is verified against a checkpoint: name one with --checkpoint.');
  const wrong = signed(checkpoint, trusted, null, 'export');
  if (wrong) return wrong;
  const [tree, streams] = [new RunningRoot(), new Map()];
  let [number, position, root] = [0, 0, checkpoint.size === 0 ? tree.root() : null];
  const no = detail => bad('export', detail, { treeSize: checkpoint.size, firstBadIndex: tree.size });
  for await (const line of linesOf(path)) {
    number++;
    if (!line.startsWith('{"position":')) {
      if (OTHERS.some(start => line.startsWith(start))) continue;
      return no(`Line ${number} is none of a log.`);
    }

    let happened;
    try {
      happened = JSON.parse(line);
    } catch {
      return no(`Line ${number} cannot be read.`);
    }
    if (happened.position <= position) return no(`Line ${number} is out of order.`);
    position = happened.position;
    if (happened.version !== (streams.get(happened.stream) ?? 0) + 1) return no(`Line ${number} does not continue the stream ${happened.stream}.`);
    streams.set(happened.stream, happened.version);
    tree.add(leafHash(leafOf(line)));
    if (tree.size === checkpoint.size) root = tree.root();
  }
  if (!root) return no(`It holds ${tree.size} events, and the checkpoint covers ${checkpoint.size}: the end is missing.`);
  if (!root.equals(checkpoint.root)) return bad('export', 'Its events are not those that the log signed.', { treeSize: checkpoint.size });
  const later = tree.size - checkpoint.size;
  return good('export', `${checkpoint.size} events in ${streams.size} streams are those that ${checkpoint.origin} signed${later ? `; ${later} came later` : ''}.`, { treeSize: checkpoint.size });
}

// What stands in an archive, by its directory (PKWARE APPNOTE 4.3), with 64-bit figures where there are some.
function archived(path) {
  const file = openSync(path);
  try {
    const read = (from, count) => {
      const part = Buffer.alloc(count);
      if (from < 0 || readSync(file, part, 0, count, from) !== count) throw new Error('The archive is cut short.');
      return part;
    };
    const length = fstatSync(file).size;
    const end = read(length - 22, 22);
    if (end.readUInt32LE(0) !== 0x06054b50) throw new Error('The archive has no end.');
    let [count, size, start] = [end.readUInt16LE(10), end.readUInt32LE(12), end.readUInt32LE(16)];
    if (count === 0xffff || size === 0xffffffff || start === 0xffffffff) {
      const large = read(Number(read(length - 42, 20).readBigUInt64LE(8)), 56);
      [count, size, start] = [32, 40, 48].map(at => Number(large.readBigUInt64LE(at)));
    }
    const [rows, entries] = [read(start, size), []];
    for (let at = 0; entries.length < count;) {
      if (rows.readUInt32LE(at) !== 0x02014b50) throw new Error('The archive has a broken directory.');
      const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map(place => rows.readUInt16LE(at + place));
      const entry = {
        path: rows.toString('utf8', at + 46, at + 46 + nameBytes), method: rows.readUInt16LE(at + 10), sum: rows.readUInt32LE(at + 16),
        packed: rows.readUInt32LE(at + 20), size: rows.readUInt32LE(at + 24), start: rows.readUInt32LE(at + 42),
      };
      for (let extra = at + 46 + nameBytes; extra < at + 46 + nameBytes + extraBytes; extra += 4 + rows.readUInt16LE(extra + 2)) {
        if (rows.readUInt16LE(extra) !== 1) continue;
        let next = extra + 4;
        for (const figure of ['size', 'packed', 'start']) {
          if (entry[figure] !== 0xffffffff) continue;
          entry[figure] = Number(rows.readBigUInt64LE(next));
          next += 8;
        }
      }
      const head = read(entry.start, 30);
      entry.data = entry.start + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
      entries.push(entry);
      at += 46 + nameBytes + extraBytes + commentBytes;
    }
    return entries;
  } finally {
    closeSync(file);
  }
}

async function* contentOf(path, entry) {
  if (entry.packed === 0) return;
  const stored = createReadStream(path, { start: entry.data, end: entry.data + entry.packed - 1 });
  yield* entry.method === 8 ? stored.pipe(createInflateRaw()) : stored;
}

// ISO 3309, as ZIP has it.
function crc32(bytes) {
  let sum = 0xffffffff;
  for (const one of bytes) {
    sum ^= one;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ ((sum & 1) * 0xedb88320);
  }
  return ~sum >>> 0;
}

const isArchive = path => {
  const [file, start] = [openSync(path), Buffer.alloc(4)];
  readSync(file, start);
  closeSync(file);
  return start.readUInt32BE(0) === 0x504b0304;
};

// Of as many entries as an export has at most, with long paths.
const LONGEST_MANIFEST = 256 << 20;

/** All that is one person's, as they took it along: every entry against the manifest. */
async function taken(path) {
  const no = detail => bad('personal-export', detail);
  const left = new Map();
  for (const entry of archived(path)) left.set(entry.path, [...(left.get(entry.path) ?? []), entry]);
  const [described, another] = left.get('manifest.json') ?? [];
  if (!described) return no('It is no export: it has no manifest.json.');
  // What is unpacked may be the other one.
  if (another) return no('manifest.json is there more than once.');
  if (described.size > LONGEST_MANIFEST) return no('manifest.json is larger than that of any export.');
  const parts = [];
  for await (const part of contentOf(path, described)) parts.push(part);
  const bytes = Buffer.concat(parts);
  // Nothing else has its digest: whoever changed it in good faith is found by the archive's own checksum.
  if (crc32(bytes) !== described.sum) return no('manifest.json is not as it was written.');
  const manifest = JSON.parse(bytes.toString());
  if (manifest.eventFilesExport !== 1) return no('Its format is one that this program does not know.');
  left.delete('manifest.json');
  const digest = createHash('sha256');
  let total = 0;
  for (const { path: name, size, sha256: expected } of manifest.entries) {
    const found = left.get(name);
    if (!found) return no(`${name} is missing.`);
    left.delete(name);
    if (found.length > 1) return no(`${name} is there more than once.`);
    if (found[0].size !== size) return no(`${name} has ${found[0].size} bytes instead of ${size}.`);
    const hash = createHash('sha256');
    try {
      for await (const part of contentOf(path, found[0])) hash.update(part);
    } catch {
      return no(`${name} cannot be read.`);
    }
    if (hash.digest('hex') !== expected) return no(`${name} has other bytes than the manifest says.`);
    digest.update(`${expected} ${size} ${name}\n`);
    total += size;
  }
  for (const folder of manifest.folders) {
    const found = left.get(folder.path);
    if (!found) return no(`${folder.path} is missing.`);
    left.delete(folder.path);
    if (found.length > 1 || found[0].size !== 0) return no(`${folder.path} is there more than once, or is no folder.`);
  }
  for (const name of left.keys()) return no(`${name} is in it, and the manifest does not know it.`);
  if (digest.digest('hex') !== manifest.digest || total !== manifest.sizeBytes) return no('manifest.json does not agree with itself: its digest is not that of its entries.');
  return good('personal-export', `${manifest.entries.length} entries of ${total} bytes are as the manifest says, whose SHA-256 is ${sha256(bytes).toString('hex')}.`);
}

export async function verifyFile(path, trusted) {
  if (isArchive(path)) return taken(path);
  const start = Buffer.alloc(8);
  const file = openSync(path);
  readSync(file, start);
  closeSync(file);
  if (start.toString().startsWith('{"log":')) return exported(path, trusted);
  const text = readFileSync(path, 'utf8');
  if (text.startsWith('c2sp.org/tlog-proof@v1\n')) return proof(text, trusted, null);
  if (!text.trimStart().startsWith('{')) {
    const checkpoint = readCheckpoint(text);
    if (!checkpoint) return bad('checkpoint', 'It is none of the files that this program verifies.');
    return signed(checkpoint, trusted, null, 'checkpoint') ?? good('checkpoint', 'The checkpoint is signed by the log.', { treeSize: checkpoint.size });
  }
  let document;
  try {
    document = JSON.parse(text);
  } catch (broken) {
    return bad('proof', `It is no JSON: ${broken.message}`);
  }
  if (isVector(document)) return vector(document);
  return typeof document.proof === 'string' ? proof(document.proof, trusted, document)
    : bad('proof', 'It has no field proof with the text of a proof.');
}

function holdsVector(file) {
  if (statSync(file).size > 1 << 20) return false;
  try {
    return isVector(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return false;
  }
}

async function main(given) {
  const [files, witnesses] = [[], []];
  let [key, remembered, json] = [null, null, false];
  for (let at = 0; at < given.length; at++) {
    if (given[at] === '--key') key = given[++at];
    else if (given[at] === '--witness') witnesses.push(readKey(given[++at]));
    else if (given[at] === '--checkpoint') remembered = given[++at];
    else if (given[at] === '--json') json = true;
    else files.push(given[at]);
  }
  const usage = why => {
    console.error(`${why}\nnode verify.mjs FILE --key VERIFIER-KEY [--checkpoint FILE] [--witness VERIFIER-KEY]... [--json]`);
    return 2;
  };
  if (files.length === 0) return usage('Which file?');
  const needsNoKey = file => isArchive(file) || holdsVector(file);
  const log = readKey(key);
  if (!log && !files.every(needsNoKey)) return usage(key ? 'That is no verifier key.' : 'Whose signature do you trust? Name the key of the log.');
  if (witnesses.includes(null)) return usage('That is no key of a witness.');
  const before = remembered === null ? null : readCheckpoint(readFileSync(remembered, 'utf8'));
  if (remembered !== null && !before) return usage(`${remembered} is no checkpoint.`);
  let allGood = true;
  for (const file of files) {
    let verdict;
    try {
      verdict = await verifyFile(file, { log, witnesses, remembered: before });
    } catch (broken) {
      if (broken.code) throw broken; // The file cannot be read at all.
      verdict = bad('proof', `It is not written as such a file is: ${broken.message}`);
    }
    allGood &&= verdict.isGood;
    console.log(json ? JSON.stringify(verdict) : `${verdict.isGood ? 'good' : 'BAD '}  ${verdict.detail}${verdict.firstBadIndex === undefined ? '' : ` First bad index: ${verdict.firstBadIndex}.`}`);
  }
  return allGood ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).then(
    code => { process.exitCode = code; },
    failure => { console.error(failure.message); process.exitCode = 2; });
}
