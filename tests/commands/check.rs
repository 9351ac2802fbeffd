//! `check`: the documentation's advice with pass and fail; git is asked about `.env` files.

use std::fs;
use std::process::Command;

use insta::assert_snapshot;

use crate::support::{Home, Key};

#[test]
fn the_advice_is_kept_or_not() {
    let home = Home::with_dev_and_prod();
    home.git(&["init", "-q"]);
    assert_snapshot!(home.play("check"), @r"
    $ check
    ✓ separate-keys     2 profiles, each with a key of its own
    ✓ none-compromised  no key is declared compromised
    ✓ none-rejected     no key was rejected when it was last verified
    ✓ ages              no key is overdue
    ! verified          the key of `dev` was never verified
                        → getimg-keys verify dev
    ! verified          the key of `prod` was never verified
                        → getimg-keys verify prod
    ✓ rotations         every rotation is finished
    ✓ shell             $GETIMG_API_KEY is not set
    ✓ redirects         no variable sends a key elsewhere
    ! dotenv            git would not ignore a .env file here
                        → printf '\n%s\n' .env >> .gitignore
    - repository        no .getimg-keys.toml from here upwards
    ");
    home.run(&["verify", "--all"], "");
    fs::write(home.work().join(".gitignore"), ".env\n").unwrap();
    for name in [".env", ".env.example"] {
        fs::write(home.work().join(name), "X=1\n").unwrap();
    }
    assert_snapshot!(home.play("check"), @"
    $ check
    ✓ separate-keys     2 profiles, each with a key of its own
    ✓ none-compromised  no key is declared compromised
    ✓ none-rejected     no key was rejected when it was last verified
    ✓ ages              no key is overdue
    ✓ verified          every key was verified recently
    ✓ rotations         every rotation is finished
    ✓ shell             $GETIMG_API_KEY is not set
    ✓ redirects         no variable sends a key elsewhere
    ✓ dotenv            git ignores every .env file (1)
    - repository        no .getimg-keys.toml from here upwards
    ");
}

#[test]
fn a_tracked_file_that_holds_no_secret_is_a_warning() {
    let home = Home::with_dev_and_prod();
    home.git(&["init", "-q"]);
    let text =
        "PORT=3000\nGETIMG_API_KEY=encrypted:BASdIc8yNpHWQVmQ0YbLkJd7\nURL=https://example.com/a/long/path\n";
    fs::write(home.work().join(".env"), text).unwrap();
    home.git(&["add", "-f", ".env"]);
    home.git(&["commit", "-qm", "x"]);
    let run = home.run(&["check"], "");
    assert!(run.stdout.contains(".env is tracked by git, and holds no secret now"), "{}", run.stdout);
    assert_eq!(run.code, 0, "{}", run.stdout);
    fs::write(home.work().join(".env"), "TOKEN=0123456789abcdef0123\n").unwrap();
    assert_eq!(home.run(&["check"], "").code, 8);
}

#[test]
fn what_git_refuses_to_say_is_told_and_is_no_pass() {
    let home = Home::with_dev_and_prod();
    home.git(&["init", "-q"]);
    fs::write(home.work().join(".git/config"), "[core\n").unwrap();
    let run = home.run(&["check"], "");
    assert!(!run.stdout.contains("✓ dotenv"), "{}", run.stdout);
    assert_ne!(run.code, 0, "{}", run.stdout);
}

#[test]
fn a_dotenv_file_must_be_ignored_and_untracked_and_unstaged() {
    let home = Home::with_dev_and_prod();
    home.git(&["init", "-q"]);
    let work = home.work();
    let dotenv = work.join(".env");
    fs::write(&dotenv, format!("X=1\nexport GETIMG_API_KEY={}\n", Key::v2().0)).unwrap();
    let told = |home: &Home| {
        let run = home.run(&["check", "--ci"], "");
        let lines = run.stdout.lines().filter(|l| l.contains("dotenv")).collect::<Vec<_>>().join("\n");
        format!("{lines}\n→ {}", run.code)
    };
    let mut seen = vec![told(&home)];
    home.git(&["add", ".env"]);
    fs::write(home.work().join(".gitignore"), ".env\n").unwrap();
    seen.push(told(&home));
    home.git(&["commit", "-qm", "x"]);
    seen.push(told(&home));
    let home = home.with("GITHUB_WORKSPACE", work.parent().unwrap().to_str().unwrap());
    seen.push(told(&home));
    assert_snapshot!(seen.join("\n"), @"
    ✗ dotenv            .env is not ignored by git
    ::error file=.env,line=2,title=dotenv::.env is not ignored by git
    → 8
    ✗ dotenv            .env is staged
    ::error file=.env,line=2,title=dotenv::.env is staged
    → 8
    ✗ dotenv            .env is committed
    ::error file=.env,line=2,title=dotenv::.env is committed
    → 8
    ✗ dotenv            .env is committed
    ::error file=work/.env,line=2,title=dotenv::.env is committed
    → 8
    ");
}

#[test]
fn broken_policies_end_with_six() {
    let home = Home::with_dev_and_prod();
    home.run(&["compromised", "dev"], "");
    assert_eq!(home.run(&["check"], "").code, 6);
    let stale = home.key("dev").0.clone();
    let home = home.with("GETIMG_API_KEY", &stale);
    let run = home.run(&["check", "--json"], "");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let shell = json["checks"].as_array().unwrap().iter().find(|c| c["id"] == "shell").unwrap().clone();
    assert_eq!((shell["outcome"].as_str(), run.code), (Some("fail"), 6));
    assert!(!run.stdout.contains(&stale));
}

#[test]
fn a_shell_with_another_key_than_the_selected_one_is_a_warning() {
    let home = Home::with_dev_and_prod();
    let told = |home: &Home, set: &str| {
        let told = home.play(&format!("{set} check"));
        let lines = told.lines().skip_while(|line| !line.contains(" shell "));
        lines.take_while(|line| !line.contains(" redirects ")).collect::<Vec<_>>().join("\n")
    };
    let (dev, prod) = (home.key("dev").0.clone(), home.key("prod").0.clone());
    let home = home.with("GETIMG_API_KEY", &prod);
    let mut seen = vec![told(&home, "A=b"), told(&home, "GETIMG_KEYS_PROFILE=prod")];
    seen.push(told(&home, "GETIMG_KEYS_PROFILE=prdo"));
    seen.push(told(&home.with("GETIMG_API_KEY", &dev), "A=b"));
    assert_snapshot!(seen.join("\n"), @"
    ! shell             $GETIMG_API_KEY holds the key of `prod`, but `dev` is selected here
                        → eval $(getimg-keys env)
    ✓ shell             $GETIMG_API_KEY holds the key of `prod`
    ! shell             $GETIMG_API_KEY holds the key of `prod`; whether it is the selected one is not known: there is no profile `prdo` (named by $GETIMG_KEYS_PROFILE)
                        → getimg-keys list  # did you mean `prod`?
    ✓ shell             $GETIMG_API_KEY holds the key of `dev`
    ");
}

#[test]
fn a_pin_to_a_profile_that_is_not_there_is_a_broken_policy() {
    let home = Home::with_dev_and_prod();
    fs::write(home.work().join(".getimg-keys.toml"), "profile = 'nosuch'\n").unwrap();
    let run = home.run(&["check"], "");
    assert!(run.stdout.contains("✗ repository        there is no profile `nosuch`"), "{}", run.stdout);
    assert_eq!(run.code, 6);
}

#[test]
fn build_servers_need_neither_a_store_nor_profiles() {
    let home = Home::new().with("GETIMG_API_KEY_CI", &Key::v2().0);
    assert_eq!(home.run(&["check", "--ci"], "").code, 0);
    let run = home.run(&["--store", "env", "check"], "");
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(
        run.stdout.contains("1 profile, with a key of its own") || run.stdout.contains("each with a key"),
        "{}",
        run.stdout
    );
}

#[test]
fn outside_a_repository_a_dotenv_file_is_no_affair_of_gits() {
    let home = Home::new();
    std::fs::write(home.work().join(".env"), "A=1\n").unwrap();
    let said = home.run(&["check"], "").stdout;
    let dotenv: Vec<_> = said.lines().filter(|line| line.contains("dotenv")).collect();
    assert_eq!(dotenv, ["✓ dotenv            no git repository holds the .env files here (1)"]);
}

#[test]
fn a_path_that_is_not_there_is_no_pass() {
    let home = Home::new();
    let run = home.run(&["check", "nowhere"], "");
    assert_eq!(
        (run.code, &*run.stdout, &*run.stderr),
        (2, "", "error: there is no file or folder at nowhere\n\nhint: getimg-keys check .\n")
    );
}

#[test]
fn what_it_says_to_type_helps_from_any_folder() {
    let home = Home::new();
    home.git(&["init", "-q", "a"]);
    let work = home.work();
    for name in ["a/.env", "a/b/.env.local"] {
        fs::create_dir_all(work.join(name).parent().unwrap()).unwrap();
        fs::write(work.join(name), "GETIMG_API_KEY=\n").unwrap();
    }
    home.git(&["-C", "a", "add", ".env"]);
    let hints = |folder: &str| -> Vec<String> {
        let run = home.run(&["check", folder], "");
        let lines = run.stdout.lines().filter_map(|line| line.trim().strip_prefix("→ "));
        lines.map(str::to_owned).collect()
    };
    let told = hints("a");
    assert_eq!(told, ["git -C a rm --cached .env", "printf '\\n%s\\n' .env.local >> a/b/.gitignore"]);
    for hint in told.iter().map(String::as_str).chain(["printf '\\n%s\\n' .env >> a/.gitignore"]) {
        let done = Command::new("sh").current_dir(&work).args(["-c", hint]).status().unwrap();
        assert!(done.success(), "{hint}");
    }
    assert_eq!(home.run(&["check", "a"], "").code, 0);
    fs::remove_file(work.join("a/.env")).unwrap();
    fs::remove_file(work.join("a/.gitignore")).unwrap();
    fs::remove_file(work.join("a/b/.env.local")).unwrap();
    assert_eq!(hints("a"), ["printf '\\n%s\\n' .env >> a/.gitignore"]);
    assert_eq!(hints("a/b"), ["printf '\\n%s\\n' .env >> a/b/.gitignore"]);
}

#[test]
fn a_link_to_a_folder_leads_to_what_git_ignores() {
    let home = Home::new();
    home.git(&["init", "-q"]);
    let work = home.work();
    fs::write(work.join(".gitignore"), ".env\n").unwrap();
    fs::create_dir(work.join("real")).unwrap();
    fs::write(work.join("real/.env"), "A=1\n").unwrap();
    std::os::unix::fs::symlink("real", work.join("link")).unwrap();
    assert_eq!(home.run(&["check", "link/.env"], "").code, 0);
}

#[test]
fn a_dotenv_file_that_only_git_has_left_is_exposed_all_the_same() {
    let home = Home::new();
    home.git(&["init", "-q"]);
    let work = home.work();
    fs::write(work.join(".gitignore"), ".env*\n").unwrap();
    fs::create_dir(work.join("a")).unwrap();
    fs::write(work.join("a/.env.prod"), "A=1\n").unwrap();
    home.git(&["add", "-f", "a/.env.prod"]);
    fs::remove_file(work.join("a/.env.prod")).unwrap();
    for folder in [".", "a"] {
        let run = home.run(&["check", folder], "");
        assert_eq!((run.code, run.stdout.contains("a/.env.prod is staged")), (8, true), "{}", run.stdout);
    }
    home.git(&["rm", "-q", "--cached", "a/.env.prod"]);
    assert_eq!(home.run(&["check"], "").code, 0);
    fs::write(work.join("a/.env-prod"), "A=1\n").unwrap();
    fs::write(work.join(".gitignore"), "").unwrap();
    assert_eq!(home.run(&["check"], "").code, 8);
}

#[test]
fn a_folder_that_cannot_be_searched_is_no_pass() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        return crate::support::skipped("root may search every folder");
    }
    let home = Home::new();
    home.git(&["init", "-q"]);
    fs::write(home.work().join(".gitignore"), ".env\n").unwrap();
    let closed = home.work().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let run = home.run(&["check"], "");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(run.stdout.contains("closed was not searched"), "{}", run.stdout);
    assert!(!run.stdout.contains("there are no .env files"), "{}", run.stdout);
}
