//! Tests requests to a health URL over loopback, with the TLS of the AWS clients but without the SDK around it.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use launchgate_tests::fleet::endpoints::Endpoints;
use launchgate_tests::fleet::host::Network;
use launchgate_tests::stack::repository;
use runtime::clients::connector;

/// The status, or the error and its causes.
async fn get(url: &str, bundle: Option<&str>) -> Result<u16, String> {
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_uri(url).unwrap();
    let connector = connector(bundle.map(|pem| pem.as_bytes().to_vec())).unwrap();
    let answer = connector.call(request).await;
    answer.map(|answer| answer.status().as_u16()).map_err(|error| causes(&error))
}

fn causes(error: &dyn Error) -> String {
    let cause = error.source().map(causes);
    format!("{error}: {}", cause.unwrap_or_default())
}

#[tokio::test]
async fn https_is_asked_with_the_roots_of_the_bundle_and_no_others() {
    let endpoints = Endpoints::shared().unwrap();
    let url = format!("https://{}/health", endpoints.domain(Network::Open, 0).unwrap());
    assert_eq!(get(&url, Some(endpoints.certificate())).await, Ok(404));
    // The word by which traffic-hook knows that SSL_CERT_FILE is the cure.
    let amazons = get(&url, None).await.unwrap_err();
    assert!(amazons.contains("UnknownIssuer"), "{amazons}");
    let another = format!("https://{}/health", endpoints.domain(Network::NoTls, 0).unwrap());
    let error = get(&another, Some(endpoints.certificate())).await.unwrap_err();
    assert!(error.contains("invalid peer certificate"), "{error}");
}

/// As in the runtime's image: all of Mozilla's roots, with comments between them. Here they come with the AWS CLI.
#[tokio::test]
async fn a_bundle_of_public_certificates_is_read() {
    let script = "import certifi; print(certifi.contents())";
    let python = Command::new(repository().join(".venv/bin/python")).args(["-c", script]).output().unwrap();
    let public = String::from_utf8(python.stdout).unwrap();
    assert!(public.matches("BEGIN CERTIFICATE").count() > 100 && public.contains("Amazon Root CA 1"));
    let endpoints = Endpoints::shared().unwrap();
    let url = format!("https://{}/health", endpoints.domain(Network::Open, 0).unwrap());
    assert!(get(&url, Some(&public)).await.unwrap_err().contains("UnknownIssuer"));
    assert_eq!(get(&url, Some(&(public + endpoints.certificate()))).await, Ok(404));
}

#[tokio::test]
async fn http_is_asked_too_and_a_redirect_is_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/health", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let _request = client.read(&mut [0; 4096]).unwrap();
        let answer = "HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        client.write_all(answer.as_bytes()).unwrap();
    });
    assert_eq!(get(&url, None).await, Ok(302));
}
