//! A renderer that is a program of its own: found by its path, given a scene, held to time and size, its answer checked.
//! What it does wrong stays in its process.

mod program;

pub use program::{Program, RendererError};
