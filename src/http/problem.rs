//! Errors as RFC 9457 problem documents. The status follows from the error's type; what went wrong inside is logged
//! under the request id and never sent.

use crate::core::filter::{self, FilterError, Mismatch, Syntax};
use crate::core::model::{Lang, Text};
use crate::core::query::{AreaError, QueryError, QuestionError};
use crate::render::drawing::PaintError;
use crate::render::map::{Ask, MapError};
use crate::render::report::ReportError;
use crate::service::batch::ReportBundleError;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::any::Any;
use utoipa::ToSchema;

/// An error on its way out. It becomes a document in `answer::envelope`, which knows language and request id.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: Text,
    place: Place,
}

/// Where something is wrong, for programs that show it there.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    position: Option<[f64; 2]>,
    character: Option<usize>,
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
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { status, code, detail: Text { zh: zh.into(), en: en.into() }, place: Place::default() }
    }

    /// 400 naming the parameter.
    pub(crate) fn parameter(name: &str, zh: &str, en: &str) -> Self {
        let (zh, en) = (format!("参数 {name}:{zh}"), format!("Parameter {name}: {en}"));
        Self::new(StatusCode::BAD_REQUEST, "bad-parameter", zh, en)
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
            408 | 504 => ("timeout", "处理超时,请缩小范围后重试。", "It took too long; try a smaller area."),
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
            position: self.place.position,
            character: self.place.character,
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
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, (crate::service::accounts::MINUTES * 60).into());
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

impl From<QueryError> for Problem {
    fn from(e: QueryError) -> Self {
        match e {
            QueryError::NoRegister => Self::not_found(
                "此数据集没有企业名录,无法统计。请在 dataset.json 中声明 role 为 register 的集合。",
                "This dataset has no register of enterprises; declare a collection with role register in dataset.json.",
            ),
            QueryError::UnknownZone(id) => Self::not_found(
                format!("没有编号为 {id} 的区域,全部区域见 /zones。"),
                format!("There is no zone {id}; /zones lists them."),
            ),
            QueryError::UnknownYear { year, known } => Self::parameter(
                "year",
                &format!("没有 {year} 年的数据,可选 {known}"),
                &format!("there are no figures for {year}; known: {known}"),
            ),
            QueryError::UnknownCollection { id, known } => Self::not_found(
                format!("没有集合 {id},现有:{known}。"),
                format!("There is no collection {id}; known: {known}."),
            ),
            QueryError::UnknownKind { id, known } => {
                let all = known.replace(", ", " | ");
                Self::parameter("kind", &format!("值“{id}”不可用,可选 {all}"), &format!("{id:?} is not one of {all}"))
            }
            QueryError::Condition(e) => e.into(),
            QueryError::Filter(e) => Self::filter(e, Some("filter")),
            QueryError::Sort(e) => Self::filter(e, Some("sortby")),
            QueryError::Area(e) => e.into(),
        }
    }
}

impl From<QuestionError> for Problem {
    fn from(e: QuestionError) -> Self {
        match e {
            QuestionError::Json { line, column, why } => Self::new(
                StatusCode::BAD_REQUEST,
                "bad-body",
                format!("请求内容第 {line} 行第 {column} 列有误:{why}"),
                format!("The body is wrong at line {line}, column {column}: {why}"),
            ),
            QuestionError::Parameter { name, why } => Self::parameter(&name, &why.zh, &why.en),
            QuestionError::FilterForm => Self::new(
                StatusCode::BAD_REQUEST,
                "bad-body",
                "filter 应为 CQL2 文字、CQL2 JSON(含 op)或“属性: 值”对象。",
                "filter must be CQL2 text, CQL2 JSON (with op), or an object property: value.",
            ),
            QuestionError::Filter(syntax) => Self::filter((*syntax).into(), Some("filter")),
        }
    }
}

