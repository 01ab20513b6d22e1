//! TLS of the service itself: certificate and key from two files, read again when they change (ADR 91). What can't be served is
//! refused with what is wrong; once something is served, it stays until something better can be.

use crate::core::columns::Moment;
use crate::core::model::Text;
use crate::service::clock;
use arc_swap::ArcSwap;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{InconsistentKeys, ServerConfig};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use thiserror::Error;
use x509_cert::Certificate as Described;
use x509_cert::der::Decode;

/// The protocols that are spoken, the preferred one first.
const PROTOCOLS: [&[u8]; 2] = [H2, b"http/1.1"];
/// HTTP/2, as ALPN names it.
pub(crate) const H2: &[u8] = b"h2";

/// A certificate and its key.
#[derive(Debug)]
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    served: ArcSwap<Served>,
    /// The files as they were when they were last read, whether or not they are served.
    seen: Mutex<[Stamp; 2]>,
}

/// When a file was changed, and its length; none where it is not there.
type Stamp = Option<(SystemTime, u64)>;

#[derive(Debug)]
struct Served {
    config: Arc<ServerConfig>,
    /// When the certificate ends, in seconds since 1970, as far as it can be read.
    ends: Option<i64>,
}

/// Why a certificate can't be served.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file can't be read.
    #[error("{0}: {1}")]
    Read(PathBuf, pem::Error),
    /// There is none in the file.
    #[error("{0} holds no certificate")]
    NoCertificate(PathBuf),
    /// There is none in the file, or one under a password.
    #[error("{0} holds no private key")]
    NoKey(PathBuf),
    /// The key is that of another certificate.
    #[error("{key} is not the key of {chain}")]
    Mismatch {
        /// File of the certificate.
        chain: PathBuf,
        /// File of the key.
        key: PathBuf,
    },
    /// It is not valid at this time.
    #[error("{chain} is valid from {from} to {to}")]
    NotNow {
        /// File of the certificate.
        chain: PathBuf,
        /// From when, in seconds since 1970.
        from: i64,
        /// Until when.
        to: i64,
    },
    /// Anything else.
    #[error("{0}: {1}")]
    Refused(PathBuf, rustls::Error),
}

impl Certificate {
    /// Reads both files: the certificate with those between it and the root, and the key.
    pub fn open(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let seen = Mutex::new(stamps(chain, key));
        let served = ArcSwap::from_pointee(read(chain, key)?);
        Ok(Self { chain: chain.to_owned(), key: key.to_owned(), served, seen })
    }

    /// Reads both files again. Connections that are open stay as they are; where the files can't be served, the certificate of
    /// before goes on.
    pub fn reload(&self) -> Result<(), CertificateError> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = stamps(&self.chain, &self.key);
        self.served.store(Arc::new(read(&self.chain, &self.key)?));
        Ok(())
    }

    /// Whether a file is not what it was when it was last read.
    pub fn has_changed(&self) -> bool {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) != stamps(&self.chain, &self.key)
    }

    /// When the certificate that is served ends, in seconds since 1970, as far as that can be read.
    pub fn ends(&self) -> Option<i64> {
        self.served.load().ends
    }

    /// What the next connection is opened with.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.served.load().config.clone()
    }
}

fn stamps(chain: &Path, key: &Path) -> [Stamp; 2] {
    [chain, key].map(|file| {
        let about = fs::metadata(file).ok()?;
        Some((about.modified().ok()?, about.len()))
    })
}

fn read(chain: &Path, key: &Path) -> Result<Served, CertificateError> {
    let all = CertificateDer::pem_file_iter(chain).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let all = all.map_err(|e| CertificateError::Read(chain.to_owned(), e))?;
    let first = all.first().ok_or_else(|| CertificateError::NoCertificate(chain.to_owned()))?;
    // what a strict reader can't take apart may be served all the same
    let validity = Described::from_der(first).ok().map(|c| c.tbs_certificate.validity);
    let seconds = |time: x509_cert::time::Time| time.to_unix_duration().as_secs().cast_signed();
    let times = validity.map(|v| (seconds(v.not_before), seconds(v.not_after)));
    if let Some((from, to)) = times.filter(|(from, to)| !(*from..=*to).contains(&clock::seconds())) {
        return Err(CertificateError::NotNow { chain: chain.to_owned(), from, to });
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|e| match e {
        pem::Error::NoItemsFound => CertificateError::NoKey(key.to_owned()),
        e => CertificateError::Read(key.to_owned(), e),
    })?;
    let refused = |e| CertificateError::Refused(chain.to_owned(), e);
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().map_err(refused)?.with_no_client_auth();
    let mut config = config.with_single_cert(all, private).map_err(|e| match e {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            CertificateError::Mismatch { chain: chain.to_owned(), key: key.to_owned() }
        }
        e => refused(e),
    })?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(Served { config: Arc::new(config), ends: times.map(|(_, to)| to) })
}

impl CertificateError {
    /// What, where, what to do.
    pub fn text(&self) -> Text {
        let day = |seconds: i64| Moment::instant(seconds.saturating_mul(1_000_000));
        match self {
            Self::Read(file, e) => {
                let file = file.display();
                Text::new(
                    format!("{file} 读不出({e});--tls-cert 与 --tls-key 应为服务用户可读的 PEM 文件。"),
                    format!(
                        "{file} can't be read ({e}); --tls-cert and --tls-key are PEM files that the service's user may read."
                    ),
                )
            }
            Self::NoCertificate(file) => Text::new(
                format!("{} 中没有证书;--tls-cert 应为 PEM 文件(服务器证书在前,中间证书在后)。", file.display()),
                format!(
                    "{} holds no certificate; --tls-cert is a PEM file: the server's certificate, then those between it and the root.",
                    file.display()
                ),
            ),
            Self::NoKey(file) => Text::new(
                format!(
                    "{0} 中没有未加密的私钥;--tls-key 应为 PEM 文件。有口令的私钥可先解密:openssl pkey -in {0} -out 新文件",
                    file.display()
                ),
                format!(
                    "{0} holds no private key, or one under a password; --tls-key is a PEM file without one: openssl pkey -in {0} -out NEW",
                    file.display()
                ),
            ),
            Self::Mismatch { chain, key } => Text::new(
                format!(
                    "{} 不是证书 {} 的私钥;请检查 --tls-cert 与 --tls-key 是否配对,服务器证书是否在文件最前。",
                    key.display(),
                    chain.display()
                ),
                format!(
                    "{} is not the key of {}; check that --tls-cert and --tls-key belong together, and that the server's certificate comes first in its file.",
                    key.display(),
                    chain.display()
                ),
            ),
            Self::NotNow { chain, from, to } => Text::new(
                format!(
                    "证书 {} 的有效期为 {} 至 {},现在不能使用;请换新证书,或检查本机时钟。",
                    chain.display(),
                    day(*from),
                    day(*to)
                ),
                format!(
                    "{} is valid from {} to {}, which is not now; take a new certificate, or check this computer's clock.",
                    chain.display(),
                    day(*from),
                    day(*to)
                ),
            ),
            Self::Refused(file, e) => Text::new(
                format!("{} 不能用于 TLS({e})。", file.display()),
                format!("{} can't be used for TLS ({e}).", file.display()),
            ),
        }
    }
}
