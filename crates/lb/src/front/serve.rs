//! One client connection: TLS or not, HTTP/1 or 2, until it ends.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use http::{Uri, Version};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Duration, sleep, timeout};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor as HelloAcceptor;

use super::Slot;
use super::client_io::ClientIo;
use super::connection::Connection;
use crate::observe::{Classification, ConnectionEvent, RequestKind, RequestRecord};
use crate::proxy::{self, Core, reply};
use crate::stream::Stream;
use crate::table::Listener;

/// From connecting to the end of the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A request's head may not be larger: its line 16 K, its fields 64 K.
const HEAD_MAX: usize = (16 + 64) * 1024;
/// AWS: "you can send up to 128 requests in parallel".
const STREAMS_MAX: u32 = 128;
/// The first byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// Serves a connection to its end and tells the observer.
pub async fn serve(tcp: TcpStream, client: SocketAddr, slot: Arc<Slot>, core: Arc<Core>) {
    let _ = tcp.set_nodelay(true);
    let Ok(local) = tcp.local_addr() else { return };
    let only = {
        let listeners = slot.listeners.load();
        let first = listeners.first().map(|l| l.load_balancer.clone());
        first.filter(|first| listeners.iter().all(|l| l.load_balancer.id == first.id))
    };
    let (load_balancer, node) = (only.as_ref().map(|l| &*l.id), local.ip());
    core.observer.connection(ConnectionEvent::ClientOpened { load_balancer, node });
    let client = SocketAddr::new(client.ip().to_canonical(), client.port());
    let connection = Connection::new(core.clone(), slot, client, local);
    if welcome(tcp, connection).await.is_none() {
        core.observer.connection(ConnectionEvent::ClientTlsFailed { load_balancer, node });
    }
    core.observer.connection(ConnectionEvent::ClientClosed { load_balancer, node });
}

/// `None` when a handshake failed.
async fn welcome(tcp: TcpStream, connection: Connection) -> Option<()> {
    let listeners = connection.slot.listeners.load_full();
    if listeners.iter().all(|l| l.tls.is_none()) {
        http1_until_end(Stream::Plain(tcp), Arc::new(connection)).await;
        return Some(());
    }
    let mut first = [0];
    match timeout(HANDSHAKE_TIMEOUT, tcp.peek(&mut first)).await {
        Ok(Ok(1)) => {}
        _ => return Some(()),
    }
    if first[0] == TLS_HANDSHAKE {
        return secured(tcp, connection, &listeners).await;
    }
    if listeners.iter().any(|l| l.tls.is_none()) {
        http1_until_end(Stream::Plain(tcp), Arc::new(connection)).await;
    } else {
        plain_to_secure(tcp).await;
    }
    Some(())
}

async fn secured(
    tcp: TcpStream,
    mut connection: Connection,
    listeners: &[Arc<Listener>],
) -> Option<()> {
    let handshake = async {
        let start = LazyConfigAcceptor::new(HelloAcceptor::default(), tcp).await.ok()?;
        let hello = start.client_hello();
        let listener = Slot::choose(listeners, true, hello.server_name())?;
        let acceptor = listener.tls.clone()?;
        let stream = start.into_stream(acceptor.config.clone()).await.ok()?;
        Some((stream, listener, acceptor))
    };
    let (stream, listener, acceptor) = timeout(HANDSHAKE_TIMEOUT, handshake).await.ok()??;
    let session = stream.get_ref().1;
    connection.tls = Some(Arc::new(acceptor.facts(session)));
    connection.secured_by = Some(listener.arn.clone());
    let is_http2 = session.alpn_protocol() == Some(b"h2");
    let stream = Stream::Tls(Box::new(stream.into()));
    let connection = Arc::new(connection);
    if is_http2 {
        http2_until_end(stream, connection).await;
    } else {
        http1_until_end(stream, connection).await;
    }
    Some(())
}

async fn http1_until_end(stream: Stream, connection: Arc<Connection>) {
    let Some(listener) = connection.any_listener() else { return };
    let io = client_io(stream, &connection, &listener, true);
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .preserve_header_case(true)
        .title_case_headers(true)
        .auto_date_header(false)
        .max_header_size(HEAD_MAX)
        .max_buf_size(HEAD_MAX * 2);
    let service = service_fn(|request| {
        let connection = connection.clone();
        async move { Ok::<_, std::convert::Infallible>(proxy::answer(connection, request).await) }
    });
    let mut serving = builder.serve_connection(TokioIo::new(io), service).with_upgrades();
    let ended = {
        let mut until = pin!(connection.slot.when_closed());
        let mut asked = false;
        loop {
            tokio::select! {
                ended = &mut serving => break ended,
                () = &mut until, if !asked => {
                    asked = true;
                    std::pin::Pin::new(&mut serving).graceful_shutdown();
                }
            }
        }
    };
    let Err(error) = ended else { return };
    if let Some(parts) = serving.into_parts() {
        refuse(parts.io.into_inner(), &connection, &listener, &error).await;
    }
}

