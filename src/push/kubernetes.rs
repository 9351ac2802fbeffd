//! `kubernetes:[CONTEXT/]NAMESPACE/SECRET[#FIELD]`, by `kubectl`.
//!
//! Applied by the server: a client-side apply of kubectl also copies the secret, key included, into an annotation. The
//! field manager has our own name for each field, so that pushing one field removes no other, and so that the server
//! does not update that annotation, which it does for the manager `kubectl`.

use super::{Ask, Given, Help, Plan, Platform, Proof, words};
use crate::error::Result;
use crate::model::fingerprint::hex;
use crate::system::process::call::{Call, Input};

const PROGRAM: &str = "kubectl";

struct Secret {
    /// If not given, the current context.
    context: Option<String>,
    namespace: String,
    name: String,
    field: String,
}

pub(super) fn parse(rest: &str, given: &Given<'_>) -> Result<Box<dyn Platform>, String> {
    let (path, field) = rest.split_once('#').unwrap_or((rest, given.variable));
    let mut parts = path.rsplitn(3, '/');
    let (name, namespace) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let context = parts.next();
    let is_name = |word: &str| words::is_plain(word, "-.") && !word.contains(|c: char| c.is_uppercase());
    if !is_name(namespace) || !is_name(name) {
        return Err("a namespace and a secret are lower-case letters, digits, `-` and `.`".to_owned());
    }
    if !words::is_plain(field, "-_.") {
        return Err("a field is letters, digits, `-`, `_` and `.`".to_owned());
    }
    if context.is_some_and(|word| word.is_empty() || word.chars().any(char::is_control)) {
        return Err("a context's name is missing before the namespace".to_owned());
    }
    Ok(Box::new(Secret {
        context: context.map(str::to_owned),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        field: field.to_owned(),
    }))
}

impl Secret {
    /// The context by name, so that the target stays the same when another context is current; none inside a cluster.
    fn context(&self, ask: Ask<'_>) -> Result<Option<String>> {
        if self.context.is_some() {
            return Ok(self.context.clone());
        }
        let asked = ask(&Call::of(PROGRAM, &["config", "current-context"]))?;
        let name = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
        Ok(Some(name).filter(|name| asked.is_success() && !name.is_empty()))
    }

    /// The manifest of the secret, with only the one field; none of its words needs quotes.
    fn manifest(&self) -> Input {
        let Self { namespace, name, field, .. } = self;
        let metadata = format!(r#"{{"name":"{name}","namespace":"{namespace}"}}"#);
        let head =
            format!(r#"{{"apiVersion":"v1","kind":"Secret","metadata":{metadata},"data":{{"{field}":""#);
        Input::Within(head, "\"}}".to_owned())
    }

    /// The field manager.
    fn manager(&self) -> String {
        use sha2::{Digest, Sha256};
        format!("--field-manager=getimg-keys-{}", hex(&Sha256::digest(&self.field)[..6]))
    }
}

impl Platform for Secret {
    fn program(&self) -> &str {
        PROGRAM
    }

    fn help(&self) -> Help {
        Help::of("kubectl auth whoami", "https://kubernetes.io/docs/tasks/tools")
    }

    fn plan(&self, ask: Ask<'_>) -> Result<Plan> {
        let context = self.context(ask)?;
        let of_context = context.as_ref().map(|name| format!("--context={name}"));
        let namespace = format!("--namespace={}", self.namespace);
        let call = |words: &[&str]| {
            let place = of_context.as_deref().into_iter().chain([namespace.as_str()]);
            Call::of(PROGRAM, &place.chain(words.iter().copied()).collect::<Vec<_>>())
        };
        let manager = self.manager();
        let apply =
            ["apply", "--server-side", "--force-conflicts", "--validate=false", &manager, "--filename=-"];
        let template = format!("--output=go-template={{{{index .data {:?}}}}}", self.field);
        let read = call(&["get", "secret", &self.name, &template]);
        let context = context.map(|name| format!("{name}/")).unwrap_or_default();
        let target = format!("kubernetes:{context}{}/{}#{}", self.namespace, self.name, self.field);
        Ok(Plan::of(target, call(&apply).reading(self.manifest()), Proof::ReadBack(read, words::in_base64)))
    }
}
