//! Rounds: thirteen districts are asked for their figures, and what they deliver becomes one version whose figures are those of the
//! files; nothing of one district is seen by another; what clashes or has become old is not merged.

use super::World;
use crate::common::service::Answer;
use axum::body::Body;
use axum::http::Request;
use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use shigu::http::Authentication;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

const DEADLINE: &str = "2999-12-31T18:00:00+08:00";
/// A column of figures in the workbooks.
const REVENUE: &str = "2025 年营业收入(万元)";

/// A table as it stands in a workbook, the head first.
type Rows = Vec<Vec<Data>>;

/// A participant, as its browser is.
struct Sender {
    id: String,
    zone: String,
    token: String,
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        other => other.to_string(),
    }
}

/// The first sheet, read by another library than the service's own reader of rows.
fn rows(workbook: &[u8]) -> Rows {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(workbook.to_vec())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    sheet.rows().map(<[Data]>::to_vec).collect()
}

fn book(rows: &Rows) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (y, row) in (0..).zip(rows) {
        for (x, cell) in (0..).zip(row) {
            match cell {
                Data::Empty => {}
                Data::Float(n) => _ = sheet.write_number(y, x, *n).unwrap(),
                Data::Int(n) => _ = sheet.write_number(y, x, *n as f64).unwrap(),
                other => _ = sheet.write_string(y, x, other.to_string()).unwrap(),
            }
        }
    }
    book.save_to_buffer().unwrap()
}

fn column(rows: &Rows, head: &str) -> usize {
    let heads: Vec<String> = rows[0].iter().map(text).collect();
    heads.iter().position(|h| h == head).unwrap_or_else(|| panic!("{head} is not among {heads:?}"))
}

/// Sum of a column in hundredths.
fn cents(rows: &Rows, head: &str) -> i64 {
    let at = column(rows, head);
    rows[1..].iter().map(|row| row[at].to_string().parse::<f64>().map_or(0, |n| (n * 100.0).round() as i64)).sum()
}

fn names(rows: &Rows) -> BTreeSet<String> {
    rows[1..].iter().map(|row| text(&row[0])).collect()
}

/// Every text of a workbook, of hidden sheets too.
fn words(workbook: &[u8]) -> String {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(workbook.to_vec())).unwrap();
    let sheets = book.sheet_names();
    let sheets = sheets.iter().map(|name| book.worksheet_range(name).unwrap());
    sheets.flat_map(|sheet| sheet.rows().flatten().map(text).collect::<Vec<_>>()).collect::<Vec<_>>().join("\n")
}

impl World {
    /// Makes a round of a participant for each zone.
    async fn round(&self, session: &str, zones: &[String]) -> (String, Vec<Sender>) {
        let participants: Vec<Value> =
            zones.iter().map(|z| json!({"name": format!("单位{z}"), "zones": [z]})).collect();
        let body =
            json!({"title": "年度数据", "deadline": DEADLINE, "note": "请于截止前交来", "participants": participants});
        let made = self.send("POST", "/rounds", session, &body).await;
        assert_eq!(made.status, 201, "{}", made.json());
        let made = made.json();
        let id = made["round"]["id"].as_str().unwrap().to_owned();
        let links = made["links"].as_array().unwrap().iter().zip(zones).map(|(link, zone)| {
            let (address, token) = link["link"].as_str().unwrap().split_once('#').unwrap();
            assert_eq!(address, format!("http://shigu.test/?round={id}"));
            Sender { id: link["participant"].as_str().unwrap().into(), zone: zone.clone(), token: token.into() }
        });
        let links = links.collect();
        (id, links)
    }

    /// A round of one participant: its id and the token of the link.
    pub(crate) async fn link(&self, zone: &str) -> (String, String) {
        let (id, mut senders) = self.round(&self.administrator, &[zone.to_owned()]).await;
        (id, senders.remove(0).token)
    }

    async fn by_link(&self, method: &str, uri: &str, token: &str, body: Vec<u8>) -> Answer {
        let request = Request::builder().method(method).uri(uri).header("authorization", format!("Bearer {token}"));
        self.service.send(request.header("content-type", "application/octet-stream").body(body.into()).unwrap()).await
    }

