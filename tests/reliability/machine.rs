//! What disks, clocks, keychains, terminals and shells do.

use super::Row;
use crate::encrypted_files::writers;
use crate::faults::{kills, profile_file};

pub(super) const FILES: &[Row] = &[
    (
        "a book that is cut short, anywhere",
        "noticed, left as it is",
        &["every_beginning_of_it_is_noticed", "a_book_that_cannot_be_read_is_left_as_it_is"],
        None,
    ),
    (
        "a disk that is full, fails, or is read-only",
        "the old file is whole, no key without a profile",
        &[
            "a_disk_that_fails_leaves_the_old_book_and_no_key_without_a_profile",
            "a_disk_that_fails_leaves_the_old_file_and_no_other",
        ],
        None,
    ),
    (
        "killed at random moments: every command that changes anything",
        "every key can be read; the old state or the new one; nothing is left over",
        &["killed_at_any_moment_every_changing_command_leaves_the_old_state_or_the_new_one"],
        Some(kills::KILLS),
    ),
    (
        "killed at each system call that gives a file its name or takes it: every command that changes anything",
        "the same",
        &["killed_at_each_call_that_names_a_file_every_changing_command_leaves_the_old_state_or_the_new_one"],
        None,
    ),
    (
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
        "any call to the store failing in a rotation or a restore, in any way",
        "a working key, and the book knows it",
        &[
            "whichever_call_fails_however_often_a_restore_leaves_a_book_that_the_store_agrees_with",
            "whichever_call_fails_however_often_the_profile_has_a_working_key_and_the_book_knows_it",
            "undo_swaps_back_and_forth_whichever_call_fails",
        ],
        None,
    ),
    (
        "an encrypted file's writer killed",
        "the old key or the new one, and no lock",
        &[
            "a_killed_writer_leaves_the_old_key_or_the_new_one_and_no_lock",
            "whatever_fails_or_kills_an_add_the_old_key_is_there_and_the_next_run_mends_the_rest",
        ],
        Some(writers::KILLS),
    ),
    (
        "twenty runs at once",
        "nothing is lost; of the same key one is taken",
        &["twenty_adds_at_once_lose_nothing", "of_the_same_key_added_twenty_times_at_once_one_is_taken"],
        Some(2 * profile_file::AT_ONCE),
    ),
    (
        "a link, a pipe or somebody else's file in the place of ours",
        "not written through",
        &[
            "a_book_that_is_a_symbolic_link_is_not_written_to",
            "links_and_other_kinds_of_entry_are_never_written_through",
            "what_somebody_else_owns_is_not_written",
        ],
        None,
    ),
    (
        "modes that let others in",
        "ours are 0600 and 0700; mended with a word",
        &["files_are_for_their_owner_alone", "modes_that_let_others_in_are_mended_and_named"],
        None,
    ),
    (
        "no home, no user",
        "advice and searches work; the rest says what is missing",
        &[
            "without_a_home_advice_and_searches_work",
            "without_a_home_whatever_needs_one_says_so_and_writes_nothing",
        ],
        None,
    ),
    ("a file of a newer version", "explained, nothing written", &["a_newer_schema_is_explained"], None),
    (
        "a clock that is wrong",
        "no negative age, nothing fails",
        &["whatever_the_clock_says_no_age_is_negative_and_nothing_fails"],
        None,
    ),
    (
        "every changed byte of an encrypted file or a backup",
        "noticed",
        &["every_changed_byte_and_every_lost_end_is_noticed"],
        None,
    ),
];
pub(super) const KEYCHAIN: &[Row] = &[
    (
        "an entry deleted, changed or doubled by something else",
        "named; none is chosen, the others go on",
        &[
            "an_entry_that_something_else_deleted_is_missing_and_the_others_go_on",
            "what_something_else_stores_is_noticed_and_taken_over_by_verify",
            "of_two_entries_none_is_chosen",
        ],
        None,
    ),
    (
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
pub(super) const TERMINAL_SHELL: &[Row] = &[
    (
        "no terminal, a closed standard input, `--no-input`",
        "what would have answered is named",
        &[
            "a_closed_standard_input_is_named_by_what_would_have_answered",
            "no_input_at_a_terminal_forbids_asking_and_names_the_flag",
        ],
        None,
    ),
    (
        "Ctrl-C, Ctrl-Z and deadly signals in a prompt",
        "the terminal is given back, nothing is changed",
        &[
            "ctrl_c_gives_the_terminal_back_and_changes_nothing",
            "another_deadly_signal_gives_the_terminal_back_too",
            "ctrl_z_gives_the_shell_its_echo_and_fg_hides_again",
        ],
        None,
    ),
    ("a terminal of a few columns", "nothing breaks", &["a_terminal_of_a_few_columns_breaks_nothing"], None),
    (
        "a reader that stops reading",
        "a quiet end",
        &[
            "a_reader_that_stops_reading_is_no_fault",
            "standard_input_passes_and_a_reader_that_leaves_ends_it_quietly",
        ],
        None,
    ),
    (
        "white space, zero-width and other odd characters in a paste",
        "taken off with a word, or refused by position",
        &[
            "what_is_pasted_around_a_key_is_taken_off_with_a_word",
            "what_is_no_key_is_refused_by_position_and_changes_nothing",
        ],
        None,
    ),
    (
        "an unquoted eval beside files that match as globs",
        "nothing runs, nothing changes",
        &["a_file_named_as_a_glob_match_changes_nothing_of_an_unquoted_eval"],
        None,
    ),
    (
        "every printable character, quote and newline in a variable",
        "survives every shell, or is refused",
        &["every_text_survives_a_quoted_eval", "every_key_and_text_survives_the_other_shells"],
        None,
    ),
    (
        "a hostile, broken or forbidden pin; folders named to break a terminal",
        "one line, nothing loosened, nothing run",
        &[
            "it_may_name_an_unprotected_profile",
            "a_protected_profile_counts_only_once_it_is_allowed",
            "a_folder_named_to_break_a_terminal_is_shown_harmlessly",
            "what_is_not_loaded_is_said_in_one_line_and_once",
        ],
        None,
    ),
    (
        "folders and files named to break a shell: at a prompt, at Tab, and in a hint that is pasted",
        "nothing of the name runs in bash, zsh and fish",
        &[
            "hooks_follow_a_pin_in_folders_named_to_break_a_shell_and_nothing_runs",
            "a_tab_that_completes_a_hostile_name_runs_nothing_of_it",
            "what_a_hint_says_about_a_hostile_folder_can_be_pasted_and_runs_nothing_of_it",
        ],
        None,
    ),
    (
        "variables that send a key elsewhere",
        "refused, or said",
        &["what_would_send_the_key_elsewhere_is_refused_or_said"],
        None,
    ),
    (
        "a program's end, limits, open files, environment",
        "its own, as they were, only the key added",
        &[
            "the_programs_own_end_is_the_end",
            "limits_and_open_files_are_as_they_were",
            "only_the_chosen_variable_is_added_and_the_passphrase_is_taken_away",
        ],
        None,
    ),
];
