//! Serves the fleet to the benchmark, over HTTP and behind TLS. The fleet has no instance, so that each look is one
//! read.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use launchgate_tests::fleet::Fleet;
use launchgate_tests::fleet::door::server::{Clock, Server};
use launchgate_tests::stack::repository;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::Failure;
use crate::empty_queue;
use crate::events::now;

/// Where AWS is.
pub(crate) struct Urls {
    /// The fleet.
    pub(crate) aws: String,
    /// SQS, with an empty queue.
    pub(crate) queue: String,
}

pub(crate) struct Endpoint {
    /// By name, not by address: name resolution is a part of every real call.
    pub(crate) http: Urls,
    pub(crate) https: Urls,
    fleet: Server,
}

impl Endpoint {
    /// Puts the roots that a function must trust into the file `bundle`.
    pub(crate) async fn start(bundle: &Path) -> Result<Self, Failure> {
        let (fleet, _) = Server::start(Fleet::new(1, now()), 0, Clock::Real).await?;
        let address = fleet.url.trim_start_matches("http://").to_owned();
        let http = fleet.url.replace("127.0.0.1", "localhost");
        let tls = acceptor(bundle)?;
        let https = behind_tls(&tls, address).await?;
        let queue = empty_queue::start().await?;
        let queue_http = format!("http://{}", queue.replace("127.0.0.1", "localhost"));
        let queue_https = behind_tls(&tls, queue).await?;
        Ok(Self { http: Urls { aws: http, queue: queue_http }, https: Urls { aws: https, queue: queue_https }, fleet })
    }

    /// How many calls it has answered.
    pub(crate) fn calls(&self) -> u64 {
        self.fleet.with(|fleet| fleet.calls().values().map(|calls| calls.made).sum())
    }
}

/// Serves what is at this address behind TLS. Returns the URL.
async fn behind_tls(tls: &TlsAcceptor, address: String) -> Result<String, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("https://localhost:{}", listener.local_addr()?.port());
    tokio::spawn(forward(listener, tls.clone(), address));
    Ok(url)
}

/// The bundle holds Amazon's roots too, because a deployed function parses those.
fn acceptor(bundle: &Path) -> Result<TlsAcceptor, Failure> {
    let amazon = std::fs::read_to_string(repository().join("shared/runtime/src/clients/amazon-trust-services.pem"))?;
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    std::fs::write(bundle, own.cert.pem() + &amazon)?;
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn forward(listener: TcpListener, tls: TlsAcceptor, address: String) {
    while let Ok((client, _)) = listener.accept().await {
        let (tls, address) = (tls.clone(), address.clone());
        // A client that is killed midway is how each round ends.
        tokio::spawn(async move { drop(tunnel(client, tls, &address).await) });
    }
}

async fn tunnel(client: TcpStream, tls: TlsAcceptor, address: &str) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut server = TcpStream::connect(address).await?;
    server.set_nodelay(true)?;
    let mut client = tls.accept(client).await?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