impl From<ReportError> for Problem {
    fn from(e: ReportError) -> Self {
        match e {
            ReportError::TooManyRows { rows, limit } => Self::parameter(
                "format",
                &format!("xlsx 一张表最多 {limit} 行,所选企业有 {rows} 家;请缩小范围,或改用 format=csv"),
                &format!(
                    "a sheet holds {limit} rows and {rows} enterprises match; narrow the question or take format=csv"
                ),
            ),
            ReportError::Paint(PaintError::NoFont(characters)) => Self::new(
                StatusCode::NOT_IMPLEMENTED,
                "no-font",
                format!(
                    "服务器上没有含“{characters}”的字体,无法生成这种文件。请管理员安装中文字体(如 Debian 的 fonts-noto-cjk),或用 --font 指定字体文件;format=html、xlsx、svg 不需要字体。"
                ),
                format!(
                    "No font on the server has {characters}, so this file can't be made. Install a Chinese font (Debian: fonts-noto-cjk) or name one with --font; format=html, xlsx and svg need none."
                ),
            ),
            ReportError::Paint(e) => Self::from(MapError::from(e)),
            e => {
                tracing::error!(error = %e, "report failed");
                Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

impl From<ReportBundleError> for Problem {
    fn from(e: ReportBundleError) -> Self {
        match e {
            ReportBundleError::Report(e) => e.into(),
            ReportBundleError::Map(e) => e.into(),
        }
    }
}

impl From<FilterError> for Problem {
    fn from(e: FilterError) -> Self {
        Self::filter(e, None)
    }
}

impl Problem {
    /// What is wrong with a condition: the parameter is the property itself, or the one that holds the expression.
    pub(crate) fn filter(e: FilterError, parameter: Option<&str>) -> Self {
        let of = |name: &str| match parameter {
            Some(p) => (p.to_owned(), format!("{name}:"), format!("{name}: ")),
            None => (name.to_owned(), String::new(), String::new()),
        };
        let holder = parameter.unwrap_or("filter");
        match e {
            FilterError::Syntax(syntax) => {
                let Syntax { place, found, expected } = *syntax;
                let character = if let filter::Place::Character(at) = place { Some(at) } else { None };
                let place = place.words();
                let end = ("结尾", "the end");
                let (zh, en) = if found.is_empty() { end } else { (found.as_str(), found.as_str()) };
                let problem = Self::parameter(
                    holder,
                    &format!("{}:此处为 {zh},应为 {}", place.zh, expected.zh),
                    &format!("{}: {en} where {} is expected", place.en, expected.en),
                );
                Self { place: Place { character, ..Place::default() }, ..problem }
            }
            FilterError::UnknownProperty { name, known } => {
                let (parameter, zh, en) = of(&name);
                Self::parameter(
                    &parameter,
                    &format!("{zh}没有这个参数或属性,可用属性:{known}"),
                    &format!("{en}no such parameter or property; properties: {known}"),
                )
            }
            FilterError::BadValue { name, value, expected } => {
                let (parameter, zh, en) = of(&name);
                Self::parameter(
                    &parameter,
                    &format!("{zh}值“{value}”不可用,应为 {expected}"),
                    &format!("{en}{value:?} is not {expected}"),
                )
            }
            FilterError::Type(mismatch) => {
                let Mismatch { part, found, expected } = *mismatch;
                Self::parameter(
                    holder,
                    &format!("{part}:是{},应为{}", found.zh, expected.zh),
                    &format!("{part}: {} where {} is expected", found.en, expected.en),
                )
            }
            FilterError::UnknownFunction { name } => Self::parameter(
                holder,
                &format!("没有函数 {name},可用 CASEI、ACCENTI 与 S_、T_、A_ 谓词"),
                &format!("there is no function {name}; there are CASEI, ACCENTI and the S_, T_ and A_ predicates"),
            ),
            FilterError::Restricted { name } => Self::new(
                StatusCode::FORBIDDEN,
                "restricted",
                format!("属性 {name} 只以合计形式提供,不能用于逐家筛选。"),
                format!("Property {name} leaves the server only inside sums; it can't be used as a filter."),
            ),
        }
    }
}

impl From<AreaError> for Problem {
    fn from(e: AreaError) -> Self {
        match e {
            AreaError::OffEarth(x, y) => Self::nonsense(
                format!("坐标 {x}, {y} 超出范围,应为经度 -180..180、纬度 -90..90。"),
                format!("Position {x}, {y} is not on Earth; longitude -180..180, latitude -90..90."),
            ),
            AreaError::TooManyVertices { found, limit } => Self::nonsense(
                format!("边界有 {found} 个顶点,最多 {limit} 个,请先简化。"),
                format!("The outline has {found} vertices, at most {limit}; simplify it first."),
            ),
            AreaError::NoArea => Self::nonsense("边界没有面积。", "The outline has no area."),
            AreaError::Invalid(fault) => {
                let ((at_zh, at_en), (_, zh, en)) = (fault.at.words(), fault.kind.words());
                let near = fault.near.map_or(String::new(), |c| format!(" ({:.6}, {:.6})", c.x, c.y));
                let problem = Self::nonsense(
                    format!("边界{at_zh}{zh}{near}。请修正,或加 \"repair\": true 按奇偶规则处理。"),
                    format!(
                        "The outline, {at_en}, {en}{near}. Correct it, or add \"repair\": true to take it by the even-odd rule."
                    ),
                );
                let position = fault.near.map(|c| [c.x, c.y]);
                Self { place: Place { position, ..Place::default() }, ..problem }
            }
            AreaError::Neighbours(k) => Self::nonsense(
                format!("最近 {k} 家不可用,应为 1 到 10000。"),
                format!("The nearest {k}; it must be from 1 to 10000."),
            ),
            AreaError::Radius(r) => Self::nonsense(
                format!("半径 {r} 米不可用,应为 1 到 500000 米。"),
                format!("Radius {r} m; it must be from 1 to 500000 m."),
            ),
        }
    }
}

impl From<MapError> for Problem {
    fn from(e: MapError) -> Self {
        match e {
            MapError::TooLarge(size) => {
                let (w, h, most) = (size.width, size.height, Ask::LONGEST);
                // the side that was given makes the other too long
                let name = if w > h { "height" } else { "width" };
                Self::parameter(
                    name,
                    &format!("图片会是 {w} x {h} 像素,每边最多 {most};请减小 {name},或改 bbox"),
                    &format!(
                        "the picture would be {w} x {h} pixels, at most {most} a side; take a smaller {name} or another bbox"
                    ),
                )
            }
            MapError::TooMuch => Self::parameter(
                "bbox",
                "范围内图形过多,无法绘成一张图;请缩小 bbox,或用 collections、filter 减少内容",
                "too many shapes for one picture; take a smaller bbox, or fewer of them by collections or filter",
            ),
            MapError::NoFont(characters) => Self::new(
                StatusCode::NOT_IMPLEMENTED,
                "no-font",
                format!(
                    "服务器上没有含“{characters}”的字体,无法绘制 PNG。请管理员安装中文字体(如 Debian 的 fonts-noto-cjk),或用 --font 指定字体文件;也可改用 f=svg。"
                ),
                format!(
                    "No font on the server has {characters}, so there is no PNG. Install a Chinese font (Debian: fonts-noto-cjk) or name one with --font; f=svg needs none."
                ),
            ),
            MapError::Picture(why) => {
                tracing::error!(error = %why, "map failed");
                Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}
