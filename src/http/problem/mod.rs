//! Errors as RFC 9457 problem documents. The status follows from the error's type; what went wrong inside is logged
//! under the request id and never sent. Every error of a lower layer becomes a problem here and nowhere else: of
//! questions (`query`), of maps and reports (`render`), of what the service keeps (`service`).

mod query;
mod render;
mod service;

use crate::core::model::{Lang, Text};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::any::Any;
use std::sync::Arc;
use utoipa::ToSchema;

/// Seconds after which what was too much may be tried again.
const SOON: u16 = 5;

/// An error on its way out. It becomes a document in `answer::envelope`, which knows language and request id.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: Text,
    place: Option<Place>,
    /// Seconds after which the same may be asked again.
    wait: Option<u32>,
    /// What is kept now, where a change came too late.
    current: Option<Arc<serde_json::Value>>,
}

/// Where something is wrong, for programs that show it there.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// In an outline: longitude, latitude.
    Position([f64; 2]),
    /// In a text, counted from 1.
    Character(usize),
}

/// The document (RFC 9457, `application/problem+json`).
#[derive(Serialize, ToSchema)]
pub struct ProblemDocument {
    /// `urn:shigu:problem:` and the code.
    #[serde(rename = "type")]
    ty: String,
    /// What sort of error it is, in English.
    title: String,
    /// HTTP status.
    status: u16,
    /// Stable code.
    code: String,
    /// What, where, what to do; Chinese unless `Accept-Language` prefers English.
    detail: String,
    /// The same in English.
    detail_en: String,
    /// Number under which the server's log has it.
    request_id: String,
    /// Where an outline is wrong: longitude, latitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<[f64; 2]>,
    /// Where a filter in text is wrong: the character, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    character: Option<usize>,
    /// What is kept now, where somebody else's change came before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    current: Option<serde_json::Value>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { status, code, detail: Text { zh: zh.into(), en: en.into() }, place: None, wait: None, current: None }
    }

    /// What is kept now goes along.
    pub(crate) fn beside(self, current: &impl Serialize) -> Self {
        Self { current: serde_json::to_value(current).ok().map(Arc::new), ..self }
    }

    /// The same may be asked again after so many seconds.
    pub(crate) fn after(self, seconds: u64) -> Self {
        Self { wait: Some(seconds.try_into().unwrap_or(u32::MAX)), ..self }
    }

    /// 400 naming the parameter.
    pub(crate) fn parameter(name: &str, zh: &str, en: &str) -> Self {
        let (zh, en) = (format!("参数 {name}:{zh}"), format!("Parameter {name}: {en}"));
        Self::new(StatusCode::BAD_REQUEST, "bad-parameter", zh, en)
    }

    /// A status and a code for words that an error has already.
    fn of(status: StatusCode, code: &'static str, Text { zh, en }: Text) -> Self {
        Self::new(status, code, zh, en)
    }

    /// 404.
    pub(crate) fn not_found(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", zh, en)
    }

    /// 422: well-formed, but nonsense.
    fn nonsense(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "meaningless", zh, en)
    }

    /// A problem for an answer that some library made without a document.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, zh, en) = match status.as_u16() {
            400 => {
                ("bad-request", "请求不合规范,请检查网址与内容。", "The request is malformed; check its URL and body.")
            }
            404 => ("not-found", "没有这个网址。", "There is nothing at this URL."),
            405 => (
                "method-not-allowed",
                "此网址不支持这种请求方法,见 Allow 头。",
                "This URL doesn't support that method; see the Allow header.",
            ),
            406 => ("not-acceptable", "无法按 Accept 头要求的格式提供。", "Nothing here matches the Accept header."),
            408 => (
                "stalled",
                "请求内容没有传完就停了,请检查网络后重试。",
                "The body stopped coming; check the network and send it again.",
            ),
            504 => ("timeout", "处理超时,请缩小范围后重试。", "It took too long; try a smaller area."),
            413 => (
                "body-too-large",
                "请求内容超过 2 MB,请简化边界后重试。",
                "The body is larger than 2 MB; simplify the outline.",
            ),
            414 => ("uri-too-long", "网址过长,请改用 POST。", "The URL is too long; use POST."),
            415 => (
                "unsupported-media-type",
                "请用 Content-Type: application/json 发送。",
                "Send it as Content-Type: application/json.",
            ),
            416 => (
                "range-not-satisfiable",
                "文件没有这一段字节,见 Content-Range 头。",
                "The file has no such bytes; see the Content-Range header.",
            ),
            431 => (
                "headers-too-large",
                "请求头超过 16 kB,请清理 Cookie 后重试。",
                "The request headers are larger than 16 kB; clear the cookies and try again.",
            ),
            status if status < 500 => ("bad-request", "无法处理此请求。", "The request can't be handled."),
            503 => ("not-ready", "服务尚未就绪,请稍后重试。", "The service isn't ready; try again later."),
            _ => (
                "internal",
                "服务内部出错,数据没有变化。请把编号告诉管理员。",
                "Something went wrong inside; no data has changed. Tell the administrator the request id.",
            ),
        };
        Self::new(status, code, zh, en)
    }

    /// The finished answer.
    pub(crate) fn document(&self, lang: Lang, request_id: &str) -> Response {
        let document = ProblemDocument {
            ty: format!("urn:shigu:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail.get(lang).to_owned(),
            detail_en: self.detail.get(Lang::En).to_owned(),
            request_id: request_id.to_owned(),
            position: if let Some(Place::Position(at)) = self.place { Some(at) } else { None },
            character: if let Some(Place::Character(at)) = self.place { Some(at) } else { None },
            current: self.current.as_deref().cloned(),
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let lang = if lang == Lang::En { "en" } else { "zh-CN" };
        let head = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CONTENT_LANGUAGE, lang),
            (header::VARY, "accept-language"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (self.status, head, body).into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.wait {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, SOON.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// What a panic looks like from outside.
#[allow(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    tracing::error!(panic = message, "request panicked");
    Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}
