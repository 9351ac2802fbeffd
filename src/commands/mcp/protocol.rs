//! JSON-RPC 2.0 as the Model Context Protocol uses it over standard input and output.

use serde_json::{Value, json};

use super::tools::{self, Call, Called};

/// The supported versions, newest first. Their only difference here (batches, in 2025-03-26 alone) is below.
const VERSIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// The only version that has batches.
const WITH_BATCHES: &str = "2025-03-26";

const NOT_JSON: i64 = -32700;
const NO_REQUEST: i64 = -32600;
const NO_SUCH_METHOD: i64 = -32601;
const WRONG_PARAMETERS: i64 = -32602;

/// What was negotiated with the client.
#[derive(Default)]
pub(super) struct Session {
    version: Option<&'static str>,
}

/// The answer to a line; none for a notification.
pub(super) struct Answer(pub(super) Option<Value>);

impl Answer {
    /// The answer to a line that was too long.
    pub(super) fn too_long(limit: u64) -> Self {
        Self(Some(failed(&Value::Null, NO_REQUEST, &format!("a line is {limit} bytes at the most"))))
    }
}

impl Session {
    /// Answers one line.
    pub(super) fn answer(&mut self, line: &[u8], call: &dyn Fn(Call) -> Called) -> Answer {
        if line.trim_ascii().is_empty() {
            return Answer(None);
        }
        match serde_json::from_slice(line) {
            Ok(Value::Array(batch)) => self.batch(&batch, call),
            Ok(message) => Answer(self.one(&message, call)),
            Err(_) => Answer(Some(failed(&Value::Null, NOT_JSON, "a line is one JSON object"))),
        }
    }

    fn batch(&mut self, batch: &[Value], call: &dyn Fn(Call) -> Called) -> Answer {
        if batch.is_empty() || self.version != Some(WITH_BATCHES) {
            let why = format!("batches are of the version {WITH_BATCHES} alone, and never empty");
            return Answer(Some(failed(&Value::Null, NO_REQUEST, &why)));
        }
        let answers: Vec<_> = batch.iter().filter_map(|message| self.one(message, call)).collect();
        Answer((!answers.is_empty()).then(|| answers.into()))
    }

    /// Answers a request; a notification, or an answer to a question that was never asked, gets none.
    fn one(&mut self, message: &Value, call: &dyn Fn(Call) -> Called) -> Option<Value> {
        let id = message.get("id");
        let Some(method) = message.get("method").and_then(Value::as_str) else {
            let is_answer = message.get("result").or(message.get("error")).is_some();
            let id = id.filter(|id| id.is_string() || id.is_number()).unwrap_or(&Value::Null);
            return (!is_answer).then(|| failed(id, NO_REQUEST, "a request has a `method`"));
        };
        let id = match id {
            None => return None,
            Some(id) if id.is_string() || id.is_number() => id,
            Some(_) => return Some(failed(&Value::Null, NO_REQUEST, "an `id` is a string or a number")),
        };
        let nothing = json!({});
        let parameters = message.get("params").unwrap_or(&nothing);
        let result = match method {
            "initialize" => Ok(self.initialize(parameters)),
            "ping" => Ok(json!({})),
            "tools/list" => Ok(json!({ "tools": tools::list() })),
            "tools/call" => tools::call(parameters, call).map_err(|why| (WRONG_PARAMETERS, why)),
            _ => Err((NO_SUCH_METHOD, "unknown method".to_owned())),
        };
        Some(match result {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err((code, why)) => failed(id, code, &why),
        })
    }

    fn initialize(&mut self, parameters: &Value) -> Value {
        let wanted = parameters.get("protocolVersion").and_then(Value::as_str);
        let version = VERSIONS.into_iter().find(|known| wanted == Some(known)).unwrap_or(VERSIONS[0]);
        self.version = Some(version);
        json!({
            "protocolVersion": version,
            "capabilities": { "tools": {} },
            "serverInfo": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
            "instructions": "Tells which getimg.ai API keys there are and how they stand; never a key. \
                To use one: getimg-keys exec NAME -- CMD…",
        })
    }
}

fn failed(id: &Value, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(lines: &[&str]) -> Vec<Option<Value>> {
        let mut session = Session::default();
        let call = |call: Call| Called { json: json!({ "words": call.words }), failed: false };
        lines.iter().map(|line| session.answer(line.as_bytes(), &call).0).collect()
    }

    #[test]
    fn what_is_no_request_is_answered_with_its_code_and_ends_nothing() {
        let table = [
            ("nonsense", Some(-32700)),
            ("\"text\"", Some(-32600)),
            ("{\"id\":1}", Some(-32600)),
            ("{\"id\":null,\"method\":\"ping\"}", Some(-32600)),
            ("[]", Some(-32600)),
            ("[{\"id\":1,\"method\":\"ping\"}]", Some(-32600)),
            ("{\"id\":1,\"method\":\"env\"}", Some(-32601)),
            ("{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"env\"}}", Some(-32602)),
            ("{\"id\":1,\"method\":\"tools/call\",\"params\":[]}", Some(-32602)),
            ("{\"method\":\"notifications/initialized\"}", None),
            ("{\"method\":\"env\"}", None),
            ("{\"id\":1,\"result\":{}}", None),
            ("  ", None),
        ];
        let answers = answers(&table.map(|(line, _)| line));
        for ((line, code), answer) in table.iter().zip(answers) {
            assert_eq!(answer.map(|a| a["error"]["code"].as_i64()), code.map(Some), "{line}");
        }
    }

    #[test]
    fn a_known_version_is_agreed_to_and_batches_are_of_one_alone() {
        let initialize = |version: &str| {
            format!("{{\"id\":1,\"method\":\"initialize\",\"params\":{{\"protocolVersion\":\"{version}\"}}}}")
        };
        let batch = "[{\"id\":1,\"method\":\"ping\"},{\"method\":\"x\"},7]";
        for (asked, agreed) in VERSIONS.map(|v| (v, v)).into_iter().chain([("1999-01-01", VERSIONS[0])]) {
            let answers = answers(&[&initialize(asked), batch]);
            assert_eq!(answers[0].as_ref().unwrap()["result"]["protocolVersion"], agreed);
            let answered = answers[1].as_ref().unwrap();
            assert_eq!(answered.as_array().map(Vec::len), (agreed == WITH_BATCHES).then_some(2));
        }
    }
}
