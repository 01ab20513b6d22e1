//! TLS to the database's server. Whoever asks for it gets all of it: the server's certificate leads to one of the file that `sslrootcert`
//! names, and is that of the host that the address names, as `sslmode=verify-full` has it with other programs (ADR 103).

use super::error::DatabaseError;
use percent_encoding::percent_decode_str;
use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tokio_rustls::client;

/// What connections are encrypted with.
#[derive(Clone)]
pub struct Encryption(TlsConnector);

impl std::fmt::Debug for Encryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Encryption")
    }
}

/// An address as the driver takes it, and what its connections are encrypted with, where it says so: by `sslrootcert`, by `sslmode`, or both.
pub fn encryption(address: &str) -> Result<(String, Option<Encryption>), DatabaseError> {
    let Some((server, query)) = address.split_once('?') else { return Ok((address.to_owned(), None)) };
    let (mut rest, mut roots, mut mode) = (Vec::new(), None, None);
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslrootcert", file)) => roots = Some(percent_decode_str(file).decode_utf8_lossy().into_owned()),
            Some(("sslmode", given)) => mode = Some(given),
            _ => rest.push(pair),
        }
    }
    let wanted = match mode {
        None => roots.is_some(),
        Some("disable" | "prefer") => false,
        Some("require" | "verify-ca" | "verify-full") => true,
        Some(other) => {
            return Err(DatabaseError::Address(format!("sslmode={other}: disable, prefer, require or verify-full")));
        }
    };
    if !wanted {
        return Ok((format!("{server}?{}", rest.join("&")), None));
    }
    let roots = roots.ok_or_else(|| {
        DatabaseError::Address(
            "sslmode: sslrootcert=FILE is missing, the certificate of who has signed that of the server".to_owned(),
        )
    })?;
    rest.push("sslmode=require");
    Ok((format!("{server}?{}", rest.join("&")), Some(Encryption::new(Path::new(&roots))?)))
}

impl Encryption {
    fn new(roots: &Path) -> Result<Self, DatabaseError> {
        let refused =
            |why: &dyn std::fmt::Display| DatabaseError::Address(format!("sslrootcert {}: {why}", roots.display()));
        let certificates = CertificateDer::pem_file_iter(roots).map_err(|e| refused(&e))?;
        let mut known = RootCertStore::empty();
        for certificate in certificates {
            known.add(certificate.map_err(|e| refused(&e))?).map_err(|e| refused(&e))?;
        }
        if known.is_empty() {
            return Err(refused(&"holds no certificate"));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().map_err(|e| refused(&e))?;
        let config = config.with_root_certificates(known).with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }
}

/// A connection that is to be encrypted.
pub struct Handshake {
    connector: TlsConnector,
    name: ServerName<'static>,
}

/// A connection that is encrypted.
pub struct Encrypted<S>(client::TlsStream<S>);

type Handled<S> = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Encryption {
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = Box<dyn Error + Send + Sync>;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Handshake, Self::Error> {
        Ok(Handshake { connector: self.0.clone(), name: ServerName::try_from(domain.to_owned())? })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Handled<S>;

    fn connect(self, stream: S) -> Handled<S> {
        Box::pin(async move { self.connector.connect(self.name, stream).await.map(Encrypted) })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        // the server is known by its certificate
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, into)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
