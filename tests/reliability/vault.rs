//! What goes wrong with profiles that are shared.

use super::Row;

pub(super) const VAULT: &[Row] = &[
    (
        &[],
        "three homes run random commands at once, with kills, a seal and a restart",
        "no key is lost, all have the same profiles, and every command that failed said so",
        &["three_homes_with_kills_a_seal_and_a_restart_lose_no_key_and_agree"],
        None,
    ),
    (
        &[],
        "two people change something at once",
        "both changes are made; if it is the same profile or the same key, one is refused",
        &[
            "changes_of_different_profiles_at_once_are_all_made",
            "on_a_conflict_the_change_is_made_anew_unless_it_is_of_the_same_profile",
            "one_key_added_by_two_at_once_is_one_profiles",
        ],
        None,
    ),
    (
        &[],
        "the answer to a write is lost",
        "the command reads whether it was written",
        &["a_lost_answer_is_settled_by_reading"],
        None,
    ),
    (
        &[],
        "a command is killed after it stored a key and before it added the profile",
        "the next change deletes the key",
        &["a_key_whose_run_was_killed_before_its_profile_was_there_is_taken_back_by_the_next"],
        None,
    ),
    (
        &[],
        "the vault is sealed, a token is wrong or lacks rights, or the engine is of another kind",
        "each has a message of its own, and nothing is written",
        &[
            "a_sealed_vault_is_told_and_works_again_once_it_is_unsealed",
            "a_token_that_is_wrong_missing_or_not_permitted_is_told_apart",
            "what_is_not_there_or_of_the_wrong_kind_is_told_before_the_first_write",
        ],
        None,
    ),
    (
        &[],
        "a server is slow, lies, or sends an answer without end",
        "the command says so and believes none of it",
        &["a_vault_that_does_not_answer_lies_or_drips_is_told"],
        None,
    ),
    (
        &[],
        "the vault's certificate is not trusted",
        "nothing is sent, whatever `VAULT_SKIP_VERIFY` is",
        &["a_vault_is_trusted_by_its_own_authority_and_by_no_skipping"],
        None,
    ),
    (
        &[],
        "the vault answers with a redirect",
        "it is followed only to a node of the same cluster",
        &["a_redirect_is_followed_to_a_node_of_the_same_cluster_and_nowhere_else"],
        None,
    ),
    (
        &[],
        "an entry was changed by hand, is too large, or was written by a newer version",
        "the command says so and leaves it unchanged",
        &[
            "what_somebody_changed_by_hand_is_told_and_left",
            "profiles_near_what_an_entry_takes_are_refused_before_anything_is_written",
        ],
        None,
    ),
    (
        &[],
        "a key is declared compromised while the server cannot be reached",
        "it is blocked here at once, and in the vault at the next contact",
        &["a_key_is_declared_compromised_without_the_server_and_told_at_the_next_contact"],
        None,
    ),
];
