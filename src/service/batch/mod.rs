//! The files of a question, whoever asks for them: the report and its map brought together.
//!
//! `/report`, the jobs of `/reports` and `shigu export` all go through [`ReportBundle`], so the same data and question
//! give the same bytes everywhere.

use crate::core::cancel;
use crate::core::model::Lang;
use crate::core::query::{Bound, Choropleth, QueryError};
use crate::core::snapshot::Description;
use crate::render::drawing::{Drawing, Fonts};
use crate::render::map::{Ask, MapError, Scene};
use crate::render::report::{Format, Origin, RenderContext, Report, ReportError};
use std::collections::HashSet;
use std::path::Path;
use std::sync::{OnceLock, mpsc};
use thiserror::Error;

/// The answers to one question, and its map, drawn once for all files that show it.
#[derive(Debug)]
pub struct ReportBundle<'a> {
    bound: &'a Bound,
    lang: Lang,
    report: Report,
    choropleth: Option<Choropleth>,
    map: OnceLock<Drawing<'static>>,
}

impl<'a> ReportBundle<'a> {
    /// Asks for everything that the files say; draws nothing yet.
    pub fn new(bound: &'a Bound, lang: Lang, origin: Origin) -> Result<Self, QueryError> {
        let report = Report::new(bound, lang, origin)?;
        Ok(Self { bound, lang, report, choropleth: None, map: OnceLock::new() })
    }

    /// The same with districts coloured by what was chosen on its map. Where that can't be (growth in the first period, one of many files) the
    /// map is the usual one: its legend says what it shows.
    #[must_use]
    pub fn coloured(self, choropleth: Option<Choropleth>) -> Self {
        Self { choropleth, ..self }
    }

    /// The answers.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The bytes of a file.
    pub fn bytes(&self, format: Format, fonts: &Fonts) -> Result<Vec<u8>, ReportBundleError> {
        let paged;
        let map = match format {
            Format::Pdf => {
                paged = self.paged(fonts)?;
                Some(&paged)
            }
            _ if format.has_map() => Some(self.map()?),
            _ => None,
        };
        Ok(self.report.render(format, RenderContext { map, fonts })?)
    }

    /// The map in the shape that its page has room for.
    fn paged(&self, fonts: &Fonts) -> Result<Drawing<'static>, ReportBundleError> {
        let (about, ask) = (self.bound.describe(), Ask { height: None, ..self.ask() });
        let [width, height] = ask.size(about).map_err(MapError::TooLarge)?.map(f64::from);
        let shape = self.report.map_shape(height / width, fonts)?;
        // a pixel less rather than a line that does not fit
        let height = Some((width * shape).floor() as u32);
        Ok(Scene::draw(about, &Ask { height, ..ask })?.into_drawing())
    }

    fn ask(&self) -> Ask {
        let asked = Ask { choropleth: self.choropleth.clone(), ..Ask::about(self.bound, self.lang) };
        if asked.check(self.bound.describe()).is_ok() { asked } else { Ask { choropleth: None, ..asked } }
    }

    fn map(&self) -> Result<&Drawing<'static>, MapError> {
        if let Some(map) = self.map.get() {
            return Ok(map);
        }
        let drawn = Scene::draw(self.bound.describe(), &self.ask())?.into_drawing();
        Ok(self.map.get_or_init(|| drawn))
    }
}

