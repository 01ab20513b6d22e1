// A one-time link: its token is taken out of the address at once, so that neither history nor a copied address has it.
const asked = new URL(location.href);
export const oneTimeLink = $state({
  token: asked.searchParams.get('claim'),
  /** The first administrator's link belongs to no account yet: its owner chooses the login name. */
  first: asked.searchParams.has('first'),
});
if (oneTimeLink.token !== null) {
  for (const part of ['claim', 'first']) asked.searchParams.delete(part);
  history.replaceState(history.state, '', asked);
}
