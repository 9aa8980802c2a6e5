//! The endpoints of CodeDeploy and S3 that an instance calls: TLS on loopback, under names that end in `.localhost`.
//!
//! The metadata service of an instance names their domain, so the network state of its host decides which endpoints it
//! reaches.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::host::Network;

/// The Region of every instance.
pub const REGION: &str = "us-east-1";

/// Nothing listens there.
pub const CLOSED_PORT: u16 = 1;

/// How long a client may take over its request.
const PATIENCE: Duration = Duration::from_secs(10);

/// The endpoints of this process. Each port answers with one time and one certificate.
#[derive(Debug)]
pub struct Endpoints {
    trusted: Arc<ServerConfig>,
    untrusted: Arc<ServerConfig>,
    certificate: String,
    ports: Mutex<BTreeMap<(bool, i64), u16>>,
}

impl Endpoints {
    /// What all instances of this process share.
    ///
    /// # Errors
    /// No certificate can be made.
    pub fn shared() -> io::Result<&'static Self> {
        static SHARED: OnceLock<Endpoints> = OnceLock::new();
        if let Some(shared) = SHARED.get() {
            return Ok(shared);
        }
        let made = Self::new()?;
        Ok(SHARED.get_or_init(|| made))
    }

    fn new() -> io::Result<Self> {
        let (trusted, certificate) = configuration()?;
        let (untrusted, _) = configuration()?;
        Ok(Self { trusted, untrusted, certificate, ports: Mutex::default() })
    }

    /// The certificate that an instance trusts, as PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The domain of the endpoints of an instance with this network, whose clock is so many seconds ahead of theirs.
    ///
    /// # Errors
    /// No port is free.
    pub fn domain(&self, network: Network, clock_ahead: i64) -> io::Result<String> {
        Ok(match network {
            Network::Open => format!("localhost:{}", self.port(true, clock_ahead)?),
            Network::NoTls => format!("localhost:{}", self.port(false, clock_ahead)?),
            Network::NoRoute => format!("localhost:{CLOSED_PORT}"),
            Network::NoName => "invalid".to_owned(),
        })
    }

    fn port(&self, trusted: bool, clock_ahead: i64) -> io::Result<u16> {
        let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        match ports.entry((trusted, clock_ahead)) {
            Entry::Occupied(known) => Ok(*known.get()),
            Entry::Vacant(new) => {
                let tls = if trusted { &self.trusted } else { &self.untrusted };
                Ok(*new.insert(listen(Arc::clone(tls), clock_ahead)?))
            }
        }
    }
}

/// The time of AWS in an HTTP header, for an instance whose clock is so many seconds ahead.
pub(super) fn http_date(clock_ahead: i64) -> String {
    let ahead = Duration::from_secs(clock_ahead.unsigned_abs());
    let now = SystemTime::now();
    httpdate::fmt_http_date(if clock_ahead < 0 { now + ahead } else { now - ahead })
}

fn configuration() -> io::Result<(Arc<ServerConfig>, String)> {
    let names = [format!("*.{REGION}.localhost"), "localhost".to_owned()];
    let own = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|versions| versions.with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key))
        .map_err(io::Error::other)?;
    Ok((Arc::new(config), own.cert.pem()))
}

fn listen(tls: Arc<ServerConfig>, clock_ahead: i64) -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let tls = Arc::clone(&tls);
            std::thread::spawn(move || {
                // A client that does not trust us hangs up.
                let _answered = answer(client, tls, clock_ahead);
            });
        }
    });
    Ok(port)
}

/// As the endpoints answer who does not sign.
fn answer(client: TcpStream, tls: Arc<ServerConfig>, clock_ahead: i64) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?;
    let connection = ServerConnection::new(tls).map_err(io::Error::other)?;
    let mut client = StreamOwned::new(connection, client);
    let _request = client.read(&mut [0; 4096])?;
    let date = http_date(clock_ahead);
    write!(client, "HTTP/1.1 404 Not Found\r\ndate: {date}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")?;
    client.conn.send_close_notify();
    client.flush()
}
