//! Tests clients that lack what the document would like to ask of them.

use std::os::unix::fs::symlink;

use launchgate_tests::fleet::host::Host;

use super::run::instance;

/// No distribution of today has a curl before 7.54: this refuses the option as such a curl does, and the real one does
/// the rest.
const OLD_CURL: &str = "#!/bin/sh
for word; do
  case $word in --suppress-connect-headers)
    echo \"curl: option $word: is unknown\" >&2
    echo \"curl: try 'curl --help' or 'curl --manual' for more information\" >&2
    exit 2 ;;
  esac
done
exec /usr/bin/curl \"$@\"
";

#[test]
fn an_old_curl_will_do() {
    let instance = instance(&Host::healthy(1));
    instance.command("curl", OLD_CURL);
    let report = instance.readiness(&[]);
    assert_eq!((report.codes(), report.run.code), (vec![], 0), "{report:?}");
}

/// It knows no method but GET and POST, so it cannot ask for a token: nothing is known then about instance metadata.
#[test]
fn the_wget_of_busybox_alone_condemns_nobody() {
    let instance = instance(&Host::healthy(2));
    for client in ["curl", "wget"] {
        instance.sandbox.remove_command(client).unwrap();
    }
    let busybox = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/tools/bin/busybox");
    instance.command("busybox-wget", &format!("#!/bin/sh\nexec '{busybox}' wget \"$@\"\n"));
    symlink("busybox-wget", instance.path("bin/wget")).unwrap();
    let report = instance.readiness(&[]);
    assert!(matches!(report.classes()[..], [] | [("http-client-failing", "transient")]), "{report:?}");
}
