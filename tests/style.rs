//! What `/style.json` answers, whole: the style table may be told differently inside, the answer may not.

mod common;

use common::service::Service;
use shigu::query::Disclosure;

#[tokio::test]
async fn the_style_is_what_it_was() {
    for (city, folder) in [("hangzhou", "geodata/hangzhou"), ("tinyville", "tests/data/tinyville")] {
        let s = Service::open(folder, Disclosure::Full);
        for (theme, lang) in [("light", "zh"), ("dark", "en")] {
            let mut style = s.json(&format!("/style.json?theme={theme}&lang={lang}")).await;
            let source = style["sources"]["shigu"].take();
            assert_eq!(source["promoteId"], "fid", "{source}");
            // by name, not by place: the order of members means nothing in JSON
            insta::with_settings!({sort_maps => true}, {
                insta::assert_json_snapshot!(format!("{city}_{theme}_{lang}"), style);
            });
        }
    }
}
