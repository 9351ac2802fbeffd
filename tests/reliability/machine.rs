//! What goes wrong with disks, clocks and keychains.

use super::Row;
use crate::encrypted_files::writers;
use crate::faults::{kills, profile_file};

pub(super) const FILES: &[Row] = &[
    (
        &["E1"],
        "profiles.toml is truncated, at any byte",
        "the command says so and leaves the file unchanged",
        &["every_beginning_of_it_is_noticed", "a_profiles_file_that_cannot_be_read_is_left_as_it_is"],
        None,
    ),
    (
        &["E2", "E9"],
        "a disk is full, fails or is read-only",
        "the old file stays complete, and no key is stored without a profile",
        &[
            "a_disk_that_fails_leaves_the_old_profiles_and_no_key_without_a_profile",
            "a_disk_that_fails_leaves_the_old_file_and_no_other",
        ],
        None,
    ),
    (
        &["E3"],
        "every command that changes anything is killed at random moments",
        "every key can be read; the state is the old or the new one; no file is left behind",
        &["killed_at_any_moment_every_changing_command_leaves_the_old_state_or_the_new_one"],
        Some(kills::KILLS),
    ),
    (
        &["E3"],
        "every command that changes anything is killed at each system call that creates, renames or deletes a file",
        "the same",
        &["killed_at_each_call_that_names_a_file_every_changing_command_leaves_the_old_state_or_the_new_one"],
        None,
    ),
    (
        &["E3", "E4", "E5"],
        "a command is killed during `fsync` or a call to the keychain",
        "the next command completes the change or rolls it back",
        &[
            "killed_at_a_system_call_every_key_of_the_profiles_is_readable",
            "killed_at_a_system_call_the_key_is_in_the_store_or_in_the_file",
            "whatever_kills_a_rotation_there_is_a_key_that_is_handed_out",
        ],
        None,
    ),
    (
        &["E5"],
        "any change is killed or refused at any of its steps, and again while the next command settles it",
        "the profile has a working key, no key is lost, and profiles and store agree",
        &[
            "killed_at_any_step_every_change_is_made_or_taken_back_by_whatever_command_comes_next",
            "killed_again_while_it_is_settled_a_change_is_settled_the_next_time",
            "in_encrypted_files_and_a_profiles_file_it_is_the_same",
            "in_a_shared_store_it_is_the_same",
            "whichever_call_is_refused_however_often_profiles_and_store_agree_in_the_end",
            "a_change_that_an_older_version_left_interrupted_is_settled",
            "what_another_program_deletes_meanwhile_stops_no_later_change",
        ],
        None,
    ),
    (
        &["E3"],
        "a command is killed while it writes an encrypted file",
        "the file has the old or the new key, and no lock stays behind",
        &[
            "a_killed_writer_leaves_the_old_key_or_the_new_one_and_no_lock",
            "whatever_fails_or_kills_an_add_the_old_key_is_there_and_the_next_run_mends_the_rest",
        ],
        Some(writers::KILLS),
    ),
    (
        &["E6"],
        "twenty commands run at once",
        "nothing is lost; if all add the same key, one succeeds",
        &["twenty_adds_at_once_lose_nothing", "of_the_same_key_added_twenty_times_at_once_one_is_taken"],
        Some(2 * profile_file::AT_ONCE),
    ),
    (
        &["E6"],
        "another command holds the lock",
        "the command stops waiting after a while and names the holder",
        &["a_lock_that_is_held_is_given_up_in_time_and_its_holder_is_named"],
        None,
    ),
    (
        &["E13"],
        "a file system has no locks",
        "the command says so and writes nothing",
        &["where_files_cannot_be_locked_nothing_is_written"],
        None,
    ),
    (
        &["E12"],
        "a file of the user has comments and unknown settings",
        "an edit keeps them",
        &["writing_one_keeps_the_rest_of_the_file"],
        None,
    ),
    (
        &["E7"],
        "one of our files was replaced by a link, a pipe or another user's file",
        "nothing is written to it",
        &[
            "a_profiles_file_that_is_a_symbolic_link_is_not_written_to",
            "links_and_other_kinds_of_entry_are_never_written_through",
            "what_somebody_else_owns_is_not_written",
            "a_profiles_file_a_lock_or_a_home_of_another_user_is_not_written_to",
        ],
        None,
    ),
    (
        &["E8"],
        "file modes allow access to other users",
        "our modes are 0600 and 0700; files are corrected with a notice; a folder that others can write to is refused",
        &[
            "files_are_for_their_owner_alone",
            "whatever_the_umask_files_are_for_their_owner_alone",
            "every_file_is_for_its_owner_alone_whatever_the_umask",
            "modes_of_files_are_mended_and_named_and_a_folder_that_others_can_write_to_is_refused",
        ],
        None,
    ),
    (
        &["E9", "E10"],
        "there is no home, or no such user",
        "advice and searches work; any other command says what is missing",
        &[
            "without_a_home_advice_and_searches_work",
            "without_a_home_whatever_needs_one_says_so_and_writes_nothing",
            "a_relative_home_is_refused",
        ],
        None,
    ),
    (
        &["E11"],
        "a newer version wrote the file",
        "the command explains it and writes nothing",
        &[
            "a_newer_schema_is_explained",
            "a_profiles_file_of_a_newer_version_is_left_alone_and_the_doctor_still_ends",
        ],
        None,
    ),
    (
        &["E14"],
        "the clock is wrong",
        "no age is negative, and nothing fails",
        &["whatever_the_clock_says_no_age_is_negative_and_nothing_fails"],
        None,
    ),
    (
        &["E1"],
        "any byte of an encrypted file or a backup was changed",
        "the command notices it",
        &["every_changed_byte_and_every_lost_end_is_noticed"],
        None,
    ),
];
pub(super) const KEYCHAIN: &[Row] = &[
    (
        &["F1", "F2", "F3", "F6"],
        "another program deleted, changed or duplicated an entry",
        "the command names it and uses none of them; other profiles still work",
        &[
            "an_entry_that_something_else_deleted_is_missing_and_the_others_go_on",
            "what_something_else_stores_is_noticed_and_taken_over_by_verify_where_it_is_told_to",
            "of_several_entries_without_the_recorded_key_none_is_chosen",
        ],
        None,
    ),
    (
        &["F4"],
        "the keychain is locked or denies access; there is no provider, or no D-Bus session",
        "each has a message of its own, and a hint that helps",
        &[
            "a_locked_keychain_is_named",
            "a_keychain_that_denies_access_is_named",
            "a_session_without_a_keychain_is_named",
            "a_machine_without_a_session_is_named",
        ],
        None,
    ),
    (
        &["F5"],
        "the keychain is stopped or killed, or the D-Bus session does not answer",
        "the command stops waiting after a while",
        &[
            "a_keychain_that_does_not_answer_is_given_up",
            "a_keychain_that_died_comes_back_locked",
            "a_bus_that_says_nothing_is_given_up",
        ],
        None,
    ),
];
