// A one-time link: its token is taken out of the address at once, so that neither history nor a copied address has it.
const asked = new URL(location.href);
export const oneTimeLink = $state({ token: asked.searchParams.get('claim') });
if (oneTimeLink.token !== null) {
  asked.searchParams.delete('claim');
  history.replaceState(history.state, '', asked);
}
