//! Why the service does not keep, change or make something. What the disk or the database says is for the administrator: it
//! is logged and not sent.

use super::Problem;
use crate::data::intake::Refusal;
use crate::service::accounts::{AccountsError, Denied};
use crate::service::briefings::{BriefingsError, FoundError};
use crate::service::cities::AggregatesError;
use crate::service::cities::questions::{AskError, QuestionRefused};
use crate::service::consultations::ConsultationsError;
use crate::service::drafts::DraftsError;
use crate::service::imports::ImportsError;
use crate::service::jobs::{FileError, JobsError};
use crate::service::progress::ProgressError;
use crate::service::rounds::RoundsError;
use crate::service::saved::SavedError;
use crate::service::store::{AccountError, CommitError, DatabaseError, IncomingError, ObjectsError, ReportsError};
use crate::service::task::{PermitError, TaskFailed};
use axum::http::StatusCode;

impl From<AccountsError> for Problem {
    fn from(e: AccountsError) -> Self {
        let (status, code) = match &e {
            AccountsError::NoAccount(_) => (StatusCode::FORBIDDEN, "no-account"),
            AccountsError::WrongPassword | AccountsError::WrongOldPassword => {
                (StatusCode::UNAUTHORIZED, "wrong-password")
            }
            AccountsError::NotLoggedIn => (StatusCode::UNAUTHORIZED, "login-needed"),
            AccountsError::TooManyAttempts(_) => (StatusCode::TOO_MANY_REQUESTS, "too-many-attempts"),
            AccountsError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            AccountsError::NoSuchRole => (StatusCode::UNPROCESSABLE_ENTITY, "no-such-role"),
            AccountsError::NoSuchDistrict(_) => (StatusCode::UNPROCESSABLE_ENTITY, "no-such-district"),
            AccountsError::Failed(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
            AccountsError::Account(e) => match e {
                AccountError::Taken(_) | AccountError::Former(_) => (StatusCode::CONFLICT, "name-taken"),
                AccountError::Missing(_) => (StatusCode::NOT_FOUND, "not-found"),
                AccountError::LastAdministrator => (StatusCode::CONFLICT, "last-administrator"),
                AccountError::Full => (StatusCode::INSUFFICIENT_STORAGE, "too-many-accounts"),
                AccountError::NoClaim => (StatusCode::FORBIDDEN, "no-claim"),
                AccountError::ScopeOfEditor => (StatusCode::UNPROCESSABLE_ENTITY, "scope-of-editor"),
                AccountError::NameMissing | AccountError::Unfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unfit"),
                AccountError::Database(e) => return e.into(),
            },
        };
        let problem = e.text().map_or_else(|| Self::of_status(status), |text| Self::of(status, code, text));
        match e {
            AccountsError::TooManyAttempts(seconds) => problem.after(seconds),
            AccountsError::Busy => problem.after(1),
            _ => problem,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(e: Refusal) -> Self {
        let zh = format!("{};{}。", e.message.zh, e.remedy.zh);
        // what is a cell of a list in a report is a sentence here
        let mut rest = e.message.en.chars();
        let first = rest.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        let en = format!("{first}{}: {}.", rest.as_str(), e.remedy.en);
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, e.code, zh, en)
    }
}

impl From<Denied> for Problem {
    fn from(e: Denied) -> Self {
        let (status, code) = match e {
            Denied::NotLoggedIn => (StatusCode::UNAUTHORIZED, "login-needed"),
            Denied::Permission(_) => (StatusCode::FORBIDDEN, "no-right"),
            Denied::Link => (StatusCode::FORBIDDEN, "link-only"),
            Denied::NoLink => (StatusCode::UNAUTHORIZED, "link-needed"),
        };
        Self::of(status, code, e.text())
    }
}

impl From<CommitError> for Problem {
    fn from(e: CommitError) -> Self {
        let status = match &e {
            CommitError::NoFolder => StatusCode::NOT_IMPLEMENTED,
            CommitError::Stale { .. } => StatusCode::CONFLICT,
            CommitError::Unknown(_) => StatusCode::NOT_FOUND,
            CommitError::NotKept(_) => StatusCode::GONE,
            CommitError::Refused(_) | CommitError::NoRegister => StatusCode::UNPROCESSABLE_ENTITY,
            CommitError::Objects(e) => return e.into(),
            _ if e.code() == "no-space" => StatusCode::INSUFFICIENT_STORAGE,
            _ => {
                // what the disk says is for the administrator
                tracing::error!(error = %e, "a version was not made or not read");
                let code = e.code();
                return Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    code,
                    "版本文件或数据库暂时无法读写,数据没有任何变化。请告诉管理员查看日志。",
                    "The versions' files or the database can't be used at the moment, nothing has changed. Tell the administrator to look into the log.",
                );
            }
        };
        Self::of(status, e.code(), e.text())
    }
}

impl From<ImportsError> for Problem {
    fn from(e: ImportsError) -> Self {
        let text = e.text();
        let (status, code) = match e {
            ImportsError::Incoming(e) => return e.into(),
            ImportsError::Commit(e) => return e.into(),
            ImportsError::Failed(e) => return e.into(),
            ImportsError::Data(e) => {
                tracing::error!(error = %e.text().en, "the data can't be read again");
                return Self::of_status(StatusCode::SERVICE_UNAVAILABLE);
            }
            ImportsError::Name => {
                return text.map_or_else(
                    || Self::of_status(StatusCode::BAD_REQUEST),
                    |text| Self::parameter("file", &text.zh, &text.en),
                );
            }
            ImportsError::BrokenOff => (StatusCode::BAD_REQUEST, "bad-request"),
            ImportsError::NoFolder => (StatusCode::NOT_IMPLEMENTED, "keeps-nothing"),
            ImportsError::Silent => (StatusCode::REQUEST_TIMEOUT, "upload-silent"),
            ImportsError::Unknown(_) => (StatusCode::NOT_FOUND, "not-found"),
            ImportsError::Published(_) => (StatusCode::CONFLICT, "published"),
            ImportsError::Unchecked => (StatusCode::CONFLICT, "unchecked"),
            ImportsError::SecondPerson => (StatusCode::FORBIDDEN, "second-person"),
            ImportsError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            ImportsError::Refused(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, refusal.code),
        };
        text.map_or_else(|| Self::of_status(status), |text| Self::of(status, code, text))
    }
}

impl From<DraftsError> for Problem {
    fn from(e: DraftsError) -> Self {
        let text = e.text();
        let (status, code) = match e {
            DraftsError::Commit(e) => return e.into(),
            DraftsError::Failed(e) => return e.into(),
            DraftsError::Database(e) => return e.into(),
            DraftsError::Data(e) => {
                tracing::error!(error = %e.text().en, "the data can't be read again");
                return Self::of_status(StatusCode::SERVICE_UNAVAILABLE);
            }
            DraftsError::NoFolder => (StatusCode::NOT_IMPLEMENTED, "keeps-nothing"),
            DraftsError::Unknown(_) | DraftsError::NoChange(_) => (StatusCode::NOT_FOUND, "not-found"),
            DraftsError::Changed => (StatusCode::PRECONDITION_FAILED, "draft-changed"),
            DraftsError::Submitted => (StatusCode::CONFLICT, "draft-submitted"),
            DraftsError::NoStep => (StatusCode::CONFLICT, "no-step"),
            DraftsError::Full => (StatusCode::INSUFFICIENT_STORAGE, "draft-full"),
            DraftsError::Empty => (StatusCode::UNPROCESSABLE_ENTITY, "draft-empty"),
            DraftsError::NoReason => (StatusCode::UNPROCESSABLE_ENTITY, "reason-missing"),
            DraftsError::Problems(_) => (StatusCode::UNPROCESSABLE_ENTITY, "draft-problems"),
            DraftsError::Conflicts(_) => (StatusCode::CONFLICT, "draft-conflicts"),
            DraftsError::SecondPerson => (StatusCode::FORBIDDEN, "second-person"),
            DraftsError::Refused(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, refusal.code),
        };
        text.map_or_else(|| Self::of_status(status), |text| Self::of(status, code, text))
    }
}

impl From<SavedError> for Problem {
    fn from(e: SavedError) -> Self {
        let text = e.text();
        let (status, code) = match e {
            SavedError::Database(e) => return e.into(),
            SavedError::Failed(e) => return e.into(),
            SavedError::NoFolder => (StatusCode::NOT_IMPLEMENTED, "keeps-nothing"),
            SavedError::Unknown(_) => (StatusCode::NOT_FOUND, "not-found"),
            SavedError::Changed(_) => (StatusCode::PRECONDITION_FAILED, "saved-changed"),
            SavedError::Others | SavedError::Sharing => (StatusCode::FORBIDDEN, "no-right"),
            SavedError::TooMany | SavedError::TooLarge => (StatusCode::INSUFFICIENT_STORAGE, "saved-full"),
            SavedError::Unfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unfit"),
        };
        text.map_or_else(|| Self::of_status(status), |text| Self::of(status, code, text))
    }
}

impl From<IncomingError> for Problem {
    fn from(e: IncomingError) -> Self {
        let (status, code) = match &e {
            IncomingError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "file-too-large"),
            IncomingError::Full => (StatusCode::INSUFFICIENT_STORAGE, "imports-full"),
            IncomingError::Objects(e) => return e.into(),
            IncomingError::Database(e) if e.is_of_server() => return e.into(),
            IncomingError::Database(_) | IncomingError::Failed(_) => {
                tracing::error!(error = %e, "the folder of incoming files failed");
                (StatusCode::SERVICE_UNAVAILABLE, "data-dir-failed")
            }
        };
        Self::of(status, code, e.text())
    }
}

