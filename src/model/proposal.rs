//! Which variable names hold a getimg.ai key, and which profile each proposes.

use super::ProfileName;

/// Names of a key, longest first; what stands before or after one names the environment.
const NAMES: [&str; 8] = [
    "GETIMG_AI_SECRET_KEY",
    "GETIMG_AI_API_KEY",
    "GETIMGAI_API_KEY",
    "GETIMG_API_TOKEN",
    "GETIMG_API_KEY",
    "GETIMG_AI_KEY",
    "GETIMG_TOKEN",
    "GETIMG_KEY",
];

/// What frameworks put before a variable; it names no environment.
const FRAMEWORKS: [&str; 11] = [
    "EXPO_PUBLIC",
    "GATSBY",
    "NEXT_PUBLIC",
    "NG_APP",
    "NUXT",
    "NUXT_PUBLIC",
    "PUBLIC",
    "REACT_APP",
    "RSBUILD_PUBLIC",
    "VITE",
    "VUE_APP",
];

/// Whether a bundler puts a variable of this name into what every browser is sent: Next.js, Vite, Create React App, Vue,
/// Gatsby, Nuxt (its `NUXT_PUBLIC_`), Expo, SvelteKit and Astro (`PUBLIC_`), as each documents it.
pub fn is_shipped_to_browsers(variable: &str) -> bool {
    FRAMEWORKS
        .iter()
        .filter(|name| **name != "NUXT")
        .any(|name| variable.strip_prefix(name).is_some_and(|rest| rest.starts_with('_')))
}

/// Whether a line has a key's name anywhere in it.
pub fn names_a_key(line: &str) -> bool {
    NAMES.iter().any(|name| line.contains(name))
}

/// Whether a variable holds a getimg.ai key by its name, or is one of the person's own names for it.
pub fn is_key_variable(variable: &str, own: &[String]) -> bool {
    own.iter().any(|name| name == variable) || around(variable).is_some()
}

/// The profile that a variable of a dotenv file proposes: by the variable's name, else by the file's, else
/// `dev`.
///
/// `GETIMG_API_KEY_CI_EU` and `CI_EU_GETIMG_API_KEY` are `ci-eu`, as `--store env` has it; `production` and
/// `development` are shortened to the names that this program uses.
pub fn profile_of(variable: &str, file: &str) -> ProfileName {
    let by_variable = around(variable).and_then(|(before, after)| {
        let before = if FRAMEWORKS.contains(&before) { "" } else { before };
        let name = if after.is_empty() { before } else { after };
        ProfileName::nearest(&short(&name.replace('_', "-")))
    });
    by_variable
        .or_else(|| environment_of(file).and_then(|name| ProfileName::nearest(&short(name))))
        .unwrap_or_else(ProfileName::usual)
}

/// What stands before and after a key's name in a variable's.
fn around(variable: &str) -> Option<(&str, &str)> {
    NAMES.iter().find_map(|name| {
        let (before, after) = variable.split_once(name)?;
        let whole =
            (before.is_empty() || before.ends_with('_')) && (after.is_empty() || after.starts_with('_'));
        whole.then_some((before.trim_matches('_'), after.trim_matches('_')))
    })
}

/// `production` of `.env.production`, `.env.production.local` and `production.env`.
fn environment_of(file: &str) -> Option<&str> {
    let rest = match file.strip_prefix(".env") {
        Some(rest) if rest.starts_with(['.', '-', '_']) => rest,
        Some(_) => return None,
        None => file.strip_suffix(".env")?,
    };
    rest.split('.')
        .map(|part| part.trim_matches(['-', '_']))
        .find(|part| !part.is_empty() && *part != "local")
}

fn short(name: &str) -> String {
    match name.to_lowercase().as_str() {
        "production" => "prod".to_owned(),
        "development" => ProfileName::usual().as_str().to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_proposes_by_its_own_name_first() {
        let table = [
            ("GETIMG_API_KEY_PROD", ".env", "prod"),
            ("GETIMG_API_KEY_PRODUCTION", ".env", "prod"),
            ("GETIMG_API_KEY_CI_EU", ".env.production", "ci-eu"),
            ("STAGING_GETIMG_API_KEY", ".env", "staging"),
            ("GETIMG_AI_SECRET_KEY_CI", ".env", "ci"),
            ("NEXT_PUBLIC_GETIMG_API_KEY", ".env", "dev"),
            ("GETIMG_API_KEY", ".env", "dev"),
            ("GETIMG_API_KEY", ".env.local", "dev"),
            ("GETIMG_API_KEY", ".env.development", "dev"),
            ("GETIMG_API_KEY", ".env.production", "prod"),
            ("GETIMG_API_KEY", ".env.production.local", "prod"),
            ("GETIMG_API_KEY", ".env-staging", "staging"),
            ("GETIMG_API_KEY", "prod.env", "prod"),
            ("GETIMG_API_KEY", ".envrc", "dev"),
            ("GETIMG_API_KEY_", ".env.***", "dev"),
            ("IMAGES", ".env.test", "test"),
        ];
        for (variable, file, name) in table {
            assert_eq!(profile_of(variable, file).as_str(), name, "{variable} in {file}");
        }
    }

    #[test]
    fn names_that_only_resemble_one_are_left_alone() {
        let own = ["IMAGES".to_owned()];
        for name in ["GETIMG_API_KEY", "GETIMG_KEY", "GETIMG_API_KEY_PROD", "VITE_GETIMG_TOKEN", "IMAGES"] {
            assert!(is_key_variable(name, &own), "{name}");
        }
        for name in
            ["GETIMG_KEYS_HOME", "GETIMG_AI_BASE_URL", "FORGETIMG_API_KEY", "GETIMG_API_KEYS", "API_KEY"]
        {
            assert!(!is_key_variable(name, &own), "{name}");
        }
    }

    #[test]
    fn a_bundler_ships_what_begins_with_its_prefix_and_of_nuxt_only_what_is_public() {
        let shipped = ["VITE_GETIMG_API_KEY", "NUXT_PUBLIC_GETIMG_API_KEY", "NEXT_PUBLIC_X"];
        assert!(shipped.iter().all(|variable| is_shipped_to_browsers(variable)));
        for variable in ["NUXT_GETIMG_API_KEY", "VITEX", "GETIMG_API_KEY", "X_VITE_"] {
            assert!(!is_shipped_to_browsers(variable), "{variable}");
        }
        assert!(names_a_key("export GETIMG_API_KEY = x") && !names_a_key("GETIMG=x"));
    }
}
