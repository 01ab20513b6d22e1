//! The back end of several copies: a database of a PostgreSQL server (`connections`, `statements`), a schema of it (`server`) or one for each
//! of several cities (`cities`), of which copies tell one another when there is another version (`news`).

mod cities;
mod connections;
mod news;
mod server;
mod statements;

pub use cities::Cities;
pub use server::Server;
