//! What disks, clocks and keychains do.

use super::Row;
use crate::encrypted_files::writers;
use crate::faults::{kills, profile_file};

pub(super) const FILES: &[Row] = &[
    (
        &["E1"],
        "profiles that are cut short, anywhere",
        "noticed, left as it is",
        &["every_beginning_of_it_is_noticed", "a_book_that_cannot_be_read_is_left_as_it_is"],
        None,
    ),
    (
        &["E2", "E9"],
        "a disk that is full, fails, or is read-only",
        "the old file is whole, no key without a profile",
        &[
            "a_disk_that_fails_leaves_the_old_book_and_no_key_without_a_profile",
            "a_disk_that_fails_leaves_the_old_file_and_no_other",
        ],
        None,
    ),
    (
        &["E3"],
        "killed at random moments: every command that changes anything",
        "every key can be read; the old state or the new one; nothing is left over",
        &["killed_at_any_moment_every_changing_command_leaves_the_old_state_or_the_new_one"],
        Some(kills::KILLS),
    ),
    (
        &["E3"],
        "killed at each system call that gives a file its name or takes it: every command that changes anything",
        "the same",
        &["killed_at_each_call_that_names_a_file_every_changing_command_leaves_the_old_state_or_the_new_one"],
        None,
    ),
    (
        &["E3", "E4", "E5"],
        "killed at a system call: fsync, a call to the keychain",
        "the next run finishes or takes back",
        &[
            "killed_at_a_system_call_every_key_of_the_book_is_readable",
            "killed_at_a_system_call_the_key_is_in_the_store_or_in_the_file",
            "whatever_kills_a_rotation_there_is_a_key_that_is_handed_out",
        ],
        None,
    ),
    (
        &["E5"],
        "any change killed, or refused in any way, at any of its steps and once more while that is settled",
        "a working key, no key lost; profiles and store agree",
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
        "an encrypted file's writer killed",
        "the old key or the new one, and no lock",
        &[
            "a_killed_writer_leaves_the_old_key_or_the_new_one_and_no_lock",
            "whatever_fails_or_kills_an_add_the_old_key_is_there_and_the_next_run_mends_the_rest",
        ],
        Some(writers::KILLS),
    ),
    (
        &["E6"],
        "twenty runs at once",
        "nothing is lost; of the same key one is taken",
        &["twenty_adds_at_once_lose_nothing", "of_the_same_key_added_twenty_times_at_once_one_is_taken"],
        Some(2 * profile_file::AT_ONCE),
    ),
    (
        &["E6"],
        "a lock that another run holds",
        "given up in time, its holder is named",
        &["a_lock_that_is_held_is_given_up_in_time_and_its_holder_is_named"],
        None,
    ),
    (
        &["E13"],
        "a file system that knows no locks",
        "said so, nothing is written",
        &["where_files_cannot_be_locked_nothing_is_written"],
        None,
    ),
    (
        &["E12"],
        "comments and unknown keys in a file of the person's",
        "kept where it is edited",
        &["writing_one_keeps_the_rest_of_the_file"],
        None,
    ),
    (
        &["E7"],
        "a link, a pipe or somebody else's file in the place of ours",
        "not written through",
        &[
            "a_book_that_is_a_symbolic_link_is_not_written_to",
            "links_and_other_kinds_of_entry_are_never_written_through",
            "what_somebody_else_owns_is_not_written",
            "a_book_a_lock_or_a_home_of_somebody_else_is_not_written_to",
        ],
        None,
    ),
    (
        &["E8"],
        "modes that let others in",
        "ours are 0600 and 0700; files mended with a word, a folder that others can write to refused",
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
        "no home, no user",
        "advice and searches work; the rest says what is missing",
        &[
            "without_a_home_advice_and_searches_work",
            "without_a_home_whatever_needs_one_says_so_and_writes_nothing",
            "a_relative_home_is_refused",
        ],
        None,
    ),
    (
        &["E11"],
        "a file of a newer version",
        "explained, nothing written",
        &["a_newer_schema_is_explained", "a_book_of_a_newer_version_is_left_alone_and_the_doctor_still_ends"],
        None,
    ),
    (
        &["E14"],
        "a clock that is wrong",
        "no negative age, nothing fails",
        &["whatever_the_clock_says_no_age_is_negative_and_nothing_fails"],
        None,
    ),
    (
        &["E1"],
        "every changed byte of an encrypted file or a backup",
        "noticed",
        &["every_changed_byte_and_every_lost_end_is_noticed"],
        None,
    ),
];
pub(super) const KEYCHAIN: &[Row] = &[
    (
        &["F1", "F2", "F3", "F6"],
        "an entry deleted, changed or doubled by something else",
        "named; none is chosen, the others go on",
        &[
            "an_entry_that_something_else_deleted_is_missing_and_the_others_go_on",
            "what_something_else_stores_is_noticed_and_taken_over_by_verify_where_it_is_told_to",
            "of_several_entries_without_the_recorded_key_none_is_chosen",
        ],
        None,
    ),
    (
        &["F4"],
        "locked, denied, no provider, no bus",
        "four messages, four ways out",
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
        "stopped, killed, or a bus that says nothing",
        "given up in time",
        &[
            "a_keychain_that_does_not_answer_is_given_up",
            "a_keychain_that_died_comes_back_locked",
            "a_bus_that_says_nothing_is_given_up",
        ],
        None,
    ),
];
