//! What can go wrong with a renderer that is a program of its own, as problems.

use crate::http::problem::Problem;
use crate::render::renderer::RendererError;
use axum::http::StatusCode;

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
