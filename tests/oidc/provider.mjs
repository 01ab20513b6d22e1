// node provider.mjs PORT REDIRECT_URI: an OpenID Connect provider in which everybody logs in by any name and password. Prints a line
// when it listens.
import Provider from 'oidc-provider';

const [port, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'shigu',
      client_secret: 'a secret of the test',
      redirect_uris: [redirect],
      post_logout_redirect_uris: [redirect.replace(/session\/.*/, '')],
    },
  ],
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
  claims: { openid: ['sub'], profile: ['preferred_username'] },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['of the test'] },
  pkce: { required: () => true },
});
provider.listen(port, '127.0.0.1', () => console.log(`listening ${issuer}`));
