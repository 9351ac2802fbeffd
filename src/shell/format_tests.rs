//! What each reader of a file gets.

use super::*;

fn written(format: Format, value: &str) -> Result<String, Unsayable> {
    let (name, other) = ("A".parse().unwrap(), "B".parse().unwrap());
    let changes = [Change::Set { name: &name, value }, Change::Unset { name: &other }];
    format.write(&changes).map(|text| text.to_string())
}

fn on_github(value: &str) -> Result<(String, String), Unsayable> {
    let name = "A".parse().unwrap();
    github(&[Change::Set { name: &name, value }])
        .map(|lines| (lines.masks.to_string(), lines.file.to_string()))
}

#[test]
fn dotenv_quotes_so_that_nothing_is_to_be_escaped() {
    assert_eq!(written(Format::Dotenv, "aB3=").unwrap(), "A=\"aB3=\"\n");
    assert_eq!(written(Format::Dotenv, "it's").unwrap(), "A=\"it's\"\n");
    assert_eq!(written(Format::Dotenv, "$HOME `id` \"x\"").unwrap(), "A='$HOME `id` \"x\"'\n");
    for refused in ["a\\b", "'$'", "a\nb"] {
        assert!(written(Format::Dotenv, refused).is_err(), "{refused:?}");
    }
}

#[test]
fn json_carries_everything() {
    assert_eq!(written(Format::Json, "a\n\"\0").unwrap(), "{\"A\":\"a\\n\\\"\\u0000\"}\n");
    assert_eq!(Format::Json.write(&[]).unwrap().as_str(), "{}\n");
}

#[test]
fn systemd_gets_the_four_escapes_it_knows() {
    assert_eq!(written(Format::Systemd, "aB3~+/==").unwrap(), "A=aB3~+/==\n");
    assert_eq!(written(Format::Systemd, " $a`\\\"'").unwrap(), "A=\" \\$a\\`\\\\\\\"'\"\n");
    assert!(written(Format::Systemd, "a\tb").is_err());
}

#[test]
fn docker_takes_the_line_as_it_is() {
    assert_eq!(written(Format::Docker, "a \"b\" '$c' \\").unwrap(), "A=a \"b\" '$c' \\\n");
    assert_eq!(
        written(Format::Docker, "a\nb").unwrap_err().to_string(),
        "a control character cannot be written for docker"
    );
}

#[test]
fn github_masks_as_its_commands_are_escaped() {
    let plain = ("::add-mask::50%25\n".to_owned(), "A=50%\n".to_owned());
    assert_eq!(on_github("50%").unwrap(), plain);
    let lines = (
        "::add-mask::a%0AEND_OF_VALUE\n".to_owned(),
        "A<<END_OF_VALUE_\na\nEND_OF_VALUE\nEND_OF_VALUE_\n".to_owned(),
    );
    assert_eq!(on_github("a\nEND_OF_VALUE").unwrap(), lines);
    assert_eq!(on_github("").unwrap(), (String::new(), "A=\n".to_owned()));
    assert!(on_github("a\rb").is_err());
}
