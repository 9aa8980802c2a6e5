//! Checks that the first line of the report is JSON of at most 2,000 bytes, whatever was found.

use std::io::Write;
use std::process::{Command, Stdio};

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

/// SSM keeps so much of what the document promises; the script means to stay below 1,100.
const LONGEST: usize = 1_100;

/// Anything that a log, a file or a service may have in it; a shell variable holds no NUL.
fn bytes(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    let hostile = prop::sample::select(br#""\|'$`{}%"#.to_vec());
    let control = 1..32u8;
    let any = 1..=255u8;
    vec(prop_oneof![3 => hostile, 1 => control, 2 => any, 4 => b'a'..=b'z'], 0..longest)
}

#[derive(Clone, Debug)]
struct Case {
    ready: bool,
    /// Of one finding each: check, code, class, detail.
    findings: Vec<[Vec<u8>; 4]>,
    version: Vec<u8>,
    generation: Vec<u8>,
    state: String,
    installed: String,
}

fn case() -> impl Strategy<Value = Case> {
    let word = || prop_oneof![4 => vec(b'a'..=b'z', 1..20), 1 => bytes(60), 1 => bytes(400)];
    let detail = prop_oneof![3 => bytes(120), 1 => bytes(4000)];
    let finding =
        (word(), word(), word(), detail).prop_map(|(check, code, class, detail)| [check, code, class, detail]);
    let version = prop_oneof![vec(prop::sample::select(b"0123456789.".to_vec()), 0..40), bytes(3000)];
    let generation = prop_oneof![Just(b"1".to_vec()), Just(vec![]), vec(b'0'..=b'9', 1..5)];
    let installed = prop_oneof!["d-[A-Z0-9]{1,19}", Just(String::new())];
    (any::<bool>(), vec(finding, 0..16), version, generation, "(|running|no-worker|failing)", installed).prop_map(
        |(ready, findings, version, generation, state, installed)| Case {
            ready,
            findings,
            version,
            generation,
            state,
            installed,
        },
    )
}

fn quoted(bytes: &[u8]) -> Vec<u8> {
    let inner = bytes.iter().flat_map(|&byte| if byte == b'\'' { br"'\''".to_vec() } else { vec![byte] });
    [b"'".to_vec(), inner.collect(), b"'".to_vec()].concat()
}

/// Many reports from one shell, since it is its start that takes time.
fn script(cases: &[Case]) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../documents/parts");
    let mut script = format!(". '{folder}/begin.sh'\n. '{folder}/report.sh'\nnow=300 began=0\n").into_bytes();
    for case in cases {
        let Case { ready, findings, version, generation, state, installed } = case;
        script.extend(format!("ready={ready} agent_state={state} installed={installed} findings=\nversion=").bytes());
        script.extend([quoted(version), b"\ngeneration=".to_vec(), quoted(generation), b"\n".to_vec()].concat());
        for finding in findings {
            let words = finding.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(&b' ');
            script.extend([b"finding ".to_vec(), words, b"\n".to_vec()].concat());
        }
        script.extend(b"print_report\n");
    }
    script
}

fn printed(cases: &[Case]) -> Vec<u8> {
    let mut dash = Command::new("dash");
    let mut dash = dash.arg("-s").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    dash.stdin.take().unwrap().write_all(&script(cases)).unwrap();
    let output = dash.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

fn check(case: &Case, line: &[u8]) {
    assert!(line.len() < LONGEST, "{} bytes", line.len());
    let report: Value =
        serde_json::from_slice(line).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(line)));
    assert_eq!((&report["v"], &report["ready"]), (&1.into(), &case.ready.into()));
    let told = report["findings"].as_array().unwrap();
    assert!(told.len() <= case.findings.len() * 2 || told.len() < 30, "{report}");
    let plain = |word: &Vec<u8>| word.iter().all(u8::is_ascii_lowercase) && word.len() < 20;
    if case.findings.len() < 3 && case.findings.iter().all(|finding| finding[..3].iter().all(plain)) {
        let words =
            |name: &str| told.iter().map(|it| it[name].as_str().unwrap().as_bytes().to_vec()).collect::<Vec<_>>();
        for (place, name) in ["check", "code", "class"].into_iter().enumerate() {
            let found: Vec<_> = case.findings.iter().map(|finding| finding[place].clone()).collect();
            assert_eq!(words(name), found);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn any_report_is_one_short_line_of_json(cases in vec(case(), 12)) {
        let output = printed(&cases);
        let lines: Vec<&[u8]> = output.split(|&byte| byte == b'\n').collect();
        prop_assert_eq!(lines.len(), cases.len() + 1);
        for (case, line) in cases.iter().zip(lines) {
            check(case, line);
        }
    }
}
