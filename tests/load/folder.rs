//! Folders made for one test: Tinyville with something changed, or a few files of their own.

use shigu::core::model::Dataset;
use shigu::data::load::{Finding, Limits, Report, Severity, Source, load};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Tinyville as it stands.
pub fn tinyville() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville")
}

/// A folder in the making.
pub struct Folder {
    pub files: BTreeMap<String, Vec<u8>>,
    pub limits: Limits,
}

impl Folder {
    /// Files of their own.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files = files.into_iter().map(|(n, t)| (n.to_owned(), t.as_bytes().to_vec())).collect();
        Self { files, limits: Limits::default() }
    }

    /// All of Tinyville.
    pub fn tinyville() -> Self {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(tinyville()).unwrap() {
            let entry = entry.unwrap();
            files.insert(entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap());
        }
        Self { files, limits: Limits::default() }
    }

    /// Puts `to` where `from` stands for the first time; it must stand there.
    pub fn change(mut self, file: &str, from: &str, to: &str) -> Self {
        let bytes = self.files.get_mut(file).unwrap_or_else(|| panic!("no file {file}"));
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        *bytes = text.replacen(from, to, 1).into_bytes();
        self
    }

    pub fn copy(&self) -> Self {
        Self { files: self.files.clone(), limits: self.limits.clone() }
    }

    pub fn put(mut self, file: &str, text: impl AsRef<[u8]>) -> Self {
        self.files.insert(file.to_owned(), text.as_ref().to_vec());
        self
    }

    pub fn without(mut self, file: &str) -> Self {
        assert!(self.files.remove(file).is_some());
        self
    }

    /// Writes the folder, loads it, and checks what holds for every load.
    pub fn load(&self) -> (Option<Dataset>, Report) {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in &self.files {
            std::fs::write(dir.path().join(name), bytes).unwrap();
        }
        let (dataset, report) = load(&Source::Folder(dir.path().to_owned()), &self.limits);
        assert_eq!(dataset.is_none(), report.has_errors(), "a dataset exactly when there is no error");
        for f in &report.findings {
            assert!(!f.message.zh.is_empty() && !f.message.en.is_empty(), "{f:?}");
            assert!(!f.remedy.zh.is_empty() && !f.remedy.en.is_empty(), "{f:?}");
            assert!(f.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{f:?}");
            assert!(!f.file.is_empty(), "{f:?}");
        }
        (dataset, report)
    }

    /// The findings that are no mere information and not Tinyville's own six mismatches.
    pub fn faults(&self) -> Vec<Fault> {
        let (_, report) = self.load();
        let own = |f: &&Finding| {
            f.severity != Severity::Info
                && !(f.code == "outside-declared-district"
                    && ["E05", "E08", "E09", "E12", "E16", "E20"].contains(&f.feature.as_deref().unwrap_or_default()))
        };
        report.findings.iter().filter(own).map(Fault::from).collect()
    }

    /// The one fault there is.
    pub fn fault(&self) -> Fault {
        let mut faults = self.faults();
        assert_eq!(faults.len(), 1, "{faults:#?}");
        faults.remove(0)
    }
}

/// A finding without its remedy.
#[derive(Debug)]
pub struct Fault {
    pub severity: Severity,
    pub code: String,
    pub file: String,
    pub feature: Option<String>,
    pub property: Option<String>,
    pub line: Option<usize>,
    pub column: Option<usize>,
    pub zh: String,
    pub en: String,
}

impl From<&Finding> for Fault {
    fn from(f: &Finding) -> Self {
        Self {
            severity: f.severity,
            code: f.code.to_owned(),
            file: f.file.clone(),
            feature: f.feature.clone(),
            property: f.property.clone(),
            line: f.line,
            column: f.column,
            zh: f.message.zh.clone(),
            en: f.message.en.clone(),
        }
    }
}

impl Fault {
    #[track_caller]
    pub fn error(self, code: &str, file: &str) -> Self {
        self.is(Severity::Error, code, file)
    }

    #[track_caller]
    pub fn warning(self, code: &str, file: &str) -> Self {
        self.is(Severity::Warning, code, file)
    }

    #[track_caller]
    fn is(self, severity: Severity, code: &str, file: &str) -> Self {
        assert_eq!((self.severity, self.code.as_str(), self.file.as_str()), (severity, code, file), "{self:#?}");
        self
    }

    #[track_caller]
    pub fn of(self, feature: &str) -> Self {
        assert_eq!(self.feature.as_deref(), Some(feature), "{self:#?}");
        self
    }

    #[track_caller]
    pub fn about(self, property: &str) -> Self {
        assert_eq!(self.property.as_deref(), Some(property), "{self:#?}");
        self
    }

    #[track_caller]
    pub fn at(self, line: usize, column: usize) -> Self {
        assert_eq!((self.line, self.column), (Some(line), Some(column)), "{self:#?}");
        self
    }

    /// The message, in either language, says this.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.zh.contains(words) || self.en.contains(words), "no {words} in {self:#?}");
        self
    }
}
