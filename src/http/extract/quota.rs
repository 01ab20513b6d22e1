//! How many jobs, links and files an address may leave here. The owner may leave as many as they like.

use crate::http::extract::context::Context;
use crate::http::problem::Problem;
use crate::service::clock;
use crate::service::quota::Quota;
use axum::http::StatusCode;
use std::net::IpAddr;
use std::sync::Arc;
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

impl Quotas {
    fn of(&self, what: Limited) -> &Quota {
        match what {
            Limited::Reports => &self.reports,
            Limited::Links => &self.links,
            Limited::Imports => &self.imports,
            Limited::Saved => &self.saved,
            Limited::Points => &self.points,
        }
    }
}

/// One that was counted, until it is known what came of it. A request that ends before that has it counted.
#[must_use = "what the service can not do at the moment is given back"]
#[derive(Debug)]
pub(crate) struct Spent {
    /// None: the owner's, which are not counted.
    of: Option<(Arc<Quotas>, Limited)>,
    address: Option<IpAddr>,
}

impl Spent {
    /// What came of it. What the service can't do at the moment is not held against who asked: they are told to try again.
    pub(crate) fn ended<T, E: Into<Problem>>(self, came: Result<T, E>) -> Result<T, Problem> {
        let came = came.map_err(Into::into);
        if let (Err(problem), Some((quotas, what))) = (&came, &self.of)
            && problem.status == StatusCode::SERVICE_UNAVAILABLE
        {
            quotas.of(*what).give_back(self.address);
        }
        came
    }
}

impl Context {
    /// Counts one of what is limited, or says how long to wait.
    pub(crate) fn spend(&self, what: Limited) -> Result<Spent, Problem> {
        let address = self.address();
        if self.is_owner() {
            return Ok(Spent { of: None, address });
        }
        let quotas = &self.0.resources.quotas;
        let (zh, en) = match what {
            Limited::Reports => ("导出任务", "exports"),
            Limited::Links => ("短链接", "short links"),
            Limited::Imports => ("上传的文件", "files"),
            Limited::Saved => ("保存的项目", "saved items"),
            Limited::Points => ("自有点位", "files of points"),
        };
        quotas.of(what).take(address, clock::running()).map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                format!("同一地址的{zh}过多,请 {seconds} 秒后再试。"),
                format!("Too many {en} from one address; try again in {seconds} seconds."),
            )
            .after(seconds)
        })?;
        Ok(Spent { of: Some((quotas.clone(), what)), address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_can_not_do_at_the_moment_is_not_counted() {
        let (quotas, address) = (Arc::new(Quotas::default()), None);
        let mut asked = (0..100).map(|n| {
            quotas.of(Limited::Links).take(address, clock::running()).ok()?;
            let spent = Spent { of: Some((quotas.clone(), Limited::Links)), address };
            let failed = if n < 30 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INSUFFICIENT_STORAGE };
            Some(spent.ended::<(), _>(Err(Problem::of_status(failed))).unwrap_err().status)
        });
        assert_eq!(asked.by_ref().take(30).flatten().count(), 30);
        assert_eq!(asked.flatten().count(), 60, "what will not be better soon counts");
        assert!(quotas.of(Limited::Links).take(address, clock::running()).is_err());
    }
}
