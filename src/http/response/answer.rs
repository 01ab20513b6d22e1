//! How bytes leave: their media type, language and validators.

use crate::core::model::Lang;
use crate::http::extract::context::{Context, Cost};
use crate::http::extract::negotiate;
use crate::http::problem::Problem;
use crate::http::response::links::{JSON, escaped};
use crate::http::response::{etag, range};
use crate::render::report::PaperFile;
use crate::service::task;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The result of a handler.
pub(crate) type Answer = Result<Response, Problem>;

/// Answers to a request: what is the same in all of them follows from the context and the headers.
pub(crate) struct Reply<'a> {
    pub(crate) context: &'a Context,
    pub(crate) headers: &'a HeaderMap,
}

/// Which representation of a resource an answer is.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    /// Its media type.
    pub(crate) media_type: &'static str,
    /// Its language, where it has one.
    pub(crate) lang: Option<Lang>,
    /// Whether it says when it was made: then its tag speaks of the meaning only.
    pub(crate) stamped: bool,
    /// Whether it is a file of which a part can be had.
    pub(crate) ranged: bool,
    /// The version of the register that it speaks of, where it does: the same data may be another version.
    pub(crate) version: u64,
    /// The day that it speaks of, counted from 1970, where it does: the same data says something else on another.
    pub(crate) day: i64,
}

impl Form {
    /// A representation that neither speaks a language nor says when it was made.
    pub(crate) fn plain(media_type: &'static str) -> Self {
        Self { media_type, lang: None, stamped: false, ranged: false, version: 0, day: 0 }
    }

    /// A representation in a language.
    pub(crate) fn spoken(media_type: &'static str, lang: Lang) -> Self {
        Self { lang: Some(lang), ..Self::plain(media_type) }
    }
}

impl Reply<'_> {
    /// Answers with bytes that depend on the data's revision, the URL and the address of the service. `make` is not
    /// called when the reader already has them.
    pub(crate) fn bytes(&self, media_type: &'static str, make: impl FnOnce() -> Result<Vec<u8>, Problem>) -> Answer {
        if !negotiate::accepts(self.headers, media_type) {
            return Err(Problem::of_status(StatusCode::NOT_ACCEPTABLE));
        }
        self.form(Form::plain(media_type), make)
    }

    /// Answers with JSON.
    pub(crate) fn json<T: Serialize>(&self, make: impl FnOnce() -> Result<T, Problem>) -> Answer {
        self.bytes("application/json", || to_json(&make()?))
    }

    /// Answers with a representation that was chosen before.
    pub(crate) fn form(&self, form: Form, make: impl FnOnce() -> Result<Vec<u8>, Problem>) -> Answer {
        tagged(self.headers, form, self.etag(form), make)
    }

    /// Answers with a representation that is made while it is sent; `make` is not called when the reader already has it.
    pub(crate) fn stream(&self, form: Form, make: impl FnOnce() -> Result<Body, Problem>) -> Answer {
        let etag = self.etag(form);
        let mut response = if let Some(known) = etag::known(self.headers, &etag) {
            (StatusCode::NOT_MODIFIED, [(header::ETAG, known)]).into_response()
        } else {
            let mut response = make()?.into_response();
            set(&mut response, header::CONTENT_TYPE, form.media_type);
            HeaderValue::try_from(etag).into_iter().for_each(|e| drop(response.headers_mut().insert(header::ETAG, e)));
            response
        };
        set(&mut response, header::CACHE_CONTROL, "no-cache");
        vary(response.headers_mut(), "accept");
        Ok(response)
    }

    /// The tag of the uncoded representation.
    pub(crate) fn etag(&self, form: Form) -> String {
        let mut hash = DefaultHasher::new();
        let lang = form.lang.map(|l| l as u8);
        let base = negotiate::base_url(self.context, self.headers);
        (base, self.context.disclosure() as u8, form.media_type, lang).hash(&mut hash);
        if form.version > 0 {
            form.version.hash(&mut hash);
        }
        if form.day != 0 {
            ("day", form.day).hash(&mut hash);
        }
        let saved = self.context.saved_areas();
        if !saved.is_empty() {
            saved.hash(&mut hash);
        }
        let weak = if form.stamped { "W/" } else { "" };
        format!("{weak}\"{}-{:08x}\"", self.context.describe().revision, hash.finish() as u32)
    }
}

