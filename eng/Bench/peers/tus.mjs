// The reference server of tus with its store of files: it flushes nothing to the disk.
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

const tus = new Server({ path: '/files', datastore: new FileStore({ directory: process.argv[2] }) });
const listening = tus.listen({ host: '127.0.0.1', port: 0 }, () => console.log(`Page: http://127.0.0.1:${listening.address().port}/`));
