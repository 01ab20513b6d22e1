//! How many jobs, links and files an address may leave here. The owner may leave as many as they like.

use crate::http::extract::context::Context;
use crate::http::problem::Problem;
use crate::service::clock;
use crate::service::quota::Quota;
use axum::http::StatusCode;
use std::time::Duration;

/// What is limited by address.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limited {
    /// Reports made in the background.
    Reports,
    /// Short links.
    Links,
    /// Files of departments.
    Imports,
    /// Areas, views and scenarios.
    Saved,
    /// Readers' own points.
    Points,
}

/// What each address has left.
#[derive(Debug)]
pub(crate) struct Quotas {
    reports: Quota,
    links: Quota,
    imports: Quota,
    saved: Quota,
    points: Quota,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            reports: Quota::new(20, Duration::from_mins(1)),
            links: Quota::new(60, Duration::from_secs(30)),
            imports: Quota::new(30, Duration::from_mins(1)),
            saved: Quota::new(200, Duration::from_secs(10)),
            points: Quota::new(60, Duration::from_secs(5)),
        }
    }
}

impl Context {
    /// Counts one of what is limited, or says how long to wait.
    pub(crate) fn spend(&self, what: Limited) -> Result<(), Problem> {
        if self.is_owner() {
            return Ok(());
        }
        let quotas = &self.0.resources.quotas;
        let (quota, zh, en) = match what {
            Limited::Reports => (&quotas.reports, "导出任务", "exports"),
            Limited::Links => (&quotas.links, "短链接", "short links"),
            Limited::Imports => (&quotas.imports, "上传的文件", "files"),
            Limited::Saved => (&quotas.saved, "保存的项目", "saved items"),
            Limited::Points => (&quotas.points, "自有点位", "files of points"),
        };
        quota.take(self.address(), clock::running()).map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                format!("同一地址的{zh}过多,请 {seconds} 秒后再试。"),
                format!("Too many {en} from one address; try again in {seconds} seconds."),
            )
            .after(seconds)
        })
    }
}