/// Answers with a representation under its tag; `make` is not called when the reader already has it.
pub(crate) fn tagged(
    headers: &HeaderMap,
    form: Form,
    etag: String,
    make: impl FnOnce() -> Result<Vec<u8>, Problem>,
) -> Answer {
    let mut response = match etag::known(headers, &etag) {
        Some(known) => (StatusCode::NOT_MODIFIED, [(header::ETAG, known)]).into_response(),
        None => whole(headers, form, etag, make()?),
    };
    set(&mut response, header::CACHE_CONTROL, "no-cache");
    vary(response.headers_mut(), "accept");
    if let Some(lang) = form.lang {
        set(&mut response, header::CONTENT_LANGUAGE, if lang == Lang::En { "en" } else { "zh-CN" });
        vary(response.headers_mut(), "accept-language");
    }
    Ok(response)
}

fn whole(headers: &HeaderMap, form: Form, etag: String, body: Vec<u8>) -> Response {
    let empty = body.is_empty();
    let mut response = if form.ranged && !empty {
        range::answer(headers, &etag, body.into())
    } else {
        (if empty { StatusCode::NO_CONTENT } else { StatusCode::OK }, Body::from(body)).into_response()
    };
    if !empty {
        set(&mut response, header::CONTENT_TYPE, form.media_type);
    }
    HeaderValue::try_from(etag).into_iter().for_each(|e| drop(response.headers_mut().insert(header::ETAG, e)));
    response
}

/// A value as JSON.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}

/// Makes an answer a file to be kept under a name.
pub(crate) fn attachment(response: &mut Response, name: &str) {
    named(response, "attachment", name);
}

/// The answer has this name as a file, and is shown (`inline`) or saved (`attachment`).
pub(crate) fn named(response: &mut Response, how: &str, name: &str) {
    if let Ok(value) = HeaderValue::try_from(format!("{how}; filename*=UTF-8''{}", escaped(name))) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
}

/// The page of a report or paper has its style inside, and nothing else: no script, no other file.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Lets a page have nothing but its own style.
pub(crate) fn confined(response: &mut Response) {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
}

/// Gives a paper its name, without its end: a page is shown, other files are saved.
pub(crate) fn named_paper(response: &mut Response, name: &str, file: PaperFile) {
    let is_page = file == PaperFile::Html;
    named(response, if is_page { "inline" } else { "attachment" }, &format!("{name}.{}", file.extension()));
    if is_page {
        confined(response);
    }
}

/// Adds a header's name to `Vary`, once.
pub(crate) fn vary(headers: &mut HeaderMap, name: &'static str) {
    let mut lines = headers.get_all(header::VARY).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    if !lines.any(|listed| listed.trim().eq_ignore_ascii_case(name)) {
        headers.append(header::VARY, HeaderValue::from_static(name));
    }
}

/// JSON about the service itself, which nobody keeps.
pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Answer {
    let head = [(header::CONTENT_TYPE, JSON), (header::CACHE_CONTROL, "no-store")];
    Ok((status, head, to_json(value)?).into_response())
}

/// Runs work that only reads. Where it costs little it is done at once: to change the thread and back costs more than most
/// answers.
pub(crate) async fn computed<T: Send + 'static>(
    cost: Cost,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    if cost.is_small() { work() } else { blocking(work).await }
}

/// Runs work that only reads, and may take milliseconds, off the threads that serve connections. It is cancelled when the
/// request is given up.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    task::cancellable(work).await?
}

/// Runs work that changes something: it goes on to its end when the client has left.
pub(crate) async fn lasting<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    task::blocking(work).await?
}
