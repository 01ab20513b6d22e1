//! How the whole is: `/healthz`, `/readyz` and `/metrics` of all cities together. Nothing is loaded for these.

use super::Asked;
use crate::core::model::Text;
use crate::http::api::{health, metrics as of_one};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::metrics::{Moment, Series};
use crate::http::response::answer::Answer;
use crate::service::accounts::Reader;
use crate::service::cities::{Cities, CityState, Listed, Shard};
use crate::service::clock;
use crate::service::health::{Check, Condition, look_at_folders};
use crate::service::task::{TaskFailed, blocking};
use axum::response::IntoResponse;
use std::sync::Arc;

/// How the service is: 200, or 503 where a part of all cities does not work. A city whose data were refused is `degraded`: the others
/// are served.
#[utoipa::path(get, path = "/healthz", operation_id = "getHealthOfCities", tag = "service",
    responses((status = 200, body = health::HealthInfo), (status = 503, description = "a part of the service does not work", body = health::HealthInfo)))]
pub(super) async fn alive(asked: Asked, params: Params) -> Answer {
    params.finish()?;
    let of = asked.clone();
    let found = async move { blocking(move || looked(&of)).await };
    let checks = asked.app.0.health.try_get_with((), found).await.map_err(|e: Arc<TaskFailed>| *e)?;
    health::answered(&checks, asked.told)
}

fn looked(asked: &Asked) -> Arc<[Check]> {
    let mut checks = vec![of_cities(asked.cities())];
    checks.extend(asked.app.0.folders.as_deref().into_iter().flat_map(look_at_folders));
    let ends = asked.front().certificate_ends();
    checks.extend(ends.map(|ends| Check::certificate(ends, clock::seconds())));
    checks.into()
}

fn of_cities<S: Shard>(cities: &Cities<S>) -> Check {
    let all = cities.list();
    let failed = all.iter().filter_map(|one| match &one.state {
        CityState::Failed(why) => Some((one.city.id.clone(), why)),
        _ => None,
    });
    let (mut zh, mut en) = (vec![], vec![]);
    for (id, why) in failed {
        zh.push(format!("{id} 的数据被拒绝:{}", why.zh));
        en.push(format!("the data of {id} were refused: {}", why.en));
    }
    for name in cities.unfit() {
        zh.push(format!("文件夹“{name}”不能作为城市标识,未提供"));
        en.push(format!("the folder {name:?} is no id of a city and is not served"));
    }
    if zh.is_empty() {
        let n = all.len();
        return Check::new("cities", Condition::Ok, format!("共 {n} 个城市"), format!("{n} cities"));
    }
    Check::new("cities", Condition::Degraded, zh.join("\n"), en.join("\n"))
}

/// The service answers; says how many cities there are, and how many of these are loaded.
#[utoipa::path(get, path = "/readyz", operation_id = "getReadinessOfCities", tag = "service", responses((status = 200, content_type = "text/plain")))]
pub(super) async fn ready(asked: Asked, params: Params) -> Answer {
    params.finish()?;
    let all = asked.cities().list();
    let loaded = all.iter().filter(|one| one.state == CityState::Ready).count();
    Ok((health::FRESH, format!("ready {} cities, {loaded} loaded\n", all.len())).into_response())
}

/// Metrics of the whole, and of each loaded city with its id as the label `city`, for the owner and at the address of
/// `--metrics-listen`.
#[utoipa::path(get, path = "/metrics", operation_id = "getMetricsOfCities", tag = "service", responses((status = 200, content_type = "text/plain")))]
pub(super) async fn metrics(asked: Asked, params: Params) -> Answer {
    asked.may_administer()?;
    params.finish()?;
    let mut contexts = Vec::new();
    for Listed { city, shard, .. } in asked.cities().list() {
        let Some(shard) = shard else { continue };
        contexts.push((city.id.clone(), Context::new(shard.app.clone(), Reader::monitor(), None).await?));
    }
    let text = blocking(move || {
        let resources = &asked.app.0.resources;
        let mut now = of_all(asked.cities());
        of_one::of_program(&mut now, asked.front(), &resources.memory);
        let whole = Series::default().and(&resources.metrics.of_whole(&now)?);
        let with = |all: Series, (id, context): &(String, Context)| {
            Ok::<_, prometheus::Error>(all.and(&context.metrics.of_city(&of_one::of_data(context), id)?))
        };
        contexts.iter().try_fold(whole, with)?.text()
    });
    of_one::written(text.await?)
}

fn of_all<S: Shard>(cities: &Cities<S>) -> Moment {
    let (mut now, all) = (Moment::default(), cities.list());
    let count = |state: &CityState| all.iter().filter(|one| one.state.name() == state.name()).count() as f64;
    let states = [CityState::NotLoaded, CityState::Loading, CityState::Ready, CityState::Failed(Text::default())];
    let states = states.iter().map(|state| (state.name().to_owned(), count(state))).collect();
    now.each("shigu_cities", "Cities, by state.", "state", states);
    let bytes: u64 = all.iter().filter_map(|one| one.shard.as_ref()).map(|shard| shard.bytes()).sum();
    now.one("shigu_cities_bytes", "Bytes of memory that the data of loaded cities take.", Some(bytes as f64));
    let most = Some(cities.budget() as f64);
    now.one("shigu_cities_most_bytes", "Bytes of memory that the data of loaded cities may take.", most);
    now
}
