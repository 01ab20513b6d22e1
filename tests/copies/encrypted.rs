//! Connections to the database by TLS: to the server that the certificate names and to no other.

use super::{Postgres, Shared, TINYVILLE, served};
use crate::program::{shigu, text};

#[test]
#[ignore = "needs PostgreSQL: make test-postgres"]
fn connections_are_encrypted_where_the_address_says_so() {
    let shared = Shared { postgres: Some(Postgres::encrypted()), ..Shared::folder(TINYVILLE) };
    let (copy, server) = (shared.copy(&[]), shared.server());
    assert!(served(&copy, "") > 0);
    let of = |what: &str| {
        server.ask(&format!("SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'shigu' AND {what}"))
    };
    assert!(of("ssl").parse::<u32>().unwrap() > 0);
    assert_eq!(of("NOT ssl"), "0");
    drop(copy);

    let folder = shared.data.path();
    let other = folder.join("other.pem");
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&other, made.cert.pem()).unwrap();
    let address = server.address();
    let own = server.certificate().display().to_string();
    let refused = [
        (address.replace(&own, other.to_str().unwrap()), "certificate"),
        // the certificate is that of a host of another name
        (address.replace("@localhost", "@127.0.0.1"), "certificate"),
        (address.replace(&format!("&sslrootcert={own}"), ""), "sslrootcert"),
        (address.replace(&own, "/nowhere.pem"), "/nowhere.pem"),
        (address.replace("verify-full", "perhaps"), "sslmode"),
    ];
    for (address, says) in refused {
        let mut command = shigu();
        command
            .args(["versions", "--geodata", TINYVILLE, "--data-dir"])
            .arg(folder.join("none"))
            .args(["--database", &address]);
        let out = command.output().unwrap();
        let said = text(&out.stdout) + &text(&out.stderr);
        assert!(!out.status.success() && said.contains(says), "{address}: {said}");
    }
}
