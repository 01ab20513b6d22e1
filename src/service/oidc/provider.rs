//! The provider: its description and keys, fetched when they are first wanted and again when its keys have changed; the
//! code redeemed; the ID token verified. HTTPS to that one host, no redirects, no proxies, ten seconds and a megabyte at most.

use super::{OidcError, OidcSettings, Pending, words};
use crate::core::model::Text;
use crate::service::clock;
use crate::service::task::blocking;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm as Algorithm};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadataWithLogout, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, TokenResponse,
};
use serde_json::Value;
use std::fs;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// For how long a description is used.
const FRESH: Duration = Duration::from_hours(24);
/// Between two fetches that a token with an unknown key has brought about: nobody makes the service fetch without end.
const BETWEEN: Duration = Duration::from_secs(30);
/// After a failure others get its answer at once instead of waiting for the next.
const REST: Duration = Duration::from_secs(3);
const TIMEOUT: Duration = Duration::from_secs(10);
const LARGEST: u64 = 1 << 20;
/// Codes that are redeemed at once.
const AT_ONCE: usize = 8;

/// Asymmetric ones: of those a key of the provider is proof, and `none` is no proof at all.
const SIGNATURES: [Algorithm; 10] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EcdsaP521Sha512,
    Algorithm::EdDsa,
];

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What the provider says of itself.
#[derive(Debug)]
struct Described {
    client: Client,
    end_session: Option<String>,
    /// Where it says more of somebody than the token does.
    user_info: Option<String>,
    /// When it was fetched, by the time that the service runs.
    at: Duration,
}

/// The last description, or when it last could not be had.
#[derive(Debug, Default)]
struct Known {
    described: Option<Arc<Described>>,
    failed: Option<(Duration, String)>,
    /// When an unknown key last led to a fetch.
    renewed: Option<Duration>,
}

/// An identity provider.
#[derive(Debug)]
pub struct Provider {
    settings: OidcSettings,
    issuer: IssuerUrl,
    /// Where browsers come back to, and where they go after a logout.
    redirect: RedirectUrl,
    home: String,
    agent: Agent,
    known: Mutex<Known>,
    turns: Semaphore,
}

impl Provider {
    /// A provider for the service that readers see under `public_url`. Nothing is fetched before somebody logs in.
    pub fn new(settings: OidcSettings, public_url: &str) -> Result<Self, OidcError> {
        let bad = |zh: String, en: String| OidcError::Setting(Text { zh, en });
        let issuer = IssuerUrl::new(settings.issuer.clone());
        let issuer =
            issuer.ok().filter(|i| is_confidential(i.url().scheme(), i.url().host_str())).ok_or_else(|| {
                bad(
                    format!("--oidc-issuer 应为 https 网址(本机可用 http),“{}”不是", settings.issuer),
                    format!(
                        "--oidc-issuer is an https address (http of this machine only), which {} is not",
                        settings.issuer
                    ),
                )
            })?;
        let redirect = RedirectUrl::new(format!("{public_url}/session/oidc/callback"));
        let redirect = redirect.map_err(|e| bad(format!("--public-url:{e}"), format!("--public-url: {e}")))?;
        let agent = agent(&settings)?;
        let (home, known) = (format!("{public_url}/"), Mutex::default());
        Ok(Self { settings, issuer, redirect, home, agent, known, turns: Semaphore::new(AT_ONCE) })
    }

    /// What readers call it.
    pub fn title(&self) -> &str {
        &self.settings.title
    }

    /// Where a browser goes to log in, and what it keeps until it comes back.
    pub async fn begin(&self) -> Result<(String, Pending), OidcError> {
        let described = self.described(false).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let url = described.client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let scopes = ["profile", "email"].map(|s| Scope::new(s.to_owned()));
        let (url, state, nonce) = url.add_scopes(scopes).set_pkce_challenge(challenge).url();
        let (state, nonce) = (state.into_secret(), nonce.secret().clone());
        Ok((url.into(), Pending { state, nonce, verifier: verifier.into_secret() }))
    }