    async fn workbook(&self, round: &str, sender: &Sender) -> Vec<u8> {
        let answer = self.by_link("GET", &format!("/rounds/{round}/own/workbook.xlsx"), &sender.token, vec![]).await;
        assert_eq!(answer.status, 200);
        answer.body.to_vec()
    }

    async fn deliver(&self, round: &str, sender: &Sender, file: Vec<u8>) -> Value {
        let uri = format!("/rounds/{round}/own/deliveries?file=a.xlsx");
        let answer = self.by_link("POST", &uri, &sender.token, file).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()
    }

    async fn board(&self, round: &str) -> Value {
        let answer = self.get(&format!("/rounds/{round}"), &self.administrator).await;
        assert_eq!(answer.status, 200);
        answer.json()
    }

    async fn merge(&self, round: &str, session: &str, body: &Value) -> Answer {
        self.send("POST", &format!("/rounds/{round}/merge"), session, body).await
    }

    async fn zones(&self) -> BTreeMap<String, Value> {
        let zones = self.get("/zones?kind=district", &self.administrator).await.json();
        let zones = zones["zones"].as_array().unwrap();
        zones.iter().map(|z| (z["id"].as_str().unwrap().to_owned(), z.clone())).collect()
    }
}

fn stages(board: &Value) -> [u64; 5] {
    ["missing", "faulty", "delivered", "merged", "late"].map(|name| board["counts"][name].as_u64().unwrap())
}

fn open() -> Authentication {
    Authentication { anonymous: true, ..Authentication::default() }
}

/// The figures of a file: each row's own, so that none is right by chance. Gives the sum in hundredths.
fn fill(rows: &mut Rows, seed: usize) -> i64 {
    let at = column(rows, REVENUE);
    for (i, row) in rows[1..].iter_mut().enumerate() {
        row[at] = Data::Float(((seed * 7919 + i * 104_729) % 1_000_000) as f64 / 100.0);
    }
    cents(rows, REVENUE)
}

