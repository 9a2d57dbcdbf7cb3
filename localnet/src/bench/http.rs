//! A small HTTP/1.1 server and client, for the proxies and the receiver of alarms.

use std::{convert::Infallible, future::Future, sync::Arc};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client, header,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::node::HOST;

/// What was asked.
pub(super) struct Asked {
    /// The value of `x-bulkhead-notice`, which is in requests of webhooks.
    pub notice: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// Answers requests.
pub(super) trait Answer: Send + Sync + 'static {
    /// The status and the body of the answer.
    fn answer(&self, asked: Asked) -> impl Future<Output = (StatusCode, Bytes)> + Send;
}

/// Serves until it is dropped. All connections end with it.
pub(super) async fn serve<A: Answer>(listener: TcpListener, answers: Arc<A>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = listener.accept().await;
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = accepted else { continue };
        let answers = Arc::clone(&answers);
        let service = service_fn(move |request: Request<Incoming>| {
            let answers = Arc::clone(&answers);
            async move {
                let notice = request.headers().get("x-bulkhead-notice");
                let notice = notice.and_then(|value| value.to_str().ok()).map(str::to_owned);
                // Whoever hangs up in the middle of a body gets no answer anyway.
                let body = request.into_body().collect().await;
                let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
                let (status, body) = answers.answer(Asked { notice, body }).await;
                let mut response = Response::new(Full::new(body));
                *response.status_mut() = status;
                let json = header::HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, json);
                Ok::<_, Infallible>(response)
            }
        });
        connections.spawn(async move {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A connection that breaks is the client's affair.
            drop(connection.await);
        });
    }
}

/// One request on a connection of its own: GET without a body, POST with one.
///
/// # Errors
/// In words.
pub(super) async fn ask(port: u16, path: &str, body: Option<Bytes>) -> Result<(StatusCode, Bytes), String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let stream = TcpStream::connect((HOST, port)).await.map_err(|error| words(&error))?;
    let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| words(&error))?;
    let driving = tokio::spawn(connection);
    let method = if body.is_some() { "POST" } else { "GET" };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, format!("{HOST}:{port}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(body.unwrap_or_default()))
        .map_err(|error| words(&error))?;
    let asked = async {
        let response = sender.send_request(request).await.map_err(|error| words(&error))?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|error| words(&error))?;
        Ok((status, body.to_bytes()))
    };
    let answered = asked.await;
    driving.abort();
    answered
}
