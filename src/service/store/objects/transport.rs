//! HTTPS for the library that speaks S3: one blocking client, no proxies, no redirects, and every step ends in time.

use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpService,
};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

const CONNECT: Duration = Duration::from_secs(3);
/// For the head of an answer, and for the bytes of a request or an answer, of which there are a few megabytes at most.
const ANSWER: Duration = Duration::from_secs(10);
const BODY: Duration = Duration::from_mins(1);
/// The largest answer: a piece of an object, or a page of a list.
const LARGEST: u64 = 32 << 20;

type Answered<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'a>>;

/// The client.
#[derive(Clone, Debug)]
pub(super) struct Transport(Agent);

impl Transport {
    pub(super) fn new() -> Self {
        let own = rustls_native_certs::load_native_certs().certs;
        let roots = own.iter().map(|c| Certificate::from_der(c).to_owned()).collect();
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::Specific(Arc::new(roots)));
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_send_request(Some(ANSWER))
            .timeout_send_body(Some(BODY))
            .timeout_recv_response(Some(ANSWER))
            .timeout_recv_body(Some(BODY))
            .user_agent(concat!("shigu/", env!("CARGO_PKG_VERSION")));
        Self(config.build().into())
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let without_body = matches!(head.method.as_str(), "GET" | "HEAD" | "DELETE") && body.is_empty();
        let request = HttpRequest::from_parts(head, HttpRequestBody::empty());
        let sent = if without_body { self.0.run(request.map(|_| ())) } else { self.0.run(request.map(|_| &body[..])) };
        let (head, body) = sent.map_err(failed)?.into_parts();
        let bytes = body.into_with_config().limit(LARGEST).read_to_vec().map_err(failed)?;
        // what the next attempt may not get is no answer
        if matches!(head.status.as_u16(), 408 | 429 | 500 | 502..=504) {
            let why = format!("{} {}", head.status, String::from_utf8_lossy(&bytes));
            return Err(HttpError::new(HttpErrorKind::Unknown, std::io::Error::other(why)));
        }
        Ok(HttpResponse::from_parts(head, bytes.into()))
    }
}

impl HttpService for Transport {
    fn call<'own, 'future>(&'own self, request: HttpRequest) -> Answered<'future>
    where
        'own: 'future,
    {
        Box::pin(self.send(request))
    }
}

impl HttpConnector for Transport {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

fn failed(e: ureq::Error) -> HttpError {
    let kind = match &e {
        ureq::Error::Timeout(_) => HttpErrorKind::Timeout,
        ureq::Error::Io(_) | ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => HttpErrorKind::Connect,
        _ => HttpErrorKind::Unknown,
    };
    HttpError::new(kind, e)
}