#[tokio::test]
async fn thirteen_districts_become_one_version_whose_figures_are_those_of_the_files() {
    let mut world = World::new(true).await;
    let editor = world.account("bian", "editor", Value::Null).await;
    let reviewer = world.account("shen", "reviewer", Value::Null).await;
    let before = world.zones().await;
    let zones: Vec<String> = before.keys().cloned().collect();
    assert_eq!(zones.len(), 13);
    let (round, senders) = world.round(&editor, &zones).await;

    // what each is handed out are the rows of its zone, and all of them together
    let mut books = Vec::new();
    for sender in &senders {
        let table = rows(&world.workbook(&round, sender).await);
        assert_eq!(json!(table.len() - 1), before[&sender.zone]["count"], "{}", sender.zone);
        books.push(table);
    }
    let all: Vec<BTreeSet<String>> = books.iter().map(names).collect();
    assert_eq!(all.iter().map(BTreeSet::len).sum::<usize>(), all.iter().flatten().collect::<BTreeSet<_>>().len());
    assert_eq!(stages(&world.board(&round).await), [13, 0, 0, 0, 0]);

    // two are faulty: a figure that is none, and a row of another zone
    let mut sums: Vec<i64> = books.iter_mut().enumerate().map(|(i, table)| fill(table, i)).collect();
    let mut broken = books[0].clone();
    let at = column(&broken, REVENUE);
    broken[3][at] = Data::String("很多".into());
    let answer = world.deliver(&round, &senders[0], book(&broken)).await;
    assert_eq!((&answer["verdict"], &answer["report"]["counts"]["problem"]), (&json!("faulty"), &json!(1)));
    assert_eq!(answer["report"]["findings"][0]["code"], "number-unreadable");
    let mut foreign = books[1].clone();
    foreign.push(books[2][1].clone());
    let answer = world.deliver(&round, &senders[1], book(&foreign)).await;
    assert_eq!(
        (&answer["verdict"], &answer["report"]["findings"][0]["code"]),
        (&json!("faulty"), &json!("other-zone"))
    );
    let marked = world.by_link("GET", &format!("/rounds/{round}/own/faults.xlsx"), &senders[1].token, vec![]).await;
    assert_eq!((marked.status.as_u16(), rows(&marked.body).len()), (200, 2));
    assert_eq!(text(&rows(&marked.body)[1][0]), text(&books[2][1][0]));
    assert_eq!(stages(&world.board(&round).await), [11, 2, 0, 0, 0]);
    assert_eq!(world.merge(&round, &reviewer, &json!({})).await.json()["code"], "nothing-to-merge");

    // the others deliver but the last, one of them twice: the second counts
    for place in 2..12 {
        let answer = world.deliver(&round, &senders[place], book(&books[place])).await;
        assert_eq!(answer["verdict"], "accepted", "{}: {}", senders[place].zone, answer["report"]);
    }
    sums[5] = fill(&mut books[5], 77);
    assert_eq!(world.deliver(&round, &senders[5], book(&books[5])).await["number"], 2);

    // the program ends and starts; then the two are mended, and the last is late
    world.restart(open());
    assert_eq!(stages(&world.board(&round).await), [1, 2, 10, 0, 0]);
    for place in 0..2 {
        assert_eq!(world.deliver(&round, &senders[place], book(&books[place])).await["verdict"], "accepted");
    }
    let change = json!({"deadline": "2020-01-01T00:00:00Z", "grace_days": 366});
    let over = world.send("PATCH", &format!("/rounds/{round}"), &editor, &change).await;
    assert_eq!((over.status.as_u16(), &over.json()["open"]), (200, &json!(false)));
    let uri = format!("/rounds/{round}/own/deliveries?file=a.xlsx");
    assert_eq!(world.by_link("POST", &uri, &senders[12].token, book(&books[12])).await.status, 401, "it is over");
    let yesterday = shigu::core::columns::Moment::instant((super::now() - 86_400) * 1_000_000).to_string();
    let change = json!({"deadline": yesterday, "grace_days": 30});
    assert_eq!(world.send("PATCH", &format!("/rounds/{round}"), &editor, &change).await.json()["open"], true);
    assert_eq!(world.deliver(&round, &senders[12], book(&books[12])).await["late"], true);
    assert_eq!(stages(&world.board(&round).await), [0, 0, 13, 0, 1]);

    // somebody else makes a version meanwhile: what was judged before is judged anew, and then it is one version
    let other = world.send("POST", "/versions/0/restore", &reviewer, &json!({"note": "中间"})).await;
    assert_eq!(other.status, 201, "{}", other.json());
    let old = world.merge(&round, &reviewer, &json!({})).await;
    assert_eq!((old.status.as_u16(), &old.json()["code"]), (409, &json!("judged-anew")));
    assert_eq!(stages(&world.board(&round).await), [0, 0, 13, 0, 1]);
    let made = world.merge(&round, &reviewer, &json!({"note": "年度数据合并"})).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let made = made.json();
    let changed: usize = books.iter().map(|table| table.len() - 1).sum();
    assert_eq!((&made["number"], &made["actor"], &made["counts"]["new"]), (&json!(2), &json!("shen"), &json!(0)));
    assert_eq!(
        (&made["counts"]["changed"], &made["counts"]["moved"], &made["counts"]["left_out"]),
        (&json!(changed), &json!(0), &json!(0))
    );

    // the figures are those of the files, to the cent, also after another start
    world.restart(open());
    let after = world.zones().await;
    for (place, sender) in senders.iter().enumerate() {
        let found = &after[&sender.zone];
        assert_eq!(found["count"], before[&sender.zone]["count"]);
        let revenue = found["amounts"]["revenue"]["sum"].as_f64().unwrap();
        assert_eq!((revenue * 100.0).round() as i64, sums[place], "{}", sender.zone);
    }
    let board = world.board(&round).await;
    assert_eq!(stages(&board), [0, 0, 0, 13, 1]);
    let double = &board["participants"][5]["deliveries"];
    assert_eq!(
        (&double[0]["merged"], &double[1]["number"], &double[1]["merged"]),
        (&json!(2), &json!(1), &Value::Null)
    );
    assert_eq!(world.merge(&round, &reviewer, &json!({})).await.json()["code"], "nothing-to-merge");
    let log = world.get("/audit?limit=500", &world.administrator).await;
    assert!(senders.iter().all(|s| !String::from_utf8_lossy(&log.body).contains(&s.token)), "no token is written down");
    assert!(log.json()["events"].as_array().unwrap().iter().any(|e| e["what"] == "round" && e["actor"] == "bian"));
}

