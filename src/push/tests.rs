use super::*;
use crate::model::Untrusted;
use crate::system::process::call::Input;

fn answer(code: i32, stdout: &str) -> Ended {
    Ended {
        code: Some(code),
        stdout: Zeroizing::new(stdout.as_bytes().to_vec()),
        is_whole: true,
        took_input: true,
        said: Untrusted::new(""),
    }
}

fn target(text: &str, own: &BTreeMap<String, PushTarget>) -> Result<Box<dyn Platform>> {
    parse(text, &Given { variable: "GETIMG_API_KEY", folder: Path::new("/srv") }, own)
}

/// The plan of a target; its program gives this answer to every question before the push.
fn plan(text: &str, answered: (i32, &str)) -> Plan {
    target(text, &BTreeMap::new()).unwrap().plan(&|_| Ok(answer(answered.0, answered.1))).unwrap()
}

#[test]
fn what_is_left_out_of_a_target_is_asked_for_once_and_written_down() {
    let table = [
        ("github:a/b", (1, ""), "github:a/b"),
        ("github:@live", (0, "https://github.com/a/b\n"), "github:a/b@live"),
        ("github:", (0, "https://git.example/a/b\n"), "github:git.example/a/b"),
        ("kubernetes:apps/getimg", (0, "minikube\n"), "kubernetes:minikube/apps/getimg#GETIMG_API_KEY"),
        ("kubernetes:apps/getimg#key", (1, ""), "kubernetes:apps/getimg#key"),
        (
            "kubernetes:arn:aws:eks:eu-west-1:1:cluster/x/apps/getimg#k",
            (1, ""),
            "kubernetes:arn:aws:eks:eu-west-1:1:cluster/x/apps/getimg#k",
        ),
        ("cloudflare:site", (1, ""), "cloudflare:site"),
        ("doppler:site/prd_eu", (1, ""), "doppler:site/prd_eu"),
        ("podman:getimg", (0, ""), "podman:getimg"),
        ("systemd:getimg.cred", (1, ""), "systemd:/srv/getimg.cred"),
        ("systemd:/etc/credstore.encrypted/getimg", (1, ""), "systemd:/etc/credstore.encrypted/getimg"),
    ];
    // Only Linux has systemd, and a path on Windows begins differently.
    let table = table.into_iter().filter(|(text, ..)| cfg!(unix) || !text.starts_with("systemd:"));
    for (text, answered, whole) in table {
        let found = plan(text, answered).target;
        assert_eq!(found, whole, "{text}");
        assert_eq!(plan(&found, (1, "")).target, whole, "{text}");
    }
}

#[test]
fn a_target_that_is_none_is_refused_with_the_shape_it_should_have() {
    for text in [
        "github:a",
        "github:a/b/c/d",
        "github:a/b@",
        "github:-a/b",
        "github:a/b c",
        "kubernetes:getimg",
        "kubernetes:apps/",
        "kubernetes:Apps/x",
        "kubernetes:apps/x#",
        "kubernetes:apps/x#a b",
        "kubernetes:/apps/x",
        "cloudflare:",
        "cloudflare:--x",
        "cloudflare:a/b",
        "doppler:a",
        "doppler:a/",
        "doppler:-p/c",
        "podman:",
        "podman:-a",
        "podman:a/b",
        "systemd:",
        "systemd:a/",
        "systemd:a\nb",
    ] {
        let Err(refused) = target(text, &BTreeMap::new()) else { panic!("{text} was taken") };
        let shape = SCHEMES.iter().find(|kind| text.starts_with(kind.scheme)).unwrap().shape;
        assert_eq!(
            (refused.kind.code(), refused.hints[0].to_string()),
            (2, format!("--to {shape}")),
            "{text}"
        );
    }
    let own = BTreeMap::from([("site".to_owned(), PushTarget::default())]);
    for (text, hint) in [
        ("githb:a/b", "github:[OWNER/REPO][@ENVIRONMENT]"),
        ("siet", "site"),
        (
            "x",
            "one of site, cloudflare:WORKER, doppler:PROJECT/CONFIG, github:[OWNER/REPO][@ENVIRONMENT], \
               kubernetes:[CONTEXT/]NAMESPACE/SECRET[#FIELD], podman:SECRET, systemd:FILE",
        ),
    ] {
        let Err(refused) = target(text, &own) else { panic!("{text} was taken") };
        assert_eq!((refused.kind.code(), refused.hints[0].to_string()), (2, hint.to_owned()), "{text}");
    }
}