impl From<ReportsError> for Problem {
    fn from(e: ReportsError) -> Self {
        let (status, code) = match &e {
            ReportsError::NoSpace { .. } | ReportsError::TooLarge => (StatusCode::INSUFFICIENT_STORAGE, "no-room"),
            ReportsError::Objects(e) => return e.into(),
            ReportsError::Database(e) if e.is_of_server() => return e.into(),
            ReportsError::Database(_) | ReportsError::Failed(_) | ReportsError::Archive(_) => {
                tracing::error!(error = %e, "the folder of reports failed");
                (StatusCode::SERVICE_UNAVAILABLE, "data-dir-failed")
            }
        };
        Self::of(status, code, e.text())
    }
}

impl From<JobsError> for Problem {
    fn from(e: JobsError) -> Self {
        let text = e.text();
        match e {
            JobsError::Reports(e) => e.into(),
            JobsError::Full => Self::of(StatusCode::SERVICE_UNAVAILABLE, "busy", text),
        }
    }
}

/// A file of a job: what a reader who waits for it would get.
impl From<FileError> for Problem {
    fn from(e: FileError) -> Self {
        match e {
            FileError::Query(e) => e.into(),
            FileError::Bundle(e) => e.into(),
            FileError::Reports(e) => e.into(),
            FileError::Failed(e) => e.into(),
        }
    }
}

