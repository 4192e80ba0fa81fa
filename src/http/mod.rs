//! The pages for operators: `/metrics`, `/livez`, `/readyz`.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::telemetry::{Probe, Telemetry};

const NOT_FOUND: &str = "No such page. The pages are:\n\
    /metrics  the metrics, in the text format of Prometheus\n\
    /livez    200 if every loop polls, else 503 with the reason\n\
    /readyz   200 if every stage is ready, else 503 with the reason\n";

/// The server cannot listen on the address.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {listen}: {error}; free it, or choose another address with http.listen")]
pub struct BindError {
    listen: SocketAddr,
    #[source]
    error: io::Error,
}

/// A server that listens. It answers when it is [run](Self::run).
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    telemetry: Arc<Telemetry>,
}

impl Server {
    /// Listens on an address, so that an address in use is found before anything is connected. With port 0 the system
    /// chooses the port.
    pub async fn bind(listen: SocketAddr, telemetry: Arc<Telemetry>) -> Result<Self, BindError> {
        match TcpListener::bind(listen).await {
            Ok(listener) => Ok(Self { listener, telemetry }),
            Err(error) => Err(BindError { listen, error }),
        }
    }

    /// The address on which it listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers requests until `stop` is done, and then finishes the requests that came in before.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let pages = Router::new()
            .route("/metrics", get(metrics))
            .route("/livez", get(async |State(telemetry): State<Arc<Telemetry>>| page(telemetry.health().livez())))
            .route("/readyz", get(async |State(telemetry): State<Arc<Telemetry>>| page(telemetry.health().readyz())))
            .fallback(async || (StatusCode::NOT_FOUND, NOT_FOUND))
            .with_state(self.telemetry);
        axum::serve(self.listener, pages).with_graceful_shutdown(stop).await
    }
}

async fn metrics(State(telemetry): State<Arc<Telemetry>>) -> Response {
    match telemetry.exposition() {
        Ok(text) => ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn page(probe: Probe) -> Response {
    let status = if probe.ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, probe.text).into_response()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;
    use crate::stream::event::{Event, Observer, Stage};
    use crate::stream::port::TopicPartition;

    const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

    fn get_page(server: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(server).expect("connected");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: wirefold\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        answer
    }

    fn telemetry() -> Arc<Telemetry> {
        Telemetry::new(&[Stage::Signatures], Duration::from_mins(1))
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn pages_answer_over_a_socket_until_the_server_is_stopped() {
        let telemetry = telemetry();
        let server = Server::bind(ANY_PORT, Arc::clone(&telemetry)).await.expect("bound");
        let address = server.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));

        let answer = get_page(address, "/readyz");
        assert!(
            answer.starts_with("HTTP/1.1 503 ") && answer.ends_with("signatures: not ok: has not polled yet\n"),
            "{answer}"
        );
        let at = TopicPartition { topic: "articles".into(), partition: 0 };
        telemetry.observe(Event::Polled(Stage::Signatures));
        telemetry.observe(Event::Assigned(Stage::Signatures, &at));
        let answer = get_page(address, "/readyz");
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("signatures: ok: partitions: 1, all ready\n"),
            "{answer}"
        );
        assert!(get_page(address, "/livez").starts_with("HTTP/1.1 200 "));
        let answer = get_page(address, "/metrics");
        assert!(answer.contains("content-type: text/plain; version=0.0.4"), "{answer}");
        assert!(answer.contains("\nwirefold_ready 1\n"), "{answer}");
        let answer = get_page(address, "/health");
        assert!(answer.starts_with("HTTP/1.1 404 ") && answer.ends_with(NOT_FOUND), "{answer}");

        stop.send(()).expect("running");
        running.await.expect("no panic").expect("stopped cleanly");
        assert!(TcpStream::connect(address).is_err());
    }

    #[tokio::test]
    async fn an_address_in_use_is_refused_with_a_remedy() {
        let first = Server::bind(ANY_PORT, telemetry()).await.expect("bound");
        let taken = first.local_addr().expect("an address");
        let error = Server::bind(taken, telemetry()).await.expect_err("refused").to_string();
        assert!(error.starts_with(&format!("cannot listen on {taken}: ")), "{error}");
        assert!(error.ends_with("choose another address with http.listen"), "{error}");
    }
}
