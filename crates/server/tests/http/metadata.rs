//! What metadata may be, and how much of it.

use crate::support::{TestApp, Value, json, on_each_store, problems};

on_each_store! {
    values_are_strings_booleans_and_integers,
    ten_kilobytes_of_compact_json_fit,
    the_merged_map_is_measured,
    language_is_a_bcp_47_tag,
    text_is_bounded,
    all_problems_are_told_at_once,
}

async fn values_are_strings_booleans_and_integers(app: TestApp) {
    for wrong in ["1.5", "1.0", "1e3", "[]", "{}", "[1]"] {
        let body = format!(r#"{{"profile":{{"metadata":{{"vip":{wrong}}}}}}}"#);
        let answer = app.post("/api/v2/end-users/").body("application/json", body).await;
        assert_eq!(answer.expect_error(400, "validation_error"), "invalid end user data");
        let expected = "body $.profile.metadata.vip: Must be a string, boolean or integer.";
        assert_eq!(problems(&answer), [expected], "{wrong}");
    }
    for huge in ["9223372036854775808", "-9223372036854775809", "1".repeat(40).as_str()] {
        let body = format!(r#"{{"profile":{{"metadata":{{"n":{huge}}}}}}}"#);
        let answer = app.post("/api/v2/end-users/").body("application/json", body).await;
        answer.expect_error(400, "validation_error");
        let expected = "body $.profile.metadata.n: Must fit into a signed 64-bit integer.";
        assert_eq!(problems(&answer), [expected]);
    }
    let body = json!({"profile": {"metadata": "text"}});
    let answer = app.post("/api/v2/end-users/").json(&body).await;
    assert_eq!(problems(&answer), ["body $.profile.metadata: Must be an object or null."]);
}

/// A map whose compact JSON has exactly `size` bytes.
fn map_of(size: usize) -> Value {
    json!({"k": "x".repeat(size - r#"{"k":""}"#.len())})
}

const TOO_LARGE: &str = "Metadata exceeds the maximum size of 10 KB.";

async fn ten_kilobytes_of_compact_json_fit(app: TestApp) {
    app.create(json!({"profile": {"metadata": map_of(10_240)}})).await;
    let mut body = json!({"profile": {"metadata": map_of(10_241)}});
    let answer = app.post("/api/v2/end-users/").json(&body).await;
    assert_eq!(answer.expect_error(400, "validation_error"), TOO_LARGE);
    assert_eq!(problems(&answer), [format!("body $.profile.metadata: {TOO_LARGE}")]);
    body["profile"]["language"] = json!("??");
    let answer = app.post("/api/v2/end-users/").json(&body).await;
    assert_eq!(answer.expect_error(400, "validation_error"), "invalid end user data");
    assert_eq!(problems(&answer).len(), 2, "it is told with the other problems");
}

async fn the_merged_map_is_measured(app: TestApp) {
    let created = app.create(json!({"profile": {"metadata": map_of(10_230)}})).await;
    let path = format!("/api/v2/end-users/{}", created.text_at("/end_user_id"));
    let body = json!({"profile": {"metadata": {"another": 12345}}});
    let answer = app.patch(&path).json(&body).await;
    assert_eq!(answer.expect_error(400, "validation_error"), TOO_LARGE);
    assert_eq!(app.get(&path).await.text, created.text, "nothing was applied");

    let body = json!({"profile": {"metadata": {"another": 12345, "k": null}}});
    app.patch(&path).json(&body).await.expect(200);
    let body = json!({"profile": {"metadata": map_of(10_241)}});
    let nobody = "/api/v2/end-users/66f0c1d2e3a4b5c6d7e8f901";
    app.patch(nobody).json(&body).await.expect_error(400, "validation_error");
}

async fn language_is_a_bcp_47_tag(app: TestApp) {
    for tag in ["en", "pt-BR", "zh-Hant-TW", "EN-us", "es-419"] {
        let answer = app.create(json!({"profile": {"language": tag}})).await;
        assert_eq!(answer.body["profile"]["language"], tag, "kept as given");
    }
    for wrong in ["", "english please", "en_US", "e", "-"] {
        let body = json!({"profile": {"language": wrong}});
        let answer = app.post("/api/v2/end-users/").json(&body).await;
        answer.expect_error(400, "validation_error");
        assert_eq!(
            problems(&answer),
            [
                "body $.profile.language: Must be a BCP 47 language tag, such as \"en\" or \"pt-BR\"."
            ]
        );
    }
}

async fn text_is_bounded(app: TestApp) {
    for field in ["first_name", "last_name", "display_name", "avatar", "email"] {
        for (wrong, message) in [
            (json!("é".repeat(4097)), "Must be at most 4096 characters long."),
            (json!("a\u{0}"), "Must not contain the character U+0000."),
            (json!(5), "Must be a string or null."),
        ] {
            let answer =
                app.post("/api/v2/end-users/").json(&json!({"profile": {field: wrong}})).await;
            answer.expect_error(400, "validation_error");
            assert_eq!(problems(&answer), [format!("body $.profile.{field}: {message}")]);
        }
        app.create(json!({"profile": {field: "é".repeat(4096)}})).await;
    }
    let body = json!({"profile": {"metadata": {"a": "\u{0}", "b\u{0}": 1}}});
    let answer = app.post("/api/v2/end-users/").json(&body).await;
    assert_eq!(problems(&answer).len(), 2);
}

async fn all_problems_are_told_at_once(app: TestApp) {
    let body = json!({
        "external_id": "a<b",
        "profile": {
            "first_name": 5,
            "language": "??",
            "metadata": {"fine": 1, "a.b": [], "list": [1]},
            "sensitive_metadata": {"fields": {"bad key": "x", "empty": "", "fine": "y"}},
        },
    });
    let path = "/api/v2/end-users/not-an-id";
    let answer = app.patch(path).json(&body).await;
    answer.expect_error(400, "validation_error");
    assert_eq!(
        problems(&answer),
        [
            "path $.end_user_id: Must be 24 hexadecimal digits.",
            "body $.external_id: Must not contain \"<\" or \">\".",
            "body $.profile.first_name: Must be a string or null.",
            "body $.profile.language: Must be a BCP 47 language tag, such as \"en\" or \"pt-BR\".",
            "body $.profile.metadata[\"a.b\"]: Must be a string, boolean or integer.",
            "body $.profile.metadata.list: Must be a string, boolean or integer.",
            "body $.profile.sensitive_metadata.fields[\"bad key\"]: Keys of sensitive metadata must match [A-Za-z0-9_-]+ and have at most 256 characters.",
            "body $.profile.sensitive_metadata.fields.empty: Must not be empty.",
            "body $.profile.sensitive_metadata.fields.fine: Must not also be a key of profile.metadata.",
        ]
    );
}
