//! A city from two files: the commands of the guide, one after the other, and what `shigu new` never does.

use serde_json::Value as Json;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn shigu(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shigu"));
    command.env_remove("SHIGU_GEODATA").env("SHIGU_LOG", "warn").current_dir(folder).stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The commands in the fenced blocks of a guide, as words.
fn commands(guide: &str) -> Vec<Vec<String>> {
    let blocks = guide.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let words = |line: &str| {
        line.split('"')
            .enumerate()
            .flat_map(|(n, part)| match n % 2 {
                0 => part.split_whitespace().map(str::to_owned).collect(),
                _ => vec![part.to_owned()],
            })
            .collect::<Vec<_>>()
    };
    blocks.flat_map(str::lines).filter(|line| !line.trim().is_empty()).map(words).collect()
}

fn ran(folder: &Path, words: &[String]) -> Output {
    let output = shigu(folder).args(&words[1..]).output().unwrap();
    assert!(output.status.success(), "{words:?}\n{}\n{}", text(&output.stdout), text(&output.stderr));
    output
}

fn get(port: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    text(&answer)
}

/// Starts the service as the guide does, on a port of its own, and asks it for a path.
fn served(folder: &Path, words: &[String], paths: &[&str]) -> Vec<String> {
    let mut child = shigu(folder)
        .args(&words[1..])
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.split("127.0.0.1:").nth(1).and_then(|r| r.split_whitespace().next()).unwrap_or_default().to_owned();
    let port = port.trim_end_matches('/');
    let answers = paths.iter().map(|path| get(port, path)).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    answers
}

fn first_city(folder: &Path) {
    let to = folder.join("examples/first-city");
    fs::create_dir_all(&to).unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/first-city");
    for name in ["wards.geojson", "companies.xlsx", "projects.csv", "plots.geojson"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[test]
fn the_commands_of_the_guide_make_a_city_with_a_report() {
    let folder = tempfile::tempdir().unwrap();
    first_city(folder.path());
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let guide = commands(&fs::read_to_string(docs.join("guide/en/data/your-city.md")).unwrap());
    let chinese = commands(&fs::read_to_string(docs.join("guide/zh/data/your-city.md")).unwrap());
    assert_eq!(guide, chinese);
    assert_eq!(
        guide.iter().map(|words| words[1].as_str()).collect::<Vec<_>>(),
        ["new", "check", "describe", "serve", "export", "template", "import", "new"]
    );
    for words in &guide {
        assert_eq!(words[0], "shigu");
        if words[1] == "serve" {
            let answers = served(folder.path(), words, &["/dataset", "/summary?zone=MB001", "/zones"]);
            assert!(answers.iter().all(|a| a.starts_with("HTTP/1.0 200")), "{answers:?}");
            assert!(answers[0].contains("Morvane Bay") && answers[2].contains("Port Ázur"));
            continue;
        }
        let said = text(&ran(folder.path(), words).stdout);
        match words[1].as_str() {
            "new" => assert!(said.contains("240 rows: new 240") && !said.contains("with errors 1"), "{said}"),
            "check" => assert!(said.contains("No errors, 0 warnings"), "{said}"),
            "describe" => assert!(said.contains("GBP thousand: 2023 (240) 2024 (240)"), "{said}"),
            "import" => assert!(said.contains("new 0 · changed 0 · moved 0 · with errors 0 · unchanged 240"), "{said}"),
            _ => {}
        }
        assert!(!said.contains("district-unknown"), "{said}");
    }
    let written: Vec<_> = fs::read_dir(folder.path().join("report")).unwrap().collect();
    assert_eq!(written.len(), 2);
}

#[test]
fn several_tables_are_registers_of_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    first_city(folder.path());
    let run = |words: &str| ran(folder.path(), &words.split(' ').map(str::to_owned).collect::<Vec<_>>());
    let from = |name: &str| format!("--table examples/first-city/{name}");
    let (companies, projects, plots) = (from("companies.xlsx"), from("projects.csv"), from("plots.geojson"));
    let said = text(
        &run(&format!(
            "shigu new three --boundaries examples/first-city/wards.geojson {companies} {projects} --class-column State \
             {plots} --row-word plot --yes --lang en"
        ))
        .stdout,
    );
    for words in
        ["projects.csv: Column of the classification", "240 rows: new 240", "60 rows: new 60", "42 rows: new 42"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    // areas are where they are drawn
    assert!(said.contains("12 rows have no usable position") && !said.contains("42 rows have no usable"), "{said}");
    let checked = text(&run("shigu check three --lang en").stdout);
    assert!(checked.contains("No errors, 0 warnings"), "{checked}");
    let manifest: Json = serde_json::from_slice(&fs::read(folder.path().join("three/dataset.json")).unwrap()).unwrap();
    let collection = |id: &str| manifest["collections"].as_array().unwrap().iter().find(|c| c["id"] == id).unwrap();
    assert_eq!(collection("companies")["register"]["main"], true);
    assert_eq!(collection("projects")["register"]["terms"]["row"]["plural"], "projects");
    assert_eq!(collection("projects")["register"]["terms"]["class"]["en"], "state");
    assert_eq!(collection("plots")["title"]["en"], "Plots");
    assert_eq!(
        (&collection("projects")["geometry"], &collection("plots")["geometry"]),
        (&"point".into(), &"polygon".into())
    );
    let read = |path: &str| -> Json { serde_json::from_slice(&fs::read(folder.path().join(path)).unwrap()).unwrap() };
    // every outline is that of the file
    let (given, made) = (read("examples/first-city/plots.geojson"), read("three/plots.geojson"));
    let rings = |all: &Json| -> Vec<Json> {
        all["features"].as_array().unwrap().iter().map(|f| f["geometry"]["coordinates"].clone()).collect()
    };
    assert_eq!(rings(&given), rings(&made));
    let words: Vec<String> = "shigu serve --geodata three".split(' ').map(str::to_owned).collect();
    let paths = ["/zones?table=companies", "/zones?table=projects", "/zones?table=plots", "/dataset?table=plots"];
    let answers = served(folder.path(), &words, &paths);
    let counted = |answer: &str| -> u64 {
        let json: Json = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        json["zones"].as_array().unwrap().iter().map(|zone| zone["count"].as_u64().unwrap()).sum()
    };
    assert_eq!([counted(&answers[0]), counted(&answers[1]), counted(&answers[2])], [240, 60, 42]);
    assert!(answers[3].contains("\"plots\"") && !answers[3].contains("enterprise"), "{}", answers[3]);
    // an import of figures leaves the outlines of areas
    let table = "PLOT,Use,Area 2024 (ha)\nMB-P001,Offices,9.5\n";
    fs::write(folder.path().join("plots.csv"), table).unwrap();
    let said = text(&run("shigu import plots.csv --geodata three --table plots --out next --lang en").stdout);
    assert!(said.contains("changed 1"), "{said}");
    assert_eq!(rings(&read("next/plots.geojson")), rings(&made));
}

#[test]
fn nothing_is_overwritten_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    first_city(folder.path());
    let new = |to: &str, table: &str| {
        let args = ["new", to, "--boundaries", "examples/first-city/wards.geojson", "--table", table, "--yes"];
        shigu(folder.path()).args(args).output().unwrap()
    };
    fs::create_dir(folder.path().join("full")).unwrap();
    fs::write(folder.path().join("full/keep.txt"), "keep").unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    let table = "examples/first-city/companies.xlsx";
    assert!(!new("full", table).status.success());
    assert_eq!(fs::read_dir(folder.path().join("full")).unwrap().count(), 1);
    assert!(new("empty", table).status.success());
    fs::write(folder.path().join("no.csv"), "1,2\n3,4\n").unwrap();
    assert!(!new("none", "no.csv").status.success());
    let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["empty", "examples", "full", "no.csv"]);
}
