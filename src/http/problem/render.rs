//! Why a map, a report or a file of rows is not made.

use super::Problem;
use crate::data::bulk::BulkError;
use crate::render::drawing::PaintError;
use crate::render::map::{Ask, MapError};
use crate::render::renderer::RendererError;
use crate::render::report::ReportError;
use crate::service::batch::ReportBundleError;
use axum::http::StatusCode;

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

impl From<ReportError> for Problem {
    fn from(e: ReportError) -> Self {
        match e {
            ReportError::TooManyRows { rows, limit } => Self::parameter(
                "format",
                &format!("xlsx 一张表最多 {limit} 行,所选有 {rows} 行;请缩小范围,或改用 format=csv"),
                &format!("a sheet holds {limit} rows and {rows} rows match; narrow the question or take format=csv"),
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

impl From<BulkError> for Problem {
    fn from(e: BulkError) -> Self {
        tracing::error!(error = %e, "a file could not be begun");
        Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Problem {
    /// The renderer that was requested is not there.
    pub(crate) fn no_renderer() -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "no-renderer",
            "服务器上没有安装 maplibre-rs 绘制程序。请管理员在源码目录运行 make maplibre-rs,把 shigu-maplibre-rs 放在 shigu 旁边或用 --maplibre-rs 指定,再重新启动;去掉 renderer 参数则由内置程序绘制。",
            "The program that draws with maplibre-rs is not installed on the server. Run make maplibre-rs in the source folder, put shigu-maplibre-rs beside shigu or name it with --maplibre-rs, and start again; without the parameter renderer the map is painted by the server itself.",
        )
    }
}

impl From<RendererError> for Problem {
    fn from(e: RendererError) -> Self {
        tracing::error!(error = %e, "maplibre-rs drew no map");
        let (status, zh, en) = match e {
            RendererError::Missing(_) => return Self::no_renderer(),
            RendererError::NoDriver => (
                StatusCode::NOT_IMPLEMENTED,
                "服务器上没有可用的图形驱动。请管理员安装 Vulkan 驱动,没有显卡时用 Mesa(Debian:mesa-vulkan-drivers libvulkan1)",
                "The server has no graphics driver. Install a Vulkan driver, Mesa's where there is no GPU (Debian: mesa-vulkan-drivers libvulkan1)",
            ),
            RendererError::TooLong(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "maplibre-rs 绘制超时,已终止。请缩小图片或范围",
                "maplibre-rs took too long and was ended. Ask for a smaller picture or box",
            ),
            RendererError::Failed(..) | RendererError::Garbage(..) => (
                StatusCode::BAD_GATEWAY,
                "maplibre-rs 绘制失败,原因见服务器日志",
                "maplibre-rs failed; the server's log says why",
            ),
        };
        Self::new(
            status,
            if status == StatusCode::NOT_IMPLEMENTED { "no-driver" } else { "renderer-failed" },
            format!("{zh};去掉 renderer 参数则由内置程序绘制。"),
            format!("{en}; without the parameter renderer the map is painted by the server itself."),
        )
    }
}
