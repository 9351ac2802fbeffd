//! Real clients behind the relay: the vendor's SDK, curl, httpx, aiohttp, Node; the relay reaches the API by TLS and
//! HTTP/2.

use insta::assert_snapshot;

use super::{before, with_an_api};
use crate::sdk::python;
use crate::support::certificate::Certificates;
use crate::support::home::finish;
use crate::support::middle::Middle;
use crate::support::raw_api::RawApi;
use crate::support::{ApiServer, Behaviour, Home, Key, skipped};

const LIST_MODELS: &str = include_str!("../sdk/list_models.py");

#[test]
fn the_vendors_sdk_lists_models_and_never_has_the_key() {
    let Some(python) = python() else { return };
    let home = Home::with_dev_and_prod();
    let python = python.to_str().unwrap();
    let output = home.run(&["exec", "prod", "--broker", "--read-only", "--", python, "-c", LIST_MODELS], "");
    assert_eq!((output.stdout.as_str(), output.stderr.as_str(), output.code), ("seedream-4\n", "", 0));
    let seen = home.api.seen();
    assert!(seen.iter().all(|s| s.path == "/v2/models" && s.key == home.key("prod").0) && !seen.is_empty());
}

/// The Node SDK, built from its public source, because no registry has it.
fn node_sdk() -> Option<String> {
    let built = concat!(env!("CARGO_TARGET_TMPDIR"), "/node-sdk/sdk.cjs").to_owned();
    if std::path::Path::new(&built).is_file() {
        return Some(built);
    }
    skipped(&format!(
        "the Node SDK: git clone https://github.com/getimg-ai/getimg-node, then in it: npx esbuild src/index.ts --bundle \
         --platform=node --format=cjs --outfile={built}"
    ));
    None
}

#[test]
fn the_vendors_node_sdk_lists_models_and_never_has_the_key() {
    let Some(sdk) = node_sdk() else { return };
    let home = Home::with_dev_and_prod();
    let script = format!(
        "const {{GetimgAI}} = require('{sdk}'); new GetimgAI().models.list().then(m => console.log(JSON.stringify(m)))"
    );
    let output = home.run(&["exec", "prod", "--broker", "--read-only", "--", "node", "-e", &script], "");
    assert_eq!((output.stderr.as_str(), output.code), ("", 0), "{}", output.stdout);
    assert!(output.stdout.contains("seedream-4"), "{}", output.stdout);
    let seen = home.api.seen();
    assert!(seen.iter().all(|s| s.path == "/v2/models" && s.key == home.key("prod").0) && !seen.is_empty());
}

#[test]
fn what_the_sdk_says_of_a_refusal_is_the_relays_own_sentence_and_it_does_not_ask_again() {
    let Some(python) = python() else { return };
    let (api, home) = with_an_api();
    let script = "import getimg
client = getimg.GetimgAI()
for generate in (lambda: client.images.generate(model='seedream-4', prompt='a'), client.models.list):
    try:
        generate()
    except getimg.APIStatusError as e:
        print(type(e).__name__, e.status_code, e.response.json()['error']['code'])";
    let flags = ["exec", "dev", "--broker", "--read-only", "--max-requests", "0", "--log-requests", "--"];
    let output = home.run(&[&flags[..], &[python.to_str().unwrap(), "-c", script]].concat(), "");
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_snapshot!(output.stdout, @"
    PermissionDeniedError 403 broker_denied
    RateLimitError 429 broker_limit
    ");
    let log = home.run(&["log", "--json"], "").stdout;
    assert_eq!(log.matches("broker_request").count(), 2, "{log}");
    assert_eq!(api.heads(), [""; 0]);
}

#[test]
fn curl_httpx_aiohttp_and_node_work_as_they_are() {
    let Some(python) = python() else { return };
    let home = Home::with_dev_and_prod();
    let curl = r#"curl -sS -f "$GETIMG_AI_BASE_URL/v2/models" -H "Authorization: Bearer $GETIMG_API_KEY""#;
    let httpx = "import httpx, os
with httpx.Client(base_url=os.environ['GETIMG_AI_BASE_URL'], headers={'Authorization': 'Bearer ' + os.environ['GETIMG_API_KEY']}) as c:
    print(c.get('/v2/models').text, end='')";
    let aiohttp = "import aiohttp, asyncio, os
async def main():
    headers = {'Authorization': 'Bearer ' + os.environ['GETIMG_API_KEY']}
    async with aiohttp.ClientSession(os.environ['GETIMG_AI_BASE_URL'], headers=headers, trust_env=True) as s:
        answers = await asyncio.gather(*(s.get('/v2/models') for _ in range(64)))
        texts = {await a.text() for a in answers}
        print(texts.pop() if len(texts) == 1 else texts, end='')
asyncio.run(main())";
    let node = "const headers = {Authorization: `Bearer ${process.env.GETIMG_API_KEY}`};
fetch(process.env.GETIMG_AI_BASE_URL + '/v2/models', {headers}).then(r => r.text()).then(t => process.stdout.write(t));";
    let python = python.to_str().unwrap();
    for program in
        [&["sh", "-c", curl][..], &[python, "-c", httpx], &[python, "-c", aiohttp], &["node", "-e", node]]
    {
        let output = home.run(&[&["exec", "dev", "--broker", "--"], program].concat(), "");
        let models = r#"[{"id":"seedream-4","name":"Seedream 4","type":"image"}]"#;
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), (models, ""), "{}", program[0]);
    }
    assert_eq!(home.api.seen().len(), 3 + 64);
}