    /// Redeems a code, whose `state` has been compared. `issuer` is who sends it, where the answer says so (RFC 9207).
    /// The name of the account.
    pub async fn finish(&self, code: String, issuer: Option<String>, pending: Pending) -> Result<String, OidcError> {
        if issuer.is_some_and(|i| i != self.issuer.as_str()) {
            return Err(OidcError::Invalid("another issuer".to_owned()));
        }
        let _turn = self.turns.acquire().await.map_err(|e| OidcError::Unreachable(e.to_string()))?;
        let described = self.described(false).await?;
        let (token, access) = self.redeem(&described, code, pending.verifier).await?;
        let nonce = Nonce::new(pending.nonce);
        let verified = match verified(&described.client, &token, &nonce) {
            // the provider may have new keys
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                verified(&self.described(true).await?.client, &token, &nonce)
            }
            other => other,
        };
        verified.map_err(|e| OidcError::Invalid(chain(&e)))?;
        let claims = claims(&token).ok_or_else(|| OidcError::Invalid("no claims".to_owned()))?;
        let claim = &self.settings.claim;
        if let Some(name) = name(&claims, claim) {
            return Ok(name);
        }
        let more = match described.user_info.clone() {
            // scopes other than `openid` need not be in the token (OpenID Connect Core 1.0, 5.4)
            Some(url) if claims.get(claim).is_none() => self.user_info(url, access).await?,
            _ => Value::Null,
        };
        // an answer about somebody else is none (5.3.2)
        let same = more["sub"].is_string() && more["sub"] == claims["sub"];
        name(&more, claim).filter(|_| same).ok_or_else(|| OidcError::NoName(claim.clone()))
    }

    /// Where a browser goes to log out at the provider, too (RP-Initiated Logout 1.0); none where it has no such page.
    pub async fn logout(&self) -> Option<String> {
        let end = self.described(false).await.ok()?.end_session.clone()?;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", &self.home)
            .finish();
        Some(format!("{end}{}{query}", if end.contains('?') { '&' } else { '?' }))
    }

    /// What the provider says of itself; fetched again where its keys may have changed.
    async fn described(&self, keys_changed: bool) -> Result<Arc<Described>, OidcError> {
        let mut known = self.known.lock().await;
        let now = clock::running();
        let since = |at: Duration| now.saturating_sub(at);
        let renew = keys_changed && known.renewed.is_none_or(|at| since(at) >= BETWEEN);
        if let Some(described) = known.described.as_ref().filter(|d| since(d.at) < FRESH && !renew) {
            return Ok(described.clone());
        }
        if let Some((_, why)) = known.failed.as_ref().filter(|(at, _)| since(*at) < REST) {
            return Err(OidcError::Unreachable(why.clone()));
        }
        let (agent, issuer) = (self.agent.clone(), self.issuer.clone());
        let fetch = move || ProviderMetadataWithLogout::discover(&issuer, &|request| send(&agent, request));
        let found = blocking(fetch).await.map_err(|e| OidcError::Unreachable(e.to_string()))?;
        match found {
            Ok(metadata) => {
                let end_session = metadata.additional_metadata().end_session_endpoint.as_ref();
                let end_session = end_session.map(|url| url.as_str().to_owned());
                let user_info = metadata.userinfo_endpoint().map(|url| url.url().to_string());
                let secret = self.settings.client_secret.clone().map(ClientSecret::new);
                let client = CoreClient::from_provider_metadata(
                    metadata,
                    ClientId::new(self.settings.client_id.clone()),
                    secret,
                )
                .set_redirect_uri(self.redirect.clone());
                let described = Arc::new(Described { client, end_session, user_info, at: clock::running() });
                let renewed = if renew { Some(now) } else { known.renewed };
                *known = Known { described: Some(described.clone()), failed: None, renewed };
                Ok(described)
            }
            Err(e) => {
                let why = chain(&e);
                tracing::error!(issuer = %self.issuer.as_str(), error = %why, "the identity provider failed");
                known.failed = Some((clock::running(), why.clone()));
                Err(OidcError::Unreachable(why))
            }
        }
    }

    /// The ID token and the access token of a code.
    async fn redeem(
        &self,
        described: &Arc<Described>,
        code: String,
        verifier: String,
    ) -> Result<(CoreIdToken, String), OidcError> {
        let (agent, described) = (self.agent.clone(), described.clone());
        let redeem = move || {
            let request = described.client.exchange_code(AuthorizationCode::new(code));
            let request = request.map_err(|e| OidcError::Unreachable(chain(&e)))?;
            let request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier));
            request.request(&|request| send(&agent, request)).map_err(|e| match e {
                RequestTokenError::ServerResponse(refused) => OidcError::refused(&refused.to_string()),
                RequestTokenError::Request(e) => OidcError::Unreachable(chain(&e)),
                other => OidcError::Invalid(chain(&other)),
            })
        };
        let tokens = blocking(redeem).await.map_err(|e| OidcError::Unreachable(e.to_string()))??;
        let id = tokens.id_token().cloned().ok_or_else(|| OidcError::Invalid("no ID token".to_owned()))?;
        Ok((id, tokens.access_token().secret().clone()))
    }

    /// What the provider says of whom an access token was given for.
    async fn user_info(&self, url: String, access: String) -> Result<Value, OidcError> {
        let agent = self.agent.clone();
        let fetch = move || {
            let mut request = HttpRequest::new(Vec::new());
            *request.uri_mut() = url.parse().map_err(|_| ureq::Error::BadUri(url))?;
            if let Ok(value) = format!("Bearer {access}").parse() {
                request.headers_mut().insert("authorization", value);
            }
            let answer = send(&agent, request)?;
            Ok::<_, ureq::Error>(if answer.status().is_success() { answer.into_body() } else { Vec::new() })
        };
        let body = blocking(fetch).await.map_err(|e| OidcError::Unreachable(e.to_string()))?;
        let body = body.map_err(|e| OidcError::Unreachable(chain(&e)))?;
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    }
}