impl From<DatabaseError> for Problem {
    fn from(e: DatabaseError) -> Self {
        (&e).into()
    }
}

impl From<&DatabaseError> for Problem {
    fn from(e: &DatabaseError) -> Self {
        // what the disk or the server says is for the administrator
        if e.is_of_server() {
            tracing::error!(error = %e, "the database's server failed");
            return Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "database",
                "数据库暂时不可用,没有任何变化;请稍后再试,或告诉管理员。",
                "The database is not available at the moment and nothing has changed. Try again later, or tell the administrator.",
            );
        }
        tracing::error!(error = %e, "the data folder failed");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "data-dir-failed",
            "数据文件夹暂时无法读写,没有任何变化;请告诉管理员。",
            "The data folder can't be read or written at the moment and nothing has changed. Tell the administrator.",
        )
    }
}

impl From<&ObjectsError> for Problem {
    fn from(e: &ObjectsError) -> Self {
        tracing::error!(error = %e, "the object store failed");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "object-store",
            "保存文件的对象存储暂时不可用,没有任何变化;请稍后再试,或告诉管理员。",
            "The object store that files are kept in is not available at the moment and nothing has changed. Try again later, or tell the administrator.",
        )
    }
}

impl From<PermitError> for Problem {
    fn from(e: PermitError) -> Self {
        match e {
            PermitError::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "正在绘制的地图太多,请稍后重试。",
                "Too many maps are being drawn; try again later.",
            ),
            PermitError::Failed(e) => e.into(),
        }
    }
}

impl From<TaskFailed> for Problem {
    fn from(_: TaskFailed) -> Self {
        Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<RoundsError> for Problem {
    fn from(e: RoundsError) -> Self {
        let text = e.text();
        let (status, code) = match e {
            RoundsError::Commit(e) => return e.into(),
            RoundsError::Failed(e) => return e.into(),
            RoundsError::Database(e) => return e.into(),
            RoundsError::Data(e) => {
                tracing::error!(error = %e.text().en, "the data can't be read again");
                return Self::of_status(StatusCode::SERVICE_UNAVAILABLE);
            }
            RoundsError::Refused(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, refusal.code),
            RoundsError::NoFolder => (StatusCode::NOT_IMPLEMENTED, "keeps-nothing"),
            RoundsError::Unknown(_) => (StatusCode::NOT_FOUND, "not-found"),
            RoundsError::NotDelivered => (StatusCode::NOT_FOUND, "not-delivered"),
            RoundsError::Ended => (StatusCode::FORBIDDEN, "link-ended"),
            RoundsError::Unfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unfit"),
            RoundsError::Full => (StatusCode::INSUFFICIENT_STORAGE, "too-many-rounds"),
            RoundsError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "file-too-large"),
            RoundsError::Nothing => (StatusCode::CONFLICT, "nothing-to-merge"),
            RoundsError::Stale { .. } => (StatusCode::CONFLICT, "judged-anew"),
            RoundsError::Clash(_) => (StatusCode::CONFLICT, "deliveries-clash"),
        };
        text.map_or_else(|| Self::of_status(status), |text| Self::of(status, code, text))
    }
}

impl From<ConsultationsError> for Problem {
    fn from(e: ConsultationsError) -> Self {
        let text = e.text();
        let (status, code) = match e {
            ConsultationsError::Round(e) => return e.into(),
            ConsultationsError::Drafts(e) => return e.into(),
            ConsultationsError::Database(e) => return e.into(),
            ConsultationsError::Failed(e) => return e.into(),
            ConsultationsError::Unknown(_) => (StatusCode::NOT_FOUND, "not-found"),
            ConsultationsError::Unfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unfit"),
            ConsultationsError::Stale => (StatusCode::PRECONDITION_FAILED, "changed"),
            ConsultationsError::Decided => (StatusCode::CONFLICT, "decided"),
            ConsultationsError::Full => (StatusCode::CONFLICT, "too-many-comments"),
            ConsultationsError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "file-too-large"),
            ConsultationsError::Kind => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "file-kind"),
        };
        text.map_or_else(|| Self::of_status(status), |text| Self::of(status, code, text))
    }
}