async fn http2_until_end(stream: Stream, connection: Arc<Connection>) {
    let Some(listener) = connection.any_listener() else { return };
    let io = client_io(stream, &connection, &listener, false);
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEAD_MAX as u32)
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(1 << 20);
    let service = service_fn(|request| {
        let connection = connection.clone();
        async move { Ok::<_, std::convert::Infallible>(proxy::answer(connection, request).await) }
    });
    let mut serving = pin!(builder.serve_connection(TokioIo::new(io), service));
    let attributes = &listener.load_balancer.attributes;
    let keep_alive = Duration::from_secs(attributes.client_keep_alive_secs.into());
    let mut until = pin!(async {
        tokio::select! {
            () = connection.slot.when_closed() => {}
            () = connection.when_full() => {}
            () = sleep(keep_alive) => {}
        }
    });
    let mut asked = false;
    loop {
        tokio::select! {
            _ = &mut serving => return,
            () = &mut until, if !asked => {
                asked = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}

fn client_io(
    stream: Stream,
    connection: &Arc<Connection>,
    listener: &Listener,
    http1: bool,
) -> ClientIo {
    let attributes = &listener.load_balancer.attributes;
    let idle_timeout = Duration::from_secs(attributes.idle_timeout_secs.into());
    ClientIo::new(stream, connection.clone(), idle_timeout, http1)
}

/// Answers what could not be parsed as a request, in AWS's form.
async fn refuse(
    mut io: ClientIo,
    connection: &Connection,
    listener: &Listener,
    error: &hyper::Error,
) {
    if !io.owes_page && !error.is_parse_version_h2() {
        return;
    }
    let status = match error {
        _ if io.timed_out_in_head => 408,
        error if error.is_parse_version_h2() => 505,
        error if error.to_string().contains("transfer-encoding") => 501,
        _ => 400,
    };
    let now = connection.core.clock.now();
    let (title, page) = reply::page(status);
    let head = format!(
        "HTTP/1.1 {title}\r\nServer: awselb/2.0\r\nDate: {}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        now.http_date(),
        page.len(),
    );
    let whole = [head.as_bytes(), &page].concat();
    let written = async {
        io.stream.write_all(&whole).await?;
        io.stream.shutdown().await
    };
    let _ = timeout(HANDSHAKE_TIMEOUT, written).await;
    connection.core.observer.request(&unparsed(
        connection,
        listener,
        error,
        status,
        whole.len() as u64,
    ));
}

fn unparsed(
    connection: &Connection,
    listener: &Listener,
    error: &hyper::Error,
    status: u16,
    sent_bytes: u64,
) -> RequestRecord {
    let now = connection.core.clock.now();
    let secure = connection.tls.is_some();
    RequestRecord {
        kind: if secure { RequestKind::Https } else { RequestKind::Http },
        created_at: now,
        responded_at: now,
        load_balancer: listener.load_balancer.id.clone(),
        listener: listener.arn.clone(),
        client: connection.client,
        node: connection.local.ip(),
        target: None,
        request_processing: None,
        target_processing: None,
        response_processing: None,
        elb_status: status,
        target_status: None,
        received_bytes: 0,
        sent_bytes,
        method: None,
        uri: Uri::default(),
        host: connection.local.ip().to_string(),
        port: listener.port,
        version: Version::HTTP_11,
        user_agent: None,
        tls: connection.tls.clone(),
        target_group: None,
        trace_id: String::new(),
        rule_priority: None,
        rules_evaluated: 0,
        action: None,
        redirect_url: None,
        error_reason: None,
        classification: connection.next_head().or(classification(error)),
        fail_open: false,
        non_sticky: false,
        invalid_headers: false,
        dropped_invalid_headers: false,
    }
}

/// Why a head could not be parsed, in the log's words.
fn classification(error: &hyper::Error) -> Option<Classification> {
    let text = error.to_string();
    let reasons = [
        ("method", "BadMethod"),
        ("URI", "BadUri"),
        ("version", "BadVersion"),
        ("content-length", "BadContentLength"),
        ("transfer-encoding", "BadTransferEncoding"),
        ("header", "BadHeader"),
    ];
    let reason = reasons.iter().find(|(word, _)| error.is_parse() && text.contains(word));
    reason.map(|(_, reason)| Classification::Severe(reason))
}

/// A plain request to an HTTPS listener.
async fn plain_to_secure(mut tcp: TcpStream) {
    let page = "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>The plain HTTP request was sent to HTTPS port</center>\r\n</body>\r\n</html>\r\n";
    let whole = format!(
        "HTTP/1.1 400 Bad Request\r\nServer: awselb/2.0\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len(),
    );
    let answered = async {
        // What the client sent is read first: closing over unread bytes resets.
        let mut sink = [0; 4096];
        let _ = tokio::io::AsyncReadExt::read(&mut tcp, &mut sink).await;
        tcp.write_all(whole.as_bytes()).await?;
        tcp.shutdown().await
    };
    let _ = timeout(HANDSHAKE_TIMEOUT, answered).await;
}
