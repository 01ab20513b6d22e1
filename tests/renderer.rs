//! A renderer that is a program of its own: what the service and the command do with it, and without it. The programs
//! are shell scripts; the real one is tested in `renderers/maplibre-rs`.

use crate::common;

use common::service::{Answer, Service};
use shigu::core::query::Disclosure;
use shigu::render::renderer::{Program, RendererError};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SIZE: [u32; 2] = [30, 20];

/// A folder with a program in it that does what the lines say; `picture.png` next to it has the size that is requested.
fn program(lines: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shigu-maplibre-rs");
    let picture = resvg::tiny_skia::Pixmap::new(SIZE[0], SIZE[1]).unwrap().encode_png().unwrap();
    fs::write(folder.path().join("picture.png"), picture).unwrap();
    script(&path, &format!("cd \"$(dirname \"$0\")\"\n{lines}"));
    (folder, path)
}

/// Writes a script. Another process does it: one that this process has open can't be started, and children that other
/// tests start at the same time have it open too.
fn script(path: &Path, lines: &str) {
    let write = "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$0\" && chmod 755 \"$0\"";
    assert!(Command::new("sh").args(["-c", write]).arg(path).arg(lines).status().unwrap().success());
}

fn draw(lines: &str, scene: &[u8]) -> Result<Vec<u8>, RendererError> {
    let (_folder, path) = program(lines);
    Program::at(path).within(Duration::from_secs(20)).draw(scene.to_vec(), SIZE)
}

#[test]
fn a_picture_comes_back() {
    let (folder, path) = program("cat > scene; cat picture.png");
    let scene = vec![b'x'; 3 << 20];
    let picture = Program::at(&path).draw(scene.clone(), SIZE).unwrap();
    assert_eq!(picture, fs::read(folder.path().join("picture.png")).unwrap());
    assert_eq!(fs::read(folder.path().join("scene")).unwrap(), scene);
    // it need not have read all, nor end well once the picture is whole
    draw("cat picture.png", &scene).unwrap();
    draw("cat > scene; cat picture.png; kill -SEGV $$", b"{}").unwrap();
}

#[test]
fn failures_are_distinguished() {
    let missing = Program::at("/nowhere/shigu-maplibre-rs").draw(vec![], SIZE);
    assert!(matches!(missing, Err(RendererError::Missing(_))), "{missing:?}");
    let (folder, path) = program("exit 0");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(Program::at(&path).draw(vec![], SIZE), Err(RendererError::Missing(_))));
    drop(folder);

    assert_eq!(draw("exit 3", b"{}"), Err(RendererError::NoDriver));
    let Err(RendererError::Failed(how, words)) =
        draw("cat > scene; echo 'no such' >&2; echo layer >&2; exit 101", b"{}")
    else {
        panic!()
    };
    assert!(how.contains("101") && words == "no such layer", "{how}: {words}");
    let Err(RendererError::Failed(how, _)) = draw("kill -SEGV $$", b"{}") else { panic!() };
    assert!(how.contains("11"), "{how}");
    // the scene is larger than a pipe holds, and nobody reads it
    assert!(matches!(draw("exit 1", &vec![b' '; 1 << 20]), Err(RendererError::Failed(..))));
}

#[test]
fn garbage_is_no_picture() {
    let garbage = Err(RendererError::Garbage(SIZE[0], SIZE[1]));
    for lines in [
        "exit 0",
        "echo not a picture",
        "head -c 60 picture.png",
        "cat picture.png; echo",
        "(printf '\\211PNG\\r\\n\\032\\n'; cat picture.png)",
    ] {
        assert_eq!(draw(lines, b"{}"), garbage, "{lines}");
    }
    let (_folder, path) = program("cat picture.png");
    let other = Program::at(path).draw(vec![], [31, 20]);
    assert_eq!(other, Err(RendererError::Garbage(31, 20)));
}