/// What comes back untouched says that nothing is different.
#[tokio::test]
async fn a_workbook_that_comes_back_as_it_is_changes_nothing() {
    let world = World::new(true).await;
    for table in ["enterprises", "projects", "premises"] {
        let participants = json!([{"name": "全部", "zones": world.zones().await.keys().collect::<Vec<_>>()}]);
        let body = json!({"title": table, "table": table, "deadline": DEADLINE, "participants": participants});
        let made = world.send("POST", "/rounds", &world.administrator, &body).await.json();
        let (round, link) = (made["round"]["id"].as_str().unwrap(), made["links"][0]["link"].as_str().unwrap());
        let token = link.split_once('#').unwrap().1.to_owned();
        let sender = Sender { id: String::new(), zone: String::new(), token };
        let file = world.workbook(round, &sender).await;
        let n = rows(&file).len() - 1;
        assert!(n > 10, "{table}: {n}");
        let answer = world.deliver(round, &sender, file).await;
        assert_eq!(answer["report"]["counts"]["unchanged"], n, "{table}: {}", answer["report"]);
    }
}

/// Every answer that a participant can have is searched for the names of other zones' rows; a row of another zone under the own
/// zone's name is judged as one that nobody has, and shows where it is merged.
#[tokio::test]
async fn nothing_of_one_district_is_seen_by_another() {
    let world = World::new(true).await;
    let zones: Vec<String> = world.zones().await.keys().take(3).cloned().collect();
    let (round, senders) = world.round(&world.administrator, &zones).await;
    let mut books = Vec::new();
    for sender in &senders {
        books.push(rows(&world.workbook(&round, sender).await));
    }
    let of = |place: usize| names(&books[place]);
    for (place, sender) in senders.iter().enumerate() {
        let mut table = books[place].clone();
        let (district, id) = (column(&table, "申报区县"), table[0].len() - 1);
        // rows of the next participant under the own zone: by name, and by id under another name
        let (theirs, own) = (&books[(place + 1) % 3], table[1][district].clone());
        let place_of = |head: &str| column(&books[0], head);
        for (row, named) in [(&theirs[1], true), (&theirs[2], false)] {
            let mut claimed = vec![Data::Empty; table[0].len()];
            claimed[0] = if named { row[0].clone() } else { Data::String(format!("新设{place}")) };
            claimed[district] = own.clone();
            claimed[place_of(REVENUE)] = Data::Float(1.0);
            if !named {
                claimed[id] = row[id].clone();
            }
            table.push(claimed);
        }
        let mut broken = table[1].clone();
        broken[0] = Data::String("坏行".into());
        broken[id] = Data::Empty;
        broken[place_of(REVENUE)] = Data::String("很多".into());
        table.push(broken);
        let sent = world.deliver(&round, sender, book(&table)).await;
        assert_eq!((&sent["report"]["counts"]["new"], &sent["report"]["counts"]["problem"]), (&json!(2), &json!(1)));
        let own_round = world.by_link("GET", &format!("/rounds/{round}/own"), &sender.token, vec![]).await;
        let faults = world.by_link("GET", &format!("/rounds/{round}/own/faults.xlsx"), &sender.token, vec![]).await;
        let handed = world.workbook(&round, sender).await;
        let seen = [sent.to_string(), own_round.json().to_string(), words(&faults.body), words(&handed)].join("\n");
        let said = names(&table);
        for other in (0..3).filter(|other| *other != place) {
            for name in of(other).difference(&said) {
                assert!(!seen.contains(name.as_str()), "{name} is seen by {}", sender.zone);
            }
            assert!(!seen.contains(&senders[other].id) && !seen.contains(&format!("单位{}", senders[other].zone)));
        }
    }
    // without the broken rows they are accepted, and the merge says what clashes, to the reviewer alone
    for (place, sender) in senders.iter().enumerate() {
        let mut table = books[place].clone();
        let mut claimed = books[(place + 1) % 3][1].clone();
        let district = column(&table, "申报区县");
        claimed[district] = table[1][district].clone();
        for head in ["经度(WGS84)", "纬度(WGS84)", "编号"] {
            claimed[column(&books[0], head)] = Data::Empty;
        }
        if place == 0 {
            table.push(claimed);
        }
        let sent = world.deliver(&round, sender, book(&table)).await;
        assert_eq!(sent["verdict"], "accepted", "{}", sent["report"]);
    }
    let clash = world.merge(&round, &world.administrator, &json!({})).await;
    assert_eq!((clash.status.as_u16(), &clash.json()["code"]), (409, &json!("deliveries-clash")));
    let said = clash.json()["detail"].as_str().unwrap().to_owned();
    assert!(said.contains(&format!("单位{}", zones[0])) && said.contains("不在本次填报的范围"), "{said}");
    let without = json!({"without": [senders[0].id]});
    let made = world.merge(&round, &world.administrator, &without).await;
    assert_eq!((made.status.as_u16(), &made.json()["counts"]["changed"]), (201, &json!(0)), "{}", made.json());
    assert_eq!(stages(&world.board(&round).await), [0, 0, 1, 2, 0]);
}

