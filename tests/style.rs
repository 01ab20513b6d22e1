//! What `/style.json` answers, whole: the style table may be organised differently inside, the answer may not.

use crate::common;

use common::service::Service;
use shigu::core::query::Disclosure;

/// The project leads back to where the reader found the service, and has a layer for everything.
#[tokio::test]
async fn qgis_gets_a_project() {
    let s = Service::behind("geodata/hangzhou", "https://gis.example/shigu");
    let answer = s.get("/qgis/shigu.qgs?lang=en").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/x-qgis-project"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename*=UTF-8''hangzhou.qgs");
    let project = String::from_utf8(answer.body.to_vec()).unwrap();
    for collection in s.json("/collections").await["collections"].as_array().unwrap() {
        let id = collection["id"].as_str().unwrap();
        let source = format!("<datasource>url='https://gis.example/shigu' typename='{id}'</datasource>");
        assert!(project.contains(&source), "{id}");
        assert!(project.contains(&format!("<style layer=\"{id}\"")), "nothing draws {id}");
    }
    assert!(project.contains("url=https://gis.example/shigu/xyz/") && !project.contains("shigu.test"));
    assert!(project.contains("/%7Bz%7D/%7Bx%7D/%7By%7D.mvt&amp;zmin=0"));
    assert_eq!(project.matches("<maplayer").count(), project.matches("</maplayer>").count());
    assert_eq!(s.get("/qgis/").await.status, 200);
    assert_eq!(s.get("/qgis/shigu.qgs?x=1").await.status, 400);
}

#[tokio::test]
async fn the_style_is_what_it_was() {
    for (city, folder) in [("hangzhou", "geodata/hangzhou"), ("tinyville", "tests/data/tinyville")] {
        let s = Service::open(folder, Disclosure::Full);
        for (theme, lang) in [("light", "zh"), ("dark", "en")] {
            let mut style = s.json(&format!("/style.json?theme={theme}&lang={lang}")).await;
            let source = style["sources"]["shigu"].take();
            assert_eq!(source["promoteId"], "fid", "{source}");
            // the areas of the fading have tests of their own
            let fading = style["sources"].as_object_mut().unwrap().values_mut().filter(|s| s["type"] == "geojson");
            let steps: Vec<_> = fading.map(|s| s["data"].take()["features"].as_array().unwrap().len()).collect();
            assert_eq!(steps, if city == "hangzhou" { vec![12] } else { vec![] });
            // by name, not by place: the order of members means nothing in JSON
            insta::with_settings!({sort_maps => true}, {
                insta::assert_json_snapshot!(format!("{city}_{theme}_{lang}"), style);
            });
        }
    }
}
