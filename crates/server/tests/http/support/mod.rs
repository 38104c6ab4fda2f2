//! A running service for one test: fixed clock, seeded randomness, real socket.

mod answer;
mod app;

pub(crate) use answer::Answer;
pub(crate) use app::TestApp;
pub(crate) use serde_json::{Value, json};

/// Runs each test over each store. A test is an async function that takes a [`TestApp`].
macro_rules! on_each_store {
    ($($test:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::support::TestApp::on_memory().await).await;
            })*
        }

        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::support::TestApp::on_sqlite().await).await;
            })*
        }
    };
}
pub(crate) use on_each_store;

/// The problems of a validation error, as `location parameter: message`.
pub(crate) fn problems(answer: &Answer) -> Vec<String> {
    let details = answer.body["errors"][0]["details"].as_array().cloned().unwrap_or_default();
    let text = |problem: &Value, key: &str| problem[key].as_str().unwrap().to_owned();
    details
        .iter()
        .map(|problem| {
            format!(
                "{} {}: {}",
                text(problem, "location"),
                text(problem, "parameter"),
                text(problem, "message")
            )
        })
        .collect()
}
