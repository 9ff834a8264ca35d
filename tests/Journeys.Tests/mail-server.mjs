// A mail server of others (npm smtp-server). Prints its port, then each mail it took as a line of JSON.
// Arguments: none for plain SMTP without a login, or: key.pem certificate.pem user password (STARTTLS and a login are needed).
// Each mail is first refused with 451, as a greylisting server does.
import { readFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

const [key, cert, user, password] = process.argv.slice(2);
const seen = new Set();

const server = new SMTPServer({
  ...(key
    ? { key: readFileSync(key), cert: readFileSync(cert), authMethods: ['PLAIN', 'LOGIN'], allowInsecureAuth: false }
    : { authOptional: true, disabledCommands: ['STARTTLS'] }),
  onAuth: (auth, session, done) => auth.username === user && auth.password === password
    ? done(null, { user })
    : done(new Error('Another login')),
  onData(stream, session, done) {
    const chunks = [];
    stream.on('data', chunk => chunks.push(chunk));
    stream.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const id = /^Message-Id: *(.*)$/mi.exec(text)?.[1];
      if (!seen.has(id)) {
        seen.add(id);
        return done(Object.assign(new Error(`<${session.envelope.rcptTo[0].address}> come again`), { responseCode: 451 }));
      }

      const to = session.envelope.rcptTo.map(one => one.address);
      process.stdout.write(`${JSON.stringify({ to, from: session.envelope.mailFrom.address, text, secure: session.secure })}\n`);
      done();
    });
  },
});
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.server.address().port}\n`));
