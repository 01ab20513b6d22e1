//! Of many copies one makes a briefing, also where one is killed or stands still; what fails is tried again so many times.

use super::*;

fn monthly() -> BriefingSchedule {
    BriefingSchedule {
        id: "a".into(),
        title: "月报".into(),
        day: Some(1),
        hour: 8,
        languages: vec![Lang::Zh, Lang::En],
        kind: None,
        zone: Some("city".into()),
        active: true,
        changed: 5,
        changed_by: "wang".into(),
    }
}

fn due(month: u32) -> Due {
    let day = |month: u32| format!("2026-{month:02}-28");
    Due {
        period: format!("2026-{month:02}"),
        at: i64::from(month) * 1_000_000,
        until: day(month),
        since: day(month - 1),
    }
}

fn made(content: &[u8]) -> MadeBriefing {
    let file = BriefingFile { name: "zh.docx".into(), title: "简报.docx".into(), content: content.to_vec() };
    MadeBriefing { revision: "r".into(), still: false, files: vec![file] }
}

fn opened(folder: &tempfile::TempDir) -> Database {
    Database::open(folder.path()).unwrap()
}

#[test]
fn one_of_many_copies_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    assert!(opened(&folder).add_briefing_schedule(&monthly()).unwrap());
    let now = due(3).at + 10;
    let copies = (0..8).map(|n| {
        let database = opened(&folder);
        std::thread::spawn(move || database.claim_briefing(&monthly(), &due(3), &format!("copy-{n}"), now).unwrap())
    });
    let claims: Vec<_> = copies.collect::<Vec<_>>().into_iter().filter_map(|copy| copy.join().unwrap()).collect();
    let [claim] = &claims[..] else { panic!("{claims:?}") };
    assert!(opened(&folder).keep_briefing(claim, &made(b"whole"), now + 1).unwrap());
    assert_eq!(opened(&folder).claim_briefing(&monthly(), &due(3), "later", now + 99_999).unwrap(), None);
    let all = opened(&folder).briefings().unwrap();
    assert_eq!(
        (all.len(), all[0].state, all[0].late, &all[0].files[..]),
        (1, BriefingState::Made, false, &[("zh.docx".to_owned(), 5)][..])
    );
    let file = opened(&folder).briefing_file("a", "2026-03", "zh.docx").unwrap().unwrap();
    assert_eq!((&file.title[..], &file.content[..]), ("简报.docx", &b"whole"[..]));
    assert_eq!(opened(&folder).briefing_file("a", "2026-03", "zh.pdf").unwrap(), None);
}

#[test]
fn a_copy_that_stood_still_comes_too_late() {
    let folder = tempfile::tempdir().unwrap();
    let database = opened(&folder);
    database.add_briefing_schedule(&monthly()).unwrap();
    let now = due(3).at;
    let first = database.claim_briefing(&monthly(), &due(3), "one", now).unwrap().unwrap();
    database.renew_briefing(&first, now + 20).unwrap();
    assert_eq!(database.claim_briefing(&monthly(), &due(3), "two", now + 15).unwrap(), None, "one answers for it");
    let second = database.claim_briefing(&monthly(), &due(3), "two", now + 21).unwrap().unwrap();
    assert_eq!((second.attempts, second.fence), (2, 2));
    let why = Text::new("坏", "bad");
    assert!(!database.keep_briefing(&first, &made(b"late"), now + 22).unwrap());
    assert!(!database.fail_briefing(&first, &why, now + 22).unwrap());
    assert!(database.keep_briefing(&second, &made(b"second"), now + 23).unwrap());
    assert_eq!(database.briefing_file("a", "2026-03", "zh.docx").unwrap().unwrap().content, b"second");
}

