// Says in a JPEG's EXIF that the camera was held sideways: turn.mjs FILE ORIENTATION
import { readFileSync, writeFileSync } from 'node:fs';

const [path, orientation] = process.argv.slice(2);
const jpeg = readFileSync(path);
let rest = 2;
while (jpeg[rest + 1] === 0xe1) rest += 2 + jpeg.readUInt16BE(rest + 2);
// Little-endian TIFF: header, one directory with one entry (0x0112 Orientation, one SHORT), no next directory.
const tiff = Buffer.from('49492a0008000000' + '0100' + '12010300010000000000' + '0000' + '00000000', 'hex');
tiff.writeUInt16LE(Number(orientation), 18);
const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
const head = Buffer.from([0xff, 0xe1, 0, 0]);
head.writeUInt16BE(body.length + 2, 2);
writeFileSync(path, Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(rest)]));
