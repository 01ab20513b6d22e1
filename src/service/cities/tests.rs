//! What is loaded, unloaded, waited for and given up, with cities that are numbers.

use super::*;
use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::AtomicI64;
use std::sync::mpsc;
use tempfile::TempDir;
use tokio::time::timeout;

/// A city of so many bytes.
struct Numbers {
    bytes: u64,
    busy: Arc<AtomicBool>,
    loaded: Arc<AtomicI64>,
}

impl Shard for Numbers {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn is_busy(&self) -> bool {
        self.busy.load(Ordering::SeqCst)
    }

    fn close(&self) {
        self.loaded.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Cities whose folders hold a file `bytes`; each load is counted by id, and waits for the gate of its city where there is one.
struct World {
    folder: TempDir,
    cities: Cities<Numbers>,
    loads: Arc<Mutex<BTreeMap<String, usize>>>,
    busy: Arc<AtomicBool>,
    loaded: Arc<AtomicI64>,
}

type Gate = Option<(String, Mutex<mpsc::Receiver<()>>)>;

impl World {
    fn new(budget: u64, cities: &[(&str, &str)], gate: Gate) -> Self {
        let folder = TempDir::new().unwrap();
        cities.iter().for_each(|(id, bytes)| put(&folder, id, bytes));
        let loads = Arc::<Mutex<BTreeMap<String, usize>>>::default();
        let (busy, loaded) = (Arc::<AtomicBool>::default(), Arc::<AtomicI64>::default());
        let (counted, works, open) = (loads.clone(), busy.clone(), loaded.clone());
        let opening = move |city: &City| {
            *counted.lock().unwrap().entry(city.id.clone()).or_default() += 1;
            if let Some((id, gate)) = &gate
                && *id == city.id
            {
                gate.lock().unwrap().recv().unwrap();
            }
            let text = fs::read_to_string(city.folder.join("bytes")).unwrap();
            assert_ne!(text, "panic");
            let bytes = text
                .parse()
                .map_err(|_| Refusal { why: Text::new("数据有错", "bad data"), passes: text == "away" })?;
            open.fetch_add(1, Ordering::SeqCst);
            Ok(Numbers { bytes, busy: works.clone(), loaded: open.clone() })
        };
        let cities = Cities::open(folder.path().to_owned(), Limits::default(), budget, opening).unwrap();
        Self { folder, cities, loads, busy, loaded }
    }

    fn states(&self) -> Vec<(String, &'static str)> {
        self.cities.list().into_iter().map(|c| (c.city.id.clone(), c.state.name())).collect()
    }

    fn ready(&self) -> Vec<String> {
        self.states().into_iter().filter(|(_, state)| *state == "ready").map(|(id, _)| id).collect()
    }

    fn loads(&self, id: &str) -> usize {
        self.loads.lock().unwrap().get(id).copied().unwrap_or(0)
    }

    /// A request that is answered at once.
    async fn ask(&self, id: &str) {
        drop(self.cities.get(id).await.unwrap());
    }
}

fn put(folder: &TempDir, id: &str, bytes: &str) {
    fs::create_dir_all(folder.path().join(id)).unwrap();
    fs::write(folder.path().join(id).join("bytes"), bytes).unwrap();
}

async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_were_asked_for_longest_ago_give_way_by_bytes() {
    let world = World::new(100, &[("a", "40"), ("b", "40"), ("c", "40"), ("d", "90")], None);
    assert!(world.ready().is_empty(), "nothing is loaded before somebody asks");
    for id in ["a", "b", "a", "c"] {
        world.ask(id).await;
    }
    assert_eq!(world.ready(), ["a", "c"], "b was asked for longest ago");
    assert_eq!((world.loads("a"), world.loads("b"), world.loads("c")), (1, 1, 1));
    world.ask("d").await;
    assert_eq!(world.ready(), ["d"]);
    assert_eq!(world.loaded.load(Ordering::SeqCst), 1, "each that was unloaded was closed once");
    world.ask("b").await;
    assert_eq!(world.ready(), ["b"]);
    assert_eq!(world.loads("b"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_in_use_or_at_work_is_not_unloaded() {
    let world = World::new(100, &[("a", "60"), ("b", "60"), ("c", "60")], None);
    let held = world.cities.get("a").await.unwrap();
    world.ask("b").await;
    assert_eq!(world.ready(), ["a", "b"], "both were in use when the second had been loaded");
    world.cities.trim();
    assert_eq!(world.ready(), ["a"], "it was asked for longest ago, and is in use");
    assert_eq!(held.shard().bytes(), 60);
    drop(held);
    world.busy.store(true, Ordering::SeqCst);
    world.ask("c").await;
    assert_eq!(world.ready(), ["a", "c"], "what works is not unloaded, and who asks is served all the same");
    world.busy.store(false, Ordering::SeqCst);
    world.cities.trim();
    assert_eq!(world.ready(), ["c"], "as soon as it has done its work");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_that_is_larger_than_all_may_be_is_refused_with_both_numbers() {
    let world = World::new(100, &[("a", "40"), ("large", "101")], None);
    world.ask("a").await;
    let Err(NoCity::Failed(why)) = world.cities.get("large").await else { panic!("it is served") };
    assert!([&why.zh, &why.en].iter().all(|text| text.contains("101") && text.contains("100")), "{why:?}");
    assert_eq!(world.ready(), ["a"], "the others stay");
    assert_eq!(world.loaded.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_that_fails_fails_alone_and_is_tried_again_when_told() {
    let world = World::new(100, &[("a", "40"), ("bad", "x"), ("worse", "panic")], None);
    for _ in 0..3 {
        assert_eq!(world.cities.get("bad").await.err(), Some(NoCity::Failed(Text::new("数据有错", "bad data"))));
        assert!(matches!(world.cities.get("worse").await.err(), Some(NoCity::Failed(_))));
    }
    assert_eq!((world.loads("bad"), world.loads("worse")), (1, 1), "it is not read for every request");
    world.ask("a").await;
    put(&world.folder, "bad", "7");
    world.cities.rescan().unwrap();
    world.ask("bad").await;
    assert_eq!(world.ready(), ["a", "bad"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_once_load_a_city_once() {
    let (open, gate) = mpsc::channel();
    let world = World::new(100, &[("a", "40")], Some(("a".into(), Mutex::new(gate))));
    let asked: Vec<_> = (0..20)
        .map(|_| {
            let cities = world.cities.clone();
            tokio::spawn(async move { cities.get("a").await.map(|lease| lease.shard().bytes()) })
        })
        .collect();
    until(|| world.loads("a") == 1).await;
    assert_eq!(world.states(), [("a".to_owned(), "loading")]);
    open.send(()).unwrap();
    for one in asked {
        assert_eq!(one.await.unwrap().ok(), Some(40));
    }
    assert_eq!(world.loads("a"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_wait_than_may_and_who_has_gone_gives_the_place_back() {
    let (open, gate) = mpsc::channel();
    let world = World::new(100, &[("a", "40"), ("b", "1")], Some(("a".into(), Mutex::new(gate))));
    let waiting: Vec<_> = (0..WAITING)
        .map(|_| {
            let cities = world.cities.clone();
            tokio::spawn(async move { cities.get("a").await.map(drop) })
        })
        .collect();
    until(|| world.cities.0.waiting.available_permits() == 0).await;
    assert!(matches!(world.cities.get("a").await.err(), Some(NoCity::Busy)));
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    until(|| world.cities.0.waiting.available_permits() == WAITING).await;
    world.ask("b").await;
    open.send(()).unwrap();
    world.ask("a").await;
    assert_eq!(world.loads("a"), 1, "what had begun was not begun again");
}

/// Two are loaded at once; a third waits for its turn, and is not loaded where nobody waits for it any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_city_that_nobody_waits_for_any_more_is_not_begun() {
    let (open, gate) = mpsc::channel();
    let world = World::new(100, &[("a", "1"), ("b", "1")], Some(("a".into(), Mutex::new(gate))));
    let other = world.cities.0.loading.clone().acquire_owned().await.unwrap();
    let first = tokio::spawn({
        let cities = world.cities.clone();
        async move { cities.get("a").await.map(drop) }
    });
    until(|| world.loads("a") == 1).await;
    let gone = timeout(Duration::from_millis(20), world.cities.get("b")).await;
    assert!(gone.is_err(), "it waits");
    open.send(()).unwrap();
    drop(other);
    first.await.unwrap().unwrap();
    until(|| world.states()[1].1 == "not loaded").await;
    assert_eq!(world.loads("b"), 0);
    world.ask("b").await;
    assert_eq!(world.loads("b"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn cities_come_and_go_with_their_folders() {
    let world = World::new(100, &[("a", "40"), ("b", "40")], None);
    fs::create_dir(world.folder.path().join("Not an id")).unwrap();
    fs::create_dir(world.folder.path().join(".hidden")).unwrap();
    let held = world.cities.get("a").await.unwrap();
    fs::remove_dir_all(world.folder.path().join("a")).unwrap();
    put(&world.folder, "c", "40");
    world.cities.rescan().unwrap();
    assert_eq!(world.states().iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(world.cities.unfit(), ["Not an id"]);
    assert_eq!(world.cities.get("a").await.err(), Some(NoCity::Unknown));
    world.cities.trim();
    assert_eq!(held.shard().bytes(), 40, "who has it keeps it");
    assert_eq!(world.loaded.load(Ordering::SeqCst), 1);
    drop(held);
    world.cities.trim();
    assert_eq!(world.loaded.load(Ordering::SeqCst), 0);
    put(&world.folder, "a", "50");
    world.cities.rescan().unwrap();
    assert_eq!(world.cities.get("a").await.unwrap().shard().bytes(), 50, "another city under its id");
}

#[tokio::test]
async fn a_city_that_can_not_be_had_at_the_moment_is_tried_again_soon() {
    let world = World::new(100, &[("a", "away")], None);
    assert_eq!(world.cities.get("a").await.err(), Some(NoCity::Away));
    put(&world.folder, "a", "40");
    // nobody says that the folders have changed
    let again = async {
        while world.cities.get("a").await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(RETRY / 2, again).await.expect("long before one that was refused");
    assert_eq!(world.ready(), ["a"]);
}
