//! `shigu map`: draws without a server what `/map` draws.

use super::args::{MapArgs, RendererArg};
use super::{Done, conditions, write_out};
use crate::core::query::{Disclosure, Embedded, Engine, Question};
use crate::core::snapshot::CollectionInfo;
use crate::data::load::{fonts, load};
use crate::render::map::{Ask, Fonts, MapError, Scene, png, polygons, svg};
use crate::render::renderer::RendererError;

pub(super) fn run(args: &MapArgs) -> Done {
    let kind = args.out.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    let paint = match kind.as_deref() {
        Some("svg") => false,
        Some("png") => true,
        _ => return Err("输出文件应以 .svg 或 .png 结尾 / --out must end in .svg or .png".into()),
    };
    if args.renderer == RendererArg::MaplibreRs && !paint {
        return Err("--renderer maplibre-rs 只输出 .png / writes .png only".into());
    }
    let (dataset, findings) = load(&args.data.current()?, &args.data.limits());
    let Some(dataset) = dataset else { return Err(findings.render(args.lang.into())) };
    let engine = Embedded::from(args.of.snapshot(dataset)?);
    let ask = ask(args, &engine).map_err(|e| e.to_string())?;
    let scene = Scene::draw(engine.describe(), &ask).map_err(|e| said(&e))?;
    let bytes = if args.renderer == RendererArg::MaplibreRs {
        let program = args.programs.maplibre_rs()?.ok_or_else(|| {
            format!(
                "没有找到 maplibre-rs 绘制程序。{INSTALL_ZH} / the program that draws with maplibre-rs is not there. {INSTALL_EN}"
            )
        })?;
        let polygons = polygons(&scene, &faces(args.font.as_deref())?).map_err(|e| said(&e))?;
        program.draw(polygons, scene.pixels()).map_err(|e| refused(&e))?
    } else if paint {
        png(&scene, &faces(args.font.as_deref())?).map_err(|e| said(&e))?
    } else {
        svg(&scene).into_bytes()
    };
    let done = write_out(Some(&args.out), |w| w.write_all(&bytes))?;
    eprintln!("{}", args.out.display());
    Ok(done)
}

const INSTALL_ZH: &str = "在源码目录运行 make maplibre-rs,把生成的 shigu-maplibre-rs 放在 shigu 旁边或 PATH 中,或用 --maplibre-rs 指定;不加 --renderer 则用内置绘制";
const INSTALL_EN: &str = "Run make maplibre-rs in the source folder and put shigu-maplibre-rs beside shigu or on PATH, or name it with --maplibre-rs; without --renderer the map is painted by shigu itself";

/// Why the other renderer drew nothing, in both languages.
fn refused(e: &RendererError) -> String {
    let zh = match e {
        RendererError::NoDriver => {
            "没有可用的图形驱动:请安装 Vulkan 驱动,没有显卡时用 Mesa(Debian:mesa-vulkan-drivers libvulkan1)"
        }
        RendererError::Missing(_) => "maplibre-rs 绘制程序无法启动",
        RendererError::TooLong(_) => "maplibre-rs 绘制超时,已终止",
        RendererError::Failed(..) | RendererError::Garbage(..) => "maplibre-rs 绘制失败",
    };
    let en = if *e == RendererError::NoDriver {
        "; install a Vulkan driver, Mesa's where there is no GPU (Debian: mesa-vulkan-drivers libvulkan1)"
    } else {
        ""
    };
    format!("{zh} / maplibre-rs: {e}{en}")
}

/// The fonts of this computer and the one that was chosen.
pub(super) fn faces(chosen: Option<&std::path::Path>) -> Result<Fonts, String> {
    let (faces, first) = fonts(chosen).ok_or_else(|| {
        let path = chosen.unwrap_or(std::path::Path::new("")).display();
        format!("--font {path}:不是 TTF、OTF 或 TTC 字体 / is no TTF, OTF or TTC font")
    })?;
    Ok(Fonts::new(faces, first))
}

fn ask(args: &MapArgs, engine: &dyn Engine) -> Result<Ask, Box<dyn std::error::Error>> {
    let about = engine.describe();
    let register = about.register.as_ref().map(|r| r.collection);
    let conditions = conditions(&args.filters)?;
    // the owner of the files reads them anyway
    let bind = |question: &Question| engine.bind(question, Disclosure::Full);
    let one = |(place, c): (usize, &CollectionInfo)| {
        if register == Some(place) {
            let question = conditions.clone().in_zone(args.zone.as_str()).in_period(args.period);
            bind(&question.by_classes(args.classes.spec()))
        } else {
            bind(&Question::of(c.spec.id.as_str()))
        }
    };
    let queries = about.collections.iter().enumerate().map(one).collect::<Result<Vec<_>, _>>()?;
    let any = about.collections.first().map(|c| Question::of(c.spec.id.as_str()).in_zone(args.zone.as_str()));
    let focus = any.as_ref().map(bind).transpose()?;
    let mut ask = Ask::new(queries);
    (ask.focus, ask.width, ask.height) = (focus, args.width, args.height);
    (ask.lang, ask.sheet) = (args.lang.into(), !args.bare);
    if let Some(text) = &args.bbox {
        ask.bbox = Some(ask.crs.over_antimeridian(super::bbox(text)?));
    }
    Ok(ask)
}

/// What went wrong, in both languages.
pub(super) fn said(e: &MapError) -> String {
    let zh = match e {
        MapError::TooLarge(size) => {
            format!("图片 {} x {} 过大,每边最多 {} 像素", size.width, size.height, Ask::LONGEST)
        }
        MapError::TooMuch => "范围内图形过多,请缩小 --bbox".to_owned(),
        MapError::NoFont(characters) => format!(
            "没有字体含有“{characters}”:请安装中文字体(如 Debian 的 fonts-noto-cjk),或用 --font 指定字体文件;也可输出 .svg"
        ),
        MapError::Picture(_) => "图片生成失败".to_owned(),
    };
    let hint = if matches!(e, MapError::NoFont(_)) {
        ": install a Chinese font (Debian: fonts-noto-cjk), name one with --font, or write .svg"
    } else {
        ""
    };
    format!("{zh} / {e}{hint}")
}
