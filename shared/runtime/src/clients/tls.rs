//! The HTTP client of the SDK: ring for TLS, and the five roots that AWS endpoints chain to.
//!
//! The SDK's defaults start slower: aws-lc spends 54 ms of CPU on entropy at the first TLS call, and the platform's root
//! store takes 6 ms to parse (`make bench`). A network that re-signs TLS, or a partition with other roots, sets
//! `SSL_CERT_FILE`; then the certificates in that file are trusted instead.

use aws_sdk_ssm::config::SharedHttpClient;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector, HttpClientError};

/// Amazon Root CA 1 to 4 and Starfield Services Root CA G2, as <https://www.amazontrust.com/repository/> lists them.
const AMAZON_TRUST_SERVICES: &[u8] = include_bytes!("amazon-trust-services.pem");

/// An HTTPS client that trusts `bundle` (PEM), or Amazon's own roots if there is none.
///
/// # Errors
/// When the TLS settings cannot be used.
pub fn http_client(bundle: Option<Vec<u8>>) -> Result<SharedHttpClient, HttpClientError> {
    Ok(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(trust(bundle)?).build_https())
}

/// The same without the SDK around it, for requests that do not go to AWS. It carries HTTP without TLS too.
///
/// # Errors
/// When the TLS settings cannot be used.
pub fn connector(bundle: Option<Vec<u8>>) -> Result<Connector, HttpClientError> {
    let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring));
    Ok(connector.tls_context(trust(bundle)?).build())
}

fn trust(bundle: Option<Vec<u8>>) -> Result<TlsContext, HttpClientError> {
    let roots = bundle.unwrap_or_else(|| AMAZON_TRUST_SERVICES.to_vec());
    TlsContext::builder().with_trust_store(TrustStore::empty().with_pem_certificate(roots)).build()
}
