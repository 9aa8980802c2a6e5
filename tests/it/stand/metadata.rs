//! The metadata service of all instances of this process.

use std::sync::OnceLock;
use std::sync::mpsc::channel;
use std::thread;

use launchgate_tests::fleet::metadata::{Instances, serve};

/// Its URL, and the instances that it answers for. It is started at the first call.
pub(crate) fn metadata_service() -> &'static (String, Instances) {
    static SERVICE: OnceLock<(String, Instances)> = OnceLock::new();
    SERVICE.get_or_init(|| {
        let instances = Instances::default();
        let (tell, told) = channel();
        let served = instances.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (address, serving) = serve(served).await.unwrap();
                tell.send(address).unwrap();
                serving.await.unwrap();
            });
        });
        (format!("http://{}", told.recv().unwrap()), instances)
    })
}
