//! Tests what an instance needs beyond its agent: metadata, credentials, network, the right time, and disk space.

use launchgate_tests::fleet::host::{AgentState, Credentials, Host, Metadata, Network};
use launchgate_tests::fleet::metadata::SECRET;

use super::run::{instance, part};
use crate::stand::threads::at_once;
use crate::stand::with_agent;

const CONFIG: &str = "etc/codedeploy-agent/conf/codedeployagent.yml";

#[test]
fn credentials_network_clock_and_disk_have_their_codes() {
    let cases = [
        (Host { credentials: Credentials::Missing, ..Host::healthy(2) }, "credentials-missing", "no role"),
        (Host { credentials: Credentials::Expired, ..Host::healthy(2) }, "credentials-expired", "2026-01-01T06:00:00Z"),
        (
            Host { credentials: Credentials::Refused, ..Host::healthy(2) },
            "credentials-refused",
            "AssumeRoleUnauthorizedAccess",
        ),
        (
            Host { network: Network::NoName, ..Host::healthy(2) },
            "network-no-name",
            "codedeploy-commands.us-east-1.invalid s3",
        ),
        (
            Host { network: Network::NoRoute, ..Host::healthy(2) },
            "network-no-route",
            "commands.us-east-1.localhost:1 s3",
        ),
        (Host { network: Network::NoTls, ..Host::healthy(1) }, "network-tls-failing", "s3.us-east-1.localhost"),
        (Host { clock_ahead: 600, ..Host::healthy(2) }, "clock-skewed", " s ahead"),
        (Host { clock_ahead: -600, ..Host::healthy(2) }, "clock-skewed", " s behind"),
        (
            Host { disk_full: true, ..Host::healthy(2) },
            "disk-full",
            "4 KB free for /opt/codedeploy-agent/deployment-root",
        ),
    ];
    at_once(&cases, |(host, code, detail)| {
        let report = instance(host).readiness(&[]);
        assert_eq!((report.codes(), report.run.code), (vec![*code], 10), "{report:?}");
        assert!(report.detail().contains(detail), "{report:?}");
        let check = code.split('-').next().unwrap();
        assert_eq!(report.json["findings"][0]["check"], check);
        assert!(!format!("{report:?}").contains(SECRET), "{report:?}");
    });
}

#[test]
fn a_clock_that_is_a_little_off_will_do() {
    at_once(&[200, -200], |&clock_ahead| {
        assert_eq!(instance(&Host { clock_ahead, ..Host::healthy(2) }).readiness(&[]).run.code, 0);
    });
}

#[test]
fn without_codedeploy_neither_credentials_nor_network_matter_but_clock_and_disk_do() {
    let host = Host {
        credentials: Credentials::Expired,
        network: Network::NoRoute,
        clock_ahead: 1000,
        disk_full: true,
        ..with_agent(2, AgentState::Missing)
    };
    assert_eq!(instance(&host).readiness(&[("agent", "ignored")]).codes(), ["clock-skewed", "disk-full"]);
}

#[test]
fn without_metadata_there_is_no_word_on_credentials_and_network() {
    let host = Host {
        metadata: Metadata::Disabled,
        credentials: Credentials::Missing,
        network: Network::NoRoute,
        ..Host::healthy(2)
    };
    assert_eq!(instance(&host).readiness(&[]).codes(), ["metadata-disabled"]);
}

#[test]
fn a_role_may_come_within_two_minutes_of_the_boot() {
    let judge = "judge_missing_role; printf '%s' \"$findings\"";
    for (up, class) in [(3, "transient"), (120, "transient"), (121, "fatal")] {
        let said = part(
            &["begin.sh", "credentials.sh"],
            &format!("suspects=' credentials-missing:0 '; now={up} look_began={up}; {judge}"),
        );
        assert!(said.starts_with(&format!("credentials|credentials-missing|{class}|")), "{up}: {said}");
    }
}

/// Its agent polls as that host, whatever role the instance has.
#[test]
fn an_on_premises_file_that_was_left_over_is_a_finding() {
    let instance = instance(&Host::healthy(2));
    let file = "etc/codedeploy-agent/conf/codedeploy.onpremises.yml";
    instance.write(file, "region: us-east-1\niam_user_arn: arn:aws:iam::111122223333:user/x\n");
    let report = instance.readiness(&[]);
    assert_eq!(report.classes(), [("agent-on-premises", "transient")]);
    assert!(report.detail().contains(file), "{report:?}");
}

#[test]
fn the_endpoints_are_those_of_the_partition_and_of_the_settings() {
    let cases = [
        ("amazonaws.com", "", "https://codedeploy-commands.r.amazonaws.com https://s3.r.amazonaws.com"),
        ("amazonaws.com.cn", "", "https://codedeploy-commands.r.amazonaws.com.cn https://s3.r.amazonaws.com.cn"),
        (
            "amazonaws.eu",
            ":enable_auth_policy: true",
            "https://codedeploy-commands-secure.r.amazonaws.eu https://s3.r.amazonaws.eu",
        ),
        (
            "amazonaws.com",
            "use_fips_mode: true",
            "https://codedeploy-commands-fips.r.amazonaws.com https://s3-fips.r.amazonaws.com",
        ),
        (
            "amazonaws.com",
            "use_fips_mode: true\nenable_auth_policy: 'true'",
            "https://codedeploy-commands-secure-fips.r.amazonaws.com https://s3-fips.r.amazonaws.com",
        ),
        (
            "amazonaws.com",
            "deploy_control_endpoint: \"https://vpce-1.example/\"\n:s3_endpoint_override: https://s3.example:8443 # ours",
            "https://vpce-1.example https://s3.example:8443",
        ),
    ];
    for (domain, settings, endpoints) in cases {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(CONFIG);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, settings).unwrap();
        let root = dir.path().display();
        let name = format!(
            "root={root}; region=r; domain={domain}; read_agent_settings; name_endpoints\n\
             echo \"$commands_endpoint $s3_endpoint\""
        );
        assert_eq!(part(&["begin.sh", "agent.sh", "network.sh"], &name).trim(), endpoints);
    }
}