#[test]
fn what_fails_is_tried_again_so_many_times_and_the_next_is_about_its_time_too() {
    let folder = tempfile::tempdir().unwrap();
    let database = opened(&folder);
    database.add_briefing_schedule(&monthly()).unwrap();
    let (mut now, why) = (due(3).at, Text::new("缺字体", "no font"));
    for attempt in 1..=MOST_ATTEMPTS {
        let claim = database.claim_briefing(&monthly(), &due(3), "one", now).unwrap().unwrap();
        assert_eq!(claim.attempts, attempt);
        assert!(database.fail_briefing(&claim, &why, now).unwrap());
        assert_eq!(database.claim_briefing(&monthly(), &due(3), "one", now + PAUSE - 1).unwrap(), None);
        now += PAUSE;
    }
    assert_eq!(
        database.claim_briefing(&monthly(), &due(3), "one", now * 2).unwrap(),
        None,
        "it was tried often enough"
    );
    let one = &database.briefings().unwrap()[0];
    assert_eq!((one.state, one.retry, one.error.as_ref()), (BriefingState::Failed, None, Some(&why)));
    // the program was off for a month
    let claim = database.claim_briefing(&monthly(), &due(5), "one", due(5).at + MISSED + 1).unwrap().unwrap();
    assert_eq!((&claim.since[..], &claim.until[..], claim.late), ("2026-04-28", "2026-05-28", true));
    database.keep_briefing(&claim, &made(b"5"), now).unwrap();
    let claim = database.claim_briefing(&monthly(), &due(8), "one", due(8).at).unwrap().unwrap();
    assert_eq!((&claim.since[..], &claim.until[..], claim.late), ("2026-05-28", "2026-08-28", false));
}

#[test]
fn a_program_that_ends_each_time_does_not_try_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let database = opened(&folder);
    database.add_briefing_schedule(&monthly()).unwrap();
    let mut now = due(3).at;
    for _ in 0..MOST_ATTEMPTS {
        assert!(database.claim_briefing(&monthly(), &due(3), "one", now).unwrap().is_some());
        now += LEASE + 1;
    }
    assert_eq!(database.claim_briefing(&monthly(), &due(3), "one", now).unwrap(), None);
    let one = &database.briefings().unwrap()[0];
    assert_eq!((one.state, one.retry, one.error.is_some()), (BriefingState::Failed, None, true));
    // what is under way when the next moment comes is not both
    let held = database.claim_briefing(&monthly(), &due(4), "one", due(4).at).unwrap().unwrap();
    let next = database.claim_briefing(&monthly(), &due(5), "two", due(5).at).unwrap().unwrap();
    assert!(!database.keep_briefing(&held, &made(b"4"), now).unwrap());
    assert_eq!(next.since, "2026-04-28");
}

#[test]
fn so_many_are_kept_and_a_schedule_goes_with_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let database = opened(&folder);
    for n in 0..MOST_SCHEDULES {
        assert!(database.add_briefing_schedule(&BriefingSchedule { id: n.to_string(), ..monthly() }).unwrap());
    }
    assert!(!database.add_briefing_schedule(&monthly()).unwrap(), "there are too many");
    assert!(database.drop_briefing_schedule("0").unwrap() && !database.drop_briefing_schedule("0").unwrap());
    assert!(database.add_briefing_schedule(&monthly()).unwrap());
    for n in 0..30 {
        let (year, month) = (2026 + n / 12, n % 12 + 1);
        let day = |month: u32| format!("{year}-{month:02}-28");
        let period = format!("{year}-{month:02}");
        let due = Due { period, at: i64::from(n), until: day(month), since: "2025-01-01".into() };
        let claim = database.claim_briefing(&monthly(), &due, "one", 0).unwrap().unwrap();
        assert!(database.keep_briefing(&claim, &made(b"."), 0).unwrap());
    }
    let all = database.briefings().unwrap();
    assert_eq!((all.len() as i64, &all[0].period[..]), (MOST_BRIEFINGS, "2028-06"));
    assert_eq!(database.briefing_file("a", "2026-01", "zh.docx").unwrap(), None);
    let another = BriefingSchedule { day: None, languages: vec![Lang::En], active: false, changed: 9, ..monthly() };
    assert!(database.change_briefing_schedule(&another).unwrap());
    assert!(database.briefing_schedules().unwrap().contains(&another));
    let due = Due { period: "2029-01".into(), at: 0, until: "2029-01-28".into(), since: "2025-01-01".into() };
    assert_eq!(database.claim_briefing(&monthly(), &due, "one", 0).unwrap(), None, "it was changed since it was read");
    assert!(database.drop_briefing_schedule("a").unwrap());
    assert_eq!(database.briefings().unwrap(), []);
    let counts = database.count_briefings().unwrap();
    assert_eq!(counts, (vec![("running", 0), ("made", 0), ("failed", 0)], None));
}
