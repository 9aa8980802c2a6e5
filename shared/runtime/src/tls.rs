//! The HTTP client of the SDK: ring, and the five roots that AWS endpoints chain to.
//!
//! Why not the defaults: aws-lc seeds its entropy for 54 ms of CPU at the first TLS call, and the platform's root store
//! costs 6 ms of parsing (`make bench`). A network that re-signs TLS, or a partition with other roots, sets
//! `SSL_CERT_FILE`; its bundle is then trusted instead.

use std::path::PathBuf;

use aws_sdk_ssm::config::SharedHttpClient;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector, HttpClientError};

/// Amazon Root CA 1 to 4 and Starfield Services Root CA G2, as <https://www.amazontrust.com/repository/> lists them.
const AMAZON_TRUST_SERVICES: &[u8] = include_bytes!("amazon-trust-services.pem");

/// What `SSL_CERT_FILE` says to trust, if it is set: the bundle in that file.
///
/// # Errors
/// When the file cannot be read.
pub fn certificates(variable: Option<impl Into<PathBuf>>) -> Result<Option<Vec<u8>>, String> {
    let Some(path) = variable.map(Into::into) else { return Ok(None) };
    std::fs::read(&path).map(Some).map_err(|error| format!("SSL_CERT_FILE, {}: {error}", path.display()))
}

/// An HTTPS client that trusts `bundle` (PEM), or else Amazon's own roots.
///
/// # Errors
/// When the TLS settings cannot be used.
pub fn http_client(bundle: Option<Vec<u8>>) -> Result<SharedHttpClient, HttpClientError> {
    Ok(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(trusting(bundle)?).build_https())
}

/// The same without the SDK around it, for what is not AWS; HTTP without TLS is carried too.
///
/// # Errors
/// When the TLS settings cannot be used.
pub fn connector(bundle: Option<Vec<u8>>) -> Result<Connector, HttpClientError> {
    let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring));
    Ok(connector.tls_context(trusting(bundle)?).build())
}

fn trusting(bundle: Option<Vec<u8>>) -> Result<TlsContext, HttpClientError> {
    let roots = bundle.unwrap_or_else(|| AMAZON_TRUST_SERVICES.to_vec());
    TlsContext::builder().with_trust_store(TrustStore::empty().with_pem_certificate(roots)).build()
}
