//! The part of docs/teams.md without a server: its commands are run as they are written.

use super::*;
use crate::vault::teams::block;

#[test]
fn the_page_for_teams_without_a_server_works_as_it_stands() {
    let (prod, ben, carla) = (Key::v2(), Person::new("ben"), Person::new("carla"));
    let ana = Person::owner().knows("prod", &prod);
    let folder = ana.home.work().join("acme-keys");
    let (of_ben, of_carla) = (ben.age_key(), carla.ssh_key(""));
    fs::copy(of_carla, ana.home.work().join("carla.pub")).unwrap();
    fs::create_dir_all(ben.home.work().join(".config/age")).unwrap();
    fs::rename(ben.key_file(), ben.home.work().join(".config/age/key.txt")).unwrap();
    fs::write(ben.home.work().join("make_images.py"), "import os; print(os.environ['GETIMG_API_KEY'])")
        .unwrap();
    let plays = |person: &Person, part: &str, stdin: &str| {
        let config = block(&format!("toml config.toml of {}", person.name));
        fs::write(person.home.path().join("config.toml"), config).unwrap();
        let text = block(part).replace("BEN", &of_ben).replace("REPOSITORY", folder.to_str().unwrap());
        let mut shell = person.home.program("sh");
        shell.args(["-ec", &text]).env("HOME", person.home.work());
        for who in ["AUTHOR", "COMMITTER"] {
            shell.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@example.com");
        }
        let ran = finish(&mut shell, stdin);
        assert_eq!(ran.code, 0, "{text}: {}{}", ran.stdout, ran.stderr);
        ran
    };
    plays(&ana, "sh files ana", &prod.0);
    let ran = plays(&ben, "sh files ben", "");
    assert_eq!(ran.stdout.trim(), prod.0);
    let left = plays(&ana, "sh files ana leaves", "");
    assert!(left.stderr.contains("  getimg-keys rotate prod"), "{}", left.stderr);
}
