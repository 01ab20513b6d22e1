//! `shigu template`: an empty table that a department fills in.

use super::args::TemplateArgs;
use super::{Done, write_out};
use crate::core::model::Lang;
use crate::data::intake::{Refusal, of_table, template};
use crate::data::load::load;

pub(super) fn run(args: &TemplateArgs) -> Done {
    let (dataset, findings) = load(&args.data.current()?, &args.data.limits());
    let Some(dataset) = dataset else { return Err(findings.render(Lang::Zh)) };
    let refused = |refusal: Refusal| refusal.render(Lang::Zh);
    let dataset = of_table(dataset, args.of.table.as_deref()).map_err(refused)?;
    let bytes = template(&dataset).map_err(refused)?;
    write_out(Some(&args.out), |out| out.write_all(&bytes))
}
