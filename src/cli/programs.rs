//! Where the programs are that do a part of the work.

use super::args::ProgramArgs;
use crate::render::renderer::Program;
use std::path::PathBuf;

const MAPLIBRE_RS: &str = "shigu-maplibre-rs";

impl ProgramArgs {
    /// The program that was named, else the one next to this program, else the one on `PATH`, if there is any.
    pub(super) fn maplibre_rs(&self) -> Result<Option<Program>, String> {
        if let Some(path) = &self.maplibre_rs {
            if !path.is_file() {
                let path = path.display();
                return Err(format!("--maplibre-rs {path}:没有这个文件 / there is no such file"));
            }
            return Ok(Some(Program::at(path)));
        }
        let own_folder = std::env::current_exe().ok().and_then(|p| Some(p.parent()?.to_owned()));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = own_folder.into_iter().chain(std::env::split_paths(&path).filter(|p| p.is_absolute()));
        let named = |folder: PathBuf| folder.join(MAPLIBRE_RS);
        Ok(folders.map(named).find(|p| p.is_file()).map(Program::at))
    }
}
