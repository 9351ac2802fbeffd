//! Findings for other programs: SARIF 2.1.0, and the annotations of a GitHub workflow.

use serde_json::{Value, json};

use super::finding::Finding;
use crate::git::Skipped;
use crate::scan::{RULES, State};
use crate::system::terminal::{escape, escape_lines};

/// One SARIF run; what was not read becomes notifications.
pub(super) fn sarif(findings: &[Finding], skipped: &[Skipped], is_clean: bool) -> Value {
    let rules: Vec<_> = RULES
        .iter()
        .map(|rule| json!({"id": rule.id.as_str(), "shortDescription": {"text": rule.description}}))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": is_clean || !findings.is_empty(),
                "toolExecutionNotifications": skipped.iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

/// The path is not a location: it may be an object's, or outside of the repository.
fn notification(part: &Skipped) -> Value {
    json!({
        "level": "error",
        "descriptor": {"id": part.why.as_str()},
        "message": {"text": escape(&format!("not read: {}: {}", part.path, part.message))},
    })
}

fn result(finding: &Finding) -> Value {
    let uri = finding.path_in_repository().map_or_else(|| "stdin".to_owned(), |path| uri(&path));
    json!({
        "ruleId": finding.rule.as_str(),
        "level": level(finding),
        "message": {"text": escape(&message(finding))},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {"startLine": finding.line, "startColumn": finding.column},
        }}],
        "partialFingerprints": {"getimgKey/v1": finding.fingerprint.to_string()},
        "properties": {
            "kind": finding.kind.as_str(),
            "state": finding.state.as_str(),
            "profile": finding.profile,
            "commit": finding.commit,
            "pushed": finding.pushed(),
        },
    })
}

fn level(finding: &Finding) -> &'static str {
    match finding.state {
        _ if finding.ignored || finding.is_cleaned() => "note",
        State::Current | State::Compromised | State::Previous | State::Unknown => "error",
        State::Removed | State::Retired => "warning",
    }
}

fn message(finding: &Finding) -> String {
    let commit = finding.commit.as_ref().map(|id| format!(", in commit {id}")).unwrap_or_default();
    format!("A getimg.ai key: {}{commit}.", finding.whose())
}

/// A path as a relative reference of RFC 3986.
fn uri(path: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'/');
    let one = |b: u8| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    path.bytes().map(one).collect()
}

/// One workflow command for each finding.
pub(super) fn annotations(findings: &[Finding], strict: bool) -> String {
    let lines: Vec<_> = findings.iter().map(|finding| annotation(finding, strict)).collect();
    lines.join("\n")
}

fn annotation(finding: &Finding, strict: bool) -> String {
    let level = match level(finding) {
        "note" if strict && !finding.is_cleaned() => "error",
        "note" => "notice",
        level => level,
    };
    let file = finding
        .path_in_repository()
        .map(|path| format!("file={},", property(&escape_lines(&path))))
        .unwrap_or_default();
    let place = format!("{file}line={},col={}", finding.line, finding.column);
    format!("::{level} {place},title=getimg.ai key::{}", data(&escape(&message(finding))))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