#[test]
fn many_requests_at_once_share_one_connection_to_the_api() {
    let Some(python) = python() else { return };
    let home = Home::with_dev_and_prod();
    let script = "import asyncio, httpx, os
async def main():
    headers = {'Authorization': 'Bearer ' + os.environ['GETIMG_API_KEY']}
    async with httpx.AsyncClient(base_url=os.environ['GETIMG_AI_BASE_URL'], headers=headers, timeout=60) as c:
        print({a.status_code for a in await asyncio.gather(*(c.get('/v2/models') for _ in range(64)))})
asyncio.run(main())";
    let output = home.run(&["exec", "dev", "--broker", "--", python.to_str().unwrap(), "-c", script], "");
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("{200}\n", ""));
    assert_eq!((home.api.seen().len(), home.api.connections()), (64, 1));
}

#[test]
fn an_upload_of_curl_waits_for_the_word_and_streams() {
    let api = RawApi::start(|asked| {
        let text = format!("{} bytes", asked.body().len());
        asked.say(&format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len()));
    });
    let home = before(&api);
    let script = r#"head -c 5000000 /dev/zero > upload
curl -sS -f "$GETIMG_AI_BASE_URL/v2/files" -H "Authorization: Bearer $GETIMG_API_KEY" -H "Expect: 100-continue" --data-binary @upload"#;
    let output = home.run(&["exec", "dev", "--broker", "--", "sh", "-c", script], "");
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("5000000 bytes", ""));
}

#[test]
fn the_relay_goes_through_the_proxy_that_is_set_and_the_program_reaches_the_relay_without_it() {
    let mut home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    assert_eq!(home.add("dev").code, 0);
    home.api = ApiServer::with(Certificates::of("api.getimg.ai", (-5, 5)));
    home.api.takes(home.key("dev"), Behaviour::Valid);
    let middle = Middle::leading_to(home.api.port);
    std::fs::write(home.path().join("config.toml"), "[api]\nurl = \"https://api.getimg.ai\"\n").unwrap();
    let mut run = home.command(&["exec", "dev", "--broker", "--", "sh", "-c"]);
    run.arg(r#"curl -sS -w ' %{http_code}' "$GETIMG_AI_BASE_URL/v2/models" -H "Authorization: Bearer $GETIMG_API_KEY""#);
    run.env_remove("GETIMG_KEYS_API_URL")
        .env("HTTPS_PROXY", middle.url())
        .env("http_proxy", "http://127.0.0.1:1");
    let output = finish(&mut run, "");
    let asked = middle.asked();
    assert!(
        asked.iter().all(|a| a.starts_with("CONNECT api.getimg.ai:443 HTTP/1.1\r\n")) && !asked.is_empty()
    );
    assert!(asked.iter().all(|a| !a.contains(&home.key("dev").0)));
    assert!(output.stdout.ends_with(" 200"), "{}{}", output.stdout, output.stderr);
}
