//! The program `shigu`; see `shigu --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    shigu::cli::run()
}
