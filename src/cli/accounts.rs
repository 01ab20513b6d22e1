//! `shigu accounts`: for whoever has the machine: who may come in, and a way in for who forgot the password.

use super::args::AccountsArgs;
use super::{Done, both};
use crate::service::clock;
use crate::service::store::{Database, HOURS_OF_A_CLAIM};
use std::process::ExitCode;

pub(super) fn run(args: &AccountsArgs) -> Done {
    if !args.data_dir.is_dir() {
        return Err(format!("--data-dir {0} 不存在 / --data-dir {0} does not exist", args.data_dir.display()));
    }
    let database = Database::open(&args.database.of(&args.data_dir)?).map_err(|e| both(&e.text()))?;
    if let Some(name) = &args.reset {
        let token = database.offer_claim(Some(name), clock::seconds()).map_err(|e| both(&e.text()))?;
        println!("{}", link(&args.public_url, &token));
        return Ok(ExitCode::SUCCESS);
    }
    for a in database.accounts().map_err(|e| both(&e.text()))? {
        let scope = a.scope.map_or_else(String::new, |s| format!("  [{}]", s.join(",")));
        let unclaimed = if a.claimed { "" } else { "  未设口令 / no password yet" };
        println!("{}  {}  {}{scope}{unclaimed}", a.name, a.role.id(), a.display);
    }
    Ok(ExitCode::SUCCESS)
}

/// The first administrator's token, where nobody could make accounts yet.
pub(super) fn first_token(database: &Database) -> Result<Option<String>, String> {
    let said = |e: crate::service::store::AccountError| both(&e.text());
    if !database.lacks_administrator().map_err(said)? {
        return Ok(None);
    }
    database.offer_claim(None, clock::seconds()).map(Some).map_err(said)
}

/// What the person who starts the service reads.
pub(super) fn invitation(address: &str, token: &str) -> String {
    format!(
        "首次使用,请在 {HOURS_OF_A_CLAIM} 小时内打开此链接设立管理员 / open this link within {HOURS_OF_A_CLAIM} hours to make the administrator:\n  {}",
        // the first link belongs to no account yet: its page asks for a login name
        format_args!("{}&first", link(address, token))
    )
}

fn link(address: &str, token: &str) -> String {
    format!("{}/?claim={token}", address.trim_end_matches('/'))
}
