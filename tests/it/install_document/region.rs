//! Serves the Region's bucket of agent installers over TLS.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::stand::Instance;

const NAME: &str = "aws-codedeploy-us-east-1.s3.us-east-1.localhost";

/// From now on this is what the Region of the instance has; S3 answers 403 for the rest.
pub(super) fn serve(instance: &Instance, files: &[(&str, &str)]) {
    let own = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
    std::fs::write(instance.path("region.pem"), own.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let files = files.iter().map(|&(path, text)| (path.to_owned(), text.to_owned())).collect();
    let port = listen(TlsAcceptor::from(Arc::new(config)), files);
    // The name is real and so is the check of the certificate; only the way there is another.
    let curl = format!(
        "#!/bin/sh\nexec /usr/bin/curl \"$@\" --cacert '{}' --connect-to {NAME}::127.0.0.1:{port}\n",
        instance.path("region.pem").display()
    );
    instance.command("curl", &curl);
}

fn listen(tls: TlsAcceptor, files: BTreeMap<String, String>) -> u16 {
    let (tell, told) = channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            tell.send(listener.local_addr().unwrap().port()).unwrap();
            while let Ok((client, _)) = listener.accept().await {
                // A client that does not trust us hangs up.
                let _answered = answer(client, &tls, &files).await;
            }
        });
    });
    told.recv().unwrap()
}

async fn answer(client: TcpStream, tls: &TlsAcceptor, files: &BTreeMap<String, String>) -> std::io::Result<()> {
    let mut client = tls.accept(client).await?;
    let mut request = [0; 4096];
    let length = client.read(&mut request).await?;
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let file = request.split(' ').nth(1).and_then(|path| files.get(path));
    let status = if file.is_some() { "200 OK" } else { "403 Forbidden" };
    let body = file.map_or("AccessDenied", String::as_str);
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    client.write_all((head + body).as_bytes()).await?;
    client.shutdown().await
}