#[tokio::test]
async fn rounds_that_do_not_fit_are_refused_and_links_are_renewed_and_revoked() {
    let world = World::new(true).await;
    let one = json!([{"name": "甲", "zones": ["330106"]}]);
    let body = |title: &str, deadline: &str, participants: &Value| json!({"title": title, "deadline": deadline, "participants": participants});
    for bad in [
        body("", DEADLINE, &one),
        body("a", "tomorrow", &one),
        body("a", DEADLINE, &json!([])),
        body("a", DEADLINE, &json!([{"name": "甲", "zones": []}])),
        body("a", DEADLINE, &json!([{"name": "甲", "zones": ["999"]}])),
        body("a", DEADLINE, &json!([{"name": "甲", "zones": ["330106"]}, {"name": "甲", "zones": ["330106"]}])),
        json!({"title": "a", "deadline": DEADLINE, "participants": one, "table": "districts"}),
    ] {
        let answer = world.send("POST", "/rounds", &world.administrator, &bad).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (422, &json!("unfit")), "{bad}");
    }
    let (round, senders) = world.round(&world.administrator, &["330106".to_owned()]).await;
    let (own, link) = (format!("/rounds/{round}/own"), format!("/rounds/{round}/participants/{}/link", senders[0].id));
    let opens = async |token: &str| world.by_link("GET", &own, token, vec![]).await.status.as_u16();
    assert_eq!(opens(&senders[0].token).await, 200);
    let renewed = world.send("POST", &link, &world.administrator, &Value::Null).await.json();
    let renewed = renewed["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
    assert_eq!((opens(&senders[0].token).await, opens(&renewed).await), (401, 200));
    assert_eq!(world.send("DELETE", &link, &world.administrator, &Value::Null).await.status, 204);
    assert_eq!(opens(&renewed).await, 401);
    // what can't be read is refused with a reason and takes the place of what was there
    let renewed = world.send("POST", &link, &world.administrator, &Value::Null).await.json();
    let token = renewed["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
    let sender = Sender { token, ..senders.into_iter().next().unwrap() };
    let sent = world.deliver(&round, &sender, b"\x00\x01\x02".to_vec()).await;
    assert_eq!((&sent["verdict"], &sent["report"]["counts"]), (&json!("refused"), &Value::Null));
    assert_eq!(stages(&world.board(&round).await), [0, 1, 0, 0, 0]);
    let empty = Request::builder().method("POST").uri(format!("{own}/deliveries?file=a.csv"));
    let empty = empty.header("authorization", format!("Bearer {}", sender.token)).body(Body::empty()).unwrap();
    assert_eq!(world.service.send(empty).await.status, 415);
}