#[test]
fn endpoints_of_the_settings_are_asked_through_their_proxy() {
    let instance = instance(&Host::healthy(2));
    instance.write(CONFIG, "proxy_uri: http://user:password@127.0.0.1:1\n");
    let report = instance.readiness(&[]);
    assert_eq!(report.codes(), ["network-no-route"]);
    assert!(!format!("{report:?}").contains("password"), "{report:?}");
    let port = report.detail().rsplit(':').next().unwrap().to_owned();
    let settings =
        format!("deploy_control_endpoint: https://localhost:{port}\ns3_endpoint_override: https://localhost:1\n");
    instance.write(CONFIG, &settings);
    let report = instance.readiness(&[]);
    assert_eq!((report.codes(), report.detail()), (vec!["network-no-route"], "no answer on port 443: localhost:1"));
}

#[test]
fn wget_tells_the_same_as_curl() {
    let open = Host { network: Network::Open, ..Host::healthy(2) };
    let hosts = [
        (open.clone(), None),
        (Host { network: Network::NoName, ..open.clone() }, Some("network-no-name")),
        (Host { network: Network::NoRoute, ..open.clone() }, Some("network-no-route")),
        (Host { network: Network::NoTls, ..open.clone() }, Some("network-tls-failing")),
        (Host { clock_ahead: 600, ..open.clone() }, Some("clock-skewed")),
        (Host { credentials: Credentials::Expired, ..open.clone() }, Some("credentials-expired")),
        (Host { metadata: Metadata::Disabled, ..open.clone() }, Some("metadata-disabled")),
        (Host { metadata: Metadata::HopLimit, ..open.clone() }, Some("metadata-hop-limit")),
        (Host { metadata: Metadata::Blocked, ..open.clone() }, Some("metadata-blocked")),
        (Host { metadata: Metadata::Unreachable, ..open }, Some("metadata-unreachable")),
    ];
    at_once(&hosts, |(host, code)| {
        let instance = instance(host);
        instance.sandbox.remove_command("curl").unwrap();
        // Other than curl, wget leaves names under localhost to the system, of which few know them.
        if !matches!(host.network, Network::NoName) {
            let domain = super::run::domain(host);
            let endpoint = domain.replace("invalid", "x.invalid");
            let settings =
                format!("deploy_control_endpoint: https://{endpoint}\ns3_endpoint_override: https://{endpoint}/s3\n");
            instance.write(CONFIG, &settings);
        }
        let report = instance.readiness(&[]);
        assert_eq!(report.codes(), code.iter().copied().collect::<Vec<_>>(), "{report:?}");
    });
}

/// Whoever lists the processes of the machine would see it.
#[test]
fn no_secret_is_an_argument_of_a_command() {
    let instance = instance(&Host::healthy(2));
    let log = instance.path("asked");
    let curl = format!("#!/bin/sh\necho \"$@\" >>'{}'\nexec /usr/bin/curl \"$@\"\n", log.display());
    instance.command("curl", &curl);
    assert_eq!(instance.readiness(&[]).run.code, 0);
    let asked = std::fs::read_to_string(log).unwrap();
    assert!(asked.contains("/latest/meta-data/iam/security-credentials/web-role"), "{asked}");
    assert!(!asked.contains(SECRET) && !asked.contains("AQAEA-"), "{asked}");
}

/// Region, domain, the endpoints and credentials that hold are asked for once, however long the run waits.
#[test]
fn what_cannot_change_is_asked_once() {
    let instance = instance(&Host { disk_full: true, ..Host::healthy(2) });
    let log = instance.path("asked");
    instance.command("curl", &format!("#!/bin/sh\necho \"$@\" >>'{}'\nexec /usr/bin/curl \"$@\"\n", log.display()));
    assert_eq!(instance.readiness(&[("waitSeconds", "3")]).codes(), ["disk-full"]);
    let asked = std::fs::read_to_string(log).unwrap();
    let times = |text: &str| asked.matches(text).count();
    assert!(times("/latest/api/token") >= 2, "{asked}");
    let once =
        ["services/domain", "placement/region", "security-credentials/web-role", "https://codedeploy-", "https://s3."];
    assert_eq!(once.map(times), [1; 5], "{asked}");
}

#[test]
fn both_forms_of_a_date_are_read() {
    let dates = [
        ("Thu, 01 Jan 1970 00:00:00 GMT", "0"),
        ("Tue, 29 Feb 2028 23:59:59 GMT", "1835481599"),
        ("2026-11-24T01:19:07Z", "1795483147"),
        ("2099-01-01T00:00:00Z", "4070908800"),
        ("Wed, 01 Mar 2000 00:00:00 GMT", "951868800"),
        ("", ""),
        ("nonsense -1", ""),
    ];
    for (date, seconds) in dates {
        assert_eq!(part(&["clock.sh"], &format!("seconds_of '{date}'")), seconds, "{date}");
    }
}
