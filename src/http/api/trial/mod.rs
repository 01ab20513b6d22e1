//! `/trial`: a trial zone beside the area as it was, with rows that are assumed.

mod schema;

use crate::core::model::Lang;
use crate::core::query::{Question, TrialSpec, trial};
use crate::http::extract::body;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{LangParams, TableParams};
use crate::http::extract::values::{Word, Words};
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Form, Reply, attachment, blocking};
use crate::render::report::{TrialFile, trial_file};
use crate::service::clock;
use axum::body::Bytes;
use axum::http::HeaderMap;
use schema::{TrialAnswer, TrialBody};
use serde::Deserialize;
use utoipa::IntoParams;

/// The forms of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrialForm {
    Json,
    File(TrialFile),
}

impl Words for TrialForm {
    fn words() -> Vec<(&'static str, Self)> {
        let files = TrialFile::ALL.map(|file| (file.extension(), Self::File(file)));
        std::iter::once(("json", Self::Json)).chain(files).collect()
    }
}

// the description does not follow a type with parameters of its own
type TrialFormWord = Word<TrialForm>;

/// In which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrialParams {
    /// The form of the answer; JSON when left out.
    #[param(inline)]
    f: Option<TrialFormWord>,
}

/// The numbers of a trial zone, of the area as it was, and of the zone with rows that are assumed: rows, sums, location quotients
/// with intervals, concentration, overlaps with zones and distances to the layout. As a file it says that it is a trial.
#[utoipa::path(post, path = "/trial", operation_id = "postTrial", tag = "numbers", request_body = TrialBody,
    params(TrialParams, TableParams, LangParams),
    responses((status = 200, content((TrialAnswer = "application/json"), (String = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (serde_json::Value = "application/geo+json"))),
        (status = 403, description = "rows are moved by a reader who may not see them", body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, mut params: Params, bytes: Bytes) -> Answer {
    let (TrialParams { f }, table, lang): (TrialParams, TableParams, LangParams) = params.take()?;
    params.finish()?;
    let context = context.of_table(&table)?;
    let lang: Lang = lang.lang(&headers);
    let spec: TrialSpec = body::json(&headers, &bytes)?;
    blocking(move || {
        body::of_register(&spec.question)?;
        let known = |question: &Question| Ok::<_, Problem>(context.with_saved_areas(question)?.into_owned());
        let baseline = spec.baseline.as_ref().map(known).transpose()?;
        let spec = TrialSpec { question: known(&spec.question)?, baseline, ..spec };
        let bound = context.bind(&spec.question)?;
        // sums of the area as it was are a question of their own
        if let Some(question) = spec.baseline_question() {
            context.bind(&question)?;
        }
        let reply = Reply { context: &context, headers: &headers };
        let Some(Word(TrialForm::File(file))) = f else {
            return reply.json(|| Ok(trial(&bound, &spec)?));
        };
        let form = Form { stamped: true, ..Form::spoken(file.media_type(), lang) };
        let mut response = reply.form(form, || {
            let day = clock::now().to_string().chars().take(10).collect::<String>();
            Ok(trial_file(&trial(&bound, &spec)?, context.describe(), file, lang, &day)?)
        })?;
        attachment(&mut response, &format!("trial.{}", file.extension()));
        Ok(response)
    })
    .await
}