#[test]
fn a_flood_is_bounded() {
    let start = Instant::now();
    assert_eq!(draw("exec cat /dev/zero", b"{}"), Err(RendererError::Garbage(SIZE[0], SIZE[1])));
    // it may complain as much as it likes, and draws all the same
    draw("head -c 3000000 /dev/zero >&2; cat picture.png", b"{}").unwrap();
    let Err(RendererError::Failed(_, words)) = draw("yes no | head -c 99999 >&2; exit 1", b"{}") else { panic!() };
    assert!(words.len() <= 4096, "{}", words.len());
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn one_that_hangs_is_ended() {
    for lines in ["echo $$ > pid; exec sleep 600", "echo $$ > pid; cat > scene; echo x; exec sleep 600"] {
        let (folder, path) = program(lines);
        let start = Instant::now();
        let patience = Duration::from_millis(1500);
        let hung = Program::at(path).within(patience).draw(b"{}".to_vec(), SIZE);
        assert_eq!(hung, Err(RendererError::TooLong(patience)));
        assert!(start.elapsed() < Duration::from_secs(5));
        let id = fs::read_to_string(folder.path().join("pid")).unwrap();
        assert!(!Path::new("/proc").join(id.trim()).exists(), "it goes on");
    }
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_map_of_that_renderer_over_http() {
    const MAP: &str = "/map?renderer=maplibre-rs&width=30&height=20";
    let without = Service::open("tests/data/tinyville", Disclosure::Full);
    let answer = without.get(MAP).await;
    assert_eq!(code(&answer), (501, "no-renderer".into()));
    for hint in ["make maplibre-rs", "shigu-maplibre-rs", "--maplibre-rs"] {
        let problem = answer.json();
        assert!(
            problem["detail_en"].as_str().unwrap().contains(hint) && problem["detail"].as_str().unwrap().contains(hint)
        );
    }
    let resvg = without.get("/map?renderer=resvg&width=30&height=20").await;
    assert_eq!(resvg.body, without.get("/map?f=png&width=30&height=20").await.body);

    let (folder, path) = program("cat > scene; echo >> drawn; cat picture.png");
    let service = Service::with_renderer("tests/data/tinyville", Program::at(&path));
    let answer = service.get(MAP).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/png"));
    assert_eq!(answer.body, fs::read(folder.path().join("picture.png")).unwrap());
    assert!(!answer.header("content-bbox").is_empty());
    let scene: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join("scene")).unwrap()).unwrap();
    assert_eq!((&scene["width"], &scene["height"]), (&30.into(), &20.into()));
    let land = scene["layers"][1]["polygons"].as_array().unwrap();
    assert!(!land.is_empty(), "the ground, and on it something");
    // it is kept like any other map
    assert_eq!(service.get(MAP).await.body, answer.body);
    assert_eq!(fs::read_to_string(folder.path().join("drawn")).unwrap(), "\n");
    let known = service.get_with(MAP, &[("if-none-match", answer.header("etag"))]).await;
    assert_eq!(known.status, 304);

    for (more, name) in [("&f=svg", "f"), ("&transparent=true", "transparent"), ("&renderer=cairo", "renderer")] {
        let uri = if name == "renderer" { format!("/map?width=30{more}") } else { format!("{MAP}{more}") };
        let answer = service.get(&uri).await;
        assert_eq!(code(&answer), (400, "bad-parameter".into()), "{uri}");
        assert!(answer.json()["detail_en"].as_str().unwrap().starts_with(&format!("Parameter {name}")));
    }
    assert_eq!(service.get_with(MAP, &[("accept", "image/svg+xml")]).await.status, 406);
}

#[tokio::test]
async fn failures_over_http_are_not_kept() {
    const MAP: &str = "/map?renderer=maplibre-rs&width=30&height=20";
    let (folder, path) = program("exit 101");
    let service = Service::with_renderer("tests/data/tinyville", Program::at(&path).within(Duration::from_secs(1)));
    for (lines, status, named) in [
        ("exit 101", 502, "renderer-failed"),
        ("echo garbage", 502, "renderer-failed"),
        ("exec sleep 600", 503, "renderer-failed"),
        ("exit 3", 501, "no-driver"),
    ] {
        script(&path, lines);
        let answer = service.get(MAP).await;
        assert_eq!(code(&answer), (status, named.into()), "{lines}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("内置"), "there is another way");
    }
    script(&path, "cat \"$(dirname \"$0\")/picture.png\"");
    assert_eq!(service.get(MAP).await.status, 200);
    drop(folder);
    assert_eq!(service.get("/map?renderer=maplibre-rs&width=31&height=20").await.status, 501, "it's gone");
}

/// `shigu map` where only these programs are.
fn shigu(path: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shigu"))
        .args(["map", "--geodata", "tests/data/tinyville", "--width", "30", "--height", "20"])
        .args(args)
        .env_remove("SHIGU_MAPLIBRE_RS")
        .env("PATH", format!("{}:/usr/bin:/bin", path.display()))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

#[test]
fn a_map_of_that_renderer_by_command() {
    let (folder, path) = program("cat picture.png");
    let out = folder.path().join("map.png");
    let out = out.to_str().unwrap();
    let words = |o: &Output| String::from_utf8_lossy(&o.stderr).into_owned();
    let elsewhere = Path::new("/nowhere");
    let named = ["--renderer", "maplibre-rs", "--maplibre-rs", path.to_str().unwrap(), "--out", out];
    for (found, args) in [(elsewhere, &named[..]), (folder.path(), &["--renderer", "maplibre-rs", "--out", out][..])] {
        let done = shigu(found, args);
        assert!(done.status.success(), "{}", words(&done));
        assert_eq!(fs::read(out).unwrap(), fs::read(folder.path().join("picture.png")).unwrap());
        fs::remove_file(out).unwrap();
    }
    let absent = shigu(elsewhere, &["--renderer", "maplibre-rs", "--out", out]);
    assert!(!absent.status.success() && words(&absent).contains("make maplibre-rs"), "{}", words(&absent));
    let wrong = shigu(elsewhere, &["--renderer", "maplibre-rs", "--maplibre-rs", "/nowhere/x", "--out", out]);
    assert!(!wrong.status.success() && words(&wrong).contains("/nowhere/x"), "{}", words(&wrong));
    let svg = shigu(folder.path(), &["--renderer", "maplibre-rs", "--out", "map.svg"]);
    assert!(!svg.status.success() && words(&svg).contains(".png"), "{}", words(&svg));
    script(&path, "exit 3");
    let driver = shigu(folder.path(), &["--renderer", "maplibre-rs", "--out", out]);
    assert!(!driver.status.success() && words(&driver).contains("mesa-vulkan-drivers"), "{}", words(&driver));
    assert!(!Path::new(out).exists(), "nothing is left of a map that failed");
}
