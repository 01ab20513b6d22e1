//! A store that speaks S3, or a folder as one, by the crate `object_store`. Whoever asks waits: no other thread, no runtime.

use super::transport::Transport;
use super::{Backend, Failure, Object, ObjectSettings};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey as Key};
use object_store::client::HttpError;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, RetryConfig};
use pollster::block_on;
use std::error::Error as _;
use std::fs::File;
use std::future::poll_fn;
use std::io::{self, Read as _, Seek as _};

/// Larger files are sent in pieces of this size.
const PIECE: usize = 8 << 20;
/// By one of these somebody says where credentials are to be asked for, where they are not given.
const ASKED: [Key; 4] = [
    Key::WebIdentityTokenFile,
    Key::ContainerCredentialsRelativeUri,
    Key::ContainerCredentialsFullUri,
    Key::MetadataEndpoint,
];

/// A store.
#[derive(Debug)]
pub(super) struct Remote {
    store: Box<dyn ObjectStore>,
    prefix: String,
}

impl Remote {
    /// A store by its address, or why it is none.
    pub(super) fn open(settings: &ObjectSettings) -> Result<Self, String> {
        let address = &settings.address;
        if let Some(folder) = address.strip_prefix("file:") {
            let folder = folder.strip_prefix("//").unwrap_or(folder);
            // a share that is not mounted is no empty store
            let store = LocalFileSystem::new_with_prefix(folder).map_err(|e| format!("{folder}: {}", said(&e)))?;
            let store = store.with_fsync(true).with_automatic_cleanup(true);
            return Ok(Self { store: Box::new(store), prefix: String::new() });
        }
        let named = address.strip_prefix("s3://").ok_or_else(|| address.clone())?;
        let (bucket, prefix) = named.split_once('/').unwrap_or((named, ""));
        if bucket.is_empty() {
            return Err(address.clone());
        }
        let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_http_connector(Transport::new());
        for (name, value) in &settings.s3 {
            // other variables that begin so are of other programs
            if let Ok(key) = name.to_ascii_lowercase().parse::<Key>() {
                builder = builder.with_config(key, value);
            }
        }
        // nobody has named the address of a cloud's metadata service: it is not asked
        let given = |key: &Key| builder.get_config_value(key).is_some();
        let unsigned = builder.get_config_value(&Key::SkipSignature).is_some_and(|value| value == "true");
        if !unsigned && !given(&Key::AccessKeyId) && !given(&Key::SecretAccessKey) && !ASKED.iter().any(given) {
            return Err("AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY".to_owned());
        }
        let retry = RetryConfig { max_retries: 0, ..RetryConfig::default() };
        let store = builder.with_retry(retry).with_disable_bulk_delete(true).build().map_err(|e| said(&e))?;
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { store: Box::new(store), prefix })
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}{name}", self.prefix))
    }

    fn has(&self, path: &Path) -> Result<bool, Failure> {
        match block_on(self.store.head(path)) {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(e) => Err(failure(&e)),
        }
    }

    /// Sends a file in pieces. There is no condition for it that all stores know: whoever does it at the same time sends the same bytes.
    fn put_in_pieces(&self, path: &Path, file: &mut File) -> Result<(), Failure> {
        let mut upload = block_on(self.store.put_multipart(path)).map_err(|e| failure(&e))?;
        let sent = loop {
            let piece = match read(file, PIECE) {
                Ok(piece) => piece,
                Err(e) => break Err(disk(&e)),
            };
            if piece.is_empty() {
                break Ok(());
            }
            if let Err(e) = block_on(upload.put_part(piece.into())) {
                break Err(failure(&e));
            }
        };
        let sent = sent.and_then(|()| block_on(upload.complete()).map(drop).map_err(|e| failure(&e)));
        if sent.is_err() {
            // what can't be given up now is given up by the store's rule for uploads without an end
            let _ = block_on(upload.abort());
        }
        sent
    }
}

impl Backend for Remote {
    fn put(&self, name: &str, file: &mut File, bytes: u64) -> Result<bool, Failure> {
        file.rewind().map_err(|e| disk(&e))?;
        let path = self.path(name);
        if bytes > PIECE as u64 {
            if self.has(&path)? {
                return Ok(false);
            }
            return self.put_in_pieces(&path, file).map(|()| true);
        }
        let content = bytes::Bytes::from(read(file, PIECE).map_err(|e| disk(&e))?);
        let put = |mode| {
            let options = PutOptions { mode, ..PutOptions::default() };
            block_on(self.store.put_opts(&path, content.clone().into(), options))
        };
        match put(PutMode::Create) {
            Ok(_) => Ok(true),
            Err(Error::AlreadyExists { .. }) => Ok(false),
            // a store without conditions: of two who look at once both write, the same bytes
            Err(e) if is_unknown(&e) => {
                if self.has(&path)? {
                    return Ok(false);
                }
                put(PutMode::Overwrite).map(|_| true).map_err(|e| failure(&e))
            }
            Err(e) => Err(failure(&e)),
        }
    }

    fn piece(&self, name: &str, from: u64, length: u64) -> Result<Vec<u8>, Failure> {
        let options = GetOptions { range: Some(GetRange::Bounded(from..from + length)), ..GetOptions::default() };
        let read = async { self.store.get_opts(&self.path(name), options).await?.bytes().await };
        block_on(read).map(Into::into).map_err(|e| failure(&e))
    }

