//! What a job is to make, as the table of jobs keeps it and as `POST /reports` takes it again.

use crate::core::model::{Lang, Text};
use crate::core::query::{Question, QuestionError};
use crate::render::report::Format;
use serde_json::{Map, Value, json};
use thiserror::Error;

/// Files of each format for each zone, under one question.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportRequest {
    /// Ids of the zones.
    pub zones: Vec<String>,
    /// The formats.
    pub formats: Vec<Format>,
    /// Language of the files.
    pub lang: Lang,
    /// The question about each of the zones; it has no area of its own.
    pub question: Question,
}

/// Why a kept request can't be read.
#[derive(Debug, Error)]
pub enum ReportRequestError {
    /// It is no JSON object, or zones, formats or language are missing or not known.
    #[error("`{0}` of the kept request is missing or not known")]
    Member(&'static str),
    /// The rest of it is no question.
    #[error(transparent)]
    Question(#[from] QuestionError),
}

impl ReportRequestError {
    /// What to do about it.
    pub fn text(&self) -> Text {
        Text::new(
            format!("这个任务由另一个版本的程序保存,其条件无法读出({self});已完成的文件仍可下载,请重新导出。"),
            format!(
                "This job was kept by another version of the program and its conditions can't be read ({self}); finished files can be downloaded. Export again."
            ),
        )
    }
}

impl ReportRequest {
    /// Zones, formats and language, then the members of the question.
    pub fn to_json(&self) -> Value {
        let lang = if self.lang == Lang::En { "en" } else { "zh" };
        let formats = self.formats.iter().map(|f| f.extension()).collect::<Vec<_>>();
        let mut all = json!({"zones": self.zones, "formats": formats, "lang": lang});
        // all of a question can be written
        let question = serde_json::to_value(&self.question).unwrap_or_default();
        if let (Some(all), Value::Object(members)) = (all.as_object_mut(), question) {
            all.extend(members);
        }
        all
    }

    /// As [`ReportRequest::to_json`] writes it.
    pub fn from_json(text: &str) -> Result<Self, ReportRequestError> {
        let mut all: Map<String, Value> = serde_json::from_str(text).map_err(QuestionError::from)?;
        let mut texts = |name: &'static str| {
            let list = all.shift_remove(name).and_then(|list| serde_json::from_value::<Vec<String>>(list).ok());
            list.filter(|list| !list.is_empty()).ok_or(ReportRequestError::Member(name))
        };
        let (zones, formats) = (texts("zones")?, texts("formats")?);
        let formats = formats.iter().map(|name| Format::named(name)).collect::<Option<Vec<_>>>();
        let lang = match all.shift_remove("lang").as_ref().and_then(Value::as_str) {
            Some("zh") => Lang::Zh,
            Some("en") => Lang::En,
            _ => return Err(ReportRequestError::Member("lang")),
        };
        Ok(Self {
            zones,
            formats: formats.ok_or(ReportRequestError::Member("formats"))?,
            lang,
            question: Question::from_json(Value::Object(all).to_string().as_bytes())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let question = Question::register().in_year(Some(2025)).with_secondary(true).having("cluster", "robot");
        let (zones, formats) = (vec!["city".to_owned(), "330110".to_owned()], vec![Format::Pdf, Format::Csv]);
        let request = ReportRequest { zones, formats, lang: Lang::En, question };
        let text = request.to_json().to_string();
        assert_eq!(
            text,
            r#"{"zones":["city","330110"],"formats":["pdf","csv"],"lang":"en","year":2025,"filter":{"cluster":"robot"},"secondary":true}"#
        );
        assert_eq!(ReportRequest::from_json(&text).unwrap(), request);
    }

    /// As builds before this one kept them: the filter as it was given.
    #[test]
    fn requests_of_older_builds_are_read() {
        let head = r#""zones":["city"],"formats":["docx"],"lang":"zh","year":2024"#;
        let robots = Question::register().in_year(Some(2024));
        for (rest, question) in [
            (String::new(), robots.clone()),
            (
                r#","filter":{"cluster":"robot"},"secondary":true"#.into(),
                robots.clone().having("cluster", "robot").with_secondary(true),
            ),
            (r#","filter":"staff > 5""#.into(), Question::from_url_query("year=2024&filter=staff%20%3E%205").unwrap()),
            (
                r#","filter":{"op":">","args":[{"property":"staff"},5]}"#.into(),
                Question::from_url_query("year=2024&filter=staff%20%3E%205").unwrap(),
            ),
        ] {
            let read = ReportRequest::from_json(&format!("{{{head}{rest}}}")).unwrap();
            assert_eq!((read.question, read.formats), (question, vec![Format::Docx]));
        }
    }

    #[test]
    fn a_request_that_is_not_understood_says_so() {
        for text in [
            "",
            "[]",
            r#"{"zones":["1"]}"#,
            r#"{"zones":["1"],"formats":["exe"],"lang":"zh"}"#,
            r#"{"zones":["1"],"formats":["csv"],"lang":"fr"}"#,
            r#"{"zones":["1"],"formats":["csv"],"lang":"zh","colour":"red"}"#,
            r#"{"zones":["1"],"formats":["csv"],"lang":"zh","filter":"a = "}"#,
        ] {
            let text = ReportRequest::from_json(text).unwrap_err().text();
            assert!(text.zh.contains("重新导出") && text.en.contains("Export again"), "{text:?}");
        }
    }
}
