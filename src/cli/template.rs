//! `shigu template`: an empty table that a department fills in.

use super::args::TemplateArgs;
use super::{Done, write_out};
use crate::core::model::Lang;
use crate::data::intake::template;
use crate::data::load::load;

pub(super) fn run(args: &TemplateArgs) -> Done {
    let (dataset, findings) = load(&args.data.current()?, &args.data.limits());
    let Some(dataset) = dataset else { return Err(findings.render(Lang::Zh)) };
    let bytes = template(&dataset).map_err(|refusal| refusal.render(Lang::Zh))?;
    write_out(Some(&args.out), |out| out.write_all(&bytes))
}