    fn list(&self, folder: &str) -> Result<Vec<Object>, Failure> {
        let mut stream = self.store.list(Some(&self.path(folder)));
        let mut all = Vec::new();
        loop {
            match block_on(poll_fn(|context| stream.as_mut().poll_next(context))) {
                None => return Ok(all),
                Some(Ok(meta)) => all.extend(meta.location.as_ref().strip_prefix(&self.prefix).map(|name| Object {
                    name: name.to_owned(),
                    bytes: meta.size,
                    came: meta.last_modified.timestamp(),
                })),
                // an empty folder is listed as such: it is the bucket that is not there
                Some(Err(e @ Error::NotFound { .. })) => return Err(Failure::Refused(said(&e))),
                Some(Err(e)) => return Err(failure(&e)),
            }
        }
    }

    fn remove(&self, name: &str) -> Result<(), Failure> {
        match block_on(self.store.delete(&self.path(name))) {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(failure(&e)),
        }
    }
}

/// The next bytes of a file, at most so many.
fn read(file: &mut File, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn disk(e: &io::Error) -> Failure {
    Failure::Disk(e.kind(), e.to_string())
}

/// Whether there was no answer, or one that the next attempt may not get (`transport`).
fn is_away(e: &Error) -> bool {
    let mut source = e.source();
    while let Some(inner) = source {
        if inner.is::<HttpError>() {
            return true;
        }
        source = inner.source();
    }
    false
}

/// Whether the store does not know what it was asked for.
fn is_unknown(e: &Error) -> bool {
    matches!(e, Error::NotImplemented { .. } | Error::Generic { .. }) && !is_away(e)
}

fn failure(e: &Error) -> Failure {
    match e {
        Error::NotFound { .. } => Failure::Absent,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => Failure::Refused(said(e)),
        _ if is_away(e) => Failure::Away(said(e)),
        _ => Failure::Refused(said(e)),
    }
}

/// The innermost reason: what stands around it repeats addresses.
fn said(e: &Error) -> String {
    let mut inner: &dyn std::error::Error = e;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let text: String = inner.to_string().chars().take(300).collect();
    text.replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn settings(address: &str, s3: &[(&str, &str)]) -> ObjectSettings {
        let s3 = s3.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        ObjectSettings { address: address.to_owned(), s3, cache: 0 }
    }

    #[test]
    fn a_folder_holds_objects_that_are_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = Remote::open(&settings(&format!("file:{}", folder.path().display()), &[])).unwrap();
        assert_eq!(store.list("versions/"), Ok(vec![]));
        let put = |name: &str, content: &[u8]| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(content).unwrap();
            store.put(name, &mut file, content.len() as u64)
        };
        assert_eq!(put("versions/a/x.json", b"one"), Ok(true));
        assert_eq!(put("versions/a/x.json", b"two"), Ok(false));
        assert_eq!(store.piece("versions/a/x.json", 1, 2), Ok(b"ne".to_vec()));
        let large: Vec<u8> = (0..PIECE * 2 + 3).map(|n| (n % 253) as u8).collect();
        assert_eq!((put("versions/b", &large), put("versions/b", &large)), (Ok(true), Ok(false)));
        assert_eq!(store.piece("versions/b", PIECE as u64 * 2 - 1, 4), Ok(large[PIECE * 2 - 1..].to_vec()));
        assert_eq!(put("mark", b""), Ok(true));
        let listed = store.list("versions/").unwrap();
        let mut listed: Vec<_> = listed.iter().map(|o| (o.name.as_str(), o.bytes)).collect();
        listed.sort_unstable();
        assert_eq!(listed, [("versions/a/x.json", 3), ("versions/b", large.len() as u64)]);
        assert_eq!((store.remove("versions/a/x.json"), store.remove("versions/a/x.json")), (Ok(()), Ok(())));
        assert_eq!(store.piece("versions/a/x.json", 0, 1), Err(Failure::Absent));
        assert!(Remote::open(&settings("file:/nowhere/at/all", &[])).is_err(), "a share that is not mounted");
    }

    #[test]
    fn nothing_is_asked_that_nobody_named() {
        let refused = |s3: &[(&str, &str)]| Remote::open(&settings("s3://bucket/city", s3)).err();
        // neither a metadata service nor a file of somebody's home
        assert_eq!(refused(&[("AWS_REGION", "cn-east-1")]).unwrap(), "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY");
        let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_PAGER", "less")];
        assert_eq!(refused(&keys), None);
        assert_eq!(refused(&[("AWS_METADATA_ENDPOINT", "http://10.0.0.9")]), None);
        for address in ["s3://", "s3:///city", "https://s3.example/bucket", "bucket"] {
            assert!(Remote::open(&settings(address, &keys)).is_err(), "{address}");
        }
    }

    #[test]
    fn a_server_that_is_not_there_is_away() {
        let keys =
            [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:9")];
        let store = Remote::open(&settings("s3://bucket", &keys)).unwrap();
        for failed in [store.list("versions/").map(drop), store.piece("a", 0, 1).map(drop), store.remove("a")] {
            assert!(matches!(failed, Err(Failure::Away(_))), "{failed:?}");
        }
    }
}
