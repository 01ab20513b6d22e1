//! `shigu generate`: the sample register.

use super::args::GenerateArgs;
use super::{Done, write_out};
use crate::data::generate::{Options, generate};
use crate::data::load::load;

pub(super) fn run(args: &GenerateArgs) -> Done {
    // the register itself may be missing: it is what is being made
    let (dataset, findings) = load(&args.data.source().without_register(), &args.data.limits());
    let Some(dataset) = dataset else { return Err(findings.render(crate::core::model::Lang::Zh)) };
    let options = Options { count: args.count, seed: args.seed };
    write_out(args.out.as_deref(), |mut out| {
        generate(&dataset, &options, &mut out).map(drop).map_err(std::io::Error::other)
    })
}
