// An identity provider of others (npm oidc-provider). Prints its port. Whoever signs in there is who they say; mail to
// addresses that begin with unproved- was not read. Argument: where browsers are sent back to.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [callback] = process.argv.slice(2);
const free = createServer();
await new Promise(resolve => free.listen(0, '127.0.0.1', resolve));
const { port } = free.address();
await new Promise(resolve => free.close(resolve));

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'eventfiles', client_secret: 's3sam-open', redirect_uris: [callback], response_types: ['code'], grant_types: ['authorization_code'],
  }],
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: !id.startsWith('unproved-'), name: 'Somebody from elsewhere' }),
  }),
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: false,
});
provider.listen(port, '127.0.0.1', () => process.stdout.write(`${port}\n`));
