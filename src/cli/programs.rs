//! Where the programs are that do a part of the work.

use super::args::{CitiesArgs, ProgramArgs};
use crate::render::renderer::Program;
use crate::service::cities::questions::EngineProgram;
use std::path::{Path, PathBuf};

const MAPLIBRE_RS: &str = "shigu-maplibre-rs";
const DATAFUSION: &str = "shigu-datafusion";

impl ProgramArgs {
    /// The program that draws with maplibre-rs, if there is any.
    pub(super) fn maplibre_rs(&self) -> Result<Option<Program>, String> {
        Ok(find("--maplibre-rs", self.maplibre_rs.as_deref(), MAPLIBRE_RS)?.map(Program::at))
    }
}

impl CitiesArgs {
    /// The engine that answers questions over the rows of all cities, if there is any.
    pub(super) fn engine(&self) -> Result<Option<EngineProgram>, String> {
        Ok(find("--engine", self.engine.as_deref(), DATAFUSION)?.map(EngineProgram::at))
    }
}

/// The program that a flag names, else the one of this name next to this program, else the one on `PATH`.
fn find(flag: &str, named: Option<&Path>, name: &str) -> Result<Option<PathBuf>, String> {
    if let Some(path) = named {
        if !path.is_file() {
            let path = path.display();
            return Err(format!("{flag} {path}:没有这个文件 / there is no such file"));
        }
        return Ok(Some(path.to_owned()));
    }
    let own_folder = std::env::current_exe().ok().and_then(|p| Some(p.parent()?.to_owned()));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = own_folder.into_iter().chain(std::env::split_paths(&path).filter(|p| p.is_absolute()));
    Ok(folders.map(|folder| folder.join(name)).find(|p| p.is_file()))
}
