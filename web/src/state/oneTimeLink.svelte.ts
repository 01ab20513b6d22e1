// A one-time link: its token is taken out of the address at once, so that neither history nor a copied address has it.
import { setBearer } from '../api/http';

const asked = new URL(location.href);
export const oneTimeLink = $state({
  token: asked.searchParams.get('claim'),
  /** The first administrator's link belongs to no account yet: its owner chooses the login name. */
  first: asked.searchParams.has('first'),
});
/** A participant's link: the round, and the address as it came, whose token stands behind the hash and is sent to no server by itself. */
export const roundLink = { round: asked.searchParams.get('round'), address: asked.href };
if (roundLink.round) setBearer(asked.hash.slice(1));
if (oneTimeLink.token !== null) {
  for (const part of ['claim', 'first']) asked.searchParams.delete(part);
  history.replaceState(history.state, '', asked);
}
