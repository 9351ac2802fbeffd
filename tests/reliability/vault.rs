//! What networks, other people and a vault do to profiles that are shared.

use super::Row;

pub(super) const VAULT: &[Row] = &[
    (
        &[],
        "three homes at once, with random commands, kills, a seal and a restart",
        "no key is lost, there is one set of profiles, whoever did not get through was told",
        &["three_homes_with_kills_a_seal_and_a_restart_lose_no_key_and_agree"],
        None,
    ),
    (
        &[],
        "two people change something at once",
        "both changes are made; of the same profile, or the same key, one is refused",
        &[
            "changes_of_different_profiles_at_once_are_all_made",
            "on_a_conflict_the_change_is_made_anew_unless_it_is_of_the_same_profile",
            "one_key_added_by_two_at_once_is_one_profiles",
        ],
        None,
    ),
    (
        &[],
        "an answer to a write that is lost",
        "settled by reading",
        &["a_lost_answer_is_settled_by_reading"],
        None,
    ),
    (
        &[],
        "killed between a key and its profile",
        "the key is taken back by the next change",
        &["a_key_whose_run_was_killed_before_its_profile_was_there_is_taken_back_by_the_next"],
        None,
    ),
    (
        &[],
        "a sealed vault, a token that is wrong or may not, an engine of another kind",
        "each is told in words of its own, nothing is written",
        &[
            "a_sealed_vault_is_told_and_works_again_once_it_is_unsealed",
            "a_token_that_is_wrong_missing_or_not_permitted_is_told_apart",
            "what_is_not_there_or_of_the_wrong_kind_is_told_before_the_first_write",
        ],
        None,
    ),
    (
        &[],
        "a server that is slow, lies or never ends",
        "told, and nothing of it is believed",
        &["a_vault_that_does_not_answer_lies_or_drips_is_told"],
        None,
    ),
    (
        &[],
        "a certificate that nobody trusts",
        "nothing is sent, whatever `VAULT_SKIP_VERIFY` says",
        &["a_vault_is_trusted_by_its_own_authority_and_by_no_skipping"],
        None,
    ),
    (
        &[],
        "a redirect",
        "followed to a node of the same cluster alone",
        &["a_redirect_is_followed_to_a_node_of_the_same_cluster_and_nowhere_else"],
        None,
    ),
    (
        &[],
        "an entry that was changed by hand, is too large, or of a newer version",
        "told, and left as it is",
        &[
            "what_somebody_changed_by_hand_is_told_and_left",
            "profiles_near_what_an_entry_takes_are_refused_before_anything_is_written",
        ],
        None,
    ),
    (
        &[],
        "the server out of reach when a key is declared compromised",
        "blocked here at once, and told at the next contact",
        &["a_key_is_declared_compromised_without_the_server_and_told_at_the_next_contact"],
        None,
    ),
];
