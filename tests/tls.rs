//! TLS of the service itself, by clients that are not ours: rustls for the handshake, h2 for HTTP/2, certificates of rcgen.

use crate::common::eventually;
use crate::common::service::Service as InProcess;
use crate::program::{Service, shigu, text};
use axum::body::Body;
use axum::http::Request;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use shigu::core::query::Disclosure;
use shigu::data::load::{Limits, Source};
use shigu::http::{Authentication, Certificate, Config, Connections, FrontSettings};
use shigu::service::store::{Database, Store};
use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A certificate of localhost that is valid for these years, with its key.
struct Made {
    chain: String,
    key: String,
    der: CertificateDer<'static>,
}

fn made(from: i32, to: i32) -> Made {
    let mut about = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    about.not_before = rcgen::date_time_ymd(from, 1, 1);
    about.not_after = rcgen::date_time_ymd(to, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = about.self_signed(&key).unwrap();
    Made { chain: certificate.pem(), key: key.serialize_pem(), der: certificate.der().clone() }
}

/// Two files that are replaced one after the other, each at once.
struct Files(TempDir);

impl Files {
    fn new(made: &Made) -> Self {
        let files = Self(TempDir::new().unwrap());
        files.put(&made.chain, &made.key);
        files
    }

    fn put(&self, chain: &str, key: &str) {
        for (path, content) in [(self.chain(), chain), (self.key(), key)] {
            fs::write(path.with_extension("part"), content).unwrap();
            fs::rename(path.with_extension("part"), path).unwrap();
        }
    }

    fn chain(&self) -> PathBuf {
        self.0.path().join("chain.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.path().join("key.pem")
    }

    fn of(&self, command: &mut Command) -> Service {
        let command = command.env("SHIGU_GEODATA", "tests/data/tinyville");
        Service::start(command.env("SHIGU_TLS_CERT", self.chain()).env("SHIGU_TLS_KEY", self.key()))
    }
}

/// A connection that trusts one certificate and speaks what `protocols` offers.
async fn connect(port: u16, trusted: &Made, protocols: &[&[u8]]) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let mut config =
        config.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|p| p.to_vec()).collect();
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// The answer to a request of HTTP/1.1 on a connection that stays open.
async fn ask(stream: &mut TlsStream<TcpStream>, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let n = stream.read(&mut piece).await.unwrap();
        assert!(n > 0, "the connection ended: {}", text(&said));
        said.extend_from_slice(&piece[..n]);
        let so_far = text(&said);
        let Some((head, body)) = so_far.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
        if length.is_some_and(|length| body.len() >= length) {
            return so_far;
        }
    }
}

fn block<T>(work: impl Future<Output = T>) -> T {
    Runtime::new().unwrap().block_on(work)
}