/// Signature, issuer, audience, expiry and nonce (OpenID Connect Core 1.0, 3.1.3.7).
fn verified(client: &Client, token: &CoreIdToken, nonce: &Nonce) -> Result<(), ClaimsVerificationError> {
    token.claims(&client.id_token_verifier().set_allowed_algs(SIGNATURES), nonce).map(drop)
}

/// The claims of a verified token.
fn claims(token: &CoreIdToken) -> Option<Value> {
    let token = token.to_string();
    serde_json::from_slice(&base64_url(token.split('.').nth(1)?)?).ok()
}

/// A claim as the name of an account. An address counts only when the provider has verified it.
fn name(claims: &Value, claim: &str) -> Option<String> {
    let verified = claim != "email" || claims["email_verified"] == true;
    claims[claim].as_str().filter(|name| verified && !name.is_empty()).map(str::to_owned)
}

/// Base64 with the alphabet for addresses and without padding (RFC 4648, 5).
fn base64_url(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok()
}

/// Whether nobody on the way can read along.
fn is_confidential(scheme: &str, host: Option<&str>) -> bool {
    scheme == "https" || (scheme == "http" && matches!(host, Some("localhost" | "127.0.0.1" | "[::1]")))
}

fn agent(settings: &OidcSettings) -> Result<Agent, OidcError> {
    let roots = if let Some(file) = &settings.certificates {
        let bad = |why: String| {
            let name = file.display();
            OidcError::Setting(Text {
                zh: format!("--oidc-ca {name} 不是 PEM 证书文件:{why}"),
                en: format!("--oidc-ca {name} is no file of PEM certificates: {why}"),
            })
        };
        let pem = fs::read(file).map_err(|e| bad(e.to_string()))?;
        let mut found = Vec::new();
        for item in parse_pem(&pem) {
            if let PemItem::Certificate(certificate) = item.map_err(|e| bad(e.to_string()))? {
                found.push(certificate);
            }
        }
        if found.is_empty() {
            return Err(bad("no certificate".to_owned()));
        }
        found
    } else {
        let own = rustls_native_certs::load_native_certs().certs;
        own.iter().map(|c| Certificate::from_der(c).to_owned()).collect()
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(RootCerts::Specific(Arc::new(roots)));
    Ok(Agent::config_builder()
        .tls_config(tls.build())
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("shigu/", env!("CARGO_PKG_VERSION")))
        .build()
        .into())
}

fn send(agent: &Agent, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let (head, mut body) = agent.run(request)?.into_parts();
    let body = body.with_config().limit(LARGEST).read_to_vec()?;
    Ok(HttpResponse::from_parts(head, body))
}

/// An error with what brought it about.
fn chain(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(e) = cause {
        text = format!("{text}: {e}");
        cause = e.source();
    }
    words(&text)
}
