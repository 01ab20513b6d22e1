//! The API's description as a page: every operation with its parameters and answers, without a script.

use crate::core::model::Lang;
use crate::http::response::answer::{Answer, Reply};
use crate::http::response::html::{Page, text};
use crate::http::response::links::Link;
use serde_json::Value;
use std::fmt::Write as _;

pub(crate) fn answer(reply: &Reply, document: &Value, links: &[Link], lang: Lang) -> Answer {
    let title = if lang == Lang::En { "API" } else { "接口说明" };
    let page = Page { lang, title, root: "./", trail: &[], links, query: "" };
    page.answer(reply, || {
        let said = |v: &Value| text(v.as_str().unwrap_or(""));
        let mut out =
            format!("<p>{} · OpenAPI {}</p>\n", said(&document["info"]["description"]), said(&document["openapi"]));
        for tag in document["tags"].as_array().into_iter().flatten() {
            let _ = writeln!(out, "<h2>{}</h2>\n<p>{}</p>", said(&tag["name"]), said(&tag["description"]));
            for (path, item) in document["paths"].as_object().into_iter().flatten() {
                for (method, operation) in item.as_object().into_iter().flatten() {
                    if operation["tags"][0] == tag["name"] {
                        out.push_str(&one(&page, path, method, operation));
                    }
                }
            }
        }
        let _ = writeln!(out, "<h2>{}</h2>", page.say("数据结构", "Schemas"));
        for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
            let shown = serde_json::to_string_pretty(schema).unwrap_or_default();
            let _ = writeln!(
                out,
                "<details id=\"{0}\"><summary><code>{0}</code> {1}</summary><pre>{2}</pre></details>",
                text(name),
                said(&schema["description"]),
                text(&shown)
            );
        }
        Ok(out)
    })
}

fn one(page: &Page, path: &str, method: &str, operation: &Value) -> String {
    let said = |v: &Value| text(v.as_str().unwrap_or(""));
    let mut out = format!(
        "<details><summary><code>{} {}</code> {}</summary>\n",
        method.to_uppercase(),
        text(path),
        said(&operation["summary"])
    );
    if operation["description"].is_string() {
        let _ = writeln!(out, "<p>{}</p>", said(&operation["description"]));
    }
    let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        let heads = [
            page.say("参数", "Parameter"),
            page.say("位置", "In"),
            page.say("类型", "Type"),
            page.say("说明", "Description"),
        ];
        out.push_str("<div class=\"wide\"><table><tr>");
        out.push_str(&heads.map(|h| format!("<th>{h}</th>")).concat());
        out.push_str("</tr>\n");
        for p in parameters {
            let must = if p["required"] == true { "*" } else { "" };
            let _ = writeln!(
                out,
                "<tr><td><code>{}</code>{must}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                said(&p["name"]),
                said(&p["in"]),
                kind(&p["schema"]),
                said(&p["description"])
            );
        }
        out.push_str("</table></div>\n");
    }
    if operation["requestBody"].is_object() {
        let body = &operation["requestBody"]["content"];
        let _ = writeln!(out, "<p>{}: {}</p>", page.say("请求内容", "Body"), contents(body));
    }
    out.push_str("<ul>\n");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let problem = response.get("$ref").map(|_| "application/problem+json".to_owned());
        let what =
            problem.unwrap_or_else(|| format!("{} {}", said(&response["description"]), contents(&response["content"])));
        let _ = writeln!(out, "<li><code>{}</code> {what}</li>", text(status));
    }
    out + "</ul>\n</details>\n"
}

/// Media types and the schemas of each.
fn contents(content: &Value) -> String {
    let one = |(media_type, c): (&String, &Value)| format!("<code>{}</code> {}", text(media_type), kind(&c["schema"]));
    content.as_object().into_iter().flatten().map(one).collect::<Vec<_>>().join(", ")
}

/// A schema in a word or two; a named one as a link to it.
fn kind(schema: &Value) -> String {
    let reference = schema["$ref"].as_str().or(schema["allOf"][0]["$ref"].as_str());
    if let Some(name) = reference.and_then(|r| r.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", text(name));
    }
    let mut out = text(schema["type"].as_str().unwrap_or(""));
    if let Some(choices) = schema["enum"].as_array() {
        let words: Vec<String> = choices.iter().map(|c| text(c.as_str().unwrap_or(""))).collect();
        let _ = write!(out, ": {}", words.join(" | "));
    }
    for (key, sign) in [("minimum", "≥"), ("maximum", "≤"), ("default", "=")] {
        if let Some(value) = schema.get(key) {
            let _ = write!(out, " {sign} {}", text(&value.to_string()));
        }
    }
    out
}