#[test]
fn both_protocols_are_spoken_and_each_client_gets_its_own() {
    let certificate = made(2020, 4000);
    let files = Files::new(&certificate);
    let service = files.of(shigu().env("SHIGU_HSTS", "600"));
    block(async {
        for offered in [&[][..], &[&b"http/1.1"[..]]] {
            let mut stream = connect(service.port, &certificate, offered).await.unwrap();
            let said = ask(&mut stream, "/readyz").await;
            assert!(said.starts_with("HTTP/1.1 200") && said.contains("ready "), "{said}");
            assert!(said.contains("strict-transport-security: max-age=600"), "{said}");
            // the connection is kept for the next request, and addresses begin with https
            assert!(ask(&mut stream, "/").await.contains("https://localhost/"), "links of the landing page");
        }
        let stream = connect(service.port, &certificate, &[b"h2", b"http/1.1"]).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (mut sender, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let mut ask = async |method: &str, host: &str, path: &str, body: &str| {
            let request = Request::builder().method(method).uri(format!("https://{host}{path}"));
            let request = request.header("content-type", "application/json").body(()).unwrap();
            let mut ready = sender.clone().ready().await.unwrap();
            let (answer, mut send) = ready.send_request(request, body.is_empty()).unwrap();
            if !body.is_empty() {
                send.send_data(body.to_owned().into(), true).unwrap();
            }
            sender = ready;
            let answer = answer.await.unwrap();
            let (status, mut coming, mut said) = (answer.status().as_u16(), answer.into_body(), Vec::new());
            while let Some(piece) = coming.data().await {
                let piece = piece.unwrap();
                coming.flow_control().release_capacity(piece.len()).unwrap();
                said.extend_from_slice(&piece);
            }
            (status, text(&said))
        };
        assert_eq!(ask("GET", "localhost", "/readyz", "").await.0, 200);
        let (status, sums) = ask("POST", "localhost", "/summary", r#"{"zone": "city"}"#).await;
        assert!(status == 200 && sums.starts_with('{'), "{sums}");
        // a page that is longer than a window
        let (status, page) = ask("GET", "localhost", "/collections/enterprises/items?limit=1000", "").await;
        assert!(status == 200 && page.ends_with('}'), "{}", page.len());
        // the host is checked as it is in HTTP/1.1
        assert_eq!(ask("GET", "evil.example", "/summary", "").await.0, 421);
    });
}

#[test]
fn a_new_certificate_is_taken_up_while_connections_live_and_a_bad_one_is_not() {
    let [first, second, third] = [(); 3].map(|()| made(2020, 4000));
    let files = Files::new(&first);
    let service = files.of(&mut shigu());
    let threads = Runtime::new().unwrap();
    let sees = |certificate: &Made| threads.block_on(connect(service.port, certificate, &[])).is_ok();
    assert!(sees(&first) && !sees(&second));
    let mut kept = threads.block_on(connect(service.port, &first, &[])).unwrap();
    threads.block_on(ask(&mut kept, "/readyz"));
    files.put(&second.chain, &second.key);
    service.signal("HUP");
    eventually("the second certificate", || sees(&second));
    assert!(!sees(&first));
    assert!(threads.block_on(ask(&mut kept, "/readyz")).contains("200"), "a connection that was open");
    // by the file alone, without a signal
    files.put(&third.chain, &third.key);
    eventually("the third certificate", || sees(&third));
    // the key of another, and one that has ended: what is served goes on
    let ended = made(2000, 2001);
    for (chain, key) in [(&first.chain, &third.key), (&ended.chain, &ended.key)] {
        files.put(chain, key);
        service.signal("HUP");
        std::thread::sleep(Duration::from_millis(500));
        assert!(sees(&third));
    }
    assert!(threads.block_on(ask(&mut kept, "/readyz")).contains("200"));
}

#[test]
fn plain_http_is_sent_to_https_and_what_it_sends_is_not_taken() {
    let files = Files::new(&made(2020, 4000));
    let service = files.of(&mut shigu());
    let say = |request: &str| {
        block(async {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, service.port)).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut said = Vec::new();
            stream.read_to_end(&mut said).await.unwrap();
            text(&said)
        })
    };
    let said = say("GET /zones?kind=district HTTP/1.1\r\nHost: gis.example:8443\r\n\r\n");
    assert!(
        said.starts_with("HTTP/1.1 308") && said.contains("location: https://gis.example:8443/zones?kind=district\r\n"),
        "{said}"
    );
    assert!(said.contains("此端口只接受 https") && said.contains("https only"), "{said}");
    let said = say("POST /session HTTP/1.1\r\nHost: gis.example\r\nContent-Length: 2\r\n\r\n{}");
    assert!(said.starts_with("HTTP/1.1 400") && !said.contains("location"), "{said}");
    let said = say("GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
    assert!(said.starts_with("HTTP/1.1 400") && !said.contains("location"), "{said}");
}

#[test]
fn what_can_not_be_served_is_said_in_both_languages_before_anything_is() {
    let (good, other, ended, coming) = (made(2020, 4000), made(2020, 4000), made(2000, 2001), made(3999, 4000));
    let locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    for (chain, key, zh, en) in [
        (&good.chain, other.key.as_str(), "不是证书", "is not the key of"),
        (&ended.chain, &ended.key, "有效期为 2000-01-01", "which is not now"),
        (&coming.chain, &coming.key, "有效期为 3999-01-01", "check this computer's clock"),
        (&good.chain, locked, "没有未加密的私钥", "holds no private key"),
        (&good.key, &good.key, "没有证书", "holds no certificate"),
        (&good.chain, &good.chain, "没有未加密的私钥", "holds no private key"),
    ] {
        let files = Files::new(&good);
        files.put(chain, key);
        let mut command = shigu();
        command.args(["serve", "--listen", "127.0.0.1:0", "--geodata", "tests/data/tinyville"]);
        let out = command.arg("--tls-cert").arg(files.chain()).arg("--tls-key").arg(files.key()).output().unwrap();
        let said = text(&out.stderr);
        assert!(out.status.code() == Some(1) && said.contains(zh) && said.contains(en), "{said}");
        assert!(said.contains(".pem"), "{said}");
    }
    let absent = Certificate::open(Path::new("/no/such/chain.pem"), Path::new("/no/such/key.pem")).unwrap_err();
    assert!(absent.text().zh.contains("/no/such/chain.pem 读不出"), "{:?}", absent.text());
}

/// Cookies go over TLS only, where the service speaks it itself.
#[tokio::test]
async fn sessions_are_for_tls_only() {
    for tls in [true, false] {
        let (folder, files) = (TempDir::new().unwrap(), Files::new(&made(2020, 4000)));
        let source = Source::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville"));
        let (store, _) = Store::open(source, Limits::default()).unwrap();
        let database = Database::open(folder.path()).unwrap();
        let token = database.offer_claim(None, shigu::service::clock::seconds()).unwrap();
        let service = InProcess::new(Config {
            database: Some(database),
            accounts: Some(Authentication::default()),
            front: FrontSettings {
                certificate: tls.then(|| Arc::new(Certificate::open(&files.chain(), &files.key()).unwrap())),
                ..crate::common::service::front()
            },
            ..Config::new(Arc::new(store), Disclosure::Aggregates)
        });
        let body = json!({"token": token, "name": "管理员", "password": crate::accounts::PASSWORD});
        let request = Request::post("/session/claim").header("content-type", "application/json");
        let answer = service.send(request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(answer.header("set-cookie").contains("; Secure"), tls, "{:?}", answer.headers);
    }
}

/// Who connects and says nothing, or half of a greeting, gives its place back.
#[test]
fn a_handshake_that_stops_is_given_up() {
    block(async {
        let certificate = made(2020, 4000);
        let files = Files::new(&certificate);
        let tls = Some(Arc::new(Certificate::open(&files.chain(), &files.key()).unwrap()));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Connections { tls, head: Duration::from_millis(200), ..Connections::default() };
        let router = InProcess::open("tests/data/tinyville", Disclosure::Full).0;
        tokio::spawn(connections.serve(listener, router, std::future::pending()));
        for half in [&[][..], &[0x16, 3, 1][..]] {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
            stream.write_all(half).await.unwrap();
            let mut rest = Vec::new();
            // an alert may come before the end
            let ended = tokio::time::timeout(Duration::from_mins(1), stream.read_to_end(&mut rest)).await;
            assert!(ended.is_ok(), "the connection was held");
        }
        // others are served meanwhile
        let mut stream = connect(port, &certificate, &[]).await.unwrap();
        assert!(ask(&mut stream, "/readyz").await.contains("200"));
    });
}
