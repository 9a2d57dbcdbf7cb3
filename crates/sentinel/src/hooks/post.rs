//! HTTP by the client that is in the tree already.

use std::time::Duration;

use async_trait::async_trait;

use super::{Post, Request};

/// Longest time for one request.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends over HTTP. Errors contain no URL: it may contain a token.
#[derive(Clone)]
pub struct Http(ureq::Agent);

impl Default for Http {
    fn default() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .build();
        Self(config.into())
    }
}

#[async_trait]
impl Post for Http {
    async fn post(&self, request: Request) -> Result<u16, String> {
        let agent = self.0.clone();
        let sent = tokio::task::spawn_blocking(move || {
            let mut post = agent.post(&request.url).header("content-type", "application/json");
            for (name, value) in &request.headers {
                post = post.header(*name, value);
            }
            let answer = post.send(request.body.as_str());
            answer
                .map(|answer| answer.status().as_u16())
                .map_err(|error| match error {
                    ureq::Error::BadUri(_) | ureq::Error::Http(_) => "the URL is not one".to_owned(),
                    other => other.to_string().replace(&request.url, "the webhook"),
                })
        });
        sent.await.unwrap_or_else(|_| Err("the request was given up".into()))
    }
}