/// A file in each format: `make` makes one, and `take` takes them in the order of the formats, until one of them fails. Files that hold rows
/// are made beside those that show the map, so that no more than one picture is painted at a time.
pub fn each_format<T: Send, E: Send>(
    formats: &[Format],
    make: impl Fn(Format) -> Result<T, E> + Sync,
    mut take: impl FnMut(Format, T) -> Result<(), E>,
) -> Result<(), E> {
    let (made, pictures) = mpsc::channel();
    let painted = || {
        for format in formats.iter().filter(|format| format.has_map()) {
            let picture = make(*format);
            let failed = picture.is_err();
            // nobody takes more after a failure
            if made.send(picture).is_err() || failed {
                break;
            }
        }
        drop(made);
    };
    let taken = || {
        let pictures = pictures;
        let mut tables = formats.iter().filter(|format| !format.has_map());
        let mut table = || tables.next().map(|format| make(*format));
        let mut ahead = None;
        for format in formats {
            let file = if format.has_map() {
                // what comes next is made while a picture is waited for
                ahead = ahead.or_else(&mut table);
                pictures.recv().ok()
            } else {
                ahead.take().or_else(&mut table)
            };
            let Some(file) = file else { break };
            take(*format, file?)?;
        }
        Ok(())
    };
    cancel::both(taken, painted).0
}

/// Why a file could not be made.
#[derive(Debug, Error)]
pub enum ReportBundleError {
    /// The report failed.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The map failed.
    #[error(transparent)]
    Map(#[from] MapError),
}

/// Ids of all districts, in the order of the dataset.
pub fn districts(about: &Description) -> Vec<String> {
    about.districts().map(|z| z.id.clone()).collect()
}

/// Ids of all zones of a kind, in the order of the dataset; `None` where there is no such kind.
pub fn of_kind(about: &Description, kind: &str) -> Option<Vec<String>> {
    let kind = about.zone_kinds.iter().position(|k| k.id == kind)?;
    Some(about.zones.iter().filter(|z| z.kind == kind).map(|z| z.id.clone()).collect())
}

/// Names of files in one folder: zones of the same name get a number each, in the order in which they come.
#[derive(Debug, Default)]
pub struct Names(HashSet<String>);

impl Names {
    /// A name that no file before had, also where file systems take small and capital letters for the same.
    pub fn apart(&mut self, name: String) -> String {
        if self.0.insert(name.to_lowercase()) {
            return name;
        }
        let path = Path::new(&name);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let end = path.extension().map_or(String::new(), |e| format!(".{}", e.to_string_lossy()));
        let numbered = (2..).map(|n| format!("{stem}-{n}{end}"));
        numbered.into_iter().find(|name| self.0.insert(name.to_lowercase())).unwrap_or(name)
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Names, each_format};

    /// Whichever is made first, and whichever fails.
    #[test]
    fn files_are_taken_in_the_order_of_their_formats_until_one_fails() {
        let orders = [
            vec![Format::Docx, Format::Xlsx, Format::Pdf, Format::Csv],
            vec![Format::Csv, Format::Xlsx, Format::Png],
            vec![Format::Pdf, Format::Svg],
            vec![Format::Geojson],
            vec![],
        ];
        for formats in orders {
            for failing in formats.iter().copied().map(Some).chain([None]) {
                let made = |format| if Some(format) == failing { Err(format) } else { Ok(format.extension()) };
                let mut taken = Vec::new();
                let done = each_format(&formats, made, |format, name| {
                    assert_eq!(name, format.extension());
                    taken.push(format);
                    Ok(())
                });
                assert_eq!(done, failing.map_or(Ok(()), Err));
                let before = formats.iter().copied().take_while(|format| Some(*format) != failing);
                assert_eq!(taken, before.collect::<Vec<_>>());
                // what can't be kept ends it as well
                let kept =
                    each_format(&formats, Ok, |format, _| if Some(format) == failing { Err(format) } else { Ok(()) });
                assert_eq!(kept, failing.map_or(Ok(()), Err));
            }
        }
    }

    #[test]
    fn zones_of_the_same_name_do_not_share_a_file() {
        let mut names = Names::default();
        let given =
            ["云城.docx", "云城.pdf", "云城.docx", "云城-2.docx", "A.pdf", "a.pdf"].map(|n| names.apart(n.into()));
        assert_eq!(given, ["云城.docx", "云城.pdf", "云城-2.docx", "云城-2-2.docx", "A.pdf", "a-2.pdf"]);
    }
}