#[test]
fn no_call_has_a_key_among_its_arguments_and_each_reads_one_in_one_place() {
    for text in ["github:a/b", "kubernetes:c/apps/x", "cloudflare:w", "doppler:p/c", "podman:s", "systemd:f"]
    {
        let plan = plan(text, (0, ""));
        let reading: Vec<_> = plan.put.iter().filter(|call| call.input != Input::Nothing).collect();
        assert_eq!(reading.len(), 1, "{text}");
        let asked = match &plan.proof {
            Proof::ReadBack(call, _) | Proof::Listing(Listing { call, .. }) => &call.input,
            Proof::Nothing => panic!("{text} can be asked"),
        };
        assert_eq!(*asked, Input::Nothing, "{text}");
    }
}

#[test]
fn an_older_podman_removes_before_it_creates_and_a_newer_one_replaces() {
    let words = |plan: &Plan| plan.put.iter().map(Call::in_words).collect::<Vec<_>>();
    let older = |secrets| plan("podman:s", (0, secrets));
    let named = r#"[{"ID": "5", "UpdatedAt": "2026-01-02T03:04:05.6Z", "Spec": {"Name": "s"}}]"#;
    assert_eq!(words(&older(named)), ["podman secret rm s", "podman secret create s -"]);
    assert!(older(named).warning.is_some() && matches!(older(named).proof, Proof::Listing(_)));
    // Podman takes the beginning of an ID as a name, and would remove somebody else's secret.
    for others in ["[]", "", &named.replace(r#""s""#, r#""other""#)] {
        assert_eq!(words(&older(others)), ["podman secret create s -"], "{others}");
    }
    let newer = plan("podman:s", (0, "--replace … --showsecret"));
    assert_eq!(words(&newer), ["podman secret create --replace s -"]);
    assert!(newer.warning.is_none() && matches!(newer.proof, Proof::ReadBack(..)));
}

#[test]
fn a_target_of_the_configuration_is_a_program_with_the_variable_in_its_words() {
    let lines = |put: &[&str], get: Option<&[&str]>| {
        let words = |line: &[&str]| line.iter().map(|word| (*word).to_owned()).collect();
        let target = PushTarget { put: words(put), get: get.map(words), variable: Some("OTHER".to_owned()) };
        BTreeMap::from([("site".to_owned(), target)])
    };
    let good = target("site", &lines(&["kv", "put", "x/{variable}"], Some(&["kv", "get", "{variable}"])));
    let plan = good.unwrap().plan(&|_| Ok(answer(1, ""))).unwrap();
    assert_eq!((plan.target.as_str(), plan.put[0].in_words().as_str()), ("site", "kv put x/OTHER"));
    assert!(matches!(&plan.proof, Proof::ReadBack(call, _) if call.in_words() == "kv get OTHER"));
    for (put, get) in
        [(&["./kv"][..], None), (&[][..], None), (&[""], None), (&["kv"], Some(&["bin/kv"][..]))]
    {
        assert_eq!(target("site", &lines(put, get)).err().map(|e| e.kind.code()), Some(1), "{put:?}");
    }
}

#[test]
fn a_manifest_is_json_with_the_key_in_base64_in_its_one_field() {
    let plan = plan("kubernetes:apps/getimg#data.key-1", (1, ""));
    let Input::Within(before, after) = &plan.put[0].input else { panic!("no manifest") };
    let manifest: serde_json::Value = serde_json::from_str(&format!("{before}QUJD{after}")).unwrap();
    assert_eq!(manifest["data"], serde_json::json!({ "data.key-1": "QUJD" }));
    assert_eq!(manifest["metadata"], serde_json::json!({ "name": "getimg", "namespace": "apps" }));
    assert_eq!(words::in_base64(b"QUJD\n").unwrap().as_str(), "ABC");
    assert!(words::in_base64(b"<no value>").is_none());
}
