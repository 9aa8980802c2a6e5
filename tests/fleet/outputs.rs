//! How much of an output SSM keeps, and where it keeps it.

/// What `ListCommandInvocations` shows: standard output, then standard error, as the SSM Agent cuts them
/// (aws-facts 6.4; amazon-ssm-agent iohandler.go, `TruncateOutput`). Where both are long, 1,215 bytes of each remain.
pub(super) fn plugin_output(stdout: &str, stderr: &str) -> String {
    let title = if stderr.is_empty() { "" } else { ERROR_TITLE };
    let room = MOST_BYTES - title.len();
    let (out, error) = (stdout.len(), stderr.len());
    if out + error < room {
        return format!("{stdout}{title}{stderr}");
    }
    let (out, error) = match (out > room / 2, error > room / 2) {
        (true, true) => ((room - 2 * CUT_MARK) / 2, (room - 2 * CUT_MARK) / 2),
        (true, false) => (room - CUT_MARK - error, error),
        (false, _) => (out, room - CUT_MARK - out),
    };
    format!("{}{title}{}", cut(stdout, out, OUTPUT_CUT), cut(stderr, error, ERROR_CUT))
}

/// What the agent sends of a step. Older agents send 2,400 bytes, of which 1,165 remain.
const MOST_BYTES: usize = 2_500;
const ERROR_TITLE: &str = "\n----------ERROR-------\n";
/// What the agent writes where it cut, which counts too.
const OUTPUT_CUT: &str = "\n---Output truncated---";
const ERROR_CUT: &str = "\n---Error truncated----";
const CUT_MARK: usize = OUTPUT_CUT.len();

/// It cuts between two bytes, and a character may be two or more.
fn cut(text: &str, most: usize, mark: &str) -> String {
    match text.as_bytes().get(..most) {
        Some(kept) if most < text.len() => format!("{}{mark}", String::from_utf8_lossy(kept)),
        _ => text.to_owned(),
    }
}

pub(super) fn head(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
