// The real program on a folder of its own, for a test to start, kill and start again.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const root = resolve(import.meta.dirname, '../..');
const host = join(root, 'src/Host/bin/Release/net10.0/EventFiles.Host.dll');

/** Asks again until it is so; a minute is enough on any machine. */
export async function until(what, isSo) {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise(done => setTimeout(done, 50))) {
    const seen = await isSo();
    if (seen) return seen;
  }
  throw new Error(`Waited a minute in vain: ${what}`);
}

export class Server {
  static async start() {
    const server = new Server();
    server.data = await mkdtemp(join(tmpdir(), 'eventfiles-clients-'));
    await server.launch('http://127.0.0.1:0');
    return server;
  }

  async launch(urls) {
    this.process = spawn('dotnet', [host, 'serve', '--urls', urls, '--data', this.data], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: this.process.stdout })) {
      if (line.startsWith('Page: ')) {
        this.url = line.slice('Page: '.length).replace(/\/$/, '');
        return;
      }
    }
    throw new Error('the server did not start');
  }

  /** SIGKILL: nothing in the program gets to say goodbye. */
  kill() {
    return this.end('SIGKILL');
  }

  /** On the same folder and at the same address, as a supervisor would do it. */
  restart() {
    return this.launch(this.url);
  }

  async stop() {
    await this.end('SIGTERM');
    await rm(this.data, { recursive: true, force: true });
  }

  end(signal) {
    const ended = new Promise(done => this.process.once('exit', done));
    this.process.kill(signal);
    return ended;
  }

  async post(path, body, headers = {}) {
    const reply = await fetch(this.url + path, {
      method: 'POST', headers: { 'Content-Type': 'application/json', Prefer: 'wait=60', ...headers }, body: JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  }

  /** A new account's access token. */
  async register(email) {
    const password = 'correct horse battery';
    await this.post('/api/auth/register', { email, password, displayName: 'Somebody' });
    return (await this.post('/api/auth/login', { email, password })).accessToken;
  }
}
