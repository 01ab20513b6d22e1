//! Plain pages for people who follow links: no script, no request to anywhere else, Chinese and English.

use crate::core::model::Lang;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Form, Reply};
use crate::http::response::links::Link;
use axum::http::HeaderMap;
use std::fmt::Write as _;

/// The media type of pages.
pub(crate) const PAGE: &str = "text/html; charset=utf-8";
pub(crate) const STYLE: &str = include_str!("pages.css");

/// Marks an error that answers a browser on its way, and so is a page instead of a problem document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErrorPage;

/// What stands around the content of a page.
pub(crate) struct Page<'a> {
    pub(crate) lang: Lang,
    pub(crate) title: &'a str,
    /// The way from here to `/`, e.g. `../../`: pages work under any prefix.
    pub(crate) root: &'a str,
    /// Addresses below `root` and names, from the top down to the parent.
    pub(crate) trail: &'a [(String, String)],
    /// What the document says of its links; they go into the head.
    pub(crate) links: &'a [Link],
    /// This page in the other language, as a query.
    pub(crate) query: &'a str,
}

/// The style of the plain pages.
pub(crate) async fn style(context: Context, headers: HeaderMap, params: Params) -> Answer {
    params.finish()?;
    Reply { context: &context, headers: &headers }.bytes("text/css; charset=utf-8", || Ok(STYLE.as_bytes().to_vec()))
}

impl Page<'_> {
    /// Answers with the page around `content`, which is HTML.
    pub(crate) fn answer(&self, reply: &Reply, content: impl FnOnce() -> Result<String, Problem>) -> Answer {
        reply.form(Form::spoken(PAGE, self.lang), || Ok(self.render(&content()?).into_bytes()))
    }

    fn render(&self, content: &str) -> String {
        let root = self.root;
        let (data, api) = (self.say("数据集合", "Collections"), self.say("接口说明", "API"));
        let conformance = self.say("符合的标准", "Conformance");
        let lang = if self.lang == Lang::En { "en" } else { "zh" };
        let ways = format!(
            "<a href=\"{root}collections?f=html&amp;lang={lang}\">{data}</a> · \
             <a href=\"{root}api?f=html&amp;lang={lang}\">{api}</a> · \
             <a href=\"{root}conformance?f=html&amp;lang={lang}\">{conformance}</a> · "
        );
        self.around(content, &ways)
    }

    /// The page around `content`, with ways to other pages at its end; both are HTML.
    pub(crate) fn around(&self, content: &str, ways: &str) -> String {
        let (root, title) = (self.root, text(self.title));
        let (code, other, other_name) =
            if self.lang == Lang::En { ("en", "zh", "中文") } else { ("zh-CN", "en", "English") };
        let mut head = String::new();
        for l in self.links {
            let (href, rel, ty) = (text(&l.href), text(l.rel), text(l.ty));
            let _ = writeln!(head, "<link rel=\"{rel}\" type=\"{ty}\" href=\"{href}\">");
        }
        let mut trail = format!("<a href=\"{root}\">视谷 Shigu</a>");
        for (address, name) in self.trail {
            let _ = write!(trail, " › <a href=\"{root}{}\">{}</a>", text(address), text(name));
        }
        let json = self.links.iter().find(|l| l.rel == "alternate" && l.ty.ends_with("json"));
        let json = json.map_or(String::new(), |l| format!("<a href=\"{}\">JSON</a> · ", text(&l.href)));
        let query = text(self.query);
        let join = if query.is_empty() { "" } else { "&amp;" };
        format!(
            "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · 视谷 Shigu</title>\n\
             <link rel=\"stylesheet\" href=\"{root}pages.css\">\n{head}</head>\n<body>\n<nav>{trail}</nav>\n\
             <main>\n<h1>{title}</h1>\n{content}\n</main>\n<footer>{json}{ways}\
             <a href=\"?{query}{join}f=html&amp;lang={other}\" lang=\"{other}\">{other_name}</a></footer>\n</body>\n</html>\n"
        )
    }

    /// The text in the page's language.
    pub(crate) fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        if self.lang == Lang::En { en } else { zh }
    }
}

/// Text as HTML, also within quotation marks.
pub(crate) fn text(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Terms and what is said of them; the latter is HTML.
pub(crate) fn facts(rows: &[(&str, String)]) -> String {
    let one = |(term, html): &(&str, String)| format!("<dt>{}</dt><dd>{html}</dd>\n", text(term));
    let said = rows.iter().filter(|(_, html)| !html.is_empty()).map(one).collect::<String>();
    format!("<dl>\n{said}</dl>\n")
}

/// Text that may be an address, as a link where it is one.
pub(crate) fn linked(s: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    if (s.starts_with("https://") || s.starts_with("http://")) && s.chars().all(plain) {
        return format!("<a href=\"{0}\" rel=\"external noreferrer\">{0}</a>", text(s));
    }
    text(s)
}