impl From<ProgressError> for Problem {
    fn from(e: ProgressError) -> Self {
        let text = e.text();
        let (status, code) = match e {
            ProgressError::Database(e) => return e.into(),
            ProgressError::Failed(e) => return e.into(),
            ProgressError::NoFolder => (StatusCode::NOT_IMPLEMENTED, "keeps-nothing"),
            ProgressError::Unfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unfit"),
            ProgressError::Stale => (StatusCode::PRECONDITION_FAILED, "changed"),
            ProgressError::Full => (StatusCode::CONFLICT, "too-many-entries"),
        };
        text.map_or_else(|| Self::of_status(status), |text| Self::of(status, code, text))
    }
}

impl From<FoundError> for Problem {
    fn from(e: FoundError) -> Self {
        match e {
            FoundError::Query(e) => e.into(),
            FoundError::Commit(e) => e.into(),
        }
    }
}

impl From<BriefingsError> for Problem {
    fn from(e: BriefingsError) -> Self {
        let text = e.text();
        let (status, code) = match e {
            BriefingsError::Found(e) => return e.into(),
            BriefingsError::Report(e) => return e.into(),
            BriefingsError::Database(e) => return e.into(),
            BriefingsError::Failed(e) => return e.into(),
            BriefingsError::NoFolder => (StatusCode::NOT_IMPLEMENTED, "keeps-nothing"),
            BriefingsError::Unfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unfit"),
            BriefingsError::Full => (StatusCode::INSUFFICIENT_STORAGE, "too-many-schedules"),
            BriefingsError::Unknown(_) => (StatusCode::NOT_FOUND, "not-found"),
        };
        text.map_or_else(|| Self::of_status(status), |text| Self::of(status, code, text))
    }
}

impl From<AggregatesError> for Problem {
    fn from(e: AggregatesError) -> Self {
        tracing::error!(error = %e, "the figures of the cities can't be read");
        Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<AskError> for Problem {
    fn from(e: AskError) -> Self {
        match e {
            AskError::Refused(e) => e.into(),
            AskError::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too-many-questions",
                "排队的跨城市查询过多,请稍后重试。",
                "Too many questions over all cities wait; try again later.",
            )
            .after(30),
        }
    }
}

impl From<QuestionRefused> for Problem {
    fn from(e: QuestionRefused) -> Self {
        match e {
            QuestionRefused::Filter(e) => Self::filter(e, Some("filter")),
            QuestionRefused::Parameter { name, why } => Self::parameter(name, &why.zh, &why.en),
            QuestionRefused::Unsupported(what) => Self::parameter(
                "filter",
                &format!(
                    "跨城市查询不支持 {what};可用 AND、OR、NOT、比较、BETWEEN、IN、IS NULL 与文字、数字、真假、日期属性"
                ),
                &format!(
                    "{what} can't be asked over all cities; there are AND, OR, NOT, comparisons, BETWEEN, IN, IS NULL, on texts, numbers, truth values and days"
                ),
            ),
            QuestionRefused::Restricted { city, name } => Self::new(
                StatusCode::FORBIDDEN,
                "restricted",
                format!(
                    "城市 {city} 的 {name} 不逐条公开,跨城市查询只供本机所有者使用;其受保护的合计见 /cities/summary 与 /cities/zones。"
                ),
                format!(
                    "{name} of the city {city} is not public row by row, so only the owner at this machine may ask for it over all cities; its protected sums are at /cities/summary and /cities/zones."
                ),
            ),
        }
    }
}
