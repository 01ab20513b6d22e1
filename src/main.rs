//! The program `shigu`; see `shigu --help`.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Gives back what a large report or import took (ADR 50).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    shigu::cli::run()
}
