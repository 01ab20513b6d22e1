//! The guide (docs/guide): each chapter in both languages, links and pictures that there are, and commands, flags and addresses that
//! the program has; and its pages as the program serves them.

use crate::common::service::Service;
use crate::program::{shigu, text};
use serde_json::Value;
use shigu::core::query::Disclosure;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide");
/// Flags of other programs that the guide names in words.
const OF_OTHERS: [&str; 2] = ["--purge", "--features"];
/// What begins like an address of the service and is none: folders of a system, addresses of pages.
const NO_ROUTES: [&str; 12] =
    ["/etc", "/usr", "/var", "/srv", "/guide", "/path", "/realms", "/?", "/dist", "/metrics", "/*", "/.well-known"];

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            all.extend(files(&entry, ending));
        } else if entry.to_str().unwrap().ends_with(ending) {
            all.push(entry);
        }
    }
    all.sort();
    all
}

fn chapters(lang: &str) -> Vec<PathBuf> {
    files(&Path::new(GUIDE).join(lang), ".md")
}

fn both() -> Vec<PathBuf> {
    [chapters("zh"), chapters("en")].concat()
}

/// The text of a chapter with its examples in the place of what includes them, and apart from that its code: blocks and spans.
fn read(chapter: &Path) -> (String, Vec<String>) {
    let (mut prose, mut code, mut fenced) = (String::new(), Vec::new(), false);
    for line in fs::read_to_string(chapter).unwrap().lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if let Some(named) = line.strip_prefix("{{#include ").and_then(|rest| rest.strip_suffix("}}")) {
            let (file, anchor) = named.split_once(':').unwrap_or((named, ""));
            let included = fs::read_to_string(chapter.with_file_name(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
            for mark in ["ANCHOR", "ANCHOR_END"].iter().filter(|_| !anchor.is_empty()) {
                let mark = format!("{mark}: {anchor}");
                assert!(included.lines().any(|line| line.ends_with(&mark)), "{named} in {}", chapter.display());
            }
            code.extend(included.lines().map(str::to_owned));
        } else if fenced {
            code.push(line.to_owned());
        } else {
            prose.push_str(line);
            prose.push('\n');
            code.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    assert!(!fenced, "{} ends within code", chapter.display());
    (prose, code)
}

/// The targets of the links of a text.
fn links(prose: &str) -> impl Iterator<Item = &str> {
    prose.split("](").skip(1).map(|rest| rest.split(')').next().unwrap())
}

/// A heading as an address names it.
fn anchors(prose: &str) -> BTreeSet<String> {
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let word = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    headings
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .chars()
                .filter(|&c| word(c))
                .collect::<String>()
                .to_lowercase()
                .replace(' ', "-")
        })
        .collect()
}

#[test]
fn every_chapter_is_there_in_both_languages_and_in_the_contents() {
    let names = |lang: &str| -> Vec<String> {
        let root = Path::new(GUIDE).join(lang);
        chapters(lang).iter().map(|file| file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("zh"), names("en"));
    for lang in ["zh", "en"] {
        let (contents, _) = read(&Path::new(GUIDE).join(lang).join("SUMMARY.md"));
        let mut listed: Vec<&str> = links(&contents).chain(["SUMMARY.md"]).collect();
        listed.sort_unstable();
        assert_eq!(listed, names(lang).iter().map(String::as_str).collect::<Vec<_>>());
    }
    // the same parts in the same order
    for (zh, en) in chapters("zh").iter().zip(chapters("en")) {
        let parts = |file: &Path| read(file).0.lines().filter(|line| line.starts_with("## ")).count();
        assert_eq!(parts(zh), parts(&en), "{}", zh.display());
    }
}

#[test]
fn links_lead_to_chapters_and_headings() {
    let mut seen = 0;
    for chapter in both() {
        let (prose, _) = read(&chapter);
        for link in links(&prose) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { chapter.clone() } else { chapter.with_file_name(file) };
            assert!(target.is_file(), "{link} in {}", chapter.display());
            if !heading.is_empty() {
                assert!(anchors(&read(&target).0).contains(heading), "{link} in {}", chapter.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn pictures_are_made_by_stories_and_each_is_shown() {
    let story = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/web/stories/pictures.spec.ts")).unwrap();
    let scenes = story.split_once("const SCENES").unwrap().1.split_once("\n};").unwrap().0;
    let scenes: BTreeSet<&str> = scenes
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_once(": {").map(|(name, _)| name))
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase()))
        .collect();
    let made: BTreeSet<String> =
        scenes.iter().flat_map(|scene| ["zh", "en"].map(|lang| format!("{scene}.{lang}.webp"))).collect();
    let kept = files(&Path::new(GUIDE).join("pictures"), "");
    for picture in &kept {
        assert!(fs::metadata(picture).unwrap().len() < 100_000, "{}", picture.display());
    }
    let kept: BTreeSet<String> =
        kept.iter().map(|file| file.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(kept, made, "a picture without its story, or a story without its picture: make pictures");
    let mut shown = BTreeSet::new();
    for lang in ["zh", "en"] {
        for chapter in chapters(lang) {
            for link in links(&read(&chapter).0).filter(|link| link.contains("/pictures/")) {
                assert!(link.ends_with(&format!(".{lang}.webp")), "{link} in {}", chapter.display());
                shown.insert(link.rsplit('/').next().unwrap().to_owned());
            }
        }
    }
    assert_eq!(shown, made);
}

fn help(of: &str) -> String {
    let args = if of.is_empty() { vec!["--help"] } else { vec![of, "--help"] };
    text(&shigu().args(args).output().unwrap().stdout)
}

fn flags(help: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    help.lines()
        .filter(|line| line.trim_start().starts_with('-'))
        .flat_map(|line| line.split_whitespace())
        .filter(|part| part.starts_with('-'))
        .map(|part| part.trim_end_matches(|c| !word(c)).to_owned())
        .collect()
}

#[test]
fn commands_and_flags_are_those_of_the_program() {
    let list = help("");
    let commands: BTreeMap<&str, BTreeSet<String>> = list
        .split_once("Commands:")
        .unwrap()
        .1
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| !name.starts_with('-') && *name != "help")
        .map(|name| (name, flags(&help(name))))
        .collect();
    assert!(commands.len() > 15, "{commands:?}");
    let mut seen = 0;
    for chapter in both() {
        let (_, code) = read(&chapter);
        let mut lines = code.join("\n").replace("\\\n", " ");
        lines = lines.replace(" && ", "\n");
        for line in lines.lines() {
            let line = line.split(" #").next().unwrap();
            let words: Vec<&str> =
                line.split_whitespace().map(|w| w.trim_matches(|c| "“”.,:;()".contains(c))).collect();
            // `shigu` as the command of the line, at its start or after what runs it as somebody else
            let at = words.iter().position(|w| *w == "shigu").filter(|at| *at == 0 || words[at - 1] == "--");
            let of = at
                .and_then(|at| words.get(at + 1))
                .filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
            let named = words[at.unwrap_or(0)..].iter().filter(|w| w.starts_with("--") && w.len() > 2);
            let named = named.map(|flag| flag.split(['=', '`', '、', '(']).next().unwrap());
            let whose = format!("`{line}` in {}", chapter.display());
            if let Some(of) = of {
                let known = commands.get(of).unwrap_or_else(|| panic!("no command {of}: {whose}"));
                for flag in named {
                    assert!(known.contains(flag), "{of} has no {flag}: {whose}");
                }
                seen += 1;
            } else if words.first().is_some_and(|word| word.starts_with("--")) {
                for flag in named {
                    let known = OF_OTHERS.contains(&flag) || commands.values().any(|of| of.contains(flag));
                    assert!(known, "no command has {flag}: {whose}");
                }
            }
            // a line of the file of settings
            let key = line.split_once(" = ").map(|(key, _)| key).filter(|_| !line.contains(['$', '(', ';']));
            if let Some(key) = key.filter(|key| key.contains('-') || ["listen", "accounts", "basemap"].contains(key)) {
                let known = &commands["serve"];
                let flag = |key: &str| known.contains(&format!("--{key}"));
                assert!(flag(key) || key.strip_suffix("-file").is_some_and(flag), "no setting {key}: {whose}");
            }
        }
    }
    assert!(seen > 60, "{seen}");
}

/// Whether there is a resource at a path, or one whose path ends so.
fn is_route(path: &str, routes: &[Vec<String>]) -> bool {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let fits = |route: &[String]| {
        route.len() == parts.len()
            && route.iter().zip(&parts).all(|(r, p)| r == p || (r.starts_with('{') && !p.is_empty()))
    };
    routes.iter().any(|route| fits(route) || (parts.len() == 1 && route.len() > 1 && fits(&route[route.len() - 1..])))
}

#[test]
fn addresses_are_those_of_the_service() {
    let paths = |file: &str| {
        let document = fs::read_to_string(format!("{}/web/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let document: Value = serde_json::from_str(&document).unwrap();
        document["paths"].as_object().unwrap().keys().cloned().collect::<Vec<String>>()
    };
    let of_city = paths("openapi.json");
    let below: Vec<String> = of_city.iter().map(|path| format!("/cities/{{id}}{path}")).collect();
    let all = [of_city, below, paths("openapi-cities.json")].concat();
    let routes: Vec<Vec<String>> =
        all.iter().map(|path| path.split('/').skip(1).map(str::to_owned).collect()).collect();
    let mut seen = BTreeSet::new();
    for chapter in both() {
        let (_, code) = read(&chapter);
        for line in code {
            let mut line = line;
            for base in ["$base", "${base}", "localhost:8080", "http://127.0.0.1:8080"] {
                line = line.replace(base, " ");
            }
            for word in line.split(|c: char| c.is_whitespace() || "\"'`();、".contains(c)) {
                let path = word.split(['?', '#']).next().unwrap();
                let no_route = |path: &str| NO_ROUTES.iter().any(|no| path.starts_with(no));
                if word.starts_with('/') && path.len() > 1 && !word.starts_with("//") && !no_route(word) {
                    assert!(is_route(path, &routes), "no {path}: {line} in {}", chapter.display());
                    seen.insert(path.to_owned());
                }
            }
        }
    }
    assert!(seen.len() > 40, "{seen:?}");
}

#[test]
fn the_readme_is_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["README.md", "README.en.md"] {
        let readme = fs::read_to_string(root.join(name)).unwrap();
        assert!(readme.lines().count() <= 90, "{name}");
        for line in readme.lines() {
            let width: usize = line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
            assert!(width <= 180 || line.starts_with("!["), "{name}: {line}");
        }
        for link in links(&readme).filter(|link| !link.starts_with('#')) {
            assert!(root.join(link.split('#').next().unwrap()).exists(), "{link} in {name}");
        }
    }
}

#[tokio::test]
async fn the_program_serves_the_book_in_the_readers_language_or_says_how_to_build_it() {
    let service = Service::open("tests/data/tinyville", Disclosure::Full);
    let begin = service.get("/guide/").await;
    if begin.status == 404 {
        for said in ["使用指南", "make docs", "docs/guide/en"] {
            assert!(text(&begin.body).contains(said), "{}", text(&begin.body));
        }
        assert!(begin.header("content-type").starts_with("text/html"));
        assert_eq!(service.get("/guide").await.status, 404);
        return;
    }
    for (asked, accept, to) in [
        ("/guide/", "zh-CN", "zh/"),
        ("/guide/", "en", "en/"),
        ("/guide", "en", "guide/en/"),
        ("/guide/en", "zh", "en/"),
    ] {
        let answer = service.get_with(asked, &[("accept-language", accept)]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, to), "{asked} {accept}");
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
    assert_eq!(service.get("/guide/zh/nothing.html").await.status, 404);
    assert_eq!(service.get("/guides/").await.status, 404);
    // every address in the pages is answered, and nothing in them is what the content policy refuses
    let mut asked: Vec<String> = vec!["/guide/zh/".into(), "/guide/en/".into()];
    let mut known: BTreeSet<String> = asked.iter().cloned().collect();
    while let Some(address) = asked.pop() {
        let answer = service.get(&address).await;
        assert_eq!(answer.status, 200, "{address}");
        if !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        let page = text(&answer.body);
        // examples are escaped, so that a tag is a tag of the page
        let tags: Vec<&str> = page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
        for refused in ["script", "style", " style=", "iframe", " onclick="] {
            let within =
                |tag: &&str| if refused.starts_with(' ') { tag.contains(refused) } else { tag.starts_with(refused) };
            assert!(!tags.iter().any(within), "{refused} in {address}");
        }
        for attribute in ["href=\"", "src=\""] {
            for target in
                tags.iter().filter_map(|tag| Some(tag.split_once(attribute)?.1.split(['"', '#']).next().unwrap()))
            {
                // the reader's own computer, named in a text
                if target.is_empty() || target == "http://127.0.0.1:8080" {
                    continue;
                }
                assert!(!target.contains(':'), "{target} in {address}");
                let mut at: Vec<&str> = address.rsplit_once('/').unwrap().0.split('/').collect();
                for part in target.split('/') {
                    match part {
                        ".." => {
                            at.pop();
                        }
                        other => at.push(other),
                    }
                }
                let next = at.join("/");
                if next.starts_with("/guide/") && known.insert(next.clone()) {
                    asked.push(next);
                }
            }
        }
    }
    assert!(known.len() > 70, "{known:?}");
}
