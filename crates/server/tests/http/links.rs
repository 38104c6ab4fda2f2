//! Absolute links: on the client's own scheme and host.

use roster_server::Settings;

use crate::support::{TestApp, json};

async fn next_page(app: &TestApp, headers: &[(&str, &str)]) -> String {
    for _ in 0..2 {
        app.create(json!({})).await;
    }
    let mut call = app.get("/api/v2/end-users/?limit=1&unknown=x");
    for (name, value) in headers {
        call = call.header(name, value);
    }
    let link = call.await.expect(200).text_at("/meta/next_page_url");
    link.split_once("/api/v2/end-users/?cursor=").unwrap().0.to_owned()
}

const FORWARDED: [(&str, &str); 2] =
    [("x-forwarded-proto", "https"), ("x-forwarded-host", "people.example, inner:80")];

#[tokio::test]
async fn the_hosts_own_name_is_used() {
    let app = TestApp::on_memory().await;
    let headers = [("host", "people.local:9000"), FORWARDED[0], FORWARDED[1]];
    assert_eq!(next_page(&app, &headers).await, "http://people.local:9000");
}

#[tokio::test]
async fn a_trusted_proxy_names_the_host() {
    let app = TestApp::with(Settings { trust_proxy: true, ..Settings::default() }).await;
    assert_eq!(next_page(&app, &FORWARDED).await, "https://people.example");
    assert_eq!(next_page(&app, &[]).await, app.base, "without its headers the host is used");
    let odd = [("x-forwarded-host", "a\"b/<script>"), ("x-forwarded-proto", "javascript:alert")];
    assert_eq!(next_page(&app, &odd).await, app.base, "what is no host is passed over");
}

#[tokio::test]
async fn the_public_url_wins() {
    let public_url = Some("https://people.example/roster".to_owned());
    let app =
        TestApp::with(Settings { public_url, trust_proxy: true, ..Settings::default() }).await;
    assert_eq!(next_page(&app, &FORWARDED).await, "https://people.example/roster");
}
